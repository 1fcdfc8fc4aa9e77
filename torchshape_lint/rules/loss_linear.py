"""Losses that have their own linear layers: linear_cross_entropy, AdaptiveLogSoftmaxWithLoss."""

from __future__ import annotations

from itertools import pairwise

from torchshape_lint.codes import ARGUMENT, FEATURES, RANK, TARGET, WEIGHT
from torchshape_lint.dims import Size, fresh, product
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.loss import buffers, reduced
from torchshape_lint.rules.loss_target import scored
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Many,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Ints, Named, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape, same_shape


@layer("torch.nn.LinearCrossEntropyLoss")
def linear_cross_entropy_layer(
    in_features: Size,
    num_classes: Size,
    *,
    out_features: Sizes = (),
    bias: bool = False,
    device: object = None,
    dtype: object = None,
    reduction: object = "mean",
    weight: Tensor | None = None,
    ignore_index: object = None,
    label_smoothing: object = 0.0,
    options: object = None,
) -> Construction:
    """linear.weight: (num_classes*out_features, in_features), linear.bias: (num_classes*out_features,)"""
    rows = num_classes * product(out_features)
    return Construction(
        {"linear.weight": (rows, in_features), **({"linear.bias": (rows,)} if bias else {})}, buffers(weight=weight)
    )


@shape_rule("torch.nn.LinearCrossEntropyLoss")
def linear_cross_entropy_module(
    input: Tensor,
    target: Tensor,
    *,
    in_features: Named,
    num_classes: Size,
    out_features: Sizes = (),
    reduction: object = "mean",
    weight: Tensor | None = None,
    ignore_index: object = None,
    label_smoothing: object = 0.0,
) -> Rule:
    """(n, in_features), (n, d..) or (n, num_classes, d..) -> () or (n, d..)"""
    rows = (num_classes, *out_features)
    return (yield from _linear(input, in_features, rows, target, weight, reduction, ignore_index, label_smoothing))


@shape_rule("torch.nn.functional.linear_cross_entropy")
def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: object = "mean",
    ignore_index: object = None,
    label_smoothing: object = 0.0,
    options: object = None,
) -> Rule:
    """(n, k), (c, d.., k), (n, d..) or (n, c, d..) -> () or (n, d..)"""
    yield rank_at_least(linear_weight, 2)
    yield rank(linear_weight, linear_weight.rank or 2)
    rows = linear_weight.sizes[:-1]
    if linear_bias is not None:
        yield holds(
            same_shape(linear_bias.shape, Shape(rows)),
            WEIGHT,
            lambda: f"{linear_bias.name} is {linear_bias.shape}, but must be {Shape(rows)}",
            expected=str(Shape(rows)),
            actual=str(linear_bias.shape),
        )
    features = linear_weight[-1]
    return (yield from _linear(input, features, rows, target, weight, reduction, ignore_index, label_smoothing))


def _linear(
    input: Tensor,
    features: Named,
    rows: tuple[Size, ...],
    target: Tensor,
    weight: Tensor | None,
    reduction: object,
    ignore_index: object,
    label_smoothing: object,
) -> Rule:
    yield rank(input, 1, 2)
    yield same(input[-1], features, FEATURES)
    if len(rows) > 1 and input.rank == 1:
        yield never(RANK, f"{input.name} has no batch axis, but the loss has {len(rows) - 1} more axes")
    if isinstance(label_smoothing, (int, float)) and not 0 <= label_smoothing <= 1:
        yield never(ARGUMENT, f"label_smoothing is {label_smoothing}, but must lie between 0 and 1")
    scores = Tensor(Shape((*input.sizes[:-1], *rows)), f"linear({input.name})", input.facts, input.dtype)
    if target.shape == scores.shape and isinstance(ignore_index, int):
        yield never(ARGUMENT, f"{target.name} holds probabilities: ignore_index cannot be given")
    shape = yield from scored(scores, target, weight, soft=True)
    return (yield from reduced(shape, input, reduction))


@layer("torch.nn.AdaptiveLogSoftmaxWithLoss")
def adaptive_log_softmax_layer(
    in_features: Size,
    n_classes: int,
    cutoffs: Ints,
    div_value: object = 4.0,
    head_bias: bool = False,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """head.weight: (cutoffs[0] + clusters, in_features), and two weights for each cluster"""
    if list(cutoffs) != sorted(set(cutoffs)) or not cutoffs or cutoffs[0] < 1 or cutoffs[-1] > n_classes - 1:
        yield never(ARGUMENT, f"cutoffs must grow from 1 to n_classes - 1 = {n_classes - 1}, but are {Shape(cutoffs)}")
    head = cutoffs[0] + len(cutoffs)
    parameters: dict[str, tuple[Size, ...] | None] = {"head.weight": (head, in_features)}
    if head_bias:
        parameters["head.bias"] = (head,)
    for k, (low, high) in enumerate(pairwise((*cutoffs, n_classes))):
        size: Size = fresh("hidden")
        if isinstance(in_features, int) and isinstance(div_value, (int, float)):
            size = int(in_features // div_value ** (k + 1))
        parameters[f"tail.{k}.0.weight"] = (size, in_features)
        parameters[f"tail.{k}.1.weight"] = (high - low, size)
    return Construction(parameters)


@shape_rule("torch.nn.AdaptiveLogSoftmaxWithLoss")
def adaptive_log_softmax(input_: Tensor, target_: Tensor, *, in_features: Named) -> Rule:
    """(n, in_features), (n,) -> (n,), (); also without n"""
    yield rank(target_, 0, 1, code=TARGET)
    yield rank(input_, (target_.rank or 0) + 1, code=TARGET)
    if target_.rank == 1:
        yield same(target_[0], input_[0], TARGET)
    yield same(input_[-1], in_features, FEATURES)
    return Many((Result(target_.shape, input_.dtype), Result((), input_.dtype)))


@shape_rule("torch.nn.AdaptiveLogSoftmaxWithLoss.log_prob")
def adaptive_log_prob(input: Tensor, *, in_features: Named, n_classes: Size) -> Rule:
    """(n, in_features) -> (n, n_classes)"""
    yield from _rows(input, in_features)
    return (input.sizes[0], n_classes) if input.rank == 2 else Undetermined("more axes than a batch of features has")


@shape_rule("torch.nn.AdaptiveLogSoftmaxWithLoss.predict")
def adaptive_predict(input: Tensor, *, in_features: Named) -> Rule:
    """(n, in_features) -> (n,)"""
    yield from _rows(input, in_features)
    if input.rank != 2:
        return Undetermined("more axes than a batch of features has")
    return Result((input.sizes[0],), "int64")


def _rows(input: Tensor, in_features: Named) -> Steps:
    yield rank_at_least(input, 2)
    yield same(input[-1], in_features, FEATURES)
