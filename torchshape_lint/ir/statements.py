"""Statements, what authors declare of shapes, and the file as a whole."""

from __future__ import annotations

from typing import TypeAlias

from torchshape_lint.frozen import dataclass
from torchshape_lint.ir.expressions import Arg, Expr, Node, Parameters


@dataclass(frozen=True, slots=True)
class Declared(Node):
    """A shape that the author wrote down, in a comment, an annotation or a docstring.

    name: whose shape; None for "the tensor here" (a comment without a name).
    dims: ints, names, products such as "4*h", "?" for an axis left open; a leading "..." for any number of axes.
        None when it cannot be read, and ``problem`` says why.
    source: "comment", "annotation" or "docstring"; ``text`` is what the author typed.
    """

    name: str | None
    dims: tuple[int | str, ...] | None
    source: str
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """``targets[0] = targets[1] = ... = value``"""

    targets: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class AugAssign(Node):
    """``target op= value``; ``op`` without the equals sign."""

    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AnnAssign(Node):
    target: Expr
    annotation: Expr
    value: Expr | None


@dataclass(frozen=True, slots=True)
class ExprStmt(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Return(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True)
class If(Node):
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class For(Node):
    target: Expr
    iterable: Expr
    body: Block
    orelse: Block
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class While(Node):
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class With(Node):
    """Items: (context expression, ``as`` target or None)."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Handler:
    type: Expr | None
    name: str | None
    body: Block


@dataclass(frozen=True, slots=True)
class Try(Node):
    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    finalbody: Block


@dataclass(frozen=True, slots=True)
class Raise(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Assert(Node):
    test: Expr


@dataclass(frozen=True, slots=True)
class Delete(Node):
    targets: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Simple(Node):
    """``kind`` is "pass", "break" or "continue"."""

    kind: str


@dataclass(frozen=True, slots=True)
class Scoped(Node):
    """``global names`` or ``nonlocal names`` (``kind``)."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedName:
    """``import name as asname`` or ``from module import name as asname``."""

    name: str
    asname: str | None


@dataclass(frozen=True, slots=True)
class Import(Node):
    names: tuple[ImportedName, ...]


@dataclass(frozen=True, slots=True)
class ImportFrom(Node):
    """``level`` counts the leading dots; ``names`` is None for a star."""

    module: str
    level: int
    names: tuple[ImportedName, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a match: names that its pattern binds, its guard and body. Patterns are not evaluated,
    but a pattern that is a literal (or an alternative of literals) keeps its ``values``;
    ``always`` marks a bare ``_`` or name."""

    binds: tuple[str, ...]
    guard: Expr | None
    body: Block
    values: tuple[Expr, ...] | None = None
    always: bool = False


@dataclass(frozen=True, slots=True)
class Match(Node):
    subject: Expr
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class FunctionDef(Node):
    """``at`` is the whole definition, ``name_at`` its name.

    declared: shapes from comments (on the parameters' lines, on the ``def`` line, at the head of the body) and from
        the docstring, in the order of the source; annotations stay expressions in ``params`` (see `frontend.declared`).
    """

    name: str
    name_at: int
    params: Parameters
    body: Block
    decorators: tuple[Expr, ...]
    returns: Expr | None
    declared: tuple[Declared, ...]
    is_async: bool
    is_generator: bool
    docstring: str | None = None


@dataclass(frozen=True, slots=True)
class ClassDef(Node):
    name: str
    name_at: int
    bases: tuple[Arg, ...]
    body: Block
    decorators: tuple[Expr, ...]
    docstring: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable(Node):
    """Lines that could not be parsed: whatever they would have done.

    names: what they mention; nothing else that is local here can have changed. None: anything can.
    """

    names: frozenset[str] | None = None


Stmt: TypeAlias = (
    Assign
    | AugAssign
    | AnnAssign
    | ExprStmt
    | Return
    | If
    | For
    | While
    | With
    | Try
    | Raise
    | Assert
    | Delete
    | Simple
    | Scoped
    | Import
    | ImportFrom
    | Match
    | FunctionDef
    | ClassDef
    | Unreadable
)
Block: TypeAlias = tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """One file. ``module`` is its dotted name where known, otherwise "".

    unreadable: lines (from 1) that could not be parsed and were left out.
    """

    path: str
    module: str
    body: Block
    docstring: str | None = None
    unreadable: tuple[int, ...] = ()
