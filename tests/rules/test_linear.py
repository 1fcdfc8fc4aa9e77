"""Linear layers, activations, softmax and dropout against torch."""

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

N = "torch.nn."
F = "torch.nn.functional."

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("Linear", (3, 4), {}, [(3,), (2, 3), (5, 2, 3), (2, 4), (3, 2), ()]),
    ("Linear", (3, 4), {"bias": False}, [(2, 3), (0, 3)]),
    ("Bilinear", (3, 4, 5), {}, []),
    ("Identity", (), {}, [(2, 3), ()]),
    ("Identity", (54, 3), {"unused": 3}, [(2, 3)]),
    ("PReLU", (), {}, [(2, 3), (3,), ()]),
    ("PReLU", (3,), {}, [(2, 3), (2, 3, 4), (3,), (2, 4)]),
    ("GLU", (), {}, [(2, 4), (2, 3), (4,), ()]),
    ("GLU", (1,), {}, [(2, 4, 3), (2, 3, 3), (4,)]),
    ("Softmax", (), {"dim": 1}, [(2, 3), (2, 3, 4), (2,)]),
    ("Softmax", (), {"dim": -1}, [(2, 3), (), (2,)]),
    ("Softmax", (), {"dim": -2}, [(2, 3), (2,)]),
    ("LogSoftmax", (1,), {}, [(2, 3), (3,)]),
    ("Softmin", (0,), {}, [(2, 3)]),
    ("Softmax2d", (), {}, [(2, 3, 4, 5), (2, 3, 4), (2, 3)]),
    ("Dropout", (0.3,), {}, [(2, 3), ()]),
    ("Dropout", (1.3,), {}, [(2, 3)]),
    ("Dropout1d", (), {}, [(2, 3), (2, 3, 4), (2,), (2, 3, 4, 5)]),
    ("Dropout2d", (), {}, [(2, 3), (2, 3, 4, 5), (2,)]),
    ("Dropout2d", (0.0,), {}, [(2,)]),
    ("Dropout3d", (), {}, [(2, 3, 4, 5, 6)]),
    ("AlphaDropout", (), {}, [(2, 3)]),
    ("FeatureAlphaDropout", (), {}, [(2, 3), (2,)]),
    *(
        (name, (), {}, [(2, 3), (), (0, 3)])
        for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    ),
    *((name, (), {}, [(2, 3), ()]) for name in ("Sigmoid", "Tanh", "Softsign", "Tanhshrink", "LogSigmoid", "GELU")),
    *(
        (name, (), {}, [(2, 3)])
        for name in ("ELU", "CELU", "Softplus", "Softshrink", "Hardshrink", "RReLU", "Hardtanh")
    ),
    ("LeakyReLU", (0.2, True), {}, [(2, 3)]),
    ("Threshold", (0.1, 20), {}, [(2, 3)]),
    ("GELU", ("tanh",), {}, [(2, 3)]),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shapes"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shapes: list[tuple[int, ...]]) -> None:
    for shape in shapes:
        judge_layer(N + name, args, kwargs, [T(*shape)], device="cpu" if "oft" in name else "meta")


@pytest.mark.parametrize(
    ("first", "second"),
    [((2, 3), (2, 4)), ((3,), (4,)), ((2, 3), (2, 5)), ((2, 3), (3, 4)), ((1, 3), (2, 4)), ((2, 3), (2, 2, 4))],
)
def test_bilinear(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    judge_layer(N + "Bilinear", (3, 4, 5), call=[T(*first), T(*second)])
    judge_function(F + "bilinear", [T(*first), T(*second), T(5, 3, 4), T(5)])


def test_bilinear_bias() -> None:
    judge_function(F + "bilinear", [T(2, 3), T(2, 4), T(5, 3, 4), T(4)])
    judge_function("torch.bilinear", [T(2, 3), T(2, 4), T(5, 3, 3), None])


def test_construction() -> None:
    judge_layer(N + "Linear", (-1, 4), call=[T(2, 3)])
    judge_layer(N + "Linear", (3, -4), call=[T(2, 3)])
    judge_layer(N + "Bilinear", (0, 4, 5), call=[T(2, 3), T(2, 4)])
    judge_layer(N + "LazyLinear", (4,), call=[T(2, 3)], parameters=False)


@pytest.mark.parametrize(
    "args",
    [
        (T(2, 3), T(4, 3)),
        (T(3), T(4, 3), T(4)),
        (T(2, 3), T(4, 3), T(1)),
        (T(2, 3), T(4, 3), T(5)),
        (T(2, 3), T(4, 3), T(2, 4)),
        (T(2, 5, 3), T(4, 3), T(5, 4)),
        (T(2, 3), T(3)),
        (T(2, 3), T(3, 4)),
        (T(2, 3), T(2, 4, 3)),
        (T(), T(4, 3)),
    ],
)
def test_functional_linear(args: tuple[Any, ...]) -> None:
    judge_function(F + "linear", args)


FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    (F + "relu", (T(2, 3),), {"inplace": True}),
    (F + "relu", (T(2, 3, dtype="int64"),), {}),
    ("torch.relu", (T(2, 3),), {}),
    ("torch.sigmoid", (T(2, 3, dtype="int64"),), {}),
    ("torch.Tensor.sigmoid_", (T(2, 3),), {}),
    ("torch.tanh", (T(),), {}),
    (F + "leaky_relu", (T(2, 3), 0.1, True), {}),
    (F + "elu", (T(2, 3),), {"alpha": 0.5}),
    (F + "gelu", (T(2, 3),), {"approximate": "tanh"}),
    (F + "softmax", (T(2, 3), 1), {}),
    (F + "softmax", (T(2, 3), 2), {}),
    (F + "softmax", (T(2, 3),), {}),
    (F + "log_softmax", (T(2, 3),), {"dim": -1, "dtype": None}),
    ("torch.softmax", (T(2, 3), 1), {}),
    ("torch.Tensor.softmax", (T(2, 3),), {"dim": 3}),
    (F + "gumbel_softmax", (T(2, 3),), {"hard": True}),
    (F + "gumbel_softmax", (T(2, 3),), {"dim": 3}),
    (F + "glu", (T(2, 4),), {}),
    (F + "glu", (T(2, 4), 2), {}),
    (F + "glu", (T(3, 4), 0), {}),
    (F + "prelu", (T(2, 3), T(3)), {}),
    (F + "prelu", (T(2, 3), T()), {}),
    (F + "prelu", (T(2, 3), T(2)), {}),
    (F + "prelu", (T(3), T(3)), {}),
    (F + "prelu", (T(2, 3), T(1, 3)), {}),
    (F + "dropout", (T(2, 3), 0.2, False), {}),
    (F + "dropout1d", (T(2, 3, 4, 5),), {}),
    (F + "dropout2d", (T(2),), {}),
    (F + "dropout2d", (T(2), 0.5, False), {}),
    ("torch.dropout", (T(2, 3), 0.5, True), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), FUNCTIONS)
def test_functions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(name, args, kwargs, device="cpu")


def test_words() -> None:
    """What a last axis was folded from survives an activation, and is there for the message."""
    folded = values.Tensor(Shape((2, 196)), "float32", (4, 7, 7))
    relu = find_rule(F + "relu")
    make, call = find_layer(N + "Linear"), find_rule(N + "Linear")
    assert relu and make and call
    after = apply(relu, CallArgs([folded]), Facts()).value
    layer, _ = build_layer(make, CallArgs([256, 10]), Facts())
    broken = apply(call, CallArgs([after], words={0: "x"}), Facts(), layer).broken
    assert [need.words() for need in broken] == ["last axis of x is 196, but in_features is 256"]
    assert broken[0].found and broken[0].found.folded == (4, 7, 7)
