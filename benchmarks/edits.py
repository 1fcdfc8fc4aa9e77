"""Small edits of a source text, as people make mistakes. Knows Python's syntax, nothing of torch.

Each edit replaces one stretch of the text, so that every other line and column stays what it was.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

KINDS = ("integer + 1", "integer * 2", "arguments swapped", "factor dropped", "statement dropped", "step dropped")

_NOT_SWAPPED = {"isinstance", "issubclass", "hasattr", "getattr", "setattr", "super"}  # never about sizes


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` at ``start`` (an index into the text) becomes ``new``."""

    kind: str
    line: int
    start: int
    old: str
    new: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.start + len(self.old) :]

    def __str__(self) -> str:
        old, new = (" ".join(s.split())[:60] for s in (self.old, self.new))
        return f"line {self.line}: {old} -> {new}"


def edits(text: str, built: set[int], run: set[int], count: int, seed: str) -> list[Edit]:
    """``count`` random edits: the kinds in turn, a random place for each.

    built, run: first lines of the functions that build the model, and of those that run it.
    """
    random_ = random.Random(seed)
    found: dict[str, list[Edit]] = {kind: [] for kind in KINDS}
    for edit in dict.fromkeys(_Finder(text, built, run).every()):
        found[edit.kind].append(edit)
    for places in found.values():
        random_.shuffle(places)
    chosen: list[Edit] = []
    while len(chosen) < count and any(found.values()):
        for kind in KINDS:
            if found[kind] and len(chosen) < count:
                chosen.append(found[kind].pop())
    return chosen


class _Finder:
    """Every edit that a text offers."""

    def __init__(self, text: str, built: set[int], run: set[int]) -> None:
        self.text, self.built, self.run = text, built, run
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def every(self) -> Iterator[Edit]:
        for scope, in_run in self._scopes(ast.parse(self.text)):
            yield from self._scope(scope, in_run)

    def _scopes(self, tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
        """Functions that were executed, and the constants of classes of which a method was."""
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if first in self.built | self.run:
                    yield node, first in self.run
            elif isinstance(node, ast.ClassDef):
                methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
                if any(m.lineno in self.built for m in methods):
                    yield from ((n, False) for n in node.body if isinstance(n, (ast.Assign, ast.AnnAssign)))

    def _scope(self, scope: ast.AST, in_run: bool) -> Iterator[Edit]:
        for node in _code(scope):
            if isinstance(node, ast.Constant) and type(node.value) is int:
                yield self._replace("integer + 1", node, str(node.value + 1))
                if node.value:
                    yield self._replace("integer * 2", node, str(node.value * 2))
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                yield self._replace("factor dropped", node, self._source(node.left))
                yield self._replace("factor dropped", node, self._source(node.right))
            elif isinstance(node, ast.Call):
                yield from self._swaps(node)
                if in_run and node.args and isinstance(node.args[0], (ast.Name, ast.Call)):
                    yield self._replace("step dropped", node, self._source(node.args[0]))
            elif in_run and _is_step(node):
                yield self._replace("statement dropped", node, "pass")

    def _swaps(self, call: ast.Call) -> Iterator[Edit]:
        if isinstance(call.func, ast.Name) and call.func.id in _NOT_SWAPPED:
            return
        for a, b in zip(call.args, call.args[1:]):
            if isinstance(a, ast.Starred) or isinstance(b, ast.Starred) or self._source(a) == self._source(b):
                continue
            start, between, end = self._at(a), self._end(a), self._end(b)
            old = self.text[start:end]
            new = self._source(b) + self.text[between : self._at(b)] + self._source(a)
            yield Edit("arguments swapped", a.lineno, start, old, new)

    def _replace(self, kind: str, node: ast.expr | ast.stmt, new: str) -> Edit:
        return Edit(kind, node.lineno, self._at(node), self._source(node), new)

    def _source(self, node: ast.expr | ast.stmt) -> str:
        return self.text[self._at(node) : self._end(node)]

    def _at(self, node: ast.expr | ast.stmt) -> int:
        return self._index(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._index(node.end_lineno, node.end_col_offset)

    def _index(self, line: int, column: int) -> int:
        """ast counts columns in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())


def _is_step(node: ast.AST) -> TypeGuard[ast.stmt]:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    return isinstance(node, (ast.Assign, ast.AugAssign))


def _code(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope that say what it does: no annotations, decorators, texts, messages or other scopes."""
    skipped: Callable[[str], bool] = {"annotation", "returns", "decorator_list", "type_comment"}.__contains__
    for name, value in ast.iter_fields(scope):
        if skipped(name):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or isinstance(node, (ast.Raise, ast.JoinedStr, ast.ClassDef)):
                continue
            if _is_bookkeeping(node):
                continue
            yield node
            yield from _code(node)


def _is_bookkeeping(node: ast.AST) -> bool:
    """Calls that neither build nor run a model."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    name = ast.unparse(node.value.func)
    return name.startswith(("_log", "warnings.", "super().__init__")) and not node.value.args[1:]
