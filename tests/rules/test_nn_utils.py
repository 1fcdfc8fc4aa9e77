"""Smaller families of torch.nn against torch: fills, fused weights, groups, flexible attention, lazy layers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.layers import build_layer
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Shape

N, U, F = "torch.nn.", "torch.nn.utils.", "torch.nn.functional."
CPU: dict[str, Any] = {"device": "cpu"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "orthogonal"]
)
def test_old_fills(name: str) -> None:
    for sizes in [(3, 4), (3, 4, 2), (3,)]:
        judge_function(f"{N}init.{name}", [T(*sizes)], **CPU)
        judge_function(f"{N}init.{name}_", [T(*sizes)], **CPU)


@pytest.mark.parametrize("word", ["linear", "conv2d", "conv_transpose3d", "tanh", "relu", "selu", "leaky_relu", "gelu"])
def test_gains(word: str) -> None:
    judge_function(f"{N}init.calculate_gain", [word])
    judge_function(f"{N}init.calculate_gain", [word, 0.2])


FUSED: list[tuple[tuple[int, ...], tuple[int, ...] | None, int]] = [
    ((4, 3, 3, 3), (4,), 4),
    ((4, 3, 3, 3), None, 4),
    ((4, 3, 3, 3), (4,), 5),
    ((4, 3, 3, 3), (4,), 1),
    ((4, 3, 3), (4,), 4),
    ((4, 3), (4,), 4),
]


@pytest.mark.parametrize(("weight", "bias", "features"), FUSED)
def test_fused(weight: tuple[int, ...], bias: tuple[int, ...] | None, features: int) -> None:
    norm = [T(features), T(features), 1e-5]
    for scale in ([T(features), T(features)], [None, None]):
        args = [T(*weight), T(*bias) if bias else None, *norm, *scale]
        judge_function(f"{U}fuse_conv_bn_weights", args)
        if len(weight) > 2:
            judge_function(f"{U}fuse_conv_bn_weights", [*args, True])
        if scale[0] is not None and len(weight) == 2:
            judge_function(f"{U}fuse_linear_bn_weights", args)


def G(n: int) -> T:
    return T(n, dtype="int32")


GROUPED: list[tuple[tuple[int, ...], tuple[int, ...], T | None]] = [
    ((4, 8), (2, 8, 16), G(2)),
    ((4, 8), (3, 8, 16), G(2)),
    ((4, 8), (2, 4, 16), G(2)),
    ((4, 8), (2, 8, 16), None),
    ((2, 4, 8), (2, 8, 16), None),
    ((2, 4, 8), (2, 8, 16), G(2)),
    ((2, 4, 8), (3, 8, 16), None),
    ((2, 4, 8), (2, 4, 16), None),
    ((4, 8), (8, 16), G(2)),
    ((4, 8), (8, 16), None),
    ((2, 4, 8), (8, 16), G(2)),
    ((3, 4, 8), (8, 16), G(2)),
    ((2, 4, 8), (4, 16), G(2)),
    ((4,), (8, 16), None),
    ((2, 3, 4, 8), (2, 8, 16), None),
]


@pytest.mark.parametrize(("a", "b", "offs"), GROUPED)
def test_grouped(a: tuple[int, ...], b: tuple[int, ...], offs: T | None) -> None:
    judge_function(f"{F}grouped_mm", [T(*a), T(*b)], {"offs": offs}, **CPU)


FLEX: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [
    ((2, 4, 8, 16), (2, 4, 9, 16), (2, 4, 9, 20)),
    ((2, 4, 8, 16), (2, 2, 9, 16), (2, 2, 9, 20)),
    ((2, 4, 8, 16), (2, 3, 9, 16), (2, 3, 9, 20)),
    ((2, 4, 8, 16), (1, 4, 9, 16), (1, 4, 9, 20)),
    ((2, 4, 8, 16), (2, 4, 9, 15), (2, 4, 9, 20)),
    ((2, 4, 8, 16), (2, 4, 9, 16), (2, 4, 10, 20)),
    ((4, 8, 16), (4, 9, 16), (4, 9, 20)),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("query", "key", "value"), FLEX)
def test_flex_attention(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...]) -> None:
    flex = f"{N}attention.flex_attention."
    for options in ({}, {"enable_gqa": True}, {"return_lse": True}):
        judge_function(f"{flex}flex_attention", [T(*query), T(*key), T(*value)], options, **CPU)


def test_masks() -> None:
    rule = find_rule(f"{N}attention.flex_attention.create_mask")
    assert rule
    for b, h, front in ((2, 3, (2, 3)), (None, 3, (1, 3)), (None, None, (1, 1))):
        made = apply(rule, CallArgs([values.Unknown("a function"), b, h, 8, 9]), Facts()).value
        assert made == values.Tensor(Shape((*front, 8, 9)), "bool")
    unknown = values.Unknown("?")
    assert isinstance(apply(rule, CallArgs([unknown, "two", 1, 8, 9]), Facts()).value, values.Unknown)
    judge_function(f"{N}Transformer.generate_square_subsequent_mask", [5], unknown=True, guises=())


def test_lazy_linear() -> None:
    """The first input decides; a second one must be like it."""
    make, rule = find_layer(f"{N}LazyLinear"), find_rule(f"{N}LazyLinear")
    assert make and rule
    facts = Facts()
    layer, _ = build_layer(make, CallArgs([4]), facts)
    wide, narrow = (values.Tensor(Shape((2, n)), "float32") for n in (6, 5))
    assert not apply(rule, CallArgs([wide]), facts, layer).broken
    assert not apply(rule, CallArgs([wide]), facts, layer).broken
    (need,) = apply(rule, CallArgs([narrow]), facts, layer).broken
    assert need.words() == "last axis of input is 5, but in_features is 6"
    judge_layer(f"{N}LazyLinear", (4,), {}, [(2, 6)])
    judge_layer(f"{N}LazyLinear", (4,), {}, [()])


ADAPTIVE: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((8, 20, [5, 10]), {}),
    ((8, 20, [5, 10]), {"head_bias": True, "div_value": 2.0}),
    ((8, 20, [5]), {}),
    ((8, 20, [10, 5]), {}),
    ((8, 20, [5, 20]), {}),
    ((8, 20, [0, 5]), {}),
    ((8, 20, []), {}),
]


@pytest.mark.parametrize(("args", "kwargs"), ADAPTIVE)
def test_adaptive_softmax(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for x, target in (((3, 8), (3,)), ((3, 9), (3,)), ((3, 8), (4,)), ((8,), ()), ((3, 8), (3, 1))):
        judge_layer(f"{N}AdaptiveLogSoftmaxWithLoss", args, kwargs, [x, T(*target, dtype="int64")], **CPU)


CLASSES: list[tuple[T, T]] = [
    (T(4, 8), T(4, dtype="int64")),
    (T(4, 8), T(5, dtype="int64")),
    (T(4, 8), T(4, 3)),
    (T(4, 8), T(4, 5)),
    (T(4, 7), T(4, dtype="int64")),
    (T(8), T(dtype="int64")),
    (T(2, 4, 8), T(2, 4, dtype="int64")),
]


@pytest.mark.parametrize(("x", "target"), CLASSES)
@pytest.mark.parametrize("options", [{}, {"reduction": "none"}, {"label_smoothing": 0.1}, {"bias": True}])
def test_linear_cross_entropy(x: T, target: T, options: dict[str, Any]) -> None:
    judge_layer(f"{N}LinearCrossEntropyLoss", (8, 3), options, [x, target], unknown=True, **CPU)
    options = {key: value for key, value in options.items() if key != "bias"}
    judge_function(f"{F}linear_cross_entropy", [x, T(3, 8), target], options, unknown=True, **CPU)


HEADS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((5, 2, 8), (6, 2, 8)),
    ((5, 8), (6, 8)),
    ((5, 2, 7), (6, 2, 8)),
    ((5, 2, 8), (6, 8)),
]


@pytest.mark.parametrize(("query", "source"), HEADS)
@pytest.mark.parametrize("need_weights", [True, False])
def test_functional_heads(query: tuple[int, ...], source: tuple[int, ...], need_weights: bool) -> None:
    weights = [T(24, 8), T(24), None, None, False, 0.0, T(8, 8), T(8)]
    for heads in (2, 3):
        args = [T(*query), T(*source), T(*source), 8, heads, *weights]
        judge_function(f"{F}multi_head_attention_forward", args, {"need_weights": need_weights}, **CPU)
