"""torch.einsum against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape

CASES: list[tuple[Any, ...]] = [
    ("ij,jk->ik", T(2, 3), T(3, 4)),
    ("ij,jk", T(2, 3), T(3, 4)),
    ("ij,jk->ik", T(2, 3), T(4, 4)),
    ("ij,jk->ik", T(2, 3), T(1, 4)),
    ("i j , j k -> i k", T(2, 3), T(3, 4)),
    ("bA,aB", T(2, 3), T(4, 5)),
    ("ij,jk->", T(2, 3), T(3, 4)),
    ("ij->ji", T(2, 3)),
    ("ii->i", T(3, 3)),
    ("ii", T(3, 3)),
    ("ii->i", T(3, 1)),
    ("iij->ij", T(2, 2, 3)),
    ("ijij", T(2, 3, 2, 3)),
    ("...ij,...jk", T(2, 2, 3), T(3, 4)),
    ("...ij,...jk->ik", T(2, 2, 3), T(3, 4)),
    ("...ij,...jk->...", T(2, 2, 3), T(3, 4)),
    ("...,...", T(2, 3), T(1, 3)),
    ("...,...", T(2, 3), T(4, 3)),
    ("i...j", T(2, 3, 4, 5)),
    ("ij...->i...", T(2, 3, 4, 5)),
    ("ij->...", T(2, 2)),
    ("bhqd,bhkd->bhqk", T(2, 4, 5, 8), T(2, 4, 7, 8)),
    ("bhqd,bhkd->bhqk", T(2, 4, 5, 8), T(2, 4, 7, 9)),
    ("ij->ijj", T(2, 2)),
    ("ij->k", T(2, 2)),
    ("ij", T(2, 2, 2)),
    ("...ij", T(2)),
    ("a1,ab", T(2, 3), T(2, 3)),
    ("..i", T(3)),
    ("i->i->i", T(3)),
    ("ij,jk->ik", T(2, 3)),
    ("ij->ik", T(2, 3), T(2, 3)),
    ("", T()),
    ("i,i", T(3), T(3)),
    ("ij,jk", [T(2, 3), T(3, 4)]),
    (T(2, 3), [0, 1], T(3, 4), [1, 2], [0, 2]),
    (T(2, 3), [0, 1], T(3, 4), [1, 2]),
    (T(2, 3), [0, 1], T(4, 4), [1, 2], [0, 2]),
]


@pytest.mark.parametrize("args", CASES)
def test_einsum(args: tuple[Any, ...]) -> None:
    judge_function("torch.einsum", args)


def test_words() -> None:
    rule = find_rule("torch.einsum")
    assert rule
    n = symbol("n")
    x, w = values.Tensor(Shape((n, 3))), values.Tensor(Shape((4, 5)))
    applied = apply(rule, CallArgs(["ij,jk->ik", x, w], words={1: "x", 2: "w"}), Facts())
    assert [need.words() for need in applied.broken] == ["j of w is 4, but j of x is 3"]
    assert isinstance(applied.value, values.Tensor) and applied.value.shape == Shape((n, 5))
