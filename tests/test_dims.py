"""Sizes: ring laws, one normal form (sympy and plain evaluation are the judges), substitution, divisions, bounds."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.sizes import NUMBERS, POLYNOMIALS, POSITIVE, SYMBOLS, TERMS, Term, choice, known, laws, size_of, sym, value
from torchshape_lint.dims import (
    Poly,
    Size,
    as_symbol,
    bounds,
    ceildiv,
    exact_quotient,
    factored,
    floordiv,
    fresh,
    is_sure,
    map_size,
    one_of,
    product,
    substitute,
    symbol,
    symbols,
    total,
    weight,
)

N, H, W = SYMBOLS["n"], SYMBOLS["h"], SYMBOLS["w"]


def number(size: Size, numbers: dict[str, int]) -> Size:
    return substitute(size, known(numbers))


# --- plain evaluation and sympy are right -------------------------------------------------------------------------


@laws
@given(TERMS, NUMBERS)
def test_sizes_count_as_numbers_do(term: Term, numbers: dict[str, int]) -> None:
    assert number(size_of(term), numbers) == value(term, numbers)


@laws
@given(TERMS, NUMBERS)
def test_the_text_of_a_size_is_the_size(term: Term, numbers: dict[str, int]) -> None:
    assert eval(str(size_of(term)), {}, numbers) == value(term, numbers)
    assert eval(f"2*{factored(size_of(term))}", {}, numbers) == 2 * value(term, numbers)


@laws
@given(POLYNOMIALS, POLYNOMIALS)
def test_the_normal_form_is_sympys(a: Term, b: Term) -> None:
    expanded = [sympy.expand(value(term, NAMES)) for term in (a, b)]
    assert sympy.expand(sympy.sympify(str(size_of(a)), NAMES)) == expanded[0]
    assert (size_of(a) == size_of(b)) is bool(expanded[0] == expanded[1])
    assert isinstance(size_of(a), int) is bool(expanded[0].is_number)


NAMES: dict[str, Any] = {name: sympy.Symbol(name) for name in SYMBOLS}


# --- a ring -------------------------------------------------------------------------------------------------------


@laws
@given(TERMS, TERMS, TERMS)
def test_ring_laws(x: Term, y: Term, z: Term) -> None:
    a, b, c = map(size_of, (x, y, z))
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert (a - b) + b == a
    assert 0 - (0 - a) == a == -1 * (-1 * a)
    assert (a + 0, a * 1, a * 0, a - a, a**0, a**2) == (a, a, 0, 0, 1, a * a)
    assert (total((a, b, c)), product((a, b, c))) == (a + b + c, a * b * c)


@laws
@given(TERMS, TERMS)
def test_equal_sizes_are_equal_values(x: Term, y: Term) -> None:
    a, b = size_of(x), size_of(y)
    assert (a + b) * (a - b) == a * a - b * b
    assert hash((a + b) * (a - b)) == hash(a * a - b * b)


def test_a_constant_is_an_int() -> None:
    assert type(N - N + 3) is int
    assert type(floordiv(2 * H + 6, 2) - H) is int
    assert N != 1
    assert N != "n"


# --- substitution -------------------------------------------------------------------------------------------------


@laws
@given(TERMS, NUMBERS, st.permutations(list(SYMBOLS)))
def test_substitution_goes_in_any_order(term: Term, numbers: dict[str, int], order: list[str]) -> None:
    size = size_of(term)
    for name in order:
        size = substitute(size, known({name: numbers[name]}))
    assert size == value(term, numbers)


@laws
@given(POLYNOMIALS, POLYNOMIALS, POLYNOMIALS)
def test_substitution_commutes_with_arithmetic(x: Term, y: Term, z: Term) -> None:
    a, b, mapping = size_of(x), size_of(y), known({"h": size_of(z)})

    def put(size: Size) -> Size:
        return substitute(size, mapping)

    assert put(a + b) == put(a) + put(b)
    assert put(a - b) == put(a) - put(b)
    assert put(a * b) == put(a) * put(b)


@laws
@given(TERMS, TERMS, NUMBERS)
def test_substitution_of_sizes_in_divisions(x: Term, y: Term, numbers: dict[str, int]) -> None:
    inner = value(y, numbers)
    assume(isinstance(inner, int) and inner >= 1)  # h stands for a positive number
    before = number(substitute(size_of(x), known({"h": size_of(y)})), numbers)
    assert before == value(x, {**numbers, "h": inner})


@laws
@given(TERMS)
def test_symbols_are_what_can_be_replaced(term: Term) -> None:
    size = size_of(term)
    assert symbols(size) <= {sym(name) for name in SYMBOLS}
    assert symbols(substitute(size, known({"h": 7}))) <= symbols(size) - {sym("h")}
    assert map_size(size, lambda s: 7 if s == sym("h") else None) == substitute(size, known({"h": 7}))
    assert substitute(size, {}) == size


# --- division -----------------------------------------------------------------------------------------------------


@laws
@given(TERMS, POSITIVE, NUMBERS)
def test_quotient_and_remainder(x: Term, y: Term, numbers: dict[str, int]) -> None:
    a, d = size_of(x), size_of(y)
    assert floordiv(a, d) * d + a % d == a
    assert ceildiv(a, d) == -floordiv(-a, d) or not isinstance(number(d, numbers), int) or isinstance(d, int)
    assert number(ceildiv(a, d), numbers) == -(-value(x, numbers) // value(y, numbers))
    rest, divisor = number(a % d, numbers), number(d, numbers)
    assert isinstance(rest, int) and isinstance(divisor, int)
    assert 0 <= rest < divisor


@laws
@given(TERMS, TERMS, st.integers(1, 12))
def test_whole_multiples_leave_a_division(x: Term, y: Term, d: int) -> None:
    a, b = size_of(x), size_of(y)
    assert floordiv(a + d * b, d) == floordiv(a, d) + b
    assert (a + d * b) % d == a % d
    assert floordiv(-a, -d) == floordiv(a, d)


@laws
@given(st.sampled_from("nhwck"), st.integers(-9, 9), st.integers(1, 9), st.integers(1, 9))
def test_halving_twice_is_quartering(name: str, offset: int, a: int, b: int) -> None:
    size = SYMBOLS[name] + offset
    assert floordiv(floordiv(size, a), b) == floordiv(size, a * b)
    assert floordiv(a * size, a * b) == floordiv(size, b)


@laws
@given(POLYNOMIALS, POLYNOMIALS)
def test_exact_quotients(x: Term, y: Term) -> None:
    a, b = size_of(x), size_of(y)
    assume(b != 0)
    quotient = exact_quotient(a * b, b)
    assert quotient is None or quotient == a
    other = exact_quotient(a, b)
    assert other is None or other * b == a


def test_exact_quotients_that_reshapes_need() -> None:
    assert exact_quotient(N * H * W, H) == N * W
    assert exact_quotient(N * (H + 1) * (W + 1), (H + 1)) == N * (W + 1)
    assert exact_quotient(16 * N * floordiv(H, 2), 4 * N) == 4 * floordiv(H, 2)
    assert exact_quotient(6 * N, 4) is None
    assert exact_quotient(N, H) is None
    assert exact_quotient(N, 0) is None
    assert exact_quotient(12, 5) is None


def test_division_by_zero_is_pythons() -> None:
    for size in (N, 5):
        with pytest.raises(ZeroDivisionError):
            floordiv(size, 0)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (N * 16 * 5 * 5, "400*n"),
        (floordiv(H + 2 - 3, 2) + 1, "((h + 1)//2)"),
        (floordiv(H + 2 - 4, 3) + 1, "((h + 1)//3)"),
        (floordiv(H, 2) * floordiv(W, 2) * 16, "16*(h//2)*(w//2)"),
        (-N, "-n"),
        (H * H - 1, "h**2 - 1"),
        (floordiv(floordiv(H, 2), 2), "(h//4)"),
    ],
)
def test_texts(size: Size, text: str) -> None:
    assert str(size) == repr(size) == text


# --- bounds -------------------------------------------------------------------------------------------------------


@laws
@given(TERMS, NUMBERS)
def test_bounds_hold(term: Term, numbers: dict[str, int]) -> None:
    low, high = bounds(size_of(term))
    found = value(term, numbers)
    assert isinstance(found, int)
    assert low is None or low <= found
    assert high is None or found <= high


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (N, (1, None)),
        (7, (7, 7)),
        (-N, (None, -1)),
        (SYMBOLS["k"], (None, None)),
        (16 * floordiv(H, 2) + 3, (3, None)),
        (3 - floordiv(H, 2), (None, 3)),
        (floordiv(H - 5, 2), (-2, None)),
        (choice(2, 3, 7)[0] * 2, (4, 14)),
        (10**400 * N, (10**400, None)),
        (N - 10**400, (1 - 10**400, None)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bounds(size: Size, wanted: tuple[int | None, int | None]) -> None:
    assert bounds(size) == wanted


# --- what a size is made of ---------------------------------------------------------------------------------------


def test_namesakes_are_told_apart() -> None:
    a, b = fresh("h"), fresh("h")
    assert a != b
    assert str(a - b) == "h - h"
    assert symbol("h") == symbol("h") != a


def test_one_of_few() -> None:
    assert one_of(3, 3) == 3
    size, chosen = choice(5, 3)
    assert str(size) == "(3|5)"
    assert chosen.choices == (3, 5)
    assert as_symbol(size) == chosen


def test_a_symbol_alone() -> None:
    assert as_symbol(N) == sym("n")
    assert [as_symbol(size) for size in (3, 2 * N, N + 1, N * H, N * N, floordiv(N, 2))] == [None] * 6


def test_sure_is_what_must_be_an_integer() -> None:
    assert is_sure(3)
    assert is_sure(2 * N + 1)
    assert not is_sure(N + fresh("k", sure=False))
    assert not is_sure(N * SYMBOLS["k"])


@laws
@given(TERMS, TERMS)
def test_growth_is_measured(x: Term, y: Term) -> None:
    a = size_of(x)
    assert weight(a) >= 1
    if isinstance(a, Poly):
        assert weight(a * (N + H)) > 0
        grown = floordiv(a + N * H, 11)  # a may be -n*h
        assert isinstance(grown, int) or weight(grown) >= weight(N)
