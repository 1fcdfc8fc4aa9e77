"""Convolutions and transposed convolutions against torch (on the CPU: the meta device lets odd arguments pass)."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.dims import Poly, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.layers import build_layer
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Shape, open_shape

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Conv2d", (3, 4, 3), {}, (2, 3, 8, 9)),
    ("Conv2d", (3, 4, 3), {}, (3, 8, 9)),
    ("Conv2d", (3, 4, 3), {}, (0, 3, 8, 9)),
    ("Conv2d", (3, 4, 3), {}, (2, 4, 8, 9)),
    ("Conv2d", (3, 4, 3), {}, (8, 9)),
    ("Conv2d", (3, 4, 3), {}, (1, 1, 3, 8, 9)),
    ("Conv2d", (3, 4, (3, 1)), {"stride": (2, 1), "padding": (1, 0), "dilation": (2, 1)}, (1, 3, 11, 7)),
    ("Conv2d", (3, 4, 3), {"padding": "same"}, (1, 3, 5, 6)),
    ("Conv2d", (3, 4, 4), {"padding": "same", "dilation": 3}, (1, 3, 5, 6)),
    ("Conv2d", (3, 4, 3), {"padding": "same", "stride": 2}, (1, 3, 5, 6)),
    ("Conv2d", (3, 4, 3), {"padding": "valid", "stride": 2}, (1, 3, 5, 6)),
    ("Conv2d", (3, 4, 3), {"padding": "full"}, (1, 3, 5, 6)),
    ("Conv2d", (3, 4, 7), {"padding": 1}, (1, 3, 4, 9)),
    ("Conv2d", (3, 4, 7), {"padding": 1}, (1, 3, 5, 9)),
    ("Conv2d", (3, 4, 3), {"dilation": 3}, (1, 3, 6, 9)),
    ("Conv2d", (8, 4, 3), {"groups": 4, "bias": False}, (1, 8, 6, 9)),
    ("Conv2d", (8, 4, 3), {"groups": 4}, (1, 2, 6, 9)),
    ("Conv2d", (8, 8, 3), {"groups": 8}, (1, 8, 6, 9)),
    ("Conv2d", (6, 4, 3), {"groups": 4}, (1, 6, 6, 9)),
    ("Conv2d", (8, 6, 3), {"groups": 4}, (1, 8, 6, 9)),
    ("Conv2d", (8, 6, 3), {"groups": 0}, (1, 8, 6, 9)),
    ("Conv2d", (-1, 6, 3), {}, (1, 8, 6, 9)),
    ("Conv2d", (3, 6, 3), {"stride": 0}, (1, 3, 6, 9)),
    ("Conv2d", (3, 6, 3), {"padding": -1}, (1, 3, 6, 9)),
    ("Conv2d", (3, 6, 3), {"dilation": 0}, (1, 3, 6, 9)),
    ("Conv2d", (3, 6, 0), {}, (1, 3, 6, 9)),
    ("Conv2d", (3, 6, 3), {"padding": 3, "padding_mode": "reflect"}, (1, 3, 4, 9)),
    ("Conv2d", (3, 6, 3), {"padding": 4, "padding_mode": "reflect"}, (1, 3, 4, 9)),
    ("Conv2d", (3, 6, 3), {"padding": 4, "padding_mode": "circular"}, (1, 3, 4, 9)),
    ("Conv2d", (3, 6, 3), {"padding": 5, "padding_mode": "circular"}, (1, 3, 4, 9)),
    ("Conv2d", (3, 6, 3), {"padding": 5, "padding_mode": "replicate"}, (3, 4, 9)),
    ("Conv2d", (3, 6, 3), {"padding_mode": "constant"}, (3, 4, 9)),
    ("Conv1d", (3, 4, 3), {"padding": 1}, (2, 3, 8)),
    ("Conv1d", (3, 4, 3), {"padding": 1}, (3, 8)),
    ("Conv1d", (3, 4, 3), {"padding": 1}, (2, 3, 8, 8)),
    ("Conv1d", (3, 4, 9), {"padding": 1}, (3, 6)),
    ("Conv3d", (3, 4, (1, 3, 3)), {"padding": (0, 1, 1)}, (2, 3, 4, 8, 8)),
    ("Conv3d", (3, 4, 3), {"padding": "same", "padding_mode": "reflect"}, (3, 4, 8, 8)),
    ("Conv3d", (3, 4, 3), {}, (3, 8, 8)),
    ("LazyConv2d", (4, 3), {"padding": 1}, (2, 5, 8, 9)),
    ("LazyConv2d", (4, 3), {"groups": 2}, (2, 6, 8, 9)),
    ("LazyConv2d", (4, 3), {"groups": 2}, (2, 5, 8, 9)),
    ("LazyConv1d", (4, 3), {}, (2, 5, 2)),
    ("ConvTranspose2d", (4, 6, 3, 2, 1, 1), {}, (1, 4, 5, 6)),
    ("ConvTranspose2d", (4, 6, 2, 2), {}, (4, 5, 6)),
    ("ConvTranspose2d", (4, 6, 2, 2), {}, (1, 6, 5, 6)),
    ("ConvTranspose2d", (4, 6, 3, 2, 1, 2), {}, (1, 4, 5, 6)),
    ("ConvTranspose2d", (4, 6, 3, 2, 1, 2), {"dilation": 3}, (1, 4, 5, 6)),
    ("ConvTranspose2d", (4, 6, 3, (2, 4), 1, 3), {"dilation": (4, 1)}, (1, 4, 5, 6)),
    ("ConvTranspose2d", (4, 6, 3, 1, 3), {}, (1, 4, 2, 6)),
    ("ConvTranspose2d", (4, 6, 2, 1, 1), {}, (1, 4, 1, 6)),
    ("ConvTranspose2d", (4, 6, 3), {"groups": 2}, (1, 4, 5, 5)),
    ("ConvTranspose2d", (4, 6, 3), {"groups": 4}, (1, 4, 5, 5)),
    ("ConvTranspose2d", (4, 6, 3), {"padding_mode": "reflect"}, (1, 4, 5, 5)),
    ("ConvTranspose1d", (4, 6, 4, 2, 1), {}, (1, 4, 5)),
    ("ConvTranspose3d", (4, 6, 2, 2), {"bias": False}, (1, 4, 3, 4, 5)),
    ("LazyConvTranspose2d", (6, 3), {"groups": 2}, (1, 4, 5, 5)),
    ("LazyConvTranspose2d", (6, 3), {"groups": 2}, (1, 5, 5, 5)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]) -> None:
    judge_layer(f"torch.nn.{name}", args, kwargs, [shape], device="cpu")


@pytest.mark.parametrize("size", [(9, 9), (10, 10), (9, 10), (11, 10), (8, 9), (7, 6, 9, 9), (6, 9, 9)])
@pytest.mark.parametrize("shape", [(1, 4, 5, 5), (4, 5, 5)])
def test_output_size(size: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Only what a convolution could have come from; leading batch and channel sizes are dropped."""
    judge_layer("torch.nn.ConvTranspose2d", (4, 6, 3, 2, 1), {}, [shape], {"output_size": list(size)}, device="cpu")


FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("conv2d", (T(2, 3, 8, 8), T(4, 3, 3, 3)), {}),
    ("conv2d", (T(2, 3, 8, 8), T(4, 3, 3, 3), T(4), 2, 1), {}),
    ("conv2d", (T(2, 3, 8, 8), T(4, 3, 3, 3), T(5)), {}),
    ("conv2d", (T(2, 3, 8, 8), T(4, 3, 3, 3), T(4, 1)), {}),
    ("conv2d", (T(2, 4, 8, 8), T(4, 2, 3, 3)), {"groups": 2}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 2, 3, 3)), {"groups": 2}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 2, 3, 3)), {}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 2, 3)), {}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 4, 3, 3)), {"padding": "same"}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 4, 3, 3)), {"padding": "same", "stride": 2}),
    ("conv2d", (T(2, 4, 8, 8), T(3, 4, 3, 3)), {"stride": [2, 1]}),
    ("conv1d", (T(2, 4, 8), T(3, 4, 3)), {"padding": "valid", "stride": 2}),
    ("conv3d", (T(4, 8, 8, 8), T(3, 4, 3, 3, 3)), {"padding": 1}),
    ("conv_transpose2d", (T(1, 4, 5, 5), T(4, 3, 3, 3), T(3), 3, 1, (1, 2)), {}),
    ("conv_transpose2d", (T(1, 4, 5, 5), T(4, 3, 3, 3), T(5)), {}),
    ("conv_transpose2d", (T(1, 4, 5, 5), T(4, 3, 3, 3), T(6)), {"groups": 2}),
    ("conv_transpose2d", (T(1, 4, 5, 5), T(4, 3, 3, 3)), {"groups": 3}),
    ("conv_transpose2d", (T(1, 4, 5, 5), T(4, 3, 3, 3), None, 3, 1, -1), {}),
    ("conv_transpose1d", (T(4, 5), T(4, 3, 3)), {}),
    ("conv_transpose3d", (T(1, 3, 5, 5, 5), T(4, 3, 3, 3, 3)), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), FUNCTIONS)
@pytest.mark.parametrize("module", ["torch.nn.functional", "torch"])
def test_functions(module: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(f"{module}.{name}", args, kwargs, device="cpu")


def _call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: Shape, **fields: Any) -> Any:
    make, rule = find_layer(name), find_rule(name)
    assert make and rule
    facts = Facts()
    layer, _ = build_layer(make, CallArgs(args, kwargs), facts)
    assert layer
    layer.fields.update(fields)
    return apply(rule, CallArgs([values.Tensor(shape)], words={0: "x"}), facts, layer)


def test_words() -> None:
    applied = _call("torch.nn.Conv2d", (8, 4, 3), {}, Shape((1, 6, 28, 28)))
    assert [need.words() for need in applied.broken] == ["axis 1 of x is 6, but in_channels is 8"]
    applied = _call("torch.nn.Conv2d", (3, 4, 7), {"padding": 1}, Shape((1, 3, 4, 28)))
    assert [need.words() for need in applied.broken] == ["axis 2 of x is 4 (6 with padding), but kernel_size is 7"]


@pytest.mark.parametrize(
    ("kwargs", "formula"),
    [
        ({"padding": 1}, "(28 + 2*1 - 3)//1 + 1 = 28"),
        ({"dilation": 2}, "(28 + 2*0 - 2*(3 - 1) - 1)//1 + 1 = 24"),
        ({"stride": (2, 1)}, "(28 + 2*0 - 3)//2 + 1 = 13, (28 + 2*0 - 3)//1 + 1 = 26"),
        ({"padding": "same"}, ""),
    ],
)
def test_formula(kwargs: dict[str, Any], formula: str) -> None:
    assert _call("torch.nn.Conv2d", (1, 4, 3), kwargs, Shape((1, 1, 28, 28))).formula == ", ".join(
        filter(None, (formula, "weight (4, 1, 3, 3)"))
    )


def test_symbolic_sizes_stay_exact() -> None:
    h = symbol("h")
    applied = _call("torch.nn.Conv2d", (1, 4, 4, 2, 1), {}, Shape((symbol("n"), 1, h, 2 * h)))
    assert applied.value.shape.sizes[2:] == (h // 2, h)
    assert isinstance(h, Poly)


def test_unknown_rank_keeps_what_is_known() -> None:
    shape = open_shape(28, 28)
    applied = _call("torch.nn.Conv2d", (1, 4, 3), {}, shape)
    assert applied.value.shape.is_open and applied.value.shape.sizes == (4, 26, 26)


def test_unknown_padding_leaves_channels() -> None:
    applied = _call("torch.nn.Conv2d", (1, 4, 3), {"padding": values.Unknown("computed")}, Shape((2, 1, 28, 28)))
    assert applied.value.shape.sizes[:2] == (2, 4) and all(isinstance(s, Poly) for s in applied.value.shape.sizes[2:])


def test_replaced_weight_decides() -> None:
    """torch looks at the weight, not at in_channels."""
    weight = values.Tensor(Shape((2, 3, 3, 3)))
    applied = _call("torch.nn.Conv2d", (1, 2, 3), {}, Shape((3, 5, 5)), weight=weight)
    assert not applied.broken and applied.value.shape.sizes == (2, 3, 3)
    wrong = values.Tensor(Shape((6, 3, 3)))
    applied = _call("torch.nn.Conv2d", (1, 2, 3), {}, Shape((3, 5, 5)), weight=wrong)
    assert [need.words() for need in applied.broken] == ["weight has 3 axes (6, 3, 3), but 4 are needed"]
    conv = torch.nn.Conv2d(1, 2, 3)
    conv.weight = torch.nn.Parameter(torch.zeros(6, 3, 3))
    with pytest.raises(RuntimeError):
        conv(torch.zeros(3, 5, 5))


def test_lazy_learns_once() -> None:
    make, rule = find_layer("torch.nn.LazyConv2d"), find_rule("torch.nn.LazyConv2d")
    assert make and rule
    facts = Facts()
    layer, _ = build_layer(make, CallArgs((4, 3)), facts)
    for channels, broken in ((5, False), (5, False), (6, True)):
        applied = apply(rule, CallArgs([values.Tensor(Shape((1, channels, 8, 8)))]), facts, layer)
        assert bool(applied.broken) is broken
