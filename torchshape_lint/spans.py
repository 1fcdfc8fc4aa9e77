"""Where something stands in a file: the one place that knows 0- and 1-based columns and code units."""

from __future__ import annotations

from collections.abc import Sequence

from torchshape_lint.frozen import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines and columns count from 1, columns in characters; the end is exclusive. In a notebook lines are a cell's."""

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0  # of a notebook, from 1

    def __str__(self) -> str:
        """``19:16``, ``cell 3:5:9``: what follows the name of the file."""
        return f"{f'cell {self.cell}:' if self.cell else ''}{self.line}:{self.column}"

    @property
    def words(self) -> str:
        return f"cell {self.cell}, line {self.line}" if self.cell else f"line {self.line}"

    @property
    def flake8(self) -> tuple[int, int]:
        """(line from 1, column from 0), as flake8 plugins yield them."""
        return self.line, self.column - 1

    def lsp(self, lines: Sequence[str], encoding: str = "utf-16") -> tuple[tuple[int, int], tuple[int, int]]:
        """((line, character), (line, character)) from 0, characters in code units of ``encoding``."""
        return (
            (self.line - 1, character(lines, self.line, self.column, encoding)),
            (self.end_line - 1, character(lines, self.end_line, self.end_column, encoding)),
        )

    def holds(self, line: int, column: int) -> bool:
        """Does this place lie inside, or right behind, as a cursor does?"""
        return (self.line, self.column) <= (line, column) <= (self.end_line, self.end_column)


def character(lines: Sequence[str], line: int, column: int, encoding: str) -> int:
    """Code units before a column."""
    return len(_encoded(lines[line - 1][: column - 1], encoding)) // _UNIT[encoding] if line <= len(lines) else 0


def column(lines: Sequence[str], line: int, character: int, encoding: str) -> int:
    """The column that ``character`` code units lead to; inside of a character or behind the line, the nearest."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    units = _encoded(text, encoding)[: max(character, 0) * _UNIT[encoding]]
    return len(units.decode(_CODEC[encoding], "ignore")) + 1


_CODEC = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(_CODEC[encoding], "surrogatepass")


NOWHERE = Span(1, 1, 1, 1)
