"""Matrix products and distances against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape

SHAPES = [(), (3,), (4,), (2, 3), (3, 4), (3, 3), (5, 2, 3), (5, 3, 4), (1, 3, 4), (6, 3, 4), (4, 1, 2, 3)]


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_matmul(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    for name in ("torch.matmul", "operator.matmul"):
        judge_function(name, [T(*a), T(*b)])


@pytest.mark.parametrize("name", ["mm", "bmm", "mv", "dot", "inner", "outer", "cdist"])
@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_strict(name: str, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    judge_function(f"torch.{name}", [T(*a), T(*b)], device="cpu")


OTHERS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("torch.addmm", (T(4), T(3, 2), T(2, 4)), {}),
    ("torch.addmm", (T(3, 1), T(3, 2), T(2, 4)), {"beta": 2}),
    ("torch.addmm", (T(1, 3, 4), T(3, 2), T(2, 4)), {}),
    ("torch.addmm", (T(2, 4), T(3, 2), T(2, 4)), {}),
    ("torch.addmm", (T(4), T(3, 3), T(2, 4)), {}),
    ("torch.baddbmm", (T(3, 4), T(2, 3, 2), T(2, 2, 4)), {}),
    ("torch.baddbmm", (T(2, 3, 4), T(2, 3, 2), T(3, 2, 4)), {}),
    ("torch.addbmm", (T(3, 4), T(2, 3, 2), T(2, 2, 4)), {}),
    ("torch.addmv", (T(3), T(3, 2), T(2)), {}),
    ("torch.addr", (T(3, 2), T(3), T(2)), {}),
    ("torch.addr", (T(3, 3), T(3), T(2)), {}),
    ("torch.tensordot", (T(2, 3, 4), T(3, 4, 5)), {}),
    ("torch.tensordot", (T(2, 3, 4), T(3, 4, 5)), {"dims": 1}),
    ("torch.tensordot", (T(2, 3), T(4, 5)), {"dims": 0}),
    ("torch.tensordot", (T(2, 1), T(4, 5)), {"dims": 1}),
    ("torch.tensordot", (T(2, 3), T(3, 4)), {"dims": 3}),
    ("torch.tensordot", (T(2, 3, 4), T(4, 3, 5)), {"dims": ([1, 2], [1, 0])}),
    ("torch.tensordot", (T(2, 3, 4), T(4, 3, 5)), {"dims": ([-1], [0])}),
    ("torch.tensordot", (T(2, 3, 4), T(4, 3, 5)), {"dims": ([1], [0, 1])}),
    ("torch.chain_matmul", (T(2, 3), T(3, 4), T(4, 5)), {}),
    ("torch.chain_matmul", (T(2, 3), T(3, 4), T(3, 5)), {}),
    ("torch.linalg.multi_dot", ([T(3), T(3, 4), T(4)],), {}),
    ("torch.linalg.multi_dot", ([T(2, 3), T(3, 4), T(5, 4)],), {}),
    ("torch.linalg.cross", (T(2, 3), T(2, 3)), {"dim": -1}),
    ("torch.linalg.cross", (T(2, 4), T(2, 4)), {"dim": -1}),
    ("torch.linalg.cross", (T(4, 3), T(1, 3)), {}),
    ("torch.linalg.cross", (T(5, 3), T(5, 1)), {}),
    ("torch.linalg.cross", (T(5, 5, 3), T(5, 3)), {}),
    ("torch.cross", (T(4, 3), T(4, 3)), {"dim": 1}),
    ("torch.pdist", (T(4, 3),), {}),
    ("torch.pdist", (T(4),), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), OTHERS)
def test_others(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(name, args, kwargs, device="cpu")


VECTORS = [((4, 3), (4, 3)), ((4, 3), (3,)), ((3,), (3,)), ((4, 3), (5, 3)), ((4, 1, 3), (5, 3)), ((4, 3), (4, 1))]


@pytest.mark.parametrize(("a", "b"), VECTORS)
def test_similarity(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    for dim in (0, 1, -1):
        judge_function("torch.cosine_similarity", [T(*a), T(*b)], {"dim": dim})
        judge_layer("torch.nn.CosineSimilarity", (dim,), {}, [T(*a), T(*b)])
    for keepdim in (False, True):
        judge_function("torch.nn.functional.pairwise_distance", [T(*a), T(*b)], {"keepdim": keepdim})
        judge_layer("torch.nn.PairwiseDistance", (), {"keepdim": keepdim}, [T(*a), T(*b)])


def test_open_shapes() -> None:
    rule = find_rule("operator.matmul")
    assert rule
    x, w = values.Tensor(open_shape(7, 64)), values.Tensor(Shape((64, 10)))
    applied = apply(rule, CallArgs([x, w]), Facts())
    assert isinstance(applied.value, values.Tensor)
    assert applied.value.shape == Shape((7, 10), x.shape.lead)
    assert [n.code.id for n in apply(rule, CallArgs([x, values.Tensor(Shape((32, 10)))]), Facts()).broken] == ["TSL203"]


@pytest.mark.parametrize(("added", "known"), [((1, 37, 37), 37), ((1, 1, 37), 37), ((1,), None)])
def test_what_is_added_tells_a_size(added: tuple[int, ...], known: int | None) -> None:
    """Only a 1 could be expanded to something else."""
    rule, facts, t = find_rule("torch.baddbmm"), Facts(), symbol("t")
    assert rule
    x, y = values.Tensor(Shape((2, t, 8))), values.Tensor(Shape((2, 8, t)))
    applied = apply(rule, CallArgs([values.Tensor(Shape(added)), x, y]), facts)
    assert isinstance(applied.value, values.Tensor)
    assert facts.size(t) == (known or t)
