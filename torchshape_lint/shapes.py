"""Tuples of sizes: closed (the rank is known) or open (an unknown number of axes stands before the known ones).

Knows broadcasting and the join of two branches; knows nothing of tensors, torch or Python code.
"""

from __future__ import annotations

import itertools
import math
from typing import Iterator

from torchshape_lint.dims import Size, as_symbol, factored, fresh, one_of, product
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, every

_serials = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Lead:
    """The unknown axes at the front of an open shape; ``serial`` is its identity, ``most`` how many they may be."""

    serial: int
    most: int | None = None


def fresh_lead(most: int | None = None) -> Lead:
    return Lead(next(_serials), most)


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a tensor's axes. With a ``lead`` the shape is open: unknown axes come before ``sizes``."""

    sizes: tuple[Size, ...] = ()
    lead: Lead | None = None

    @property
    def rank(self) -> int | None:
        return None if self.lead else len(self.sizes)

    @property
    def most(self) -> int | None:
        """The greatest rank that it can have, where that is known."""
        if self.lead is None:
            return len(self.sizes)
        return None if self.lead.most is None else len(self.sizes) + self.lead.most

    @property
    def is_open(self) -> bool:
        return self.lead is not None

    def size(self, axis: int) -> Size | None:
        """The size of ``axis`` (negative from the end), None when it is not known or not there."""
        if self.lead and axis >= 0:
            return None
        return self.sizes[axis] if -len(self.sizes) <= axis < len(self.sizes) else None

    def ending(self, drop: int, *new: Size) -> Shape:
        """The same leading axes, with the last ``drop`` axes replaced by ``new``."""
        kept = self.sizes[: len(self.sizes) - drop] if drop <= len(self.sizes) else ()
        return Shape((*kept, *new), self.lead)

    @property
    def numel(self) -> Size | None:
        return None if self.lead else product(self.sizes)

    def __iter__(self) -> Iterator[Size]:
        if self.lead:
            raise TypeError("an open shape cannot be iterated")
        return iter(self.sizes)

    def __str__(self) -> str:
        parts = (["..."] if self.lead else []) + [str(size) for size in self.sizes]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def open_shape(*tail: Size) -> Shape:
    """A shape of unknown rank that ends in ``tail``."""
    return Shape(tail, fresh_lead())


def same_shape(a: Shape, b: Shape) -> Verdict:
    """Are the two shapes equal, axis by axis?"""
    if a == b:
        return YES
    if too_short(a, b) or too_short(b, a):
        return NO
    pairs = zip(reversed(a.sizes), reversed(b.sizes))
    verdict = every(equal(x, y) for x, y in pairs)
    return verdict if verdict is NO or (a.lead is None and b.lead is None) else MAYBE


def too_short(a: Shape, b: Shape) -> bool:
    """Has ``a`` certainly fewer axes than ``b``?"""
    return a.most is not None and a.most < len(b.sizes)


def broadcast_size(a: Size, b: Size) -> tuple[Verdict, Size]:
    """Can two sizes be broadcast together, and to what."""
    if a == b or b == 1:
        return YES, a
    if a == 1:
        return YES, b
    verdict = equal(a, b)
    if verdict is NO and equal(a, 1) is NO and equal(b, 1) is NO:
        return NO, a
    if isinstance(a, int) or equal(a, 1) is NO:
        return MAYBE, a  # if it runs, b is a or 1
    if isinstance(b, int) or equal(b, 1) is NO:
        return MAYBE, b
    return MAYBE, fresh()


_MOST_CHOICES = 4


def join_sizes(a: Size, b: Size) -> Size:
    """A size that is ``a`` or ``b``: few numbers are kept as choices."""
    if a == b:
        return a
    numbers = _choices(a) + _choices(b)
    if _choices(a) and _choices(b) and len(set(numbers)) <= _MOST_CHOICES:
        return one_of(*numbers)
    return fresh("?", 0 if at_least(a, 0) is YES and at_least(b, 0) is YES else None)


def _choices(size: Size) -> tuple[int, ...]:
    if isinstance(size, int):
        return (size,)
    sym = as_symbol(size)
    return sym.choices if sym is not None else ()


def join_shapes(a: Shape, b: Shape) -> Shape:
    """What is known of a shape that is ``a`` on one path and ``b`` on another."""
    if a == b:
        return a
    if a.lead is None and b.lead is None and len(a.sizes) == len(b.sizes):
        return Shape(tuple(map(join_sizes, a.sizes, b.sizes)))
    common: list[Size] = []
    for x, y in zip(reversed(a.sizes), reversed(b.sizes)):
        common.append(join_sizes(x, y))
    return open_shape(*reversed(common))


def is_flat_size(shape: Shape, features: object) -> bool:
    """Is everything behind the first axis, in one, of this size?"""
    return not shape.is_open and len(shape.sizes) >= 3 and product(shape.sizes[1:]) == features


def is_unflattened(shape: Shape, features: object) -> bool:
    """Pictures for a layer that takes as many channels of other square pictures in one: 64*8*8 for (n, 64, 6, 6)."""
    if shape.rank != 4 or not isinstance(features, int) or not isinstance(channels := shape.sizes[1], int):
        return False
    if channels < 2 or features % channels or features == channels * shape.sizes[3]:  # heads that are not joined
        return False
    area = features // channels
    return area > 1 and math.isqrt(area) ** 2 == area


def axes_text(shape: Shape) -> str:
    """``3 axes (4, 28, 28)``"""
    return f"{shape.rank} {'axis' if shape.rank == 1 else 'axes'} {shape}"


def product_text(sizes: tuple[Size, ...]) -> str:
    """``4*7*7``: a product as a person would write it."""
    return "*".join(factored(size) for size in sizes)
