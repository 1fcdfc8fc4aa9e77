"""What torch itself offers besides torch.nn.functional, with parameters of its own: torch.embedding, conv_tbc, range ..

Norms are in norm_native.py, losses in loss_native.py, recurrent networks in recurrent_native.py.
"""

from __future__ import annotations

import math

from torchshape_lint.codes import ARGUMENT, CHANNELS, NUMEL, WEIGHT, WINDOW
from torchshape_lint.dims import Poly, Size, floordiv, fresh
from torchshape_lint.rules.broadcasting import Steps, together, unchanged
from torchshape_lint.rules.conv import convolve
from torchshape_lint.rules.conv_transpose import unsweep
from torchshape_lint.rules.create import sized
from torchshape_lint.rules.dtypes import asked
from torchshape_lint.rules.embed import functional_embedding, functional_embedding_bag
from torchshape_lint.rules.given import clear_size
from torchshape_lint.rules.needs import (
    Many,
    Outcome,
    Result,
    Rule,
    Undetermined,
    axis,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Ints, Named, PerAxis, Sizes, Tensor
from torchshape_lint.rules.pool import Choice, Stride, pool, with_indices
from torchshape_lint.rules.reduce import reduced
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.resize import affine_grid
from torchshape_lint.rules.slices import slice_size
from torchshape_lint.shapes import Shape
from torchshape_lint.values import is_size


@shape_rule("torch.embedding")
def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: object = -1,
    scale_grad_by_freq: object = False,
    sparse: object = False,
) -> Rule:
    """(count, dim), (*) -> (*, dim)"""
    return (yield from functional_embedding(indices, weight))


@shape_rule("torch.embedding_bag")
def embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: object = False,
    mode: object = 0,
    sparse: object = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: object = None,
) -> Rule:
    """(count, dim), (k,), (n,) -> (n, dim), and what the gradient needs"""
    yield rank(indices, 1)
    bags = yield from functional_embedding_bag(
        indices, weight, offsets, per_sample_weights=per_sample_weights, include_last_offset=include_last_offset
    )
    needed: Outcome = Undetermined("it is for the gradient")
    return Many((bags, needed, needed, needed))


@shape_rule("torch.embedding_renorm_")
def embedding_renorm_(input: Tensor, indices: object, max_norm: object, norm_type: object) -> Rule:
    """(count, dim) -> (count, dim)"""
    yield rank(input, 2)
    return unchanged(input)


@shape_rule("torch.native_dropout")
def native_dropout(input: Tensor, p: object, train: object) -> Many:
    """(*) -> (*), mask (*)"""
    return Many((unchanged(input), Result(input.shape, "bool")))


@shape_rule("torch.conv_tbc", "torch.nn.functional.conv_tbc")
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: Size = 0) -> Rule:
    """(t, n, c), (k, c, o), (o,) -> (t + 2*pad - k + 1, n, o)"""
    yield rank(input, 3)
    yield rank(weight, 3, code=WEIGHT)
    yield rank(bias, 1, code=WEIGHT)
    yield same(input[2], weight[1], CHANNELS)
    yield same(bias[0], weight[2], WEIGHT)
    length = input.sizes[0] + 2 * pad - weight.sizes[0] + 1
    yield not_less(Named(length, "the output size"), 0, WINDOW)
    return Result((clear_size(length), input.sizes[1], weight.sizes[2]))


@shape_rule("torch.convolution")
def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> Rule:
    """(n, c, *size), (k, c/groups, *kernel), (k,)? -> (n, k, *size')"""
    yield rank(weight, 3, 4, 5, code=WEIGHT)
    n = len(weight.sizes) - 2
    lists = (stride, padding, dilation, output_padding)
    if any(len(given) not in (1, n) for given in lists):
        return Undetermined("not as many numbers as axes")
    stride, padding, dilation, output_padding = (given * n if len(given) == 1 else given for given in lists)
    if transposed:
        return (yield from unsweep(input, weight, bias, stride, padding, output_padding, groups, dilation, n))
    return (yield from convolve(input, weight, bias, stride, padding, dilation, groups, n))


@shape_rule("torch.max_pool{n}d_with_indices", n=(1,))
def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    dilation: PerAxis = (1,),
    ceil_mode: Choice = False,
    *,
    n: int,
) -> Rule:
    """(n, c, l) -> (n, c, l') twice"""
    places = yield from pool(input, kernel_size, stride, padding, ceil_mode, n, dilation=dilation)
    return with_indices(places, True)


@shape_rule("torch.affine_grid_generator")
def affine_grid_generator(theta: Tensor, size: Sizes, align_corners: object) -> Rule:
    """(n, 2, 3), (n, c, h, w) -> (n, h, w, 2)"""
    return (yield from affine_grid(theta, size, align_corners))


@shape_rule("torch.binomial")
def binomial(count: Tensor, prob: Tensor, generator: object = None) -> Rule:
    """(*), (*) -> (*)"""
    return Result((yield from together(count, prob)), None)


@shape_rule("torch.range")
def range_with_end(start: object = 0, end: object = None, step: object = 1, *, dtype: object = None) -> Rule:
    """((end - start)//step + 1,)"""
    if end is None:
        start, end = 0, start
    made = asked(dtype, "float32")
    if step == 0:
        yield never(ARGUMENT, "range with a step of 0")
    if is_size(start) and is_size(end) and isinstance(step, int):
        assert isinstance(start, (int, Poly)) and isinstance(end, (int, Poly))
        return Result((clear_size(floordiv(end - start, step) + 1),), made)
    if all(isinstance(number, (int, float)) and math.isfinite(number) for number in (start, end, step)):
        return Result((math.floor((end - start) / step) + 1,), made)  # type: ignore[operator]
    return Result((fresh(),), made)


@shape_rule("torch.norm_except_dim")
def norm_except_dim(v: Tensor, pow: object = 2, dim: int = 0) -> Rule:
    """(a, b, c) -> (a, 1, 1) for dim 0, () for -1"""
    if dim == -1:
        return Result(())
    if v.rank is None:
        return Undetermined("the rank is not known")
    at = yield from axis(v, dim)
    return Result(tuple(size if k == at else 1 for k, size in enumerate(v.sizes)))


@shape_rule("torch.frobenius_norm")
def frobenius_norm(input: Tensor, dim: Ints, keepdim: bool = False) -> Rule:
    """(.., a, b) -> (..), or (.., 1, 1) with keepdim"""
    return Result((yield from reduced(input, dim, keepdim)), None)


@shape_rule("torch.nuclear_norm")
def nuclear_norm(input: Tensor, dim: Ints | bool | None = None, keepdim: bool = False) -> Rule:
    """(.., a, b) -> (..), or (.., 1, 1) with keepdim; nuclear_norm(input, keepdim)"""
    if isinstance(dim, bool) or dim is None:
        dim, keepdim = (-2, -1), bool(dim) or keepdim
    if len(dim) != 2:
        yield never(ARGUMENT, f"dim is {dim}, but two axes are needed")
    return Result((yield from reduced(input, dim, keepdim)), None)


@shape_rule("torch.slice_copy")
def slice_copy(input: Tensor, dim: int = 0, start: object = None, end: object = None, step: Size = 1) -> Rule:
    """(.., a, ..) -> (.., k, ..)"""
    yield rank_at_least(input, 1)
    at = yield from axis(input, dim)
    sizes = input.shape.sizes
    at %= len(sizes)  # counted from the end where the rank is not known
    return Result(Shape((*sizes[:at], slice_size(sizes[at], start, end, step), *sizes[at + 1 :]), input.shape.lead))


@shape_rule("torch.Tensor.resize")
def resize(input: Tensor, *sizes: object) -> Rule:
    """sizes -> sizes, as many elements as before"""
    made = yield from sized(sizes, input.dtype)
    if isinstance(made, Result) and isinstance(made.shape, Shape):
        yield from _as_many(input, made.shape)
    return made


def _as_many(x: Tensor, shape: Shape) -> Steps:
    if x.shape.numel is not None and shape.numel is not None:
        yield same(Named(shape.numel, "the new number of elements"), Named(x.shape.numel, f"that of {x.name}"), NUMEL)


@shape_rule("torch.Tensor.resize_as")
def resize_as(input: Tensor, tensor: Tensor) -> Rule:
    """(a..), (b..) -> (b..), as many elements as before"""
    yield from _as_many(input, tensor.shape)
    return Result(tensor.shape)


@shape_rule("torch.frombuffer")
def frombuffer(buffer: object, *, dtype: object, count: object = -1, offset: object = 0) -> Result:
    """bytes -> (count,)"""
    given = isinstance(count, int) and count > 0
    return Result((count if given else fresh("count", 1),), asked(dtype))  # type: ignore[arg-type]


@shape_rule("torch.from_file")
def from_file(filename: object, shared: object = None, size: object = 0, *, dtype: object = None) -> Rule:
    """size -> (size,)"""
    return (yield from sized((size,), asked(dtype, "float32")))


@shape_rule("torch.segment_reduce")
def segment_reduce(
    data: Tensor,
    reduce: object,
    *,
    lengths: Tensor | None = None,
    indices: object = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: object = False,
    initial: object = None,
) -> Rule:
    """(.., a, b..), lengths (.., k) -> (.., k, b..)"""
    counted = lengths if lengths is not None else offsets
    if counted is None:
        return Undetermined("the segments are not known")
    yield rank(counted, axis + 1)
    yield rank_at_least(data, axis + 1)
    if data.rank is None:
        return Undetermined("the rank is not known")
    last = counted.sizes[-1] if lengths is not None else counted.sizes[-1] - 1
    return Result((*counted.sizes[:-1], last, *data.sizes[axis + 1 :]))
