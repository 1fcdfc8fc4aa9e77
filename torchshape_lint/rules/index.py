"""Indexing: ``x[i, a:b, ..., None, mask]`` read and written.

Integers and slices are taken here one axis at a time; `advanced_index` puts the index tensors together.
An index of which nothing is known leaves nothing known of the result.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from torchshape_lint.codes import ARGUMENT, BROADCAST, INDEX_SHAPE, INDICES
from torchshape_lint.dims import Poly, Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.advanced_index import Advanced, NotAnIndex, OneNumber, advanced, combined, spread_out
from torchshape_lint.rules.dtypes import is_floating
from torchshape_lint.rules.needs import Derivation, Need, Rule, Undetermined, holds, never
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.slices import slice_size, within
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import ListValue, RangeValue, SliceValue, Unknown, Value
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO, decided, some

Indexed = Generator[Need | Derivation, None, Shape | Undetermined]

_FULL = SliceValue(None, None, None)
_INDICES = (Advanced, OneNumber, SliceValue, int, Poly, type(Ellipsis))


@shape_rule("operator.getitem", "torch.Tensor.__getitem__")
def getitem(input: Tensor, index: object) -> Rule:
    """integers drop an axis, slices shorten it, None adds one, ``...`` stands for those in between"""
    return (yield from indexed(input, index))


@shape_rule("operator.setitem", "torch.Tensor.__setitem__")
def setitem(input: Tensor, index: object, value: object) -> Rule:
    """the value must be expandable to what the index takes"""
    target = yield from indexed(input, index)
    if isinstance(target, Shape) and isinstance(value, TensorValue):
        yield from value_fits(input, target, input.facts.shape(value.shape))
    return None


def value_fits(x: Tensor, target: Shape, value: Shape) -> Generator[Need | Derivation, None, None]:
    if target.is_open:
        return
    ahead = value.sizes[: max(len(value.sizes) - len(target.sizes), 0)]
    pairs = [(size, 1) for size in ahead]  # torch drops leading axes of 1
    pairs += zip(reversed(value.sizes), reversed(target.sizes))  # type: ignore[arg-type]
    for size, wanted in pairs:
        yield holds(
            some((equal(size, wanted), equal(size, 1))),
            BROADCAST,
            lambda: f"a value of shape {value} cannot be put into {target} of {x.name} {x.shape}",
            expected=str(target),
            actual=str(value),
        )


@dataclass
class _Walk:
    """Where an index has got to: the axes of the result so far, and the index tensors with their places."""

    taken: int = 0  # axes of the input that are used up
    result: list[Size | Advanced] = field(default_factory=list)


def indexed(x: Tensor, index: Value) -> Indexed:
    items = _items(index)
    if items is None or any(isinstance(item, Unknown) for item in items):
        data = any(isinstance(item, Unknown) and item.data for item in items or (index,))
        return Undetermined("the index is not known", data)
    for item in items:
        if isinstance(item, TensorValue) and is_floating(item.dtype):
            yield never(
                INDICES, f"an index of {x.name} is {item.dtype}, but must hold integers or bools", actual=item.dtype
            )
    try:
        parts = [advanced(item, x) if _is_sequence(item) else item for item in items]
    except NotAnIndex as problem:
        return Undetermined(str(problem))
    wanted = sum(_consumes(part) for part in parts)
    if parts.count(Ellipsis) > 1 or not all(part is None or isinstance(part, _INDICES) for part in parts):
        return Undetermined("the index cannot be read")
    shown = len(x.shape.sizes)
    yield holds(
        decided(x.rank is None or wanted <= shown),
        INDICES,
        lambda: f"{wanted} indices for {x.name}, which has {shown} axes {x.shape}",
        expected=f"at most {shown}",
        actual=wanted,
        blocking=True,
    )
    if x.rank is None:
        return (yield from _of_unknown_rank(x, parts, wanted))
    walk = _Walk()
    for part in parts:
        yield from _step(x, x.shape, part, walk, shown - wanted)
    walk.result += x.sizes[walk.taken :]
    return (yield from combined(walk.result))


def _items(index: Value) -> tuple[Value, ...] | None:
    """The single indices; a list that holds more than numbers counts as a tuple, as it does in torch."""
    if isinstance(index, tuple):
        return index
    return spread_out(index) if isinstance(index, ListValue) else (index,)


def _is_sequence(item: Value) -> bool:
    return isinstance(item, (TensorValue, ListValue, tuple, RangeValue, bool))


def _consumes(part: Value) -> int:
    """How many axes of the input an index uses up."""
    if isinstance(part, Advanced):
        return part.axes
    return 0 if part is None or part is Ellipsis else 1


def _step(x: Tensor, shape: Shape, part: Value, walk: _Walk, between: int) -> Generator[Need | Derivation, None, None]:
    at = walk.taken
    if part is None:
        walk.result.append(1)
    elif part is Ellipsis:
        walk.result += shape.sizes[at : at + between]
        walk.taken += between
    elif isinstance(part, Advanced):
        yield from _checked(x, shape, part, at)
        walk.result.append(part)
        walk.taken += part.axes
    elif isinstance(part, SliceValue):
        walk.result.append((yield from _sliced(x, shape.sizes[at], part)))
        walk.taken += 1
    elif isinstance(part, OneNumber):
        walk.taken += 1
    elif isinstance(part, (int, Poly)):  # what may be an index at all was sorted out before
        name = f"axis {at} of {x.name}" if x.rank is not None else f"axis {at - len(shape.sizes)} of {x.name}"
        yield within(Named(shape.sizes[at], name), x.facts.size(part))
        walk.taken += 1


def _checked(x: Tensor, shape: Shape, part: Advanced, at: int) -> Generator[Need | Derivation, None, None]:
    """A mask has the sizes of the axes that it stands for; numbers lie within theirs."""
    for k, size in enumerate(part.mask):
        yield holds(
            equal(size, shape.sizes[at + k]),
            INDEX_SHAPE,
            lambda k=k, size=size: (  # type: ignore[misc]
                f"axis {k} of the mask is {size}, but axis {at + k} of {x.name} is {shape.sizes[at + k]}"
            ),
            expected=shape.sizes[at + k],
            actual=size,
        )
    for number in part.numbers:
        yield within(Named(shape.sizes[at], f"axis {at} of {x.name}"), number)


def _sliced(x: Tensor, size: Size, part: SliceValue) -> Generator[Need | Derivation, None, Size]:
    lower, upper, step = (x.facts.size(v) if isinstance(v, Poly) else v for v in (part.lower, part.upper, part.step))
    by: Size | None = 1 if step is None else step if isinstance(step, (int, Poly)) else None
    if by is None:
        return fresh()
    if at_least(by, 1) is NO:
        yield never(ARGUMENT, f"the step of a slice of {x.name} is {by}, but must be at least 1")
    return slice_size(size, lower, upper, by)


def _of_unknown_rank(x: Tensor, parts: list[Value], wanted: int) -> Indexed:
    """What stands behind the axes that the index names; and with a leading ``...`` all that it does to the last."""
    tail = x.shape.sizes
    if any(isinstance(part, Advanced) for part in parts):
        return open_shape()
    if Ellipsis not in parts:
        if all(part is None or part == _FULL for part in parts) and None not in parts:
            return x.shape
        return open_shape(*tail[wanted:])
    place = parts.index(Ellipsis)
    behind = parts[place + 1 :]
    count = sum(map(_consumes, behind))
    if count > len(tail):
        return open_shape()
    walk = _Walk(taken=len(tail) - count)
    for part in behind:
        yield from _step(x, Shape(tail), part, walk, 0)
    sizes = [size for size in walk.result if not isinstance(size, Advanced)]
    untouched = tail[: len(tail) - count]
    if all(part == _FULL for part in parts[:place]):
        return Shape((*untouched, *sizes), x.shape.lead)
    return open_shape(*untouched[wanted - count :], *sizes)
