"""Where something stands in a file: the one place that knows 0- and 1-based columns and UTF-16."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines and columns count from 1, columns in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def flake8(self) -> tuple[int, int]:
        """(line from 1, column from 0), as flake8 plugins yield them."""
        return self.line, self.column - 1

    def lsp(self, lines: list[str]) -> tuple[tuple[int, int], tuple[int, int]]:
        """((line, character), (line, character)) from 0, characters in UTF-16 code units."""
        return (
            (self.line - 1, _utf16(lines, self.line, self.column)),
            (self.end_line - 1, _utf16(lines, self.end_line, self.end_column)),
        )


def _utf16(lines: list[str], line: int, column: int) -> int:
    text = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return len(text.encode("utf-16-le")) // 2


NOWHERE = Span(1, 1, 1, 1)
