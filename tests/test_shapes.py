"""Shapes: closed and open, broadcasting of sizes, and the join of two branches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sizes import NUMBERS, SYMBOLS, TERMS, Term, known, laws, size_of, value
from torchshape_lint.dims import Size, as_symbol, one_of, substitute, symbols
from torchshape_lint.proofs import equal
from torchshape_lint.shapes import (
    Shape,
    broadcast_size,
    join_shapes,
    join_sizes,
    open_shape,
    product_text,
    same_shape,
)
from torchshape_lint.verdicts import MAYBE, NO, YES, decided

N, H, W = SYMBOLS["n"], SYMBOLS["h"], SYMBOLS["w"]
CLOSED, OPEN = Shape((N, 3, H, W)), open_shape(H, W)
SIZES = st.lists(st.sampled_from([1, 2, 3, N, H, 2 * H]), max_size=4).map(tuple)


def covers(joined: Size, number: int, numbers: dict[str, int]) -> bool:
    """May ``joined`` be this number, where the known symbols are these?"""
    return equal(substitute(joined, known(numbers)), number) is not NO


# --- a shape alone ------------------------------------------------------------------------------------------------


def test_closed() -> None:
    assert (CLOSED.rank, CLOSED.is_open, str(CLOSED)) == (4, False, "(n, 3, h, w)")
    assert list(CLOSED) == [N, 3, H, W]
    assert [CLOSED.size(k) for k in (0, 1, -1, -4, 4, -5)] == [N, 3, W, N, None, None]
    assert CLOSED.numel == 3 * N * H * W
    assert (Shape().rank, Shape().numel, str(Shape()), str(Shape((2,)))) == (0, 1, "()", "(2,)")


def test_open() -> None:
    assert (OPEN.rank, OPEN.is_open, OPEN.numel, str(OPEN)) == (None, True, None, "(..., h, w)")
    assert [OPEN.size(k) for k in (0, 1, -1, -2, -3)] == [None, None, W, H, None]
    assert str(open_shape()) == "(...,)"
    with pytest.raises(TypeError):
        list(OPEN)


def test_an_unknown_front_is_its_own() -> None:
    assert open_shape(H, W) != OPEN
    assert Shape((5,), OPEN.lead) == Shape((5,), OPEN.lead)


@given(SIZES, st.integers(0, 5), SIZES)
def test_another_ending(sizes: tuple[Size, ...], drop: int, new: tuple[Size, ...]) -> None:
    shape = Shape(sizes).ending(drop, *new)
    assert shape.sizes == (*sizes[: max(len(sizes) - drop, 0)], *new)
    assert Shape(sizes, OPEN.lead).ending(drop, *new) == Shape(shape.sizes, OPEN.lead)


def test_products_in_words() -> None:
    assert product_text((4, 7, 7)) == "4*7*7"
    assert product_text((16, H - 4, W)) == "16*(h - 4)*w"


# --- equality -----------------------------------------------------------------------------------------------------


@laws
@given(st.lists(TERMS, max_size=3), st.lists(TERMS, max_size=3), NUMBERS)
def test_equality_does_not_contradict_numbers(x: list[Term], y: list[Term], numbers: dict[str, int]) -> None:
    verdict = same_shape(Shape(tuple(map(size_of, x))), Shape(tuple(map(size_of, y))))
    truth = [value(term, numbers) for term in x] == [value(term, numbers) for term in y]
    assert verdict in (MAYBE, decided(truth))


@given(SIZES, SIZES)
def test_open_shapes_are_never_equal_for_certain(a: tuple[Size, ...], b: tuple[Size, ...]) -> None:
    shape = open_shape(*a)
    assert same_shape(shape, shape) is YES
    assert same_shape(shape, open_shape(*b)) is not YES
    assert same_shape(shape, Shape((5, *a))) is MAYBE
    assert same_shape(open_shape(4), Shape((2, 3))) is NO


# --- broadcasting -------------------------------------------------------------------------------------------------


@laws
@given(TERMS, TERMS, NUMBERS)
def test_broadcasting_does_not_contradict_numbers(x: Term, y: Term, numbers: dict[str, int]) -> None:
    a, b = value(x, numbers), value(y, numbers)
    assert isinstance(a, int) and isinstance(b, int)
    verdict, size = broadcast_size(size_of(x), size_of(y))
    runs = a == b or 1 in (a, b)
    assert verdict in (MAYBE, decided(runs))
    if runs and a > 0 and b > 0:
        assert covers(size, max(a, b), numbers)


@pytest.mark.parametrize(
    ("a", "b", "verdict", "size"),
    [
        (3, 3, YES, 3),
        (1, 3, YES, 3),
        (N, 1, YES, N),
        (N, N, YES, N),
        (2, 3, NO, 2),
        (N, 3, MAYBE, 3),
        (2 * H, 3, NO, 2 * H),
        (N + 1, H, MAYBE, N + 1),
    ],
)
def test_broadcast_size(a: Size, b: Size, verdict: object, size: Size) -> None:
    assert broadcast_size(a, b) == (verdict, size)


def test_two_unknown_sizes_give_a_third() -> None:
    verdict, size = broadcast_size(N, H)
    assert verdict is MAYBE
    assert size not in (N, H)


# --- joins --------------------------------------------------------------------------------------------------------


@laws
@given(TERMS, TERMS, NUMBERS)
def test_a_join_covers_both(x: Term, y: Term, numbers: dict[str, int]) -> None:
    joined = join_sizes(size_of(x), size_of(y))
    for term in (x, y):
        number = value(term, numbers)
        assert isinstance(number, int)
        assert covers(joined, number, numbers)
    assert join_sizes(size_of(x), size_of(x)) == size_of(x)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=7))
def test_few_numbers_are_kept(numbers: list[int]) -> None:
    joined: Size = numbers[0]
    for number in numbers[1:]:
        joined = join_sizes(joined, number)
    found = as_symbol(joined)
    if len(set(numbers)) == 1:
        assert joined == numbers[0]
    elif len(set(numbers)) <= 4:
        assert found is not None
        assert found.choices == tuple(sorted(set(numbers)))
    else:
        assert found is not None
        assert found.choices == ()
        assert equal(joined, -1) is NO


@laws
@given(SIZES, SIZES, NUMBERS)
def test_joined_shapes_cover_both(a: tuple[Size, ...], b: tuple[Size, ...], numbers: dict[str, int]) -> None:
    joined = join_shapes(Shape(a), Shape(b))
    assert joined.is_open is (len(a) != len(b))
    assert len(joined.sizes) == min(len(a), len(b))
    for sizes in (a, b):
        for size, one in zip(reversed(joined.sizes), reversed(sizes)):
            number = substitute(one, known(numbers))
            assert isinstance(number, int)
            assert covers(size, number, numbers)


def test_a_join_keeps_what_agrees() -> None:
    joined = join_shapes(CLOSED, Shape((N, 5, H, H)))
    assert joined.sizes[0] == N
    assert joined.sizes[1] == joined.size(1)
    assert str(joined.sizes[1]) == "(3|5)"
    assert joined.sizes[2] == H
    assert not symbols(joined.sizes[3]) & symbols(W + H)
    assert join_shapes(CLOSED, CLOSED) == CLOSED
    front = join_shapes(CLOSED, Shape((H, W)))
    assert front.is_open
    assert front.sizes == (H, W)
    assert one_of(3, 5) != joined.sizes[1]  # each join is a choice of its own
