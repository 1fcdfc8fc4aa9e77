"""Shapes and stories in a few words, as hover, hints and lenses show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchshape_lint.diagnostics import Entry, Step
from torchshape_lint.shapes import Shape


def shape(of: Shape | None) -> str:
    return "?" if of is None else str(of)


def shapes(of: Iterable[Shape | None]) -> str:
    return ", ".join(map(shape, of))


def is_known(of: Shape | None) -> bool:
    """Is anything known of it: its rank, or one of its sizes?"""
    return of is not None and not (of.is_open and not of.sizes)


def story(entry: Entry) -> str:
    """``as called at line 41: (1, 1, 64, 64) -> (1, 10)``."""
    why = f"as {entry.why}" if entry.why.startswith("called") else entry.why
    given = ", ".join(f"{name}={shape(of)}" if len(entry.inputs) > 1 else shape(of) for name, of in entry.inputs)
    return f"{why}: {given or 'no tensors'} -> {shapes(entry.output) or '?'}"


def steps(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Step]]:
    for entry in entries:
        for step in entry.steps:
            yield entry, step
