"""Sizes and the numbers behind them, for property tests: an expression is evaluated with symbols and with integers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import settings
from hypothesis import strategies as st

from torchshape_lint.dims import Poly, Size, Sym, as_symbol, ceildiv, floordiv, one_of, symbol

laws = settings(max_examples=int(os.environ.get("RANDOM_EXAMPLES", "150")), deadline=None)

Numbers: TypeAlias = dict[Sym, Size]

SYMBOLS: dict[str, Poly] = {
    **{name: symbol(name) for name in "nhw"},
    "c": symbol("c", low=0),
    "k": symbol("k", low=None),
}


@dataclass(frozen=True)
class Expression:
    """``op`` with its operands: names and integers at the leaves."""

    op: str
    parts: tuple[Expression | str | int, ...]

    def __str__(self) -> str:
        return f"({f' {self.op} '.join(map(str, self.parts))})"


Term: TypeAlias = Expression | str | int


def value(term: Term, names: Mapping[str, Size]) -> Size:
    """A term with these names put in: sizes give a size, numbers a number."""
    if isinstance(term, int):
        return term
    if isinstance(term, str):
        return names[term]
    a, b = (value(part, names) for part in term.parts)
    match term.op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "//":
            return floordiv(a, b)
        case "%":
            return a % b
    return ceildiv(a, b)


def size_of(term: Term) -> Size:
    return value(term, SYMBOLS)


_LEAVES: st.SearchStrategy[Term] = st.one_of(st.integers(-6, 12), st.sampled_from([*SYMBOLS]))
POSITIVE: st.SearchStrategy[Term] = st.one_of(
    st.integers(1, 9),
    st.sampled_from(["n", "h"]),
    st.sampled_from([Expression("*", ("n", "h")), Expression("+", ("h", 1)), Expression("*", (2, "w"))]),
)


def _with_divisions(terms: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    whole = st.builds(Expression, st.sampled_from("+-*"), st.tuples(terms, terms))
    parts = st.builds(Expression, st.sampled_from(["//", "%", "ceildiv"]), st.tuples(terms, POSITIVE))
    return st.one_of(whole, parts)


POLYNOMIALS: st.SearchStrategy[Term] = st.recursive(
    _LEAVES, lambda t: st.builds(Expression, st.sampled_from("+-*"), st.tuples(t, t)), max_leaves=6
)
TERMS: st.SearchStrategy[Term] = st.recursive(_LEAVES, _with_divisions, max_leaves=6)
NUMBERS: st.SearchStrategy[dict[str, int]] = st.fixed_dictionaries(
    {**{name: st.integers(1, 40) for name in "nhw"}, "c": st.integers(0, 9), "k": st.integers(-20, 20)}
)


def known(numbers: Mapping[str, Size]) -> Numbers:
    """Numbers, or other sizes, by symbol."""
    return {sym(name): number for name, number in numbers.items()}


def sym(name: str) -> Sym:
    found = as_symbol(SYMBOLS[name])
    assert found is not None
    return found


def choice(*numbers: int) -> tuple[Size, Sym]:
    """A size that is one of these numbers, and its symbol."""
    size = one_of(*numbers)
    found = as_symbol(size)
    assert found is not None
    return size, found
