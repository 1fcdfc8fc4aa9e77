"""Where the cells are in the one Python text that a notebook becomes: each begins behind a line that says so.

The text carries its own map, so whoever has it can tell the cells. Those of nbqa carry another, without numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from torchshape_lint.frontend.lines import NEWLINE
from torchshape_lint.frontend.magics import INDENTED, MARK
from torchshape_lint.spans import NOWHERE, Span

_SIGN = "# tsl: cell "
_NBQA = "# %%NBQA-CELL-SEP"
_HEADING = re.compile(rf"(?:{INDENTED}  )?{_SIGN}(\d+)")


def heading(cell: int, indented: bool = False) -> str:
    return f"{INDENTED}  {_SIGN}{cell}" if indented else f"{_SIGN}{cell}"


def without_headings(cell: str) -> str:
    """A cell whose author writes just what a heading is."""
    if _SIGN not in cell:
        return cell
    return "".join(f"#{MARK}" if _HEADING.fullmatch(line) else line for line in re.split(f"({NEWLINE.pattern})", cell))


class Cells:
    """The headings of a text; without any, its lines are its own."""

    def __init__(self, text: str) -> None:
        self.lines: list[int] = []
        self.numbers: list[int] = []
        self.by_nbqa = False
        if _SIGN not in text and _NBQA not in text:
            return
        for number, line in enumerate(NEWLINE.split(text), 1):
            if found := _HEADING.fullmatch(line):
                self.lines.append(number)
                self.numbers.append(int(found[1]))
            elif line.startswith(_NBQA):
                self.lines.append(number)
                self.numbers.append(0)

    def span(self, span: Span) -> Span:
        """In its cell; what stands at the heading is at the cell's beginning."""
        k = bisect_right(self.lines, span.line) - 1
        if span == NOWHERE or k < 0:
            return span
        first, cell = self.lines[k], self.numbers[k]
        if span.line == first:
            return Span(1, 1, 1, 1, cell)
        return Span(span.line - first, span.column, span.end_line - first, span.end_column, cell)

    def words(self, line: int) -> str:
        """``line 31``, ``cell 7, line 2``."""
        here = self.span(Span(line, 1, line, 2))
        return f"{here.words} of its cell" if self.lines and not here.cell else here.words


@lru_cache(maxsize=4)
def cells(text: str) -> Cells:
    return Cells(text)
