"""Intervals of integers: the least and the greatest value that something can have, None where there is no bound."""

from __future__ import annotations

import math
from typing import TypeAlias

Bound: TypeAlias = int | None
Interval: TypeAlias = tuple[Bound, Bound]


def plus(a: Interval, b: Interval) -> Interval:
    """Of the sum of two values."""
    low = None if a[0] is None or b[0] is None else a[0] + b[0]
    high = None if a[1] is None or b[1] is None else a[1] + b[1]
    return low, high


def times(a: Interval, b: Interval) -> Interval:
    """Of the product of two values."""
    corners = [_corner(x, y) for x in _ends(a) for y in _ends(b)]
    low, high = min(corners), max(corners)
    return (None if low == -math.inf else int(low)), (None if high == math.inf else int(high))


def quotient(num: Interval, den: Interval) -> Interval:
    """Of ``num // den``; nothing is known where ``den`` may be less than 1."""
    (low, high), (den_low, den_high) = num, den
    if den_low is None or den_low < 1:
        return None, None
    if low is not None:
        low = low // den_low if low < 0 else (0 if den_high is None else low // den_high)
    if high is not None:
        high = high // den_low if high >= 0 else (-1 if den_high is None else high // den_high)
    return low, high


def _ends(interval: Interval) -> tuple[float, float]:
    low, high = interval
    return (-math.inf if low is None else low), (math.inf if high is None else high)


def _corner(x: float, y: float) -> float:
    if x == 0 or y == 0:
        return 0
    if math.inf in (abs(x), abs(y)):  # times an integer that may be too large for a float
        return math.inf if (x > 0) == (y > 0) else -math.inf
    return x * y
