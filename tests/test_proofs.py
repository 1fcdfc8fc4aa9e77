"""Verdicts about sizes: none ever contradicts numbers, and the proofs that reports rest on are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sizes import NUMBERS, POSITIVE, SYMBOLS, TERMS, Term, choice, laws, size_of, value
from torchshape_lint.dims import Size, ceildiv, floordiv
from torchshape_lint.proofs import at_least, divides, equal, ranges
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided, every, some

N, H, W, K = (SYMBOLS[name] for name in "nhwk")
HALVES = 16 * floordiv(H, 2) * floordiv(W, 2)


def contradicts(verdict: Verdict, truth: bool) -> bool:
    return verdict is not MAYBE and verdict is not decided(truth)


@laws
@given(TERMS, TERMS, NUMBERS)
def test_no_verdict_contradicts_numbers(x: Term, y: Term, numbers: dict[str, int]) -> None:
    a, b = size_of(x), size_of(y)
    one, other = value(x, numbers), value(y, numbers)
    assert isinstance(one, int) and isinstance(other, int)
    assert not contradicts(equal(a, b), one == other)
    assert not contradicts(equal(a, other), one == other)
    assert not contradicts(at_least(a, b), one >= other)
    assert not contradicts(at_least(a, other), one >= other)


@laws
@given(TERMS, NUMBERS)
def test_what_a_size_is_here_it_can_be(term: Term, numbers: dict[str, int]) -> None:
    assert equal(size_of(term), value(term, numbers)) is not NO


@laws
@given(TERMS, POSITIVE, NUMBERS)
def test_divisibility_does_not_contradict_numbers(x: Term, y: Term, numbers: dict[str, int]) -> None:
    size, divisor = value(x, numbers), value(y, numbers)
    assert isinstance(size, int) and isinstance(divisor, int)
    assert not contradicts(divides(size_of(y), size_of(x)), size % divisor == 0)
    assert not contradicts(divides(divisor, size_of(x)), size % divisor == 0)


@laws
@given(TERMS, st.lists(st.integers(1, 12), min_size=2, max_size=4, unique=True), st.integers(-5, 40), NUMBERS)
def test_choices_do_not_contradict_numbers(x: Term, few: list[int], wanted: int, numbers: dict[str, int]) -> None:
    size, _ = choice(*few)
    term = value(x, {**SYMBOLS, "h": size})
    for number in few:
        truth = value(x, {**numbers, "h": number}) == wanted
        assert not contradicts(equal(term, wanted), truth)


@laws
@given(TERMS, TERMS)
def test_equality_is_symmetric_and_keeps_differences(x: Term, y: Term) -> None:
    a, b = size_of(x), size_of(y)
    assert equal(a, b) is equal(b, a)
    assert equal(a, b) is equal(a - b, 0)
    assert equal(a, a) is YES
    assert equal(a, a + 1) is NO
    assert at_least(a, a) is YES
    assert at_least(a, a + 1) is NO


@laws
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 9))
def test_plain_numbers_are_decided(a: int, b: int, d: int) -> None:
    assert equal(a, b) is decided(a == b)
    assert at_least(a, b) is decided(a >= b)
    assert divides(d, a) is decided(a % d == 0)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (HALVES, 401, NO),  # not a multiple of 16
        (HALVES, 400, MAYBE),
        (N, 0, NO),
        (2 * N, 2 * H + 1, NO),  # parity
        (H * H, 2, NO),  # no square
        (H * H, 49, MAYBE),
        (H * H * H, -8, NO),  # a size is positive
        (K * K * K, -8, MAYBE),
        (K * K, -4, NO),
        (H * H + 1, 4 * W, NO),  # no square is 3 modulo 4
        (4 * floordiv(H, 4), H, MAYBE),
        (ceildiv(H, 2) - floordiv(H + 1, 2), 0, YES),
        (floordiv(H - 1, 2) + 1, floordiv(H + 1, 2), YES),
        (N * H, H, MAYBE),
        (H * H, 10**400, MAYBE),
        (H * H, 10**400 + 1, NO),
        (H * H * H, (10**16 + 1) ** 3, MAYBE),
        (choice(3, 5)[0], 4, NO),
        (choice(3, 5)[0], 5, MAYBE),
        (choice(3, 5)[0] + N, 4, MAYBE),
        (choice(3, 5)[0] * 0 + 4, 4, YES),
    ],
    ids=lambda value: str(value)[:20],
)
def test_equal(a: Size, b: Size, verdict: Verdict) -> None:
    assert equal(a, b) is verdict
    assert equal(b, a) is verdict


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (N, 1, YES),
        (N, 2, MAYBE),
        (H + W, 2, YES),
        (3 - N, 3, NO),
        (floordiv(H, 2), 0, YES),
        (H - floordiv(H, 2), 1, MAYBE),
        (choice(3, 5)[0], 3, YES),
        (choice(3, 5)[0], 6, NO),
    ],
)
def test_at_least(a: Size, b: Size, verdict: Verdict) -> None:
    assert at_least(a, b) is verdict


@pytest.mark.parametrize(
    ("divisor", "size", "verdict"),
    [
        (4, 4 * N * H, YES),
        (4, 4 * N + 2, NO),
        (4, 6 * N, MAYBE),
        (N, N * H + N, YES),
        (N, H, MAYBE),
        (0, N, NO),
        (3, choice(3, 6)[0], YES),
        (3, choice(4, 5)[0], NO),
    ],
)
def test_divides(divisor: Size, size: Size, verdict: Verdict) -> None:
    assert divides(divisor, size) is verdict


# --- words and verdicts -------------------------------------------------------------------------------------------


@laws
@given(st.sets(st.integers(0, 30)))
def test_ranges(values: set[int]) -> None:
    text = ranges(sorted(values))
    runs = [part.split("..") for part in text.split(", ")] if text else []
    assert {n for run in runs for n in range(int(run[0]), int(run[-1]) + 1)} == values


def test_ranges_in_words() -> None:
    assert ranges([28, 29, 30, 31, 40]) == "28..31, 40"


VERDICTS = st.lists(st.sampled_from([YES, NO, MAYBE]))


@laws
@given(VERDICTS)
def test_every_and_some_hold_however_what_is_open_turns_out(verdicts: list[Verdict]) -> None:
    best, worst = ([v is YES or (v is MAYBE and turn) for v in verdicts] for turn in (True, False))
    assert every(verdicts) is (YES if all(worst) else MAYBE if all(best) else NO)
    assert some(verdicts) is (YES if any(worst) else MAYBE if any(best) else NO)


def test_a_verdict_is_no_truth_value() -> None:
    for verdict in Verdict:
        assert ~~verdict is verdict
        with pytest.raises(TypeError):
            bool(verdict)
