"""Norms with one number per channel: batch and instance norm. Running statistics and weights count the channels."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from torchshape_lint.codes import ARGUMENT, NORM
from torchshape_lint.dims import Size, fresh, product
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import may_be_empty
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Need,
    Rule,
    Undetermined,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.numbers import positive
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, optional_parameter, spatial, unbatched_or_not
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO, YES

DIMS = (1, 2, 3)


@layer("torch.nn.BatchNorm{n}d", n=DIMS)
def batch_norm_layer(
    num_features: Named,
    eps: object = 1e-5,
    momentum: object = 0.1,
    affine: object = True,
    track_running_stats: object = True,
    device: object = None,
    dtype: object = None,
    *,
    bias: object = True,
) -> Constructing:
    """weight, bias: (num_features,), running_mean, running_var: (num_features,)"""
    if affine is True or track_running_stats is True:
        yield not_less(num_features, 0, ARGUMENT)
    return channel_parameters(num_features.size, affine, track_running_stats, bias)


@layer("torch.nn.SyncBatchNorm")
def sync_batch_norm_layer(
    num_features: Named,
    eps: object = 1e-5,
    momentum: object = 0.1,
    affine: object = True,
    track_running_stats: object = True,
    process_group: object = None,
    device: object = None,
    dtype: object = None,
    *,
    bias: object = True,
) -> Construction:
    """weight, bias: (num_features,), running_mean, running_var: (num_features,)"""
    return channel_parameters(num_features.size, affine, track_running_stats, bias)


@layer("torch.nn.InstanceNorm{n}d", n=DIMS)
def instance_norm_layer(
    num_features: Named,
    eps: object = 1e-5,
    momentum: object = 0.1,
    affine: object = False,
    track_running_stats: object = False,
    device: object = None,
    dtype: object = None,
    *,
    bias: object = True,
) -> Construction:
    """weight, bias: (num_features,) if affine"""
    return channel_parameters(num_features.size, affine, track_running_stats, bias)


@layer("torch.nn.LazyBatchNorm{n}d", "torch.nn.LazyInstanceNorm{n}d", n=DIMS)
def lazy_norm_layer(
    eps: object = 1e-5,
    momentum: object = 0.1,
    affine: object = True,
    track_running_stats: object = True,
    device: object = None,
    dtype: object = None,
    *,
    bias: object = True,
) -> Construction:
    """The first input decides on num_features, which pins the fresh size down."""
    return channel_parameters(fresh("num_features"), affine, track_running_stats, bias)


def channel_parameters(features: Size, affine: object, tracked: object, bias: object) -> Construction:
    shift = bias if affine is True else affine
    statistics = {
        **optional_parameter("running_mean", tracked, features),
        **optional_parameter("running_var", tracked, features),
        **optional_parameter("num_batches_tracked", tracked),
    }
    weights = {**optional_parameter("weight", affine, features), **optional_parameter("bias", shift, features)}
    return Construction(weights, statistics)


@shape_rule("torch.nn.BatchNorm{n}d", "torch.nn.LazyBatchNorm{n}d", n=DIMS)
def batch_norm(
    input: Tensor,
    *,
    num_features: Named | None = None,
    weight: Tensor | None = None,
    running_mean: Tensor | Unknown | None = None,
    training: object = True,
    eps: object = 1e-5,
    n: int,
) -> Rule:
    """(n, num_features, *size) -> same"""
    if training is True:
        yield from positive("eps", eps)
    need = rank(input, *((2, 3) if n == 1 else (n + 2,)))
    yield replace(need, blocking=need.verdict is NO)
    if input.rank is None:
        return input.shape
    if not may_be_empty(input):
        yield from features_fit(input[1], num_features, (weight, running_mean))
    if training is True or running_mean is None:
        yield from several_values(input, (input[0].size, *input.sizes[2:]), "value per channel in training")
    return input.shape


@shape_rule("torch.nn.SyncBatchNorm")
def sync_batch_norm(
    input: Tensor,
    *,
    num_features: Named,
    weight: Tensor | None = None,
    running_mean: Tensor | Unknown | None = None,
    training: object = True,
) -> Rule:
    """(n, num_features, *) -> same"""
    yield rank_at_least(input, 2)
    if input.rank is not None:
        yield from features_fit(input[1], num_features, (weight, running_mean))
        if training is True or running_mean is None:
            yield from several_values(input, (input[0].size, *input.sizes[2:]), "value per channel in training")
    return input.shape


@shape_rule("torch.nn.InstanceNorm{n}d", "torch.nn.LazyInstanceNorm{n}d", n=DIMS)
def instance_norm(
    input: Tensor,
    *,
    num_features: Named | None = None,
    weight: Tensor | None = None,
    running_mean: Tensor | Unknown | None = None,
    training: object = True,
    n: int,
) -> Rule:
    """(n, num_features, *size) -> same; without weights and statistics torch lets other channels pass"""
    yield from unbatched_or_not(input, n)
    yield from features_fit(spatial(input, -n - 1), num_features, (weight, running_mean))
    if training is True or running_mean is None:
        yield from several_values(input, input.shape.sizes[-n:], "spatial element")
    return input.shape


def features_fit(found: Named, num_features: Named | None, counted: Iterable[Tensor | Unknown | None]) -> Needs:
    """Each weight and statistic that is there has one number per channel."""
    wanted: list[Named] = []
    for tensor in counted:
        if isinstance(tensor, Tensor):
            size = tensor.shape.numel
            if size is not None and all(size != other.size for other in wanted):
                own = num_features is not None and size == num_features.size
                wanted.append(num_features if own and num_features else Named(size, tensor.name))
    for name in wanted:
        yield same(found, name, NORM)


def several_values(x: Tensor, sizes: Iterable[Size], words: str) -> Needs:
    """A mean over one value is no statistic; torch refuses it."""
    if equal(product(sizes), 1) is YES:
        yield holds(NO, NORM, lambda: f"{x.name} is {x.shape}, but more than 1 {words} is needed", actual=str(x.shape))


@shape_rule("torch.nn.functional.batch_norm")
def functional_batch_norm(
    input: Tensor,
    running_mean: Tensor | Unknown | None,
    running_var: Tensor | Unknown | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: object = False,
    momentum: object = 0.1,
    eps: object = 1e-5,
) -> Rule:
    """(n, c, *), (c,)?.. -> (n, c, *)"""
    if training is False and (running_mean is None or running_var is None):
        yield never(ARGUMENT, "running_mean and running_var are needed when not in training")
    if training is True:
        yield from positive("eps", eps)
    if input.rank is not None and input.rank > 1 and not may_be_empty(input):  # torch lets an empty one pass
        yield from features_fit(input[1], None, (running_mean, running_var, weight, bias))
        if training is True:
            yield from several_values(input, (input[0].size, *input.sizes[2:]), "value per channel in training")
    passes = input.rank != 1 or input.shape == Shape((0,))
    return input.shape if passes else Undetermined("one axis has no channels")


@shape_rule("torch.nn.functional.instance_norm")
def functional_instance_norm(
    input: Tensor,
    running_mean: Tensor | Unknown | None = None,
    running_var: Tensor | Unknown | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: object = True,
    momentum: object = 0.1,
    eps: object = 1e-5,
) -> Generator[Need | Derivation, None, Shape]:
    """(n, c, *), (c,)?.. -> (n, c, *)"""
    yield rank_at_least(input, 2)
    if use_input_stats is False and (running_mean is None or running_var is None):
        yield never(ARGUMENT, "running_mean and running_var are needed without use_input_stats")
    if input.rank is not None:
        yield from features_fit(input[1], None, (running_mean, running_var, weight, bias))
        if use_input_stats is True:
            yield from several_values(input, input.sizes[2:], "spatial element")
    return input.shape
