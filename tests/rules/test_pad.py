"""Padding against torch on the CPU."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer

SIDES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((2, 3, 4), (1, 1)),
    ((3, 4), (1, 2)),
    ((4,), (1, 1)),
    ((2, 3, 4, 4), (1, 1)),
    ((2, 3, 4), (1, 1, 1, 1)),
    ((2, 3, 4, 4), (3, 3, 3, 3)),
    ((2, 3, 4, 4), (4, 4, 4, 4)),
    ((2, 3, 4, 4), (5, 5, 5, 5)),
    ((2, 3, 4, 4), (-1, -1, 0, 1)),
    ((2, 3, 4, 4), (-1, -1, -2, -2)),
    ((2, 3, 4, 4), (-1, -1, -2, -3)),
    ((2, 3, 4, 4, 4), (1,) * 6),
    ((3, 4, 4, 4), (1,) * 6),
    ((2, 3, 4, 4, 4), (1,) * 4),
    ((2, 3, 4), (1, 2, 3)),
    ((4, 4), (1, 1, 1, 1)),
    ((2, 3, 4), (-2, 5)),
    ((2, 3, 4), (3, -3)),
    ((2, 3), (1, 1, 1, 1, 1, 1)),
]


@pytest.mark.parametrize(("shape", "pad"), SIDES)
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad(shape: tuple[int, ...], pad: tuple[int, ...], mode: str) -> None:
    judge_function("torch.nn.functional.pad", (T(*shape), pad, mode), device="cpu")


LAYERS: list[tuple[str, tuple[Any, ...], tuple[int, ...]]] = [
    ("ZeroPad1d", (1,), (4,)),
    ("ZeroPad2d", (1,), (1, 3, 4, 5)),
    ("ZeroPad2d", ((1, 2, 3, 4),), (1, 3, 4, 5)),
    ("ZeroPad2d", (1,), (4,)),
    ("ZeroPad3d", ((1, -2, 0, 0, 1, 1),), (1, 3, 4, 5, 6)),
    ("ConstantPad1d", (2, 0.5), (3, 4)),
    ("ConstantPad3d", (1, 0), (4, 4)),
    ("ReflectionPad1d", (2,), (3, 4)),
    ("ReflectionPad2d", ((1, 2, 3, 0),), (3, 4, 4)),
    ("ReflectionPad2d", (4,), (1, 3, 4, 4)),
    ("ReflectionPad2d", (1,), (4, 4)),
    ("ReflectionPad3d", (1,), (1, 3, 4, 4, 4)),
    ("ReplicationPad1d", (9,), (3, 4)),
    ("ReplicationPad2d", (1,), (1, 3, 4, 4)),
    ("ReplicationPad3d", (1,), (3, 4, 4, 4)),
    ("CircularPad1d", (4,), (3, 4)),
    ("CircularPad2d", (5,), (1, 3, 4, 4)),
    ("CircularPad2d", (1,), (4, 4)),
    ("CircularPad3d", (1,), (1, 3, 4, 4, 4)),
]


@pytest.mark.parametrize(("name", "args", "shape"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    judge_layer(f"torch.nn.{name}", args, {}, [shape], device="cpu")


def test_formula() -> None:
    assert judge_function("torch.nn.functional.pad", (T(2, 3), (1, 2))).formula == "3 + 1 + 2 = 6"
