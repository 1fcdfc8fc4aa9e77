"""Arithmetic on numbers that are known up to rounding: torch computes in float32, and we must not guess what it gets.

A number is kept between two bounds, widened after every operation by more than torch's error; it is known where the
bounds meet. Rounding to whole numbers makes them meet again, unless a tie lies between them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

# More than the relative error of one operation of torch, functions like log and pow included.
SINGLE, DOUBLE, WHOLE = 2.0**-20, 2.0**-46, 0.0
_TINY = 2.0**-120


class Bounds(NamedTuple):
    """A number somewhere from ``low`` to ``high``."""

    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return self.low == self.high


Operation: TypeAlias = "Callable[[float, float], float]"


def exactly(value: float) -> Bounds:
    return Bounds(value, value)


def constant(value: float, error: float) -> Bounds:
    """A Python number as an operand of a tensor with this error: a float is rounded to the tensor's dtype."""
    bounds = exactly(value)
    return bounds if isinstance(value, int) else rounded(bounds, error)


def rounded(bounds: Bounds, error: float) -> Bounds:
    """What storing a result may make of it."""
    low, high = bounds
    if not error or (low == high and _is_single(low)):
        return bounds
    return Bounds(low - abs(low) * error - _TINY, high + abs(high) * error + _TINY)


def _is_single(value: float) -> bool:
    """A number that float32 (and so every wider type) holds exactly."""
    try:
        return bool(struct.unpack("f", struct.pack("f", value))[0] == value)
    except OverflowError:
        return False


def extremes(operation: Operation, a: Bounds, b: Bounds) -> Bounds | None:
    """An operation that is monotonic in each operand takes its extremes in the corners."""
    try:
        corners = [operation(x, y) for x in a for y in b]
    except (ArithmeticError, ValueError):
        return None
    if any(isinstance(corner, complex) or math.isnan(corner) or math.isinf(corner) for corner in corners):
        return None
    return Bounds(min(corners), max(corners))


def is_positive(bounds: Bounds) -> bool:
    return bounds.low > 0


def power(a: Bounds, b: Bounds) -> Bounds | None:
    return extremes(lambda x, y: x**y, a, b) if is_positive(a) or (a.is_known and b.is_known) else None


def quotient(a: Bounds, b: Bounds) -> Bounds | None:
    return extremes(lambda x, y: x / y, a, b) if b.low > 0 or b.high < 0 else None


def floor_quotient(a: Bounds, b: Bounds) -> Bounds | None:
    return extremes(lambda x, y: x // y, a, b) if b.low > 0 or b.high < 0 else None


def remainder(a: Bounds, b: Bounds) -> Bounds | None:
    known = a.is_known and b.is_known and b.low != 0
    return exactly(a.low % b.low) if known else None


def increasing(function: Callable[[float], float]) -> Callable[[Bounds], Bounds | None]:
    """The bounds of a function that never falls."""

    def apply(x: Bounds) -> Bounds | None:
        try:
            return Bounds(function(x.low), function(x.high))
        except (ArithmeticError, ValueError):
            return None

    return apply


def magnitude(x: Bounds) -> Bounds:
    """abs"""
    ends = sorted((abs(x.low), abs(x.high)))
    return Bounds(0 if x.low < 0 < x.high else ends[0], ends[1])


def total(items: tuple[Bounds, ...], error: float) -> Bounds:
    """A sum, in whatever order torch adds."""
    low, high = sum(x.low for x in items), sum(x.high for x in items)
    if not error or all(x.is_known and float(x.low).is_integer() and abs(x.low) < 2**20 for x in items):
        return Bounds(low, high)
    slack = error * len(items) * sum(max(abs(x.low), abs(x.high)) for x in items)
    return Bounds(low - slack, high + slack)
