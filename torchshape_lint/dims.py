"""Sizes in one normal form, and their bounds.

A size is an ``int`` or a `Poly`: a polynomial with integer coefficients over atoms, where an atom is a symbol
(`Sym`) or a floor-division that could not be carried out (`FloorDiv`). The normal form is built at construction,
so equal sizes are equal values, and a constant *is* an ``int``. What can be proved about sizes is in `proofs`. Knows
nothing of shapes, torch or Python code.

One file, though a long one: the operators of `Poly` divide, division asks for bounds, and bounds are those of a `Poly`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import field
from functools import cached_property
from typing import Callable, Iterable, Mapping, TypeAlias

from torchshape_lint.frozen import dataclass
from torchshape_lint.intervals import Interval, plus, quotient, times
from torchshape_lint.size_names import given, made_up

_serials = itertools.count(1)
next_serial = _serials.__next__  # every symbol made from now on has a greater one


@dataclass(frozen=True, slots=True)
class Sym:
    """A name for one integer.

    low: its least value (None: may be negative). serial: tells namesakes apart.
    sure: False for what is used as a size but may turn out to be something else (an argument nobody has seen):
        good enough to compare sizes with, not to decide a branch.
    choices: the only values that it can have, where they are few (what two branches leave behind).
    """

    name: str
    low: int | None = 1
    serial: int = 0
    sure: bool = True
    choices: tuple[int, ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, self.serial))  # asked for more often than anything else

    def __str__(self) -> str:
        return f"({'|'.join(map(str, self.choices))})" if self.choices else self.name

    @property
    def order(self) -> tuple[str, int]:
        return (self.name, self.serial)


@dataclass(frozen=True)
class FloorDiv:
    """``num // den`` where neither divides; ``den`` is a positive int or a polynomial."""

    num: Size
    den: Size

    def __str__(self) -> str:
        return f"({_factor_text(self.num)}//{_factor_text(self.den)})"

    @cached_property
    def order(self) -> tuple[str, int]:
        return (str(self), max((s.serial for s in symbols(self.num)), default=0))


Atom: TypeAlias = Sym | FloorDiv
Mono: TypeAlias = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True, eq=False)
class Poly:
    """A polynomial that is not a constant. Build it with `symbol` and arithmetic, never directly."""

    terms: tuple[tuple[Mono, int], ...]
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.terms))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        """The same normal form (structural equality); `proofs.equal` asks about the numbers."""
        return isinstance(other, Poly) and self._hash == other._hash and self.terms == other.terms

    def __add__(self, other: Size) -> Size:
        sums = dict(self.terms)
        for mono, coefficient in _terms(other):
            sums[mono] = sums.get(mono, 0) + coefficient
        return _size(sums)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return _size({mono: -c for mono, c in self.terms})

    def __sub__(self, other: Size) -> Size:
        return self + (-other)

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        sums: dict[Mono, int] = {}
        for mono, c in self.terms:
            for mono2, c2 in _terms(other):
                product = _mono_product(mono, mono2)
                sums[product] = sums.get(product, 0) + c * c2
        return _size(sums)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        return math.prod([self] * power, start=1)

    def __floordiv__(self, other: Size) -> Size:
        return floordiv(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        return floordiv(other, self)

    def __mod__(self, other: Size) -> Size:
        return self - floordiv(self, other) * other

    def __rmod__(self, other: int) -> Size:
        return other - floordiv(other, self) * self

    @cached_property
    def symbols(self) -> frozenset[Sym]:
        """Every symbol in it, those inside floor-divisions too."""
        found: set[Sym] = set()
        for mono, _ in self.terms:
            for atom, _ in mono:
                if isinstance(atom, Sym):
                    found.add(atom)
                else:
                    found |= symbols(atom.num) | symbols(atom.den)
        return frozenset(found)

    @cached_property
    def bounds(self) -> Interval:
        whole: Interval = (0, 0)
        for mono, c in self.terms:
            part: Interval = (c, c)
            for atom, power in mono:
                for _ in range(power):
                    part = times(part, _atom_bounds(atom))
            whole = plus(whole, part)
        return whole

    @cached_property
    def weight(self) -> int:
        """How much there is to write down: the measure by which growth without end is noticed."""
        return sum(
            1
            + c.bit_length() // 64
            + sum(p * (weight(a.num) + weight(a.den)) if isinstance(a, FloorDiv) else p for a, p in mono)
            for mono, c in self.terms
        )

    @property
    def constant(self) -> int:
        return next((c for mono, c in self.terms if not mono), 0)

    def __str__(self) -> str:
        ordered = sorted(self.terms, key=lambda t: (-sum(p for _, p in t[0]), [a.order for a, _ in t[0]]))
        text = ""
        for mono, c in ordered:
            factors = [str(atom) if p == 1 else f"{atom}**{p}" for atom, p in mono]
            if abs(c) != 1 or not factors:
                factors.insert(0, str(abs(c)))
            sign = "-" if c < 0 else "+"
            text += f" {sign} {'*'.join(factors)}" if text else ("-" if c < 0 else "") + "*".join(factors)
        return text

    __repr__ = __str__


Size: TypeAlias = int | Poly


def symbol(name: str, low: int | None = 1, serial: int = 0, sure: bool = True) -> Poly:
    """The size called ``name``, at least ``low``."""
    return _atom(Sym(name, low, serial, sure))


def fresh(name: str = "?", low: int | None = 0, sure: bool = True) -> Poly:
    """A size of which nothing is known but its bound; equal to no other."""
    return symbol(made_up(name), low, next(_serials), sure)


def named(name: str, low: int | None = 1, sure: bool = True) -> Poly:
    """A size that the author calls ``name``; equal to no other, not even to one that is called the same elsewhere."""
    return symbol(given(name), low, next(_serials), sure)


def one_of(*numbers: int) -> Size:
    """A size that is one of these numbers."""
    choices = tuple(sorted(set(numbers)))
    if len(choices) == 1:
        return choices[0]
    return _atom(Sym("?", min(choices), next(_serials), True, choices))


def is_sure(size: Size) -> bool:
    """Is it an integer for certain?"""
    return isinstance(size, int) or all(s.sure and s.low is not None for s in symbols(size))


def weight(size: Size) -> int:
    """The `Poly.weight` of a size; a plain number weighs its length."""
    return size.weight if isinstance(size, Poly) else 1 + size.bit_length() // 64


def as_symbol(size: Size) -> Sym | None:
    """The symbol that ``size`` is, when it is nothing but one symbol."""
    if isinstance(size, Poly) and len(size.terms) == 1:
        mono, c = size.terms[0]
        if c == 1 and len(mono) == 1 and mono[0][1] == 1 and isinstance(mono[0][0], Sym):
            return mono[0][0]
    return None


def _terms(size: Size) -> Iterable[tuple[Mono, int]]:
    if isinstance(size, Poly):
        return size.terms
    return (((), size),) if size else ()


def _mono_order(term: tuple[Mono, int]) -> list[tuple[tuple[str, int], int]]:
    return [(atom.order, power) for atom, power in term[0]]


def _size(sums: Mapping[Mono, int]) -> Size:
    terms = [(mono, c) for mono, c in sums.items() if c]
    if not terms:
        return 0
    if len(terms) == 1 and not terms[0][0]:
        return terms[0][1]
    return Poly(tuple(sorted(terms, key=_mono_order)))


def _mono_product(a: Mono, b: Mono) -> Mono:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].order))


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes."""
    answer: Size = 0
    for size in sizes:
        answer = answer + size
    return answer


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes (1 for none)."""
    answer: Size = 1
    for size in sizes:
        answer = answer * size
    return answer


def floordiv(num: Size, den: Size) -> Size:
    """``num // den``; raises ZeroDivisionError for a zero ``den``, as Python does."""
    if isinstance(num, int) and isinstance(den, int):
        return num // den
    if isinstance(den, int):
        if den < 0:
            return floordiv(-num, -den)
        if den == 0:
            raise ZeroDivisionError
        assert isinstance(num, Poly)
        return _floordiv_int(num, den)
    quotient = exact_quotient(num, den)
    if quotient is not None:
        return quotient
    if isinstance(num, int):
        low, _ = bounds(den)
        if num >= 0 and low is not None and low > num:
            return 0
    return _atom(FloorDiv(num, den))


def _atom(atom: Atom) -> Poly:
    return Poly(((((atom, 1),), 1),))


def _floordiv_int(num: Poly, den: int) -> Size:
    whole: dict[Mono, int] = {}
    rest: dict[Mono, int] = {}
    for mono, c in num.terms:
        whole[mono], rest[mono] = divmod(c, den) if mono else (0, c)
    offset, rest[()] = divmod(rest.get((), 0), den)
    quotient, left = _size(whole) + offset, _size(rest)
    if isinstance(left, int):
        return quotient + left // den
    common = math.gcd(den, *(c for mono, c in left.terms if mono))
    if common > 1:  # floor((g*a + c) / (g*d)) = floor((a + floor(c/g)) / d)
        left = _size({mono: c // common for mono, c in left.terms})
        return quotient + floordiv(left, den // common)
    inner = [(mono, c) for mono, c in left.terms if mono]
    if len(inner) == 1 and inner[0][1] == 1 and len(inner[0][0]) == 1:
        atom, power = inner[0][0][0]
        if power == 1 and isinstance(atom, FloorDiv) and isinstance(atom.den, int):
            # floor((floor(a/b) + k) / c) = floor((a + k*b) / (b*c))
            return quotient + floordiv(atom.num + left.constant * atom.den, atom.den * den)
    return quotient + _atom(FloorDiv(left, den))


def ceildiv(num: Size, den: Size) -> Size:
    """``ceil(num / den)``."""
    if isinstance(den, int) and den > 0:
        return floordiv(num + (den - 1), den)  # the form that windows and strides give too
    return -floordiv(-num, den)


def exact_quotient(num: Size, den: Size) -> Size | None:
    """The polynomial q with q * den == num, or None when there is none."""
    if isinstance(num, int) and isinstance(den, int):
        return num // den if den and num % den == 0 else None
    if isinstance(den, int):
        if den and all(c % den == 0 for _, c in _terms(num)):
            return _size({mono: c // den for mono, c in _terms(num)})
        return None
    quotient: Size = 0
    left = num
    lead_mono, lead_c = max(den.terms, key=_degree)
    for _ in range(16):
        if isinstance(left, int):
            return quotient if left == 0 else None
        mono, c = max(left.terms, key=_degree)
        ratio = _mono_quotient(mono, lead_mono)
        if ratio is None or c % lead_c:
            return None
        step = _size({ratio: c // lead_c})
        quotient, left = quotient + step, left - step * den
    return None


def _degree(term: tuple[Mono, int]) -> tuple[int, list[tuple[tuple[str, int], int]]]:
    return sum(power for _, power in term[0]), _mono_order(term)


def _mono_quotient(a: Mono, b: Mono) -> Mono | None:
    powers = dict(a)
    for atom, power in b:
        if powers.get(atom, 0) < power:
            return None
        powers[atom] -= power
    return tuple((atom, power) for atom, power in powers.items() if power)


def symbols(size: Size) -> frozenset[Sym]:
    """Every symbol in ``size``, those inside floor-divisions too."""
    return size.symbols if isinstance(size, Poly) else frozenset()


def substitute(size: Size, mapping: Mapping[Sym, Size]) -> Size:
    """``size`` with symbols replaced, again in normal form."""
    if isinstance(size, int) or not mapping:
        return size
    answer: Size = 0
    for mono, c in size.terms:
        part: Size = c
        for atom, power in mono:
            if isinstance(atom, Sym):
                value: Size = mapping.get(atom, _atom(atom))
            else:
                value = floordiv(substitute(atom.num, mapping), substitute(atom.den, mapping))
            part = part * value**power
        answer = answer + part
    return answer


# --- least and greatest -------------------------------------------------------------------------------------------


def bounds(size: Size) -> Interval:
    """The least and the greatest value that ``size`` can take; None where there is no bound."""
    return (size, size) if isinstance(size, int) else size.bounds


def _atom_bounds(atom: Atom) -> Interval:
    if isinstance(atom, Sym):
        return atom.low, (max(atom.choices) if atom.choices else None)
    return quotient(bounds(atom.num), bounds(atom.den))


# --- words and substitution -----------------------------------------------------------------------------------------


def _factor_text(size: Size) -> str:
    text = str(size)
    return f"({text})" if isinstance(size, Poly) and not _is_plain(size) else text


def _is_plain(size: Poly) -> bool:
    return len(size.terms) == 1 and size.terms[0][1] == 1 and len(size.terms[0][0]) == 1


def factored(size: Size) -> str:
    """A size as a factor in a product: sums in brackets."""
    return f"({size})" if isinstance(size, Poly) and len(size.terms) > 1 else str(size)


def map_size(size: Size, change: Callable[[Sym], Size | None]) -> Size:
    """``size`` with each symbol for which ``change`` answers replaced by its answer."""
    replaced = {s: new for s in symbols(size) if (new := change(s)) is not None}
    return substitute(size, replaced)
