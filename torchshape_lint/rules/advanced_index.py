"""Index tensors: what a tensor, list or mask among the indices stands for, and where their axes go in the result.

The values in an index tensor are not known, so it is never out of range; the numbers of a list are.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import INDEX_SHAPE
from torchshape_lint.dims import Size, fresh
from torchshape_lint.frozen import dataclass
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import is_integer
from torchshape_lint.rules.needs import Derivation, Need, Undetermined, holds
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.shapes import Shape, broadcast_size
from torchshape_lint.values import ListValue, RangeValue, SliceValue, Unknown, Value, is_size
from torchshape_lint.values import Tensor as TensorValue


class NotAnIndex(Exception):
    """Something among the indices cannot be told to be numbers, a mask or neither."""


@dataclass(frozen=True)
class OneNumber:
    """A tensor that is one number: it takes an axis away as an int does, but is never seen out of range."""


@dataclass(frozen=True)
class Advanced:
    """An index tensor: its shape as numbers, the axes it uses up, the mask's sizes, and numbers that are known."""

    shape: tuple[Size, ...]
    axes: int = 1
    mask: tuple[Size, ...] = ()
    numbers: tuple[int, ...] = ()


def advanced(item: Value, x: Tensor) -> Value:
    """``item`` as an index tensor, or as `OneNumber`."""
    if isinstance(item, bool):
        return Advanced((int(item),), axes=0)
    if isinstance(item, TensorValue):
        return _tensor(item, x)
    if isinstance(item, RangeValue):
        return Advanced((fresh(),))
    return _nested(item)


def _tensor(item: TensorValue, x: Tensor) -> Value:
    shape = x.facts.shape(item.shape)
    if shape.is_open:
        raise NotAnIndex("the rank of an index tensor is not known")
    if item.dtype == "bool" or item.dtype == "uint8":
        return Advanced((fresh(),), axes=len(shape.sizes), mask=shape.sizes)
    if is_integer(item.dtype):
        return Advanced(shape.sizes) if shape.sizes else OneNumber()
    if len(shape.sizes) == 1:  # numbers or a mask: either way one axis becomes one
        return Advanced((fresh(),))
    raise NotAnIndex("whether an index tensor holds numbers or a mask is not known")


def _nested(item: Value) -> Advanced:
    """A list of numbers or of truth values, nested or not."""
    items = sequence_items(item)
    if items is None:
        raise NotAnIndex("the length of an index list is not known")
    if all(isinstance(i, bool) for i in items) and items:
        return Advanced((sum(1 for i in items if i),), mask=(len(items),))
    if all(is_size(i) for i in items):
        return Advanced((len(items),), numbers=tuple(i for i in items if isinstance(i, int)))
    if all(isinstance(i, (tuple, ListValue)) for i in items):
        rows = [_nested(i) for i in items]
        if len({row.shape for row in rows}) == 1 and not any(row.mask for row in rows):
            return Advanced((len(rows), *rows[0].shape), numbers=tuple(n for row in rows for n in row.numbers))
    raise NotAnIndex("an index list cannot be read")


def spread_out(index: ListValue) -> tuple[Value, ...] | None:
    """A list as an index: torch takes a short one that holds more than numbers for a tuple."""
    items = sequence_items(index)
    if items is None or any(isinstance(item, Unknown) for item in items):
        return None
    if any(isinstance(item, TensorValue) and not item.shape.sizes for item in items):
        return None
    several = (tuple, ListValue, TensorValue, SliceValue, RangeValue, type(None), type(Ellipsis))
    return items if len(items) < 32 and any(isinstance(item, several) for item in items) else (index,)


def combined(result: list[Size | Advanced]) -> Generator[Need | Derivation, None, Shape | Undetermined]:
    """The result's axes with those of the index tensors put in: in their place, or in front when they stand apart."""
    places = [k for k, part in enumerate(result) if isinstance(part, Advanced)]
    if not places:
        return Shape(tuple(part for part in result if not isinstance(part, Advanced)))
    together: tuple[Size, ...] = ()
    indices = [part for part in result if isinstance(part, Advanced)]
    for index in indices:
        together = yield from _broadcast(together, index.shape, indices)
    first, last = places[0], places[-1]
    before = [part for part in result[:first] if not isinstance(part, Advanced)]
    after = [part for part in result[first:] if not isinstance(part, Advanced)]
    if last - first + 1 == len(places):
        return Shape((*before, *together, *after))
    return Shape((*together, *before, *after))


def _broadcast(
    a: tuple[Size, ...], b: tuple[Size, ...], indices: list[Advanced]
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    width = max(len(a), len(b))
    sizes: list[Size] = []
    for p, q in zip((1,) * (width - len(a)) + a, (1,) * (width - len(b)) + b, strict=True):
        verdict, size = broadcast_size(p, q)
        yield holds(
            verdict,
            INDEX_SHAPE,
            lambda: f"index tensors {', '.join(str(Shape(i.shape)) for i in indices)} cannot be broadcast together",
            expected=p,
            actual=q,
        )
        sizes.append(size)
    return tuple(sizes)
