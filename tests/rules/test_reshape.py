"""view, reshape, flatten, unflatten, squeeze, unsqueeze, expand and repeat against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.codes import NUMEL
from torchshape_lint.dims import Size, fresh, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape

X = T(2, 3, 4, 5)
VIEWS: list[tuple[Any, ...]] = [
    (120,), (-1,), (2, -1), (-1, 60), (6, 20), (6, -1, 5), (2, 60), (7, -1), (-1, -1), (-2, 60), (0, -1), (2, 61),
    (2, 3, 4, 5, 1), (1, -1), ((2, 60),), ([2, -1],), (torch.Size((6, 20)),), (2, 3, 20), (-1, 20), (-1, 0), (120, 0),
]  # fmt: skip


@pytest.mark.parametrize("sizes", VIEWS, ids=str)
def test_view(sizes: tuple[Any, ...]) -> None:
    judge_function("torch.Tensor.view", (X, *sizes))
    judge_function("torch.Tensor.reshape", (X, *sizes))


@pytest.mark.parametrize(
    ("x", "sizes"),
    [(T(0, 3), (-1, 3)), (T(0, 3), (-1, 0)), (T(0, 3), (0,)), (T(0, 3), (3, -1)), (T(0, 3), (2, 0)), (T(), (1,)),
     (T(), (-1,)), (T(), ((),)), (T(1), ((),)), (T(2), ((),)), (T(0, 3), (5, 5))],
    ids=str,
)  # fmt: skip
def test_view_of_odd_tensors(x: T, sizes: tuple[Any, ...]) -> None:
    judge_function("torch.Tensor.view", (x, *sizes))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.reshape", (X, (2, -1))),
        ("torch.reshape", (X, (7, -1))),
        ("torch.Tensor.view", (X, torch.int32)),
        ("torch.Tensor.view", (X, torch.int64)),
        ("torch.Tensor.view", (T(2, 4), torch.float64)),
        ("torch.Tensor.view", (T(2, 4), torch.uint8)),
        ("torch.Tensor.view_as", (X, T(6, 20))),
        ("torch.Tensor.view_as", (X, T(6, 21))),
        ("torch.Tensor.reshape_as", (X, T(120))),
        ("torch.flatten", (X,)),
        ("torch.flatten", (X, 1)),
        ("torch.flatten", (X, 1, 2)),
        ("torch.flatten", (X, -2)),
        ("torch.flatten", (X, -3, -2)),
        ("torch.flatten", (X, 0, -2)),
        ("torch.flatten", (X, 2, 1)),
        ("torch.flatten", (X, 4)),
        ("torch.flatten", (X, 1, 4)),
        ("torch.flatten", (X, -1, 3)),
        ("torch.flatten", (T(),)),
        ("torch.flatten", (T(3), 1)),
        ("torch.flatten", (T(3), 0)),
        ("torch.Tensor.flatten", (X, 2, 2)),
        ("torch.ravel", (X,)),
        ("torch.unflatten", (X, 2, (2, 2))),
        ("torch.unflatten", (X, 2, (2, -1))),
        ("torch.unflatten", (X, -2, (-1, 1, 2))),
        ("torch.unflatten", (X, 2, (3, 2))),
        ("torch.unflatten", (X, 2, (-1, 3))),
        ("torch.Tensor.unflatten", (X, 4, (3, 2))),
        ("torch.squeeze", (T(1, 3, 1, 5),)),
        ("torch.squeeze", (T(1, 3, 1, 5), 0)),
        ("torch.squeeze", (T(1, 3, 1, 5), -2)),
        ("torch.squeeze", (T(1, 3, 1, 5), 1)),
        ("torch.squeeze", (T(1, 3, 1, 5), (0, 2))),
        ("torch.squeeze", (T(1, 3, 1, 5), (0, 1, 2))),
        ("torch.squeeze", (T(1, 3, 1, 5), (0, 0))),
        ("torch.squeeze", (T(1, 3, 1, 5), (0, -4))),
        ("torch.squeeze", (T(1, 3, 1, 5), 4)),
        ("torch.squeeze", (T(), 0)),
        ("torch.squeeze", (T(), 1)),
        ("torch.squeeze", (T(),)),
        ("torch.unsqueeze", (X, 0)),
        ("torch.unsqueeze", (X, 4)),
        ("torch.unsqueeze", (X, -1)),
        ("torch.unsqueeze", (X, -3)),
        ("torch.unsqueeze", (X, -5)),
        ("torch.unsqueeze", (X, 5)),
        ("torch.unsqueeze", (T(), 0)),
        ("torch.unsqueeze", (T(), 1)),
        ("torch.Tensor.expand", (T(1, 3), 2, 3)),
        ("torch.Tensor.expand", (T(1, 3), -1, 3)),
        ("torch.Tensor.expand", (T(1, 3), 4, -1, 3)),
        ("torch.Tensor.expand", (T(1, 3), (4, 5, -1))),
        ("torch.Tensor.expand", (T(1, 3), 0, 3)),
        ("torch.Tensor.expand", (T(1, 3), -1, 1, 3)),
        ("torch.Tensor.expand", (T(1, 3), 1, 4)),
        ("torch.Tensor.expand", (T(1, 3), 3)),
        ("torch.Tensor.expand", (T(), 3)),
        ("torch.Tensor.expand_as", (T(1, 3), T(4, 3))),
        ("torch.Tensor.expand_as", (T(1, 3), T(4, 2))),
        ("torch.broadcast_to", (T(3), (2, 3))),
        ("torch.broadcast_to", (T(3), (3, 2))),
        ("torch.Tensor.repeat", (T(2, 3), 4, 2)),
        ("torch.Tensor.repeat", (T(2, 3), (5, 4, 2))),
        ("torch.Tensor.repeat", (T(2, 3), 4)),
        ("torch.Tensor.repeat", (T(2, 3), 4, 0)),
        ("torch.Tensor.repeat", (T(2, 3), 4, -1)),
        ("torch.Tensor.repeat", (T(), 4)),
        ("torch.tile", (T(2, 3), (2,))),
        ("torch.tile", (T(2, 3), (2, 2, 2))),
        ("torch.Tensor.tile", (T(2, 3), 2, 3)),
        ("torch.repeat_interleave", (T(2, 3), 2)),
        ("torch.repeat_interleave", (T(2, 3), 2, 1)),
        ("torch.repeat_interleave", (T(2, 3), 2, -2)),
        ("torch.repeat_interleave", (T(2, 3), 2, 2)),
        ("torch.repeat_interleave", (T(2, 3), -2, 1)),
    ],
    ids=str,
)
def test_function(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args)


def test_repeat_interleave_by_a_tensor() -> None:
    judge_function("torch.repeat_interleave", (T(2, 3), T(2, dtype="int64"), 0), device="cpu", unknown=True)
    judge_function("torch.repeat_interleave", (T(2, 3), T(3, dtype="int64"), 0), device="cpu")


@pytest.mark.parametrize(
    ("name", "inits", "call"),
    [
        ("torch.nn.Flatten", (), (2, 3, 4)),
        ("torch.nn.Flatten", (), (2,)),
        ("torch.nn.Flatten", (0,), (2, 3, 4)),
        ("torch.nn.Flatten", (1, 2), (2, 3, 4, 5)),
        ("torch.nn.Flatten", (-2, -1), (2, 3, 4, 5)),
        ("torch.nn.Unflatten", (1, (2, 3)), (5, 6, 7)),
        ("torch.nn.Unflatten", (1, (2, 4)), (5, 6, 7)),
        ("torch.nn.Unflatten", (-1, (7, -1)), (5, 6, 7)),
    ],
    ids=str,
)
def test_layer(name: str, inits: tuple[Any, ...], call: tuple[int, ...]) -> None:
    judge_layer(name, inits, call=(call,))


def run(name: str, x: Shape, *args: Any, facts: Facts | None = None) -> Applied:
    rule = find_rule(name)
    assert rule
    return apply(rule, CallArgs((values.Tensor(x), *args), words={0: "x"}), facts or Facts())


def result(applied: Applied) -> values.Tensor:
    assert isinstance(applied.value, values.Tensor)
    return applied.value


N = symbol("n")


def test_message_says_both_counts() -> None:
    (broken,) = run("torch.Tensor.view", Shape((N, 4, 7, 7)), N, 200).broken
    assert broken.code is NUMEL
    assert broken.words() == "x has 196*n elements (n, 4, 7, 7), which cannot be viewed as (n, 200)"


@pytest.mark.parametrize("sizes", [(N, -1), (-1, 196), (N, 196), (N, 2, -1, 49)], ids=str)
def test_known_features_of_any_batch(sizes: tuple[Size, ...]) -> None:
    applied = run("torch.Tensor.view", Shape((N, 4, 7, 7)), *sizes)
    assert not applied.assumed
    assert not applied.broken
    assert result(applied).shape.sizes in ((N, 196), (N, 2, 2, 49))


def test_folded_axes_are_remembered() -> None:
    x = Shape((N, 4, 7, 7))
    for name, args in (("view", (N, -1)), ("view", (-1, 196)), ("flatten", (1,)), ("reshape", (N, 196))):
        assert result(run(f"torch.Tensor.{name}", x, *args)).folded == (4, 7, 7)
    assert result(run("torch.Tensor.view", Shape((N, 1, 28, 28)), -1, 784)).folded == (1, 28, 28)
    assert result(run("torch.Tensor.view", x, -1, 98)).folded is None


def test_a_size_that_may_be_minus_one_is_worked_out() -> None:
    k = fresh("k", None)
    applied = run("torch.Tensor.view", Shape((N, 4, 7, 7)), N, k)
    assert result(applied).shape.sizes == (N, 196)
    assert not run("torch.Tensor.view", Shape((2, 3)), k, fresh("j", None)).broken
    assert run("torch.Tensor.view", Shape((2, 3)), k, fresh("j", None), 4).broken


def test_heads() -> None:
    t, d, heads = symbol("t"), symbol("d"), symbol("heads")
    x = Shape((N, t, d))
    assert result(run("torch.Tensor.view", x, N, t, heads, -1)).shape.sizes == (N, t, heads, d // heads)
    split = result(run("torch.Tensor.view", x, N, t, heads, d // heads))
    assert split.shape.sizes == (N, t, heads, d // heads)
    facts = Facts()
    run("torch.Tensor.view", Shape((N, t, 512)), N, t, 8, d, facts=facts)
    assert facts.size(d) == 64


def test_unknown_rank_keeps_its_front() -> None:
    x = open_shape(N, 512)
    shape = result(run("torch.Tensor.view", x, Shape((N, 8, -1), x.lead))).shape
    assert shape == Shape((N, 8, 64), x.lead)
    assert result(run("torch.Tensor.flatten", x, -2)).shape == Shape((512 * N,), x.lead)
    assert result(run("torch.Tensor.flatten", x, 1)).shape.rank == 2
    assert result(run("torch.Tensor.unsqueeze", x, -1)).shape == Shape((N, 512, 1), x.lead)


def test_a_squeeze_of_any_batch_leaves_the_rank_open() -> None:
    shape = result(run("torch.squeeze", Shape((N, 1, 28)))).shape
    assert shape.is_open
    assert shape.sizes == (28,)
    assert result(run("torch.squeeze", Shape((N + 1, 1, 28)))).shape.sizes == (N + 1, 28)
