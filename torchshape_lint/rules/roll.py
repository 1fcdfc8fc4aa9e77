"""Elements moved about or added up along an axis without a change of shape: flip, roll, rot90, tril, cumsum."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, AXIS, REDUCE
from torchshape_lint.rules.broadcasting import has_axis, may_be_empty
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import asked, is_integer
from torchshape_lint.rules.given import functions_and_methods, given_axes
from torchshape_lint.rules.needs import Result, Rule, axis, never, rank_at_least
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import open_shape
from torchshape_lint.values import is_size


@shape_rule(*functions_and_methods("flip"))
def flip(input: Tensor, *dims: object) -> Rule:
    """(*) -> (*)"""
    axes = given_axes(dims, input)
    for k, dim in enumerate(axes or ()):
        yield from has_axis(input, dim)
        if _same_axis(input, dim, (axes or ())[:k]):
            yield never(REDUCE, f"dim {dim} is named twice in {axes}")
    return input.shape


def _same_axis(x: Tensor, dim: int, others: Ints) -> bool:
    """-1 is the last axis by another name, where the rank is known."""
    axes = 1 if x.rank is None else max(x.rank, 1)
    return dim in others or (x.rank is not None and dim % axes in {other % axes for other in others})


@shape_rule(*functions_and_methods("fliplr"))
def fliplr(input: Tensor) -> Rule:
    """(a, b, ..) -> (a, b, ..)"""
    yield rank_at_least(input, 2)
    return input.shape


@shape_rule(*functions_and_methods("flipud"))
def flipud(input: Tensor) -> Rule:
    """(a, ..) -> (a, ..)"""
    yield rank_at_least(input, 1)
    return input.shape


@shape_rule(*functions_and_methods("roll"))
def roll(input: Tensor, shifts: object, dims: Ints | None = None) -> Rule:
    """(*) -> (*)"""
    count = 1 if is_size(shifts) else len(sequence_items(shifts) or ()) if sequence_items(shifts) is not None else None
    if count == 0:
        yield never(ARGUMENT, "shifts names nothing")
    if count is not None and count != len(dims or ()) and (dims or count > 1):
        yield never(ARGUMENT, f"{count} shifts for {len(dims or ())} dims", expected=len(dims or ()), actual=count)
    if dims and not may_be_empty(input):  # torch looks at no axis of a tensor without elements
        yield rank_at_least(input, 1, AXIS)
        for dim in dims:
            yield from has_axis(input, dim)
    return input.shape


@shape_rule(*functions_and_methods("rot90"))
def rot90(input: Tensor, k: int = 1, dims: Ints = (0, 1)) -> Rule:
    """(a, b, ..) -> (b, a, ..) for odd k"""
    if input.rank is None:
        return open_shape()
    yield rank_at_least(input, 2)
    if len(dims) != 2:
        yield never(AXIS, f"{input.name} is rotated in a plane of 2 axes, not {dims}")
    a = yield from axis(input, dims[0])
    b = yield from axis(input, dims[1])
    if a == b:
        yield never(AXIS, f"the axes of a rotation must differ: {dims}")
    sizes = list(input.sizes)
    if k % 2:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return tuple(sizes)


@shape_rule(*functions_and_methods("tril", "triu"), "torch.Tensor.tril_", "torch.Tensor.triu_")
def tril(input: Tensor, diagonal: object = 0) -> Rule:
    """(*, a, b) -> (*, a, b)"""
    yield rank_at_least(input, 2)
    return input.shape


@shape_rule("torch.Tensor.cumsum_", "torch.Tensor.cumprod_")
def cumsum_(input: Tensor, dim: object, dtype: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return input.shape


@shape_rule(*functions_and_methods("cumsum", "cumprod"))
def cumsum(input: Tensor, dim: object, dtype: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return Result(input.shape, asked(dtype, "int64" if input.dtype == "bool" or is_integer(input.dtype) else ""))


@shape_rule(*functions_and_methods("logcumsumexp"))
def logcumsumexp(input: Tensor, dim: object) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return input.shape
