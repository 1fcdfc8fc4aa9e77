"""New tensors against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.dims import Poly, Size, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import open_shape
from torchshape_lint.values import Unknown

X = T(2, 3)


@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "rand", "randn"])
def test_filled(name: str) -> None:
    for sizes in [(2, 3), ((2, 3),), ([2, 3],), ((),), (4,), (torch.Size((2, 0)),), (2, -1), (0,)]:
        judge_function(f"torch.{name}", sizes)
    judge_function(f"torch.{name}", (2,), {"dtype": torch.float64})
    judge_function(f"torch.{name}", (), {"size": (2, 3)})
    judge_function(f"torch.{name}", (), {"size": ()})


@pytest.mark.parametrize(
    ("name", "args", "keywords"),
    [
        ("full", ((2, 3), 1), {}),
        ("full", ((2, 3), 1.0), {}),
        ("full", ((2, 3), True), {}),
        ("full", ((2, 3), 1.0), {"dtype": torch.int32}),
        ("full", ((2, -3), 1.0), {}),
        ("randint", (5, (2, 3)), {}),
        ("randint", (0, 5, (2, 3)), {}),
        ("randint", (5,), {"size": (2, 3)}),
        ("randint", (), {"low": 0, "high": 5, "size": (2, 3)}),
        ("randint", (0, 5, [2, 3]), {"dtype": torch.int32}),
        ("randperm", (5,), {}),
        ("eye", (3,), {}),
        ("eye", (3, 4), {}),
        ("eye", (3, -4), {}),
        ("arange", (5,), {}),
        ("arange", (2, 7), {}),
        ("arange", (2, 7, 2), {}),
        ("arange", (2, 8, 2), {}),
        ("arange", (7, 2, -1), {}),
        ("arange", (7, 2), {}),
        ("arange", (2, 7, 0), {}),
        ("arange", (2.5,), {}),
        ("arange", (0, 1, 0.1), {}),
        ("arange", (0, 2, 0.5), {}),
        ("arange", (1, 0, 0.5), {}),
        ("arange", (0, 6, 2), {"dtype": torch.float32}),
        ("arange", (), {"start": 0, "end": 6, "step": 4}),
        ("arange", (0,), {}),
        ("linspace", (0, 1, 5), {}),
        ("linspace", (0, 1), {"steps": 5}),
        ("linspace", (0, 1, -5), {}),
        ("logspace", (0, 1, 5), {}),
        ("hann_window", (5,), {}),
        ("tensor", (1,), {}),
        ("tensor", (1.0,), {}),
        ("tensor", ([1, 2],), {}),
        ("tensor", ([1, 2.0],), {}),
        ("tensor", ([True, False],), {}),
        ("tensor", ([True, 1],), {}),
        ("tensor", ([[1, 2, 3], [4, 5, 6]],), {}),
        ("tensor", (((1, 2), (3, 4)),), {}),
        ("tensor", ([],), {}),
        ("tensor", ([[]],), {}),
        ("tensor", ([[1], [2]],), {"dtype": torch.float64}),
        ("as_tensor", ([[1.0, 2.0]],), {}),
        ("as_tensor", (X,), {}),
        ("zeros_like", (X,), {}),
        ("ones_like", (X,), {"dtype": torch.int64}),
        ("randn_like", (X,), {}),
        ("full_like", (X, 1), {}),
        ("randint_like", (X, 5), {}),
        ("randint_like", (X, 0, 5), {}),
        ("normal", (0.0, 1.0, (2, 3)), {}),
        ("normal", (0.0, 1.0), {"size": (2, 3)}),
        ("normal", (X, 1.0), {}),
        ("normal", (X, X), {}),
        ("multinomial", (X, 2), {}),
        ("multinomial", (X, 4, True), {}),
        ("multinomial", (T(3), 2), {}),
        ("multinomial", (T(2, 3, 4), 2), {}),
        ("Tensor.new_zeros", (X, 4, 5), {}),
        ("Tensor.new_ones", (X, (4, 5)), {}),
        ("Tensor.new_full", (X, (4, 5), 1), {}),
        ("Tensor.new_empty", (X, 4), {"dtype": torch.int32}),
        ("Tensor.new_zeros", (X, -1), {}),
    ],
    ids=str,
)
def test_function(name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    judge_function(f"torch.{name}", args, keywords)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["Tensor", "FloatTensor", "LongTensor", "DoubleTensor"])
@pytest.mark.parametrize("args", [(2, 3), (3,), (), ([1, 2],), ([[1, 2], [3, 4]],), (((1, 2), (3, 4)),)], ids=str)
def test_constructors(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")


@pytest.mark.parametrize("args", [((1, 2),), ([[1], [2, 3]],), ([T(3), T(3)],)], ids=str)
def test_what_may_be_sizes_or_data_is_not_known(args: tuple[Any, ...]) -> None:
    judge_function("torch.Tensor", args, device="cpu", unknown=True, missed=True)


@pytest.mark.parametrize("index", ["tril_indices", "triu_indices"])
def test_triangles(index: str) -> None:
    judge_function(f"torch.{index}", (3, 4), unknown=True)
    judge_function(f"torch.{index}", (3, 4, -1), unknown=True)


def test_more_samples_than_there_are() -> None:
    judge_function("torch.multinomial", (X, 4), device="cpu")  # the meta device lets it pass


def sizes(name: str, *args: Any) -> tuple[Size, ...]:
    rule = find_rule(name)
    assert rule
    applied = apply(rule, CallArgs(args), Facts())
    assert isinstance(applied.value, values.Tensor)
    assert not applied.broken
    return applied.value.shape.sizes


def test_named_sizes() -> None:
    n = symbol("n")
    assert sizes("torch.arange", n) == (n,)
    assert sizes("torch.arange", 0, 2 * n, 2) == (n,)
    assert sizes("torch.arange", 1, n) == (n - 1,)
    assert sizes("torch.zeros", n, 3) == (n, 3)
    assert isinstance(sizes("torch.arange", Unknown("?"))[0], Poly)
    assert sizes("torch.tensor", (n, 2)) == (2,)


def test_sizes_of_unknown_rank() -> None:
    rule = find_rule("torch.zeros")
    assert rule
    x = open_shape(4)
    value = apply(rule, CallArgs((x,)), Facts()).value
    assert isinstance(value, values.Tensor)
    assert value.shape == x
    assert isinstance(apply(rule, CallArgs((Unknown("?"),)), Facts()).value, Unknown)
    assert isinstance(apply(rule, CallArgs((Unknown("?"), 3)), Facts()).value, values.Tensor)
