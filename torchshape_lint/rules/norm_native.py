"""Norms as torch's own code calls them: torch.layer_norm, torch.batch_norm, native_layer_norm ..

The native ones give the mean and the reciprocal deviation that they have found beside the result. None of them asks for
several values per channel: torch.nn.functional does.
"""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, GROUPS, NUMEL
from torchshape_lint.dims import Size, product
from torchshape_lint.rules.batch_norm import features_fit
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined, divisible, never, rank_at_least, same
from torchshape_lint.rules.norm import functional_layer_norm, last_axes
from torchshape_lint.rules.operands import Named, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule


@shape_rule("torch.native_layer_norm")
def native_layer_norm(
    input: Tensor, normalized_shape: Sizes, weight: Tensor | None, bias: Tensor | None, eps: object
) -> Rule:
    """(a.., *normalized_shape) -> same, and twice (a.., 1..)"""
    if not normalized_shape:
        yield never(ARGUMENT, "normalized_shape names no axis")
    yield from last_axes(input, normalized_shape, weight, bias)
    kept = Result(input.shape.ending(len(normalized_shape), *(1 for _ in normalized_shape)))
    return Many((Result(input.shape), kept, kept))


@shape_rule("torch.native_group_norm")
def native_group_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    N: Size,
    C: Size,
    HxW: Size,
    group: Size,
    eps: object,
) -> Rule:
    """(n, c, *) -> same, and twice (n, groups)"""
    yield rank_at_least(input, 2)
    if input.rank is not None:
        yield divisible(Named(C, "C"), Named(group, "group"), GROUPS)
        yield from features_fit(Named(C, "C"), None, (weight, bias))
        count = Named(N * C * HxW, "N*C*HxW")
        yield same(Named(product(input.sizes), f"the number of elements of {input.name}"), count, NUMEL)
    return Many((Result(input.shape), Result((N, group)), Result((N, group))))


@shape_rule("torch.native_batch_norm")
def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: object,
    eps: object,
) -> Rule:
    """(n, c, *) -> same, and twice (c,); nothing found (0,) when not in training. It compares no sizes."""
    yield rank_at_least(input, 2)
    if input.rank is None:
        return Undetermined("the rank is not known")
    found = Result((input.sizes[1],) if training else (0,))
    return Many((Result(input.shape), found, found))


@shape_rule("torch.layer_norm")
def torch_layer_norm(
    input: Tensor,
    normalized_shape: Sizes,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: object = 1e-5,
    cudnn_enable: object = True,
) -> Rule:
    """(*, *normalized_shape) -> same"""
    return (yield from functional_layer_norm(input, normalized_shape, weight, bias))


@shape_rule("torch.group_norm")
def torch_group_norm(
    input: Tensor,
    num_groups: Named,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: object = 1e-5,
    cudnn_enabled: object = True,
) -> Rule:
    """(n, c, *), groups, (c,)? -> (n, c, *)"""
    yield rank_at_least(input, 2)
    if input.rank is not None:
        yield divisible(input[1], num_groups, GROUPS)
        yield from features_fit(input[1], None, (weight, bias))
    return input.shape


def _per_channel(input: Tensor, *channels: Tensor | None) -> Rule:
    yield rank_at_least(input, 2)
    if input.rank is not None:
        yield from features_fit(input[1], None, channels)
    return input.shape


@shape_rule("torch.batch_norm")
def torch_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: object,
    momentum: object,
    eps: object,
    cudnn_enabled: object,
) -> Rule:
    """(n, c, *), (c,)?.. -> (n, c, *)"""
    return (yield from _per_channel(input, running_mean, running_var, weight, bias))


@shape_rule("torch.instance_norm")
def torch_instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: object,
    momentum: object,
    eps: object,
    cudnn_enabled: object,
) -> Rule:
    """(n, c, *), (c,)?.. -> (n, c, *)"""
    return (yield from _per_channel(input, running_mean, running_var, weight, bias))
