"""What a story has assumed: no assumption contradicts the numbers that satisfy it, and it can be undone."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.sizes import NUMBERS, SYMBOLS, TERMS, Term, known, laws, size_of, sym, value
from torchshape_lint.dims import floordiv, fresh, substitute, symbol, symbols
from torchshape_lint.facts import Facts
from torchshape_lint.interp.journal import Journal
from torchshape_lint.proofs import equal
from torchshape_lint.shapes import Lead, Shape, fresh_lead, open_shape
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict

N, H, W = SYMBOLS["n"], SYMBOLS["h"], SYMBOLS["w"]


# --- sizes --------------------------------------------------------------------------------------------------------


@laws
@given(TERMS, TERMS, TERMS, NUMBERS)
def test_what_is_assumed_holds_for_the_numbers_that_satisfy_it(
    x: Term, y: Term, z: Term, numbers: dict[str, int]
) -> None:
    facts = Facts()
    # any two terms, made equal by a constant: then these numbers do satisfy what is assumed
    a, b = size_of(x), size_of(y) + (value(x, numbers) - value(y, numbers))
    before = equal(a, b)
    assert facts.assume_equal(a, b) is before is not NO
    read = substitute(facts.size(size_of(z)), known(numbers))
    if isinstance(read, int):  # no symbol that the facts have introduced
        assert read == value(z, numbers)


@laws
@given(TERMS, TERMS)
def test_an_assumption_makes_sizes_equal_or_leaves_them(x: Term, y: Term) -> None:
    facts = Facts()
    a, b = size_of(x), size_of(y)
    verdict = facts.assume_equal(a, b)
    if verdict is MAYBE and facts.symbols:
        assert facts.size(a) == facts.size(b)
        assert facts.assume_equal(a, b) is YES
    else:
        assert (facts.size(a), facts.size(b)) == (a, b)


def test_a_channel_axis_is_pinned_down() -> None:
    facts = Facts()
    assert facts.assume_equal(H, 3) is MAYBE
    assert facts.size(2 * H + W) == W + 6
    assert facts.shape(Shape((N, H))) == Shape((N, 3))
    assert facts.assume_equal(H, 3) is YES
    assert facts.assume_equal(H, 4) is NO
    assert facts.size(H) == 3


def test_chains_are_followed() -> None:
    facts = Facts()
    facts.assume_equal(H, W)
    facts.assume_equal(W, 2 * N)
    facts.assume_equal(N, 5)
    assert facts.size(H + W + N) == 25


def test_the_younger_symbol_goes() -> None:
    facts, young = Facts(), fresh("c")
    facts.assume_equal(young, N)
    assert facts.size(young + N) == 2 * N


def test_what_is_not_linear_is_not_solved() -> None:
    facts = Facts()
    for a, b in ((H * H, 49), (H * W, 12), (floordiv(H, 2), 7), (2 * H, 3 * W)):
        assert facts.assume_equal(a, b) is MAYBE
    assert not facts.symbols


def test_a_multiple() -> None:
    """``assert h % 4 == 0``"""
    facts = Facts()
    assert facts.assume_equal(H % 4, 0) is MAYBE
    assert facts.size(H % 4) == 0
    assert facts.size(floordiv(H, 2)) == 2 * facts.size(floordiv(H, 4))
    assert symbols(facts.size(H)) != {sym("h")}


# --- ranks --------------------------------------------------------------------------------------------------------


def test_one_possible_rank() -> None:
    facts, x = Facts(), open_shape(H, W)
    assert facts.assume_rank(x, (2,)) is YES
    assert facts.shape(x) == Shape((H, W))


def test_a_rank_gives_axes_with_names() -> None:
    facts, x = Facts(), open_shape(H, W)
    assert facts.assume_rank(x, (4,)) is YES
    assert str(facts.shape(x)) == "(n, c, h, w)"
    assert facts.assume_rank(x, (4,)) is YES
    assert facts.assume_rank(x, (3,)) is NO


def test_several_possible_ranks_are_for_the_story_to_choose() -> None:
    asked: list[tuple[int, ...]] = []

    def choose(lead: Lead, options: tuple[int, ...]) -> int:
        asked.append(options)
        return options[-1]

    x = open_shape()
    assert Facts().assume_rank(x, (3, 4)) is MAYBE
    facts = Facts(choose_rank=choose)
    assert facts.assume_rank(x, (3, 4)) is YES
    assert facts.shape(x).rank == 4
    assert asked == [(3, 4)]


def test_impossible_ranks() -> None:
    assert Facts().assume_rank(open_shape(1, 2, 3), (1, 2)) is NO
    assert Facts().assume_rank(Shape((1, 2)), (3,)) is NO
    assert Facts().assume_rank(Shape((1, 2)), (2, 3)) is YES


@pytest.mark.parametrize("least", range(6))
def test_at_least_so_many_axes(least: int) -> None:
    facts, x = Facts(), open_shape(H, W)
    assert facts.assume_rank_at_least(x, least) is YES
    shape = facts.shape(x)
    assert shape.is_open
    assert len(shape.sizes) == max(least, 2)
    assert shape.sizes[-2:] == (H, W)
    assert facts.assume_rank_at_least(Shape((1, 2)), least) is (YES if least <= 2 else NO)


@given(st.lists(st.integers(0, 6), max_size=4), st.integers(0, 6))
def test_fronts_grow(steps: list[int], rank: int) -> None:
    facts, x = Facts(), open_shape(H)
    for least in steps:
        facts.assume_rank_at_least(x, least)
    assume(rank >= max([1, *steps]))
    assert facts.assume_rank(x, (rank,)) is YES
    assert facts.shape(x).rank == rank
    assert facts.shape(x).size(-1) == H


# --- undoing ------------------------------------------------------------------------------------------------------


@laws
@given(st.lists(st.tuples(TERMS, TERMS), max_size=4), st.lists(st.tuples(TERMS, TERMS), max_size=4), TERMS)
def test_a_branch_is_forgotten(first: list[tuple[Term, Term]], branch: list[tuple[Term, Term]], z: Term) -> None:
    journal = Journal()
    facts = Facts(write=journal.write)
    for x, y in first:
        facts.assume_equal(size_of(x), size_of(y))
    before, mark, x0 = facts.size(size_of(z)), journal.mark(), open_shape(H)
    for x, y in branch:
        facts.assume_equal(size_of(x), size_of(y))
    facts.assume_rank(x0, (3,))
    journal.undo(mark)
    assert facts.size(size_of(z)) == before
    assert facts.shape(x0) == Shape((facts.size(H),), x0.lead)


@pytest.mark.parametrize(
    ("most", "options", "verdict", "rank"),
    [(None, (3, 4, 5), YES, 5), (3, (3, 4, 5), YES, 4), (2, (3, 4, 5), YES, 3), (1, (3, 4, 5), MAYBE, None)],
)
def test_no_rank_is_chosen_that_cannot_be(
    most: int | None, options: tuple[int, ...], verdict: Verdict, rank: int | None
) -> None:
    """What is left of (b, t, 8) after ``squeeze(1)`` has two axes or three, and so no five."""
    facts, shape = Facts(), Shape((8,), fresh_lead(most))
    facts.choose_rank = lambda lead, possible: max(possible)
    assert facts.assume_rank(shape, options) is verdict
    assert facts.shape(shape).rank == rank


def test_a_rank_that_is_reached_is_known() -> None:
    facts, shape = Facts(), Shape((12,), fresh_lead(2))
    assert facts.assume_rank_at_least(shape, 2) is YES
    assert (facts.shape(shape).rank, facts.shape(shape).most) == (None, 3)
    assert facts.assume_rank_at_least(shape, 3) is YES
    assert facts.shape(shape).rank == 3
    assert facts.assume_rank_at_least(Shape((12,), fresh_lead(1)), 3) is MAYBE


def test_what_would_be_divided_by_nothing_stays_as_it_is() -> None:
    h = symbol("h", None)
    facts = Facts()
    assert facts.assume_equal(h, 0) is MAYBE
    assert facts.size(h) == 0
    assert facts.size(floordiv(symbol("n"), h)) == floordiv(symbol("n"), h)
