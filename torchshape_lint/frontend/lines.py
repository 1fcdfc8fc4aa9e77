"""The lines of a text as Python counts them, and offsets into it."""

from __future__ import annotations

import re
from bisect import bisect_right

from torchshape_lint.spans import Span

NEWLINE = re.compile(r"\r\n?|\n")  # not str.splitlines, which also breaks at form feeds


class Lines:
    """Offsets of a text <-> its lines and columns."""

    __slots__ = ("ascii", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text, self.ascii = text, text.isascii()
        self.starts = [0, *(match.end() for match in NEWLINE.finditer(text))]

    def span(self, start: int, end: int) -> Span:
        line, end_line = bisect_right(self.starts, start), bisect_right(self.starts, end)
        return Span(line, start - self.starts[line - 1] + 1, end_line, end - self.starts[end_line - 1] + 1)

    def offset(self, line: int, octets: int) -> int:
        """Where the place is that Python's ``ast`` gives as a line (from 1) and a column of its UTF-8."""
        start = self.starts[min(line, len(self.starts)) - 1]
        if self.ascii:
            return start + octets
        content = self.text[start : start + octets]  # no character is shorter than an octet
        return start + (octets if content.isascii() else len(content.encode()[:octets].decode(errors="ignore")))

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column in UTF-8: what `offset` takes."""
        line = bisect_right(self.starts, offset)
        return line, len(self.text[self.starts[line - 1] : offset].encode())

    def between(self, first: int, last: int) -> str:
        """The text of some lines, both inclusive; nothing where there are none."""
        starts = self.starts
        end = starts[last] if last < len(starts) else len(self.text)
        return self.text[starts[first - 1] : end] if first <= len(starts) else ""
