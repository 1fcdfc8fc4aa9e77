"""cat, stack and their relatives against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.codes import JOIN
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import ListValue

CATS: list[tuple[Any, ...]] = [
    ((T(2, 3), T(4, 3)),),
    ([T(2, 3), T(4, 3)], 0),
    ([T(2, 3), T(2, 5)], 1),
    ([T(2, 3), T(2, 5)], -1),
    ([T(2, 3), T(2, 5), T(2, 3)], -1),
    ([T(2, 3), T(2, 5)], 0),
    ([T(2, 3), T(2, 3)], 2),
    ([T(2, 3), T(2, 3, 1)], 0),
    ([T(0), T(2, 3)], 1),
    ([T(2, 3), T(0)], 1),
    ([T(0), T(0)],),
    ([T(3), T(4)],),
    ([T(), T()],),
    ([],),
    ([T(2, 3)], 0),
    ([T(2, 0), T(2, 3)], 1),
    ([T(2, 0), T(3, 3)], 1),
]


@pytest.mark.parametrize("args", CATS, ids=str)
def test_cat(args: tuple[Any, ...]) -> None:
    judge_function("torch.cat", args)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.stack", ([T(2, 3), T(2, 3)],)),
        ("torch.stack", ([T(2, 3), T(2, 3)], 2)),
        ("torch.stack", ([T(2, 3), T(2, 3)], -1)),
        ("torch.stack", ([T(2, 3), T(2, 3)], -3)),
        ("torch.stack", ([T(2, 3), T(2, 3)], 3)),
        ("torch.stack", ([T(2, 3), T(2, 4)],)),
        ("torch.stack", ([T(2, 3), T(3)],)),
        ("torch.stack", ([T(), T(), T()],)),
        ("torch.stack", ([],)),
        ("torch.hstack", ([T(2), T(3)],)),
        ("torch.hstack", ([T(2, 3), T(2, 4)],)),
        ("torch.hstack", ([T(2, 3), T(3, 4)],)),
        ("torch.hstack", ([T(), T(2)],)),
        ("torch.vstack", ([T(3), T(3)],)),
        ("torch.vstack", ([T(3), T(2, 3)],)),
        ("torch.vstack", ([T(3), T(2, 4)],)),
        ("torch.dstack", ([T(3), T(3)],)),
        ("torch.dstack", ([T(3, 2), T(3, 2)],)),
        ("torch.dstack", ([T(3, 2), T(3, 4)],)),
        ("torch.column_stack", ([T(3), T(3)],)),
        ("torch.column_stack", ([T(3), T(3, 2)],)),
        ("torch.column_stack", ([T(3), T(2)],)),
        ("torch.column_stack", ([T(), T()],)),
        ("torch.broadcast_tensors", (T(3, 1), T(4))),
        ("torch.broadcast_tensors", (T(3, 2), T(4))),
        ("torch.block_diag", (T(2, 3), T(2), T())),
        ("torch.block_diag", (T(2, 3, 4),)),
        ("torch.meshgrid", (T(2), T(3), T())),
        ("torch.meshgrid", ([T(2), T(3)],)),
        ("torch.meshgrid", (T(2, 2), T(3))),
        ("torch.cartesian_prod", (T(2), T(3))),
        ("torch.cartesian_prod", (T(2),)),
        ("torch.cartesian_prod", (T(2, 2), T(3))),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore")
def test_function(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args)


def test_keywords() -> None:
    judge_function("torch.meshgrid", (T(2), T(3), T(4)), {"indexing": "xy"})
    judge_function("torch.cat", (), {"tensors": [T(2, 3), T(2, 4)], "dim": 1})


def run(*shapes: Shape, dim: int, words: str, facts: Facts | None = None) -> Applied:
    rule = find_rule("torch.cat")
    assert rule
    items = ListValue({"items": tuple(map(values.Tensor, shapes))})
    return apply(rule, CallArgs((items, dim), words={0: words}), facts or Facts())


def test_message_names_both_tensors() -> None:
    n = symbol("n")
    (broken,) = run(Shape((n, 3, 13, 13)), Shape((n, 5, 12, 13)), dim=1, words="[x, y]").broken
    assert broken.code is JOIN
    assert broken.words() == "axis 2 of y is 12, but axis 2 of x is 13"


def test_message_names_the_position() -> None:
    (broken,) = run(Shape((3, 13)), Shape((5, 12)), dim=0, words="outs").broken
    assert broken.words() == "axis 1 of outs[1] is 12, but axis 1 of outs[0] is 13"


def test_unknown_ranks() -> None:
    x, facts = open_shape(7), Facts()
    applied = run(x, Shape((2, 3, 7)), dim=1, words="[x, y]", facts=facts)
    assert not applied.broken
    assert isinstance(applied.value, values.Tensor)
    assert facts.shape(x).rank == 3
    assert run(open_shape(7), open_shape(8), dim=-2, words="[x, y]").broken
    assert not run(open_shape(7), open_shape(8), dim=1, words="[x, y]").broken
    assert not run(open_shape(7), open_shape(8), dim=-1, words="[x, y]").broken
