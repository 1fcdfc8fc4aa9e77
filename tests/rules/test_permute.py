"""permute, transpose, movedim, T, mT, flips, rolls and diagonals against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import GUISES, Case, Guise, Known, T, judge_function
from torchshape_lint import values
from torchshape_lint.codes import PERMUTE
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape

X = T(2, 3, 4)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.Tensor.permute", (X, 2, 0, 1)),
        ("torch.Tensor.permute", (X, (2, 0, 1))),
        ("torch.Tensor.permute", (X, [-1, 0, 1])),
        ("torch.Tensor.permute", (X, 2, 0)),
        ("torch.Tensor.permute", (X, 2, 0, 1, 3)),
        ("torch.Tensor.permute", (X, 2, 0, 3)),
        ("torch.Tensor.permute", (X, 2, 0, 2)),
        ("torch.Tensor.permute", (X, 2, 0, -1)),
        ("torch.Tensor.permute", (T(), ())),
        ("torch.permute", (X, (2, 0, 1))),
        ("torch.permute", (X, (2, 0, 4))),
        ("torch.transpose", (X, 0, 1)),
        ("torch.transpose", (X, -1, 1)),
        ("torch.transpose", (X, -1, -2)),
        ("torch.transpose", (X, 1, 3)),
        ("torch.transpose", (T(), 0, -1)),
        ("torch.transpose", (T(), 0, 1)),
        ("torch.Tensor.swapaxes", (X, 0, 2)),
        ("torch.swapdims", (X, 0, 2)),
        ("torch.movedim", (X, 0, 2)),
        ("torch.movedim", (X, 0, -1)),
        ("torch.movedim", (X, -2, -1)),
        ("torch.movedim", (X, (0, 1), (2, 0))),
        ("torch.movedim", (X, (0, 1), (2,))),
        ("torch.movedim", (X, (0, 0), (2, 1))),
        ("torch.movedim", (X, 0, 3)),
        ("torch.moveaxis", (T(2, 3, 4, 5), (1, 3), (-1, 0))),
        ("torch.t", (T(2, 3),)),
        ("torch.t", (T(2),)),
        ("torch.t", (T(),)),
        ("torch.t", (X,)),
        ("torch.adjoint", (X,)),
        ("torch.adjoint", (T(3),)),
        ("torch.flip", (X, (0, 1))),
        ("torch.flip", (X, (0, 0))),
        ("torch.flip", (X, (3,))),
        ("torch.Tensor.flip", (X, 0, -1)),
        ("torch.fliplr", (X,)),
        ("torch.fliplr", (T(3),)),
        ("torch.flipud", (T(3),)),
        ("torch.flipud", (T(),)),
        ("torch.roll", (X, 1)),
        ("torch.roll", (X, 1, 2)),
        ("torch.roll", (X, (1, 2), (0, 1))),
        ("torch.roll", (X, 1, 3)),
        ("torch.rot90", (X,)),
        ("torch.rot90", (X, 2, (0, 1))),
        ("torch.rot90", (X, 1, (1, 2))),
        ("torch.rot90", (X, 1, (1, 1))),
        ("torch.rot90", (X, 1, (1, 3))),
        ("torch.tril", (X,)),
        ("torch.triu", (X, 1)),
        ("torch.tril", (T(3),)),
        ("torch.cumsum", (X, 1)),
        ("torch.cumsum", (X, 3)),
        ("torch.cumsum", (T(2, 3, dtype="int32"), 1)),
        ("torch.cumprod", (X, -1)),
        ("torch.logcumsumexp", (X, -1)),
        ("torch.diag", (T(3),)),
        ("torch.diag", (T(3), 1)),
        ("torch.diag", (T(3, 4),)),
        ("torch.diag", (T(3, 4), 2)),
        ("torch.diag", (T(3, 4), -1)),
        ("torch.diag", (X,)),
        ("torch.diagonal", (X,)),
        ("torch.diagonal", (X, 1, 1, 2)),
        ("torch.diagonal", (X, -5, 1, 2)),
        ("torch.diagonal", (X, 0, 1, 1)),
        ("torch.diagonal", (X, 0, 1, 3)),
        ("torch.diag_embed", (X,)),
        ("torch.diag_embed", (X, 1)),
        ("torch.diag_embed", (X, 0, 0, 2)),
        ("torch.diag_embed", (X, 0, 0, 0)),
        ("torch.diag_embed", (X, 0, 0, 4)),
        ("torch.diagflat", (X,)),
        ("torch.trace", (T(3, 4),)),
        ("torch.trace", (X,)),
    ],
    ids=str,
)
def test_function(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("attribute", ["T", "mT", "H", "mH"])
@pytest.mark.parametrize("x", [X, T(2, 3), T(3), T()], ids=str)
def test_attribute(attribute: str, x: T) -> None:
    rule = find_rule(f"torch.Tensor.{attribute}")
    assert rule

    def run(guise: Guise, known: Known, facts: Facts) -> Applied:
        return apply(rule, CallArgs([values.Tensor(guise(x, known), x.dtype)]), facts)

    Case(f"{x}.{attribute}", lambda: getattr(torch.zeros(x.sizes), attribute), run).judge(GUISES)


def test_permute_says_how_many_axes() -> None:
    rule = find_rule("torch.Tensor.permute")
    assert rule
    n = symbol("n")
    (broken,) = apply(rule, CallArgs((values.Tensor(Shape((n, 3, 4))), 0, 2, 3, 1), words={0: "x"}), Facts()).broken
    assert broken.code is PERMUTE
    assert broken.words() == "x has 3 axes (n, 3, 4), but 4 are needed"


def test_permute_tells_the_rank() -> None:
    rule = find_rule("torch.Tensor.permute")
    assert rule
    facts, x = Facts(), open_shape(7)
    apply(rule, CallArgs((values.Tensor(x), 0, 2, 1)), facts)
    assert facts.shape(x).rank == 3
