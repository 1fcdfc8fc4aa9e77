"""A part of a tensor replaced, the rest as it was: diagonal_, select_, slice_scatter, index_put, put, index_reduce."""

from __future__ import annotations

from torchshape_lint.codes import BROADCAST, INDEX_SHAPE
from torchshape_lint.dims import Size
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps, unchanged
from torchshape_lint.rules.diagonal import diagonal
from torchshape_lint.rules.gather import index_add, whole_numbers
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.index import indexed, value_fits
from torchshape_lint.rules.needs import Rule, axis, holds
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.slices import slice_size
from torchshape_lint.rules.split import select
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.verdicts import decided


def _fills(src: Tensor, part: object, x: Tensor) -> Steps:
    """``src`` has exactly the shape of the part that it replaces."""
    if isinstance(part, tuple):
        part = Shape(part)
    if isinstance(part, Shape):
        yield holds(
            same_shape(src.shape, part),
            INDEX_SHAPE,
            lambda: f"{src.name} is {src.shape}, but the part of {x.name} that it replaces is {part}",
            expected=str(part),
            actual=str(src.shape),
        )


@shape_rule(*functions_and_methods("diagonal_scatter"))
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Rule:
    """(a, b, ..), (.., min(a, b)) -> (a, b, ..)"""
    yield from _fills(src, (yield from diagonal(input, offset, dim1, dim2)), input)
    return unchanged(input)


@shape_rule(*functions_and_methods("select_scatter"))
def select_scatter(input: Tensor, src: Tensor, dim: int, index: object) -> Rule:
    """(.., a, ..), (.., ..) -> (.., a, ..)"""
    yield from _fills(src, (yield from select(input, dim, index)), input)
    return unchanged(input)


@shape_rule(*functions_and_methods("slice_scatter"))
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: object = None, end: object = None, step: Size = 1
) -> Rule:
    """(.., a, ..), (.., part of a, ..) -> (.., a, ..)"""
    if input.rank is None:
        return unchanged(input)
    at = yield from axis(input, dim)
    if input.sizes:
        part = slice_size(input.sizes[at], start, end, step)
        yield from _fills(src, (*input.sizes[:at], part, *input.sizes[at + 1 :]), input)
    return unchanged(input)


@shape_rule(*functions_and_methods("index_put", "index_put_"))
def index_put(input: Tensor, indices: object, values: Tensor, accumulate: object = False) -> Rule:
    """as input[indices] = values"""
    part = yield from indexed(input, indices)
    if isinstance(part, Shape):
        yield from value_fits(input, part, values.shape)
        if values.rank is not None and part.rank is not None:
            yield holds(  # unlike in x[..] = y, not even axes of 1 may stand in front
                decided(values.rank <= part.rank),
                BROADCAST,
                lambda: f"{values.name} is {values.shape}, but the part of {input.name} that is replaced is {part}",
                expected=str(part),
                actual=str(values.shape),
            )
    return unchanged(input)


@shape_rule(*functions_and_methods("put"), "torch.Tensor.put_")
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: object = False) -> Rule:
    """(*), as many numbers in source as in index -> (*)"""
    yield from whole_numbers(index, wide=True)
    a, b = index.shape.numel, source.shape.numel
    if a is not None and b is not None:
        yield holds(
            equal(a, b),
            INDEX_SHAPE,
            lambda: f"{source.name} has {b} elements, but {index.name} {a}",
            expected=a,
            actual=b,
        )
    return unchanged(input)


@shape_rule(*functions_and_methods("index_reduce"), "torch.Tensor.index_reduce_")
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: object, *, include_self: object = True
) -> Rule:
    """(.., a, ..), index (k), source (.., k, ..) -> (.., a, ..)"""
    return (yield from index_add(input, dim, index, source))
