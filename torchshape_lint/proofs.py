"""What can be proved about sizes: three-valued questions, and their answers by bounds, divisibility and residues.

YES and NO hold for every value that the symbols can have; MAYBE is everything else.
"""

from __future__ import annotations

import itertools
import math
from typing import Callable, Iterable, Mapping

from torchshape_lint.dims import Atom, Poly, Size, Sym, bounds, substitute, symbols
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided


def equal(a: Size, b: Size) -> Verdict:
    """Is a == b for every (YES), for no (NO), or for some values of the symbols (MAYBE)?"""
    difference = a - b
    if isinstance(difference, int):
        return decided(difference == 0)
    low, high = bounds(difference)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return NO
    if _never_zero(difference):
        return NO
    return _by_choices(lambda mapping: equal(substitute(difference, mapping), 0), difference)


def _by_choices(ask: Callable[[Mapping[Sym, Size]], Verdict], size: Size) -> Verdict:
    """The answer that every choice of a symbol with few values gives; MAYBE when they differ."""
    chosen = next((s for s in symbols(size) if s.choices), None)
    if chosen is None:
        return MAYBE
    answers = {ask({chosen: number}) for number in chosen.choices}
    return answers.pop() if len(answers) == 1 else MAYBE


def at_least(a: Size, b: Size) -> Verdict:
    """Is a >= b?"""
    low, high = bounds(a - b)
    if low is not None and low >= 0:
        return YES
    if high is not None and high < 0:
        return NO
    return MAYBE


def divides(divisor: Size, size: Size) -> Verdict:
    """Is ``size`` a multiple of ``divisor``? A zero divisor divides nothing."""
    if isinstance(divisor, int) and divisor == 0:
        return NO
    remainder = size % divisor
    return decided(remainder == 0) if isinstance(remainder, int) else equal(remainder, 0)


def _never_zero(size: Poly) -> bool:
    """Divisibility, parity and roots: proofs that a polynomial has no integer zero."""
    rest = [(mono, c) for mono, c in size.terms if mono]
    constant = size.constant
    if constant and constant % math.gcd(*(c for _, c in rest)):
        return True
    if len(rest) == 1 and constant:  # c * m == -constant
        mono, c = rest[0]
        return not _is_product_of(-constant // c, [power for _, power in mono])
    atoms = sorted({atom for mono, _ in rest for atom, _ in mono}, key=lambda atom: atom.order)
    if len(atoms) > 2:
        return False
    return any(_no_residue(size, atoms, modulus) for modulus in (2, 3, 4, 5, 7, 8, 9))


def _is_product_of(number: int, powers: list[int]) -> bool:
    """Can ``number`` be written as a product of integers raised to ``powers``?"""
    if 1 in powers:
        return True
    if len(powers) > 1:
        return True
    (power,) = powers
    return _root(abs(number), power) ** power == abs(number) and (number > 0 or power % 2 == 1)


def _root(number: int, power: int) -> int:
    """The greatest integer whose ``power`` is not above ``number``; exact, where floats are not."""
    low, high = 0, 1 << (number.bit_length() // power + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= number else (low, middle)
    return low


def _no_residue(size: Poly, atoms: list[Atom], modulus: int) -> bool:
    for residues in itertools.product(range(modulus), repeat=len(atoms)):
        value_of = dict(zip(atoms, residues, strict=True))
        value = sum(c * math.prod(value_of[atom] ** power for atom, power in mono) for mono, c in size.terms)
        if value % modulus == 0:
            return False
    return True


def ranges(values: Iterable[int]) -> str:
    """``28..31``, ``28..31, 40``: ascending integers in words."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in runs)
