"""What a story has assumed so far: symbols and unknown ranks that a passed line has pinned down.

A line that runs at all proves what it needs: after ``conv(x)`` with three input channels, x's channel axis *is* 3.
Each such fact is a substitution; sizes and shapes are read through `Facts.size` and `Facts.shape`.
Writes go through ``write`` so that the interpreter can undo them at the end of a branch.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Callable

from torchshape_lint.dims import (
    FloorDiv,
    Poly,
    Size,
    Sym,
    as_symbol,
    exact_quotient,
    floordiv,
    fresh,
    map_size,
    symbols,
)
from torchshape_lint.proofs import equal
from torchshape_lint.shapes import Lead, Shape, fresh_lead
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided

AXIS_NAMES = {
    1: ("n",),
    2: ("n", "c"),
    3: ("n", "c", "l"),
    4: ("n", "c", "h", "w"),
    5: ("n", "c", "d", "h", "w"),
}


def _set(mapping: dict[Hashable, Any], key: Hashable, value: object) -> None:
    mapping[key] = value


def _no_choice(lead: Lead, options: tuple[int, ...]) -> int | None:
    return None


def unsure() -> bool:
    """What nothing is known of is not certain."""
    return False


@dataclass(slots=True)
class Facts:
    """Substitutions for symbols and for the unknown axes of open shapes.

    write: stores into a mapping (the interpreter's journal does).
    choose_rank: answers which of several possible ranks this story is about, or None.
    choices: how often it was asked.
    widths_hold: are floats as wide as the code says? Elsewhere a default dtype, autocast or a conversion changes them
        unseen, and float64 only means that it is some float.
    """

    symbols: dict[Hashable, Any] = field(default_factory=dict)
    leads: dict[Hashable, Any] = field(default_factory=dict)
    write: Callable[[dict[Hashable, Any], Hashable, object], None] = _set
    choose_rank: Callable[[Lead, tuple[int, ...]], int | None] = _no_choice
    widths_hold: Callable[[], bool] = unsure
    choices: int = 0

    def size(self, size: Size) -> Size:
        """``size`` with all that is known put in."""
        known = self.symbols
        for _ in range(32):
            if isinstance(size, int) or known.keys().isdisjoint(size.symbols):
                break
            try:
                size = map_size(size, known.get)
            except ZeroDivisionError:  # no run comes by here: what is divided stays as it is
                break
        return size

    def shape(self, shape: Shape) -> Shape:
        """``shape`` with all that is known put in."""
        sizes, lead = shape.sizes, shape.lead
        while lead is not None and lead in self.leads:
            front: Shape = self.leads[lead]
            sizes, lead = front.sizes + sizes, front.lead
        known = self.symbols.keys()
        if known and any(not isinstance(size, int) and not known.isdisjoint(size.symbols) for size in sizes):
            sizes = tuple(map(self.size, sizes))
        return shape if sizes is shape.sizes and lead is shape.lead else Shape(sizes, lead)

    def assume_equal(self, a: Size, b: Size) -> Verdict:
        """Record a == b where it is possible; the verdict is what was known before."""
        a, b = self.size(a), self.size(b)
        verdict = equal(a, b)
        if verdict is MAYBE:
            solved = _solve(a - b)
            if solved:
                self.write(self.symbols, *solved)
        return verdict

    def assume_rank(self, shape: Shape, options: tuple[int, ...]) -> Verdict:
        """Record that ``shape`` has one of these ranks; MAYBE when it cannot be pinned down to one."""
        shape = self.shape(shape)
        if shape.lead is None:
            return decided(len(shape.sizes) in options)
        possible = tuple(n for n in options if n >= len(shape.sizes))
        if not possible:
            return NO
        if shape.most is not None:
            possible = tuple(n for n in possible if n <= shape.most)
            if not possible:
                return MAYBE  # none will do, but it is not the shape that says so
        if len(possible) > 1:
            self.choices += 1
        chosen = possible[0] if len(possible) == 1 else self.choose_rank(shape.lead, possible)
        if chosen is None:
            return MAYBE
        names = AXIS_NAMES.get(chosen, tuple(f"d{k}" for k in range(chosen)))
        front = tuple(fresh(name, 1) for name in names[: chosen - len(shape.sizes)])
        self.write(self.leads, shape.lead, Shape(front))
        return YES

    def assume_rank_at_least(self, shape: Shape, least: int) -> Verdict:
        """Record that ``shape`` has so many axes or more; an open shape gets them in front of its known ones."""
        shape = self.shape(shape)
        if len(shape.sizes) >= least:
            return YES
        if shape.lead is None:
            return NO
        front = tuple(fresh("?", 0) for _ in range(least - len(shape.sizes)))
        most = shape.most
        if most is not None and most < least:
            return MAYBE  # as in `assume_rank`
        rest = None if most == least else fresh_lead(None if most is None else most - least)
        self.write(self.leads, shape.lead, Shape(front, rest))
        return YES


def _solve(difference: Size) -> tuple[Sym, Size] | None:
    """A symbol and the value that makes ``difference`` zero, where it stands alone and linear."""
    if not isinstance(difference, Poly):
        return None
    multiple = _multiple(difference)
    if multiple is not None:
        return multiple
    candidates: list[tuple[int, Sym, Size]] = []
    for mono, c in difference.terms:
        if len(mono) == 1 and mono[0][1] == 1 and isinstance(mono[0][0], Sym):
            sym = mono[0][0]
            rest = difference - Poly(((mono, c),))
            value = exact_quotient(-rest, c)
            if value is not None and sym not in symbols(value):
                candidates.append((sym.serial, sym, value))
    if not candidates:
        return None
    _, sym, value = max(candidates, key=lambda item: item[0])
    return sym, value


def _multiple(difference: Poly) -> tuple[Sym, Size] | None:
    """``s - d*(s//d) == 0``, as ``assert s % d == 0`` says: s is d times something."""
    for mono, _ in difference.terms:
        for atom, _ in mono:
            if isinstance(atom, FloorDiv) and (sym := as_symbol(atom.num)) is not None:
                remainder = atom.num - atom.den * floordiv(atom.num, atom.den)
                if difference in (remainder, -remainder) and sym not in symbols(atom.den):
                    return sym, atom.den * fresh(f"({sym}//{atom.den})", 1, sym.sure)
    return None
