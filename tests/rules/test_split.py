"""split, chunk, tensor_split, unbind, unfold, narrow and select against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.codes import SPLIT
from torchshape_lint.dims import Size, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape

X = T(2, 7, 6)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.split", (X, 3, 1)),
        ("torch.split", (X, 3, -1)),
        ("torch.split", (X, 9, 1)),
        ("torch.split", (X, 1)),
        ("torch.split", (X, 0, 1)),
        ("torch.split", (X, -1, 1)),
        ("torch.split", (X, 3, 3)),
        ("torch.split", (T(0, 2), 3)),
        ("torch.split", (T(0, 2), 0)),
        ("torch.split", (T(), 1)),
        ("torch.split", (X, [3, 4], 1)),
        ("torch.split", (X, (3, 4), -2)),
        ("torch.split", (X, [3, 3], 1)),
        ("torch.split", (X, [3, 5], 1)),
        ("torch.split", (X, [3, -3, 7], 1)),
        ("torch.split", (X, [7, 0], 1)),
        ("torch.Tensor.split", (X, 2, 2)),
        ("torch.split_with_sizes", (X, [3, 4], 1)),
        ("torch.chunk", (X, 3, 1)),
        ("torch.chunk", (X, 5, 1)),
        ("torch.chunk", (X, 3, -1)),
        ("torch.chunk", (X, 9, 2)),
        ("torch.chunk", (X, 0, 2)),
        ("torch.chunk", (X, 1, 3)),
        ("torch.chunk", (T(0, 2), 3)),
        ("torch.chunk", (T(), 3)),
        ("torch.tensor_split", (X, 3, 1)),
        ("torch.tensor_split", (X, 9, 1)),
        ("torch.tensor_split", (X, 0, 1)),
        ("torch.tensor_split", (X, (2, 5), 1)),
        ("torch.tensor_split", (X, (5, 2, -1), 1)),
        ("torch.tensor_split", (X, (2, 50), 1)),
        ("torch.hsplit", (T(4, 6), 3)),
        ("torch.hsplit", (T(4, 6), 4)),
        ("torch.hsplit", (T(4), 2)),
        ("torch.vsplit", (T(4, 6), (1, 2))),
        ("torch.vsplit", (T(4), 2)),
        ("torch.dsplit", (X, 2)),
        ("torch.dsplit", (X, 4)),
        ("torch.unbind", (X,)),
        ("torch.unbind", (X, -1)),
        ("torch.unbind", (X, 3)),
        ("torch.unbind", (T(),)),
        ("torch.Tensor.unfold", (X, 1, 3, 2)),
        ("torch.Tensor.unfold", (X, -1, 3, 1)),
        ("torch.Tensor.unfold", (X, 1, 8, 2)),
        ("torch.Tensor.unfold", (X, 1, 3, 0)),
        ("torch.Tensor.unfold", (X, 3, 3, 1)),
        ("torch.Tensor.unfold", (T(), 0, 1, 1)),
        ("torch.Tensor.unfold", (T(), 0, 2, 1)),
        ("torch.narrow", (X, 1, 2, 5)),
        ("torch.narrow", (X, 1, -2, 2)),
        ("torch.narrow", (X, 1, -2, 3)),
        ("torch.narrow", (X, 1, 7, 0)),
        ("torch.narrow", (X, 1, 8, 0)),
        ("torch.narrow", (X, 1, -8, 1)),
        ("torch.narrow", (X, 1, 2, 6)),
        ("torch.narrow", (X, 1, 2, -1)),
        ("torch.narrow", (T(), 0, 0, 0)),
        ("torch.select", (X, 1, 6)),
        ("torch.select", (X, 1, 7)),
        ("torch.select", (X, -1, -6)),
        ("torch.select", (X, -1, -7)),
        ("torch.select", (T(), 0, 0)),
    ],
    ids=str,
)
def test_function(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args)


N, C = symbol("n"), symbol("c")


def run(name: str, shape: tuple[Size, ...], *args: Any) -> Applied:
    rule = find_rule(name)
    assert rule
    return apply(rule, CallArgs((values.Tensor(Shape(shape)), *args), words={0: "x"}), Facts())


def shapes(applied: Applied) -> list[tuple[Size, ...]]:
    assert isinstance(applied.value, tuple)
    return [item.shape.sizes for item in applied.value]


def test_message() -> None:
    (broken,) = run("torch.split", (N, 8), (3, 4), 1).broken
    assert broken.code is SPLIT
    assert broken.words() == "3 + 4 = 7, but axis 1 of x is 8"


def test_parts_of_named_sizes() -> None:
    assert shapes(run("torch.chunk", (N, 3 * C), 3, 1)) == [(N, C)] * 3
    assert shapes(run("torch.split", (N, 3 * C), C, 1)) == [(N, C)] * 3
    assert shapes(run("torch.chunk", (N, C + 1), 2, -1)) == [(N, (C + 2) // 2), (N, C - C // 2)]
    assert isinstance(run("torch.chunk", (N, C), 2, 1).value, values.Unknown)
    assert isinstance(run("torch.split", (N, C), 2, 1).value, values.Unknown)
    assert isinstance(run("torch.unbind", (N, C)).value, values.Unknown)
