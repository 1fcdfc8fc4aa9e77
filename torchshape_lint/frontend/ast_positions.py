"""Where the nodes of Python's ``ast`` stand, as offsets into the text, computed when somebody asks."""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right

from torchshape_lint.frontend.ast_fields import settle
from torchshape_lint.frontend.lines import Lines
from torchshape_lint.frozen import dataclass

_CLOSING = re.compile(r"(?:(?:\s|\\|#[^\r\n]*+)*+\))*")  # possessive, for a comment may have a bracket
_NAME = re.compile(r"(?:async\b(?:\s|\\)*)?(?:def|class)\b(?:\s|\\)*(\w+)")
_SETTLED = sys.version_info >= (3, 12)  # before, what stands in an f-string is somewhere near it


@dataclass(frozen=True, slots=True)
class Chain:
    """The first values of ``a and b and c``."""

    node: ast.BoolOp
    count: int


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a function or class that is defined."""

    node: ast.stmt


Place = ast.AST | Chain | Named | tuple[int, int]


class Places:
    """``nodes[at]`` is where the ir node with that ordinal comes from: a node, a part of one, or offsets of a comment.

    yields: how many yields were met so far.
    """

    __slots__ = ("_strings", "lines", "nodes", "yields")

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.nodes: list[Place] = []
        self.yields = 0
        self._strings: list[tuple[int, int, ast.JoinedStr]] = []

    def at(self, node: Place) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def formatted(self, node: ast.JoinedStr, first: int) -> None:
        """An f-string whose parts have the ordinals after ``first``; what stands in it is put right when asked for."""
        if _SETTLED:
            return
        while self._strings and self._strings[-1][0] > first:  # a string in this one
            self._strings.pop()
        self._strings.append((first, len(self.nodes), node))

    def extent(self, at: int) -> tuple[int, int] | None:
        if not 0 <= at < len(self.nodes):
            return None
        if self._strings:
            self._settle(at)
        place = self.nodes[at]
        match place:
            case Chain():
                return self._of(place.node)[0], self._closed(self._of(place.node.values[place.count - 1])[1])
            case Named():
                start, end = self._of(place.node)
                name = _NAME.match(self.lines.text, start, end)
                return name.span(1) if name else (start, end)
            case ast.AST():
                return self._of(place)
        return place

    def _settle(self, at: int) -> None:
        k = bisect_right(self._strings, at, key=lambda string: string[0]) - 1
        if k >= 0 and at < self._strings[k][1]:
            settle(self._strings.pop(k)[2], self.lines)

    def _of(self, node: ast.AST) -> tuple[int, int]:
        offset, place = self.lines.offset, node
        assert isinstance(place, (ast.expr, ast.stmt, ast.pattern))
        return offset(place.lineno, place.col_offset), offset(place.end_lineno or 0, place.end_col_offset or 0)

    def _closed(self, end: int) -> int:
        """Behind the parentheses that close here."""
        closing = _CLOSING.match(self.lines.text, end)
        return closing.end() if closing else end
