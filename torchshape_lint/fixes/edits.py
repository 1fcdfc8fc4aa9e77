"""Edits as offsets into a text: applied, composed, and where a place of the old text is in the new one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from torchshape_lint.diagnostics import Edit
from torchshape_lint.frozen import dataclass
from torchshape_lint.spans import Span

_NEWLINE = re.compile(r"\r\n?|\n")  # not str.splitlines, which also breaks at form feeds


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """What is to stand between two offsets."""

    start: int
    end: int
    text: str

    @property
    def growth(self) -> int:
        return len(self.text) - (self.end - self.start)


class Lines:
    """Offsets <-> places of a text."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1

    def span(self, start: int, end: int) -> Span:
        line, end_line = bisect_right(self.starts, start), bisect_right(self.starts, end)
        return Span(line, start - self.starts[line - 1] + 1, end_line, end - self.starts[end_line - 1] + 1)

    def cut(self, edit: Edit) -> Cut:
        span = edit.span
        return Cut(self.offset(span.line, span.column), self.offset(span.end_line, span.end_column), edit.text)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, which may come in any order but must not overlap."""
    lines = Lines(text)
    return _cut(text, sorted(map(lines.cut, edits)))


def _cut(text: str, cuts: Sequence[Cut]) -> str:
    parts, at = [], 0
    for cut in cuts:
        if cut.start < at:
            raise Overlap
        parts += [text[at : cut.start], cut.text]
        at = cut.end
    return "".join([*parts, text[at:]])


class Overlap(ValueError):
    """Two edits want the same stretch of text."""


def moved(text: str, edits: Iterable[Edit], places: Iterable[Span]) -> list[tuple[int, int]]:
    """Line and column where spans of the old text begin in the new one."""
    edits = list(edits)
    old, new = Lines(text), Lines(applied(text, edits))
    cuts = [old.cut(edit) for edit in edits]
    found = []
    for place in places:
        at = old.offset(place.line, place.column)
        span = new.span(*[at + sum(cut.growth for cut in cuts if cut.end <= at and cut.start < at)] * 2)
        found.append((span.line, span.column))
    return found


def composed(text: str, first: Sequence[Edit], then: Sequence[Edit]) -> tuple[Edit, ...]:
    """One set of edits of ``text`` for two sets in a row; Overlap where the second touches what the first wrote."""
    old, new = Lines(text), Lines(applied(text, first))
    cuts = sorted(map(old.cut, first))
    both = list(first)
    for cut in map(new.cut, then):
        shift = 0
        for before in cuts:
            if cut.end <= before.start + shift:
                break
            if cut.start < before.end + shift + before.growth:
                raise Overlap
            shift += before.growth
        both.append(Edit(old.span(cut.start - shift, cut.end - shift), cut.text))
    return tuple(sorted(both, key=lambda edit: edit.span))
