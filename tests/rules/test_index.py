"""Indexing, read and written, against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.codes import BROADCAST, INDEX, INDICES
from torchshape_lint.dims import Size, fresh, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import SliceValue, Unknown

X = T(2, 3, 4, 5)
_ = slice(None)
I1, I2, I22 = T(2, dtype="int64"), T(1, dtype="int64"), T(2, 2, dtype="int64")
I3 = T(3, dtype="int64")

INDICES_OF_X: list[Any] = [
    0, -1, 1, 2, -2, -3, None, ..., _, slice(1, None), slice(None, 1), slice(-1, None), slice(5), slice(-5, None),
    slice(2, 1), slice(None, None, 2), slice(None, None, -1), slice(None, None, 0), slice(1, None, 3),
    (0, 1), (0, 1, 2, 3), (0, 1, 2, 3, 4), (0, 1, 2, 5), (0, ..., 1), (..., 1), (..., 0, 1), (..., 5), (..., None),
    (_, 0), (_, _, 1), (_, _, _, _, 0), (_, None, 0), (None, 0, None), (..., slice(1, -1), slice(None, -2)),
    (_, slice(1, 2), ..., slice(0, 5, 2)), (0, 0, 0, 0, None), (0, 0, 0, 0, ...), (), (..., 0, 0, 0, 0, 0),
    [0, 1], [0, 1, 1], [0, 2], (_, [0, 2]), (_, [0, 3]), [[0, 1], [1, 1]], ([0, 1], [0, 2]), ([0, 1], _, [0, 2]),
    ([0, 1], [0, 1, 2]), (_, [0, 1], [1, 2]), (0, _, [0, 1]), (_, [0, 1], 0, [0, 1]), ([0, 1], None, [0, 1]),
    (_, None, [0, 1]), (None, [0, 1], None, [0, 1]), True, False, (True, _, [0, 1]), [True, False], [True, False, True],
    (..., [0, 1]), (..., [0, 1], _), ([[0], [1]], [0, 1, 2]), [], [0, slice(0, 1)],
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("index", INDICES_OF_X, ids=str)
def test_getitem(index: Any) -> None:
    judge_function("operator.getitem", (X, index), device="cpu")


@pytest.mark.parametrize(
    "index",
    [
        I1, I22, (_, I1), (I1, I2), (I1, I22), (I1, _, I1), (_, I1, _, I1), (0, _, I1), (_, I1, 0, I1), (I1, I3),
        (I1, I1, I1, I1), (I1, I1, I1, I1, I1), (..., I1), (..., I1, _), (_, T(dtype="int64")), (None, I1),
        (I1, slice(0, 2)), T(0, dtype="int64"), (I2, I1), (_, _, I22),
    ],
    ids=str,
)  # fmt: skip
def test_index_tensors(index: Any) -> None:
    judge_function("operator.getitem", (X, index), device="cpu")


@pytest.mark.parametrize(
    ("x", "mask"), [((2, 3, 4), (2,)), ((2, 3, 4), (2, 3)), ((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (3,)),
                    ((2, 3, 4), (2, 4)), ((2, 3), (2, 3, 4)), ((2, 3), ())], ids=str,
)  # fmt: skip
def test_masks(x: tuple[int, ...], mask: tuple[int, ...]) -> None:
    judge_function("operator.getitem", (T(*x), T(*mask, dtype="bool")), device="cpu", unknown=True)
    judge_function("operator.setitem", (T(*x), T(*mask, dtype="bool"), 1.0), device="cpu", unknown=True)


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (0, 1.0), (0, T(3, 4, 5)), (0, T(4, 5)), (0, T(1, 1, 3, 4, 5)), (0, T(2, 3, 4, 5)), (0, T(4, 4)), (0, T()),
        ((_, 1), T(2, 4, 5)), ((_, 1), T(4, 4, 5)), ((..., 0), T(2, 3, 4)), ((..., 0), T(2, 3, 5)), (5, 1.0),
        ((_, slice(0, 2)), T(2, 2, 1, 5)), ((_, slice(0, 2)), T(2, 3, 4, 5)), (I1, T(2, 3, 4, 5)), (I1, T(3, 3, 4, 5)),
        ((0, 1, 2, 3, 4), 1.0),
    ],
    ids=str,
)  # fmt: skip
def test_setitem(index: Any, value: Any) -> None:
    judge_function("operator.setitem", (X, index, value), device="cpu")


@pytest.mark.parametrize("size", [0, 1, 4])
@pytest.mark.parametrize("lower", [None, -5, -2, 0, 1, 4, 7])
@pytest.mark.parametrize("upper", [None, -5, -2, 0, 1, 4, 7])
@pytest.mark.parametrize("step", [None, 1, 3])
def test_slices(size: int, lower: int | None, upper: int | None, step: int | None) -> None:
    judge_function("operator.getitem", (T(size), slice(lower, upper, step)))


N, C = symbol("n"), symbol("c")


def run(shape: Shape, index: object, *rest: object) -> Applied:
    rule = find_rule("operator.setitem" if rest else "operator.getitem")
    assert rule
    return apply(rule, CallArgs((values.Tensor(shape, "float32"), index, *rest), words={0: "x"}), Facts())


def sizes(shape: Shape, index: object) -> tuple[Size, ...]:
    applied = run(shape, index)
    assert not applied.broken
    assert isinstance(applied.value, values.Tensor)
    assert not applied.value.shape.is_open
    return applied.value.shape.sizes


ALL = SliceValue(None, None, None)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((ALL, SliceValue(None, C, None)), (N, C)),
        ((ALL, SliceValue(C, None, None)), (N, C)),
        ((ALL, SliceValue(None, None, 2)), (N, C)),
        ((ALL, SliceValue(None, 1, None)), (N, 1)),
        ((ALL, SliceValue(1, None, None)), (N, 2 * C - 1)),
        ((ALL, SliceValue(None, -1, None)), (N, 2 * C - 1)),
        ((ALL, SliceValue(1, -1, None)), (N, 2 * C - 2)),
        ((ALL, 0), (N,)),
        ((Ellipsis, None), (N, 2 * C, 1)),
    ],
    ids=str,
)
def test_named_sizes(index: object, expected: tuple[Size, ...]) -> None:
    assert sizes(Shape((N, 2 * C)), index) == expected


def test_what_cannot_be_said() -> None:
    assert sizes(Shape((N, C)), (ALL, SliceValue(None, 3, None)))[1] not in (3, C)
    assert sizes(Shape((N, C)), (ALL, SliceValue(fresh("k", None), None, None)))[1] != C
    assert isinstance(run(Shape((N, C)), Unknown("?")).value, Unknown)
    assert isinstance(run(Shape((N, C)), (ALL, Unknown("?"))).value, Unknown)
    assert isinstance(run(Shape((N, C)), values.Tensor(Shape((2, 3)))).value, Unknown)


def test_messages() -> None:
    x = Shape((N, 3))
    (many,) = run(x, (0, 0, 0)).broken
    assert many.code is INDICES
    assert many.words() == "3 indices for x, which has 2 axes (n, 3)"
    (out,) = run(x, (ALL, 3)).broken
    assert out.code is INDEX
    assert out.words() == "index 3 is out of range: axis 1 of x is 3"
    (value,) = run(x, 0, values.Tensor(Shape((4,)))).broken
    assert value.code is BROADCAST


def test_unknown_rank() -> None:
    x = open_shape(4, 5)

    def shape(index: object) -> Shape:
        applied = run(x, index)
        assert isinstance(applied.value, values.Tensor)
        return applied.value.shape

    assert shape(ALL) == x
    assert shape((Ellipsis, 0)) == Shape((4,), x.lead)
    assert shape((Ellipsis, None)) == Shape((4, 5, 1), x.lead)
    assert shape((Ellipsis, SliceValue(None, 2, None))) == Shape((4, 2), x.lead)
    assert shape((ALL, 0)).sizes == ()
    assert shape(0).sizes == (5,)
    assert run(x, (Ellipsis, 5)).broken
