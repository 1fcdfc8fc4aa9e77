"""Where names live while the analysed code runs: module, class, function and comprehension scopes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from torchshape_lint import ir
from torchshape_lint.interp.journal import Changes, Locals
from torchshape_lint.values import ClassValue, Function, Value


@dataclass(eq=False, slots=True)
class Scope:
    """One namespace. ``kind`` is "module", "class", "function" or "comprehension"; ``parent`` encloses it."""

    kind: str
    parent: Scope | None = None
    vars: dict[Hashable, Any] = field(default_factory=dict)
    locals: frozenset[str] = frozenset()
    outer: dict[str, str] = field(default_factory=dict)  # names declared global or nonlocal
    open: str = ""  # why further names may be defined here (a star import of something unknown)

    @property
    def own(self) -> Scope:
        """Of the function (or class, or module) itself, where this one is of a comprehension in it."""
        return self if self.kind != "comprehension" or self.parent is None else self.parent.own

    def capture(self) -> None:
        """A function that is defined here sees what is bound here, and around."""
        if isinstance(self.vars, Locals):
            self.vars.captured = True
        if self.parent is not None:
            self.parent.capture()

    @property
    def module(self) -> Scope:
        return self if self.parent is None else self.parent.module

    def holder(self, name: str) -> Scope:
        """The scope that an assignment to ``name`` here writes to."""
        how = self.outer.get(name)
        if how == "global":
            return self.module
        scope: Scope | None = self.parent if how == "nonlocal" else self
        while scope is not None and (scope.kind == "comprehension" or (how and name not in scope.vars)):
            scope = scope.parent
        return scope or self

    def find(self, name: str) -> Scope | None:
        """The scope in which ``name`` is bound as seen from here; class bodies are invisible to inner functions."""
        scope: Scope | None = self.module if self.outer.get(name) == "global" else self
        first = True
        while scope is not None:
            if name in scope.vars and (first or scope.kind != "class"):
                return scope
            if name in scope.locals and name not in scope.outer and scope.kind == "function":
                return None  # a local that is not bound yet
            first = first and scope.kind == "comprehension"
            scope = scope.parent
        return None


@dataclass(eq=False, slots=True)
class Exit:
    """A path that left early: how, with what value, and all it had changed since its function (or loop) began.

    fork: what has a greater serial was made after it parted from the others.
    """

    kind: str
    value: Value
    changes: Changes
    fork: int


@dataclass(eq=False, slots=True)
class Loop:
    """A loop that is running: the journal's marks at its start and at the start of this turn."""

    start: int
    turn: int
    exits: list[Exit] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Frame:
    """One activation: of a function, a class body or a module."""

    scope: Scope
    program: ir.Program
    function: Function | None = None
    owner: ClassValue | None = None  # the class whose method this is, for super()
    receiver: Value = None
    exits: list[Exit] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    mark: int = 0  # the journal's mark when the activation began
    doubts: int = 0  # undecided early returns so far: what follows is conditional
    undecided: int = 0  # branches and trial runs around the call
    at: int = -1  # the call that made this frame
    name: str = ""
    disputes: dict[object, str] = field(default_factory=dict)  # ratios of sizes that were reported here, with the code


def bound_names(body: ir.Block) -> tuple[frozenset[str], dict[str, str]]:
    """Names that a function body binds (its locals), and those it declares global or nonlocal."""
    names: set[str] = set()
    outer: dict[str, str] = {}
    _collect(body, names, outer)
    return frozenset(names - outer.keys()), outer


def _collect(body: ir.Block, names: set[str], outer: dict[str, str]) -> None:
    for stmt in body:
        match stmt:
            case ir.Assign(targets=targets) | ir.Delete(targets=targets):
                for target in targets:
                    _targets(target, names)
            case ir.AugAssign(target=target) | ir.AnnAssign(target=target):
                _targets(target, names)
            case ir.FunctionDef() | ir.ClassDef():
                names.add(stmt.name)
            case ir.Import():
                names.update((n.asname or n.name.partition(".")[0]) for n in stmt.names)
            case ir.ImportFrom(names=imported) if imported is not None:
                names.update((n.asname or n.name) for n in imported)
            case ir.Scoped():
                outer.update(dict.fromkeys(stmt.names, stmt.kind))
            case _:
                _collect_compound(stmt, names, outer)


def _collect_compound(stmt: ir.Stmt, names: set[str], outer: dict[str, str]) -> None:
    match stmt:
        case ir.If() | ir.While():
            _collect(stmt.body + stmt.orelse, names, outer)
        case ir.For():
            _targets(stmt.target, names)
            _collect(stmt.body + stmt.orelse, names, outer)
        case ir.With():
            for _, target in stmt.items:
                if target is not None:
                    _targets(target, names)
            _collect(stmt.body, names, outer)
        case ir.Try():
            _collect(stmt.body + stmt.orelse + stmt.finalbody, names, outer)
            for handler in stmt.handlers:
                names |= {handler.name} if handler.name else set()
                _collect(handler.body, names, outer)
        case ir.Match():
            for case_ in stmt.cases:
                names.update(case_.binds)
                _collect(case_.body, names, outer)


def _targets(target: ir.Expr, names: set[str]) -> None:
    if isinstance(target, ir.Name):
        names.add(target.id)
    elif isinstance(target, ir.Sequence):
        for item in target.items:
            _targets(item, names)
    elif isinstance(target, ir.Starred):
        _targets(target.value, names)
