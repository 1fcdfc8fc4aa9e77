"""How long a slice of an axis is, and whether a single index lies within it; for sizes with names where provable."""

from __future__ import annotations

from torchshape_lint.codes import INDEX
from torchshape_lint.dims import Size, ceildiv, fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.given import size_of
from torchshape_lint.rules.needs import Need, holds
from torchshape_lint.rules.operands import Named
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, YES, every


def within(axis: Named, index: Size) -> Need:
    """``index`` must be one of the axis, counted from its start or its end."""
    verdict = every((at_least(axis.size - 1, index), at_least(index, -axis.size)))
    return holds(
        verdict,
        INDEX,
        lambda: f"index {index} is out of range: {axis.name} is {axis.size}",
        expected=f"{-axis.size}..{axis.size - 1}",
        actual=index,
    )


def slice_size(size: Size, lower: Value, upper: Value, step: Size = 1) -> Size:
    """How many elements ``lower:upper:step`` takes of an axis; a fresh size where that cannot be said."""
    start = _bound(size, lower, 0)
    stop = _bound(size, upper, size)
    if start is None or stop is None:
        return fresh()
    length = _greater(stop - start, 0)
    if length is None:
        return fresh()
    if isinstance(step, int):
        return ceildiv(length, step) if step > 0 else fresh()
    return fresh()


def _bound(size: Size, bound: Value, absent: Size) -> Size | None:
    """One end of a slice, clipped to 0..size as Python does."""
    if bound is None:
        return absent
    place = size_of(bound)
    if place is None:
        return None
    if at_least(place, 0) is YES:
        return _lesser(place, size)
    if at_least(place, 0) is NO:
        return _greater(size + place, 0)
    return None


def _lesser(a: Size, b: Size) -> Size | None:
    if at_least(b, a) is YES:
        return a
    return b if at_least(a, b) is YES else None


def _greater(a: Size, b: Size) -> Size | None:
    if at_least(a, b) is YES:
        return a
    return b if at_least(b, a) is YES else None
