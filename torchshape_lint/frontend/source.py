"""One file as it was read: its program, and on demand where each node of it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from torchshape_lint import ir
from torchshape_lint.frontend.lower import lower
from torchshape_lint.frontend.nesting import room
from torchshape_lint.frontend.origins import Origins
from torchshape_lint.frontend.positions import Lines, OffsetWriter, written
from torchshape_lint.frontend.recover import Parsed, parse
from torchshape_lint.spans import NOWHERE, Span

_COMMENT = re.compile(r"""("[^"]*"|'[^']*'|[^#"'])+""")


def touches_torch(text: str) -> bool:
    """A file without this word has nothing to say to us."""
    return "torch" in text


def read(text: str, path: str, module: str = "") -> Source:
    """Never raises: what cannot be read is left out, and ``program.unreadable`` says which lines."""
    return Source(parse(text), path, module)


class Source:
    """``span``, ``line`` and ``text`` take the ordinal of a node (its ``at``)."""

    def __init__(self, parsed: Parsed, path: str, module: str) -> None:
        self._parsed, self._origins = parsed, Origins(parsed.mentions)
        with room():
            self.program: ir.Program = lower(parsed.module, self._origins, path, module, parsed.unreadable)
        if self._origins.left_out:
            self.program = replace(self.program, unreadable=self._left_out())

    @property
    def line_count(self) -> int:
        return self._parsed.text.count("\n") + 1

    def span(self, at: int) -> Span:
        if not 0 <= at < len(self._origins.nodes):
            return NOWHERE
        return self._lines.span(*self._extent(at))

    def line(self, at: int) -> int:
        return self.span(at).line

    def text(self, at: int) -> str:
        """The source of a node on one line, without comments."""
        if not 0 <= at < len(self._origins.nodes):
            return ""
        start, end = self._extent(at)
        text = self._parsed.text[start:end]
        return text if "\n" not in text and "\r" not in text else _one_line(text)

    @cached_property
    def _written(self) -> OffsetWriter:
        return written(self._parsed.module, self._parsed.text)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._parsed.text)

    def _extent(self, at: int) -> tuple[int, int]:
        return self._written.extent(self._origins.nodes[at])

    def _left_out(self) -> tuple[int, ...]:
        lines = set(self._parsed.unreadable)
        for span in map(self.span, self._origins.left_out):
            lines.update(range(span.line, span.end_line + 1))
        return tuple(sorted(lines))


def _one_line(text: str) -> str:
    lines = []
    for line in text.splitlines():
        code = _COMMENT.match(line)
        lines.append((code.group() if code else line if line[:1] != "#" else "").rstrip("\\").strip())
    joined = " ".join(line for line in lines if line)
    return re.sub(r"(?<=[(\[{]) | (?=[)\]}])", "", joined)
