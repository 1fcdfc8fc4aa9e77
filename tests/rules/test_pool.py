"""Pooling against torch on the CPU."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape

Cases = list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]]

LAYERS: Cases = [
    ("MaxPool2d", (2,), {}, (1, 3, 28, 29)),
    ("MaxPool2d", (2,), {}, (3, 28, 29)),
    ("MaxPool2d", (2,), {}, (28, 29)),
    ("MaxPool2d", (2,), {}, (1, 1, 3, 28, 29)),
    ("MaxPool2d", ((2, 1), (2, 3)), {}, (1, 3, 9, 9)),
    ("MaxPool2d", (3, 2, 1), {"ceil_mode": True}, (1, 3, 28, 29)),
    ("MaxPool2d", (3, 2, 1), {"dilation": 2}, (1, 3, 28, 29)),
    ("MaxPool2d", (3, 2, 2), {}, (1, 3, 28, 29)),
    ("MaxPool2d", (3, 2, 2), {"dilation": 3}, (1, 3, 28, 29)),
    ("MaxPool2d", (2, 3, 1), {"ceil_mode": True}, (1, 3, 28, 20)),
    ("MaxPool2d", (9,), {}, (3, 8, 20)),
    ("MaxPool2d", (9,), {"ceil_mode": True}, (3, 8, 8)),
    ("MaxPool2d", (9, 1), {"ceil_mode": True}, (3, 8, 8)),
    ("MaxPool2d", (12, 4), {"ceil_mode": True}, (3, 8, 8)),
    ("MaxPool2d", (2,), {"return_indices": True}, (2, 3, 8, 8)),
    ("MaxPool2d", (2, 0), {}, (2, 3, 8, 8)),
    ("MaxPool2d", (0,), {}, (2, 3, 8, 8)),
    ("MaxPool2d", (2,), {"dilation": 0}, (2, 3, 8, 8)),
    ("MaxPool1d", (3, 2), {"padding": 1}, (2, 3, 8)),
    ("MaxPool1d", (3, 2), {}, (3, 8)),
    ("MaxPool1d", (3, 2), {}, (2, 3, 8, 8)),
    ("MaxPool1d", (9,), {}, (3, 8)),
    ("MaxPool3d", (2,), {}, (2, 3, 8, 8, 9)),
    ("MaxPool3d", ((1, 2, 2),), {}, (3, 8, 8, 9)),
    ("AvgPool2d", (3, 2, 1), {}, (1, 3, 8, 9)),
    ("AvgPool2d", (3, 2, 1, True), {}, (1, 3, 8, 9)),
    ("AvgPool2d", (3, 2, 2), {}, (1, 3, 8, 9)),
    ("AvgPool2d", (3,), {"divisor_override": 0}, (1, 3, 8, 9)),
    ("AvgPool2d", (7,), {}, (1, 3, 4, 9)),
    ("AvgPool1d", (3, 2, 1), {}, (3, 8)),
    ("AvgPool1d", (3,), {}, (1, 3, 8)),
    ("AvgPool1d", (3,), {}, (1, 3, 8, 8)),
    ("AvgPool3d", (2,), {"ceil_mode": True}, (1, 3, 7, 8, 9)),
    ("LPPool1d", (2, 3, 2), {}, (3, 8)),
    ("LPPool2d", (2, 3, 2), {"ceil_mode": True}, (1, 3, 8, 9)),
    ("LPPool2d", (2, 9), {}, (1, 3, 8, 9)),
    ("LPPool3d", (2, 3, 2), {}, (3, 8, 8, 8)),
    ("FractionalMaxPool2d", (3,), {"output_size": (5, 4)}, (1, 3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {"output_size": 6, "return_indices": True}, (3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {"output_size": 7}, (3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {"output_ratio": (0.5, 0.5)}, (1, 3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {"output_ratio": (0.5, 0.3)}, (1, 3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {"output_ratio": (1, 0.5)}, (1, 3, 8, 9)),
    ("FractionalMaxPool2d", (3,), {}, (1, 3, 8, 9)),
    ("FractionalMaxPool3d", (3,), {"output_size": 2}, (3, 8, 9, 8)),
    ("AdaptiveAvgPool2d", (1,), {}, (2, 3, 8, 9)),
    ("AdaptiveAvgPool2d", ((None, 7),), {}, (2, 3, 8, 9)),
    ("AdaptiveAvgPool2d", ((1, 1),), {}, (3, 8, 9)),
    ("AdaptiveAvgPool2d", ((1, 1),), {}, (8, 9)),
    ("AdaptiveAvgPool2d", ((1, 1, 1),), {}, (3, 8, 9)),
    ("AdaptiveAvgPool2d", (-1,), {}, (3, 8, 9)),
    ("AdaptiveAvgPool1d", (4,), {}, (2, 3, 9)),
    ("AdaptiveAvgPool1d", (4,), {}, (2, 3, 9, 9)),
    ("AdaptiveAvgPool3d", ((1, None, 2),), {}, (2, 3, 4, 5, 6)),
    ("AdaptiveMaxPool2d", (2, True), {}, (2, 3, 8, 9)),
    ("AdaptiveMaxPool1d", (2,), {}, (2, 3, 8)),
    ("AdaptiveMaxPool3d", ((1, None, 2),), {}, (3, 4, 5, 6)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]) -> None:
    judge_layer(f"torch.nn.{name}", args, kwargs, [shape], device="cpu")


FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("torch.nn.functional.max_pool2d", (T(1, 3, 8, 8), 2), {}),
    ("torch.nn.functional.max_pool2d", (T(1, 3, 8, 8), (2, 2), [2, 1]), {}),
    ("torch.nn.functional.max_pool2d", (T(1, 3, 8, 8), 2), {"return_indices": True, "ceil_mode": True}),
    ("torch.nn.functional.max_pool2d", (T(1, 3, 1, 8), 2), {}),
    ("torch.nn.functional.max_pool2d_with_indices", (T(1, 3, 8, 8), 2), {}),
    ("torch.max_pool2d", (T(1, 3, 8, 8), 2, 1), {}),
    ("torch.max_pool1d", (T(3, 8), 2), {}),
    ("torch.max_pool3d", (T(1, 3, 8, 8, 8), 2), {}),
    ("torch.nn.functional.max_pool1d", (T(1, 3, 8), 3, 2, 1), {}),
    ("torch.nn.functional.avg_pool1d", (T(1, 3, 8), 3, 2, 1), {}),
    ("torch.avg_pool1d", (T(1, 3, 8), 3), {}),
    ("torch.nn.functional.avg_pool2d", (T(1, 3, 8, 8), 3, 2, 1, True), {}),
    ("torch.nn.functional.avg_pool2d", (T(1, 3, 8, 8), 9), {}),
    ("torch.nn.functional.avg_pool3d", (T(3, 8, 8, 8), (1, 2, 2)), {}),
    ("torch.nn.functional.lp_pool1d", (T(3, 8), 2.0, 2), {}),
    ("torch.nn.functional.lp_pool2d", (T(1, 3, 8, 8), 2.0, 2, 1), {}),
    ("torch.nn.functional.adaptive_avg_pool1d", (T(3, 8), 3), {}),
    ("torch.adaptive_avg_pool1d", (T(3, 8), 3), {}),
    ("torch.adaptive_max_pool1d", (T(3, 8), 3), {}),
    ("torch.nn.functional.adaptive_avg_pool2d", (T(1, 3, 8, 8), (1, 1)), {}),
    ("torch.nn.functional.adaptive_avg_pool3d", (T(3, 8, 8, 8), (None, 1, 1)), {}),
    ("torch.nn.functional.adaptive_max_pool2d", (T(1, 3, 8, 8), 2), {"return_indices": True}),
    ("torch.nn.functional.adaptive_max_pool2d_with_indices", (T(1, 3, 8, 8), 2), {}),
    ("torch.nn.functional.fractional_max_pool2d", (T(1, 3, 8, 8), 3, 4), {}),
    ("torch.nn.functional.fractional_max_pool3d", (T(1, 3, 8, 8, 8), 3), {"output_ratio": 0.5}),
    ("torch.nn.functional.max_unpool1d", (T(1, 3, 4), T(1, 3, 4, dtype="int64"), 2), {}),
    ("torch.nn.functional.max_unpool2d", (T(3, 4, 4), T(3, 4, 4, dtype="int64"), 3, 2, 1), {}),
    ("torch.nn.functional.max_unpool3d", (T(1, 3, 4, 4, 4), T(1, 3, 4, 4, 4, dtype="int64"), 2), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), FUNCTIONS)
def test_functions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(name, args, kwargs, device="cpu")


INDICES = T(1, 3, 4, 4, dtype="int64")


@pytest.mark.parametrize(
    ("indices", "size"),
    [
        (INDICES, None),
        (INDICES, (9, 9)),
        (INDICES, (10, 9)),
        (INDICES, (7, 9)),
        (INDICES, (6, 9)),
        (INDICES, (1, 3, 9, 9)),
        (INDICES, (3, 9, 9)),
        (T(1, 3, 4, 5, dtype="int64"), None),
        (T(1, 3, 4, 4), None),
    ],
)
def test_unpool(indices: T, size: tuple[int, ...] | None) -> None:
    judge_layer("torch.nn.MaxUnpool2d", (2,), {}, [T(1, 3, 4, 4), indices], {"output_size": size}, device="cpu")


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 20),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 6),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    ceil_mode=st.booleans(),
)
def test_any_window(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> None:
    judge_function(
        "torch.nn.functional.max_pool2d",
        (T(1, 1, size, size), kernel, stride, padding, dilation, ceil_mode),
        device="cpu",
    )


def test_ceil_mode_is_exact_for_usual_windows() -> None:
    rule = find_rule("torch.nn.functional.max_pool2d")
    assert rule
    h = symbol("h")
    call = CallArgs([values.Tensor(Shape((1, 3, h, h))), 3, 2, 1], {"ceil_mode": True})
    applied = apply(rule, call, Facts())
    assert isinstance(applied.value, values.Tensor)
    assert applied.value.shape.sizes[2] == h // 2 + 1
    assert applied.formula == "ceil((h + 2*1 - 3)/2) + 1 = (h//2) + 1"
