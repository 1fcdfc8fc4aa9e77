"""Tensors laid over memory by sizes and strides: as_strided, empty_strided, resize_.

How large the memory is is not known, so it is never said to be too small.
"""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, NUMEL
from torchshape_lint.rules.create import sized
from torchshape_lint.rules.dtypes import asked
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Rule, holds, never
from torchshape_lint.rules.operands import Ints, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, same_shape


@shape_rule(*functions_and_methods("as_strided", "as_strided_"), "torch.as_strided_copy")
def as_strided(input: Tensor, size: Sizes, stride: Sizes, storage_offset: object = None) -> Rule:
    """size -> size"""
    return (yield from _strided(size, stride, input.dtype))


def _strided(size: Sizes, stride: Sizes, dtype: str | None) -> Rule:
    if len(size) != len(stride):
        yield never(ARGUMENT, f"size has {len(size)} numbers, but stride {len(stride)}")
    return (yield from sized((size,), dtype))


@shape_rule(*functions_and_methods("as_strided_scatter"))
def as_strided_scatter(input: Tensor, src: Tensor, size: Sizes, stride: Sizes, storage_offset: object = None) -> Rule:
    """(*), src size -> (*)"""
    yield from _strided(size, stride, input.dtype)
    yield holds(
        same_shape(src.shape, Shape(size)),
        NUMEL,
        lambda: f"{src.name} is {src.shape}, but size is {Shape(size)}",
        expected=str(Shape(size)),
        actual=str(src.shape),
    )
    return input.shape


@shape_rule("torch.empty_strided")
def empty_strided(size: Sizes, stride: Sizes, *, dtype: object = None) -> Rule:
    """size -> size"""
    return (yield from _strided(size, stride, asked(dtype, "float32")))


@shape_rule("torch.Tensor.new_empty_strided")
def new_empty_strided(input: Tensor, size: Sizes, stride: Sizes, *, dtype: object = None) -> Rule:
    """size -> size"""
    return (yield from _strided(size, stride, asked(dtype, input.dtype)))


@shape_rule("torch.empty_permuted")
def empty_permuted(size: Sizes, physical_layout: Ints, *, dtype: object = None) -> Rule:
    """size -> size"""
    if sorted(physical_layout) != list(range(len(size))):
        yield never(ARGUMENT, f"physical_layout {physical_layout} does not name each of {len(size)} axes once")
    return (yield from sized((size,), asked(dtype, "float32")))


@shape_rule("torch.Tensor.resize_")
def resize_(input: Tensor, *sizes: object) -> Rule:
    """sizes -> sizes"""
    return (yield from sized(sizes, input.dtype))


@shape_rule(*functions_and_methods("resize_as_"))
def resize_as_(input: Tensor, the_template: Tensor) -> Shape:
    """(a..), (b..) -> (b..)"""
    return the_template.shape
