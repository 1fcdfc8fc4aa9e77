"""Lines and columns as the client counts them: from 0, in code units of the encoding it asked for."""

from __future__ import annotations

import re
from functools import cached_property

from lsprotocol import types as lsp

from torchshape_lint import spans
from torchshape_lint.spans import Span

_NEWLINE = re.compile(r"\r\n?|\n")  # not str.splitlines, which also breaks at form feeds


class Text:
    """One text of a file, and where things are in it."""

    def __init__(self, text: str, uri: str, encoding: str = "utf-16") -> None:
        self.text, self.encoding = text, encoding
        self.uris: tuple[str, ...] = (uri,)

    def at(self, uri: str) -> Text:
        """Where the client's positions are those of one of the ``uris``."""
        return self

    def uri(self, line: int) -> str:
        """What the client calls the file of a line."""
        return self.uris[0]

    def holds(self, line: int) -> bool:
        """Is this line of the file that is spoken of?"""
        return True

    def location(self, span: Span) -> lsp.Location:
        return lsp.Location(self.uri(span.line), self.range(span))

    @cached_property
    def lines(self) -> list[str]:
        return _NEWLINE.split(self.text)

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def range(self, span: Span) -> lsp.Range:
        (line, start), (end_line, end) = span.lsp(self.lines, self.encoding)
        return lsp.Range(lsp.Position(line, start), lsp.Position(end_line, end))

    def range_of(self, line: int, column: int, end: int) -> lsp.Range:
        return self.range(Span(line, column, line, end))

    def position(self, line: int, column: int) -> lsp.Position:
        return self.range(Span(line, column, line, column)).start

    def place(self, position: lsp.Position) -> tuple[int, int]:
        """(line, column) of a cursor."""
        line = position.line + 1
        return line, spans.column(self.lines, line, position.character, self.encoding)
