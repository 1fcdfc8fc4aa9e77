"""Fold and unfold against torch on the CPU."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Unfold", (3,), {}, (1, 2, 5, 6)),
    ("Unfold", (3,), {}, (2, 5, 6)),
    ("Unfold", (3,), {}, (5, 6)),
    ("Unfold", (3,), {}, (1, 1, 1, 5, 6)),
    ("Unfold", ((3, 2), 1, (1, 0), (2, 1)), {}, (1, 2, 5, 6)),
    ("Unfold", (3,), {"dilation": 2, "padding": 1}, (1, 2, 5, 6)),
    ("Unfold", (6,), {}, (1, 2, 5, 6)),
    ("Unfold", (2,), {"padding": -1}, (1, 2, 5, 6)),
    ("Fold", ((5, 6), 3), {}, (1, 18, 12)),
    ("Fold", ((5, 6), 3), {}, (18, 12)),
    ("Fold", ((5, 6), 3), {}, (1, 18, 13)),
    ("Fold", ((5, 6), 3), {}, (1, 17, 12)),
    ("Fold", ((5, 6), 3), {}, (1, 1, 18, 12)),
    ("Fold", (5, 3), {"stride": 2}, (1, 18, 4)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]) -> None:
    judge_layer(f"torch.nn.{name}", args, kwargs, [shape], device="cpu")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("unfold", (T(1, 2, 5, 6), 3)),
        ("unfold", (T(1, 2, 5, 6), (3, 2), 1, 1, 2)),
        ("fold", (T(1, 18, 12), (5, 6), 3)),
        ("fold", (T(1, 18, 12), 5, 3)),
    ],
)
def test_functions(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.nn.functional.{name}", args, device="cpu")
