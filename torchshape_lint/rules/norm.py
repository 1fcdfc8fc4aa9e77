"""Norms over the last axes, over groups of channels, and over neighbours. Batch and instance norm: `batch_norm`."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, GROUPS, NORM, WEIGHT
from torchshape_lint.dims import Size, floordiv
from torchshape_lint.rules.batch_norm import features_fit, several_values
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Result,
    Rule,
    axis,
    divisible,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, at_least_each, optional_parameter
from torchshape_lint.shapes import Shape, same_shape


@layer("torch.nn.LayerNorm")
def layer_norm_layer(
    normalized_shape: Sizes,
    eps: object = 1e-5,
    elementwise_affine: object = True,
    bias: object = True,
    device: object = None,
    dtype: object = None,
) -> Construction:
    """weight, bias: normalized_shape"""
    shift = bias if elementwise_affine is True else elementwise_affine
    return Construction(
        {
            **optional_parameter("weight", elementwise_affine, *normalized_shape),
            **optional_parameter("bias", shift, *normalized_shape),
        }
    )


@layer("torch.nn.RMSNorm")
def rms_norm_layer(
    normalized_shape: Sizes,
    eps: object = None,
    elementwise_affine: object = True,
    device: object = None,
    dtype: object = None,
) -> Construction:
    """weight: normalized_shape"""
    return Construction(optional_parameter("weight", elementwise_affine, *normalized_shape))


@shape_rule("torch.nn.LayerNorm")
def layer_norm(
    input: Tensor, *, normalized_shape: Sizes, weight: Tensor | None = None, bias: Tensor | None = None
) -> Rule:
    """(*, *normalized_shape) -> same"""
    yield from last_axes(input, normalized_shape, weight, bias)
    return input.shape


@shape_rule("torch.nn.RMSNorm")
def rms_norm(x: Tensor, *, normalized_shape: Sizes, weight: Tensor | None = None) -> Rule:
    """(*, *normalized_shape) -> same"""
    yield from last_axes(x, normalized_shape, weight)
    return x.shape


@shape_rule("torch.nn.functional.layer_norm")
def functional_layer_norm(
    input: Tensor,
    normalized_shape: Sizes,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: object = 1e-5,
) -> Rule:
    """(*, *normalized_shape) -> same"""
    yield from last_axes(input, normalized_shape, weight, bias)
    return input.shape


@shape_rule("torch.nn.functional.rms_norm", "torch.rms_norm")
def functional_rms_norm(
    input: Tensor, normalized_shape: Sizes, weight: Tensor | None = None, eps: object = None
) -> Rule:
    """(*, *normalized_shape) -> same"""
    yield from last_axes(input, normalized_shape, weight)
    return input.shape


def last_axes(x: Tensor, normalized_shape: Sizes, *learnt: Tensor | None) -> Needs:
    """The last axes are the normalised ones, and so are those of what was learnt."""
    count = len(normalized_shape)
    if not count:
        yield never(ARGUMENT, "normalized_shape is empty")
    yield rank_at_least(x, count)
    for k, size in zip(range(-count, 0), normalized_shape, strict=True):
        name = "normalized_shape" if count == 1 else f"normalized_shape[{k + count}]"
        yield same(x[k], Named(size, name), NORM)
    for tensor in learnt:
        if tensor is not None:
            yield holds(
                same_shape(tensor.shape, Shape(normalized_shape)),
                WEIGHT,
                lambda t=tensor: f"{t.name} is {t.shape}, but normalized_shape is {Shape(normalized_shape)}",  # type: ignore[misc]
            )


@layer("torch.nn.GroupNorm")
def group_norm_layer(
    num_groups: Named,
    num_channels: Named,
    eps: object = 1e-5,
    affine: object = True,
    device: object = None,
    dtype: object = None,
    *,
    bias: object = True,
) -> Constructing:
    """weight, bias: (num_channels,)"""
    yield not_less(num_channels, 0, ARGUMENT)
    yield divisible(num_channels, num_groups, GROUPS)
    shift = bias if affine is True else affine
    return Construction(
        {
            **optional_parameter("weight", affine, num_channels.size),
            **optional_parameter("bias", shift, num_channels.size),
        }
    )


@shape_rule("torch.nn.GroupNorm")
def group_norm(
    input: Tensor,
    *,
    num_groups: Named,
    num_channels: Named,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
) -> Rule:
    """(n, num_channels, *) -> same; without weights torch takes any channels that the groups divide"""
    yield from grouped(input, num_groups, num_channels, weight, bias)
    return input.shape


@shape_rule("torch.nn.functional.group_norm")
def functional_group_norm(
    input: Tensor,
    num_groups: Named,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: object = 1e-5,
) -> Rule:
    """(n, c, *), groups, (c,)? -> (n, c, *)"""
    yield from grouped(input, num_groups, None, weight, bias)
    return input.shape


def grouped(
    x: Tensor, num_groups: Named, num_channels: Named | None, weight: Tensor | None, bias: Tensor | None
) -> Needs:
    yield rank_at_least(x, 2)
    if x.rank is None:
        return
    yield from at_least_each((num_groups.size,), 1, "num_groups")
    if weight is None or num_channels is None:
        yield divisible(x[1], num_groups, GROUPS)
    yield from features_fit(x[1], num_channels, (weight, bias))
    if weight is None or num_channels is None or x.sizes[1] == num_channels.size:
        group: Size = floordiv(x.sizes[0] * x.sizes[1], num_groups.size)
        yield from several_values(x, (group, *x.sizes[2:]), "value per group")


@layer("torch.nn.LocalResponseNorm", "torch.nn.CrossMapLRN2d")
def local_response_norm_layer(size: object, alpha: object = 1e-4, beta: object = 0.75, k: object = 1.0) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.LocalResponseNorm")
def local_response_norm(input: Tensor, *, size: Size) -> Rule:
    """(n, c, *) -> same"""
    yield rank_at_least(input, 3)
    yield from at_least_each((size,), 1, "size")
    return Result(input.shape, floating(input.dtype))


@shape_rule("torch.nn.CrossMapLRN2d")
def cross_map_lrn(input: Tensor) -> Rule:
    """(n, c, h, w) -> same"""
    yield rank(input, 4)
    return input.shape


@shape_rule("torch.nn.functional.local_response_norm")
def functional_local_response_norm(
    input: Tensor, size: Size, alpha: object = 1e-4, beta: object = 0.75, k: object = 1.0
) -> Rule:
    """(n, c, *) -> same"""
    yield rank_at_least(input, 3)
    yield from at_least_each((size,), 1, "size")
    return Result(input.shape, floating(input.dtype))


@shape_rule("torch.nn.functional.normalize")
def normalize(input: Tensor, p: object = 2.0, dim: object = 1, eps: object = 1e-12, out: object = None) -> Rule:
    """(*) -> same"""
    if input.rank is not None:
        for k in (dim,) if isinstance(dim, int) else sequence_items(dim) or ():
            if isinstance(k, int):
                yield from axis(input, k)
    return input.shape
