"""What a fix writes: the lines that it changes, as they are and as they would be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from torchshape_lint.diagnostics import Edit
from torchshape_lint.frozen import dataclass
from torchshape_lint.report.excerpts import source_line
from torchshape_lint.report.formats import Checked

_NEWLINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that goes, or that comes in its place."""

    line: int
    text: str
    comes: bool


def changes(checked: Checked, edits: Sequence[Edit]) -> Iterator[Changed]:
    """Line by line; edits of the same lines are one change."""
    together: list[list[Edit]] = []
    for edit in sorted(edits, key=lambda edit: edit.span):
        last = together[-1][-1].span if together else None
        if last is not None and (last.cell, last.end_line) == (edit.span.cell, edit.span.line):
            together[-1].append(edit)
        else:
            together.append([edit])
    for group in together:
        yield from _change(checked, group)


def _change(checked: Checked, edits: Sequence[Edit]) -> Iterator[Changed]:
    cell, first = edits[0].span.cell, edits[0].span.line
    old = [source_line(checked, line, cell=cell) for line in range(first, edits[-1].span.end_line + 1)]
    starts = [sum(len(line) + 1 for line in old[:k]) for k in range(len(old))]
    text = "\n".join(old)
    for edit in reversed(edits):
        span = edit.span
        start, end = starts[span.line - first] + span.column - 1, starts[span.end_line - first] + span.end_column - 1
        text = text[:start] + edit.text + text[end:]
    new = _NEWLINE.split(text)
    while old and new and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    yield from (Changed(first + k, line, comes=False) for k, line in enumerate(old))
    yield from (Changed(first + k, line, comes=True) for k, line in enumerate(new))
