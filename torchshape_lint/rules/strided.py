"""Tensors laid over memory by sizes and strides: as_strided, empty_strided, resize_.

How large a tensor's memory is is not known (it may be a view of a larger one), so it is never said to be too small.
Only as_strided_scatter works on a copy, which is just as large as its input.
"""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, NUMEL
from torchshape_lint.dims import Size, product, total
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.create import sized
from torchshape_lint.rules.dtypes import asked
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Result, Rule, Undetermined, holds, never
from torchshape_lint.rules.operands import Ints, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.values import Tensor as TensorValue


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
    reach = _reach(size, stride, storage_offset)
    if reach is not None and input.rank is not None:  # the memory is a copy of the input: as large as that
        yield holds(
            at_least(product(input.sizes), reach),
            NUMEL,
            lambda: (
                f"size {Shape(size)} with stride {Shape(stride)} reaches {reach} elements, but {input.name} has "
                f"{product(input.sizes)}"
            ),
            expected=product(input.sizes),
            actual=reach,
        )
    yield holds(
        same_shape(src.shape, Shape(size)),
        NUMEL,
        lambda: f"{src.name} is {src.shape}, but size is {Shape(size)}",
        expected=str(Shape(size)),
        actual=str(src.shape),
    )
    return input.shape


def _reach(size: Sizes, stride: Sizes, offset: object) -> Size | None:
    """How many elements of memory a strided view needs; None where that is not plain."""
    numbers = (*size, *stride, 0 if offset is None else offset)
    if not all(isinstance(n, int) and n >= 0 for n in numbers) or 0 in size:
        return None
    return (
        total((s - 1) * k for s, k in zip(size, stride, strict=True)) + 1 + (offset if isinstance(offset, int) else 0)
    )


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


@shape_rule("torch.Tensor.set_")
def set_(
    input: Tensor, source: object = None, storage_offset: object = 0, size: object = None, stride: object = ()
) -> Rule:
    """the memory of another tensor, and its shape or sizes of one's own"""
    if size is not None:
        return (yield from sized((size,), input.dtype))
    if source is None:
        return Result((0,))
    return Result(source.shape) if isinstance(source, TensorValue) else Undetermined("a storage")


@shape_rule(*functions_and_methods("resize_as_"))
def resize_as_(input: Tensor, the_template: Tensor) -> Shape:
    """(a..), (b..) -> (b..)"""
    return the_template.shape
