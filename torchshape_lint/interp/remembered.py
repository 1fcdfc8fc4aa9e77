"""Calls that were made before: what a call of the same function with the same arguments gave, if it only gave a value.

The same call comes again and again: for every layer that is built, in the trial turns of loops, on both ways of a
branch. There are two ways to be sure that it gives the same: its arguments are plain, and it looked at nothing outside
that may change; or nothing has been written since. Knows nothing of what functions do.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Final

from torchshape_lint.dims import Poly, symbols
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.copies import copy_value
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Scope
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    ClassValue,
    DictValue,
    External,
    Function,
    Layer,
    ListValue,
    ModuleValue,
    Object,
    Range,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

_RAISES: Final = object()  # what is remembered of a call that raises
_MOST = 20_000
_SMALL = 40  # keys of a dict that is known by what is in it
_CONTAINERS = (ListValue, DictValue, SetValue)
_COPIED = (*_CONTAINERS, Layer)
_CONSTANT = (ClassValue, Function, ModuleValue)  # objects that are bound anew, but hardly ever changed


def once(m: Machine, function: Function, bound: dict[object, Value], born: int, run: Callable[[], Value]) -> Value:
    """What ``run`` gives, which calls ``function`` with the arguments ``bound``.

    born: what has a greater serial belongs to this call alone.
    """
    if m.watched is not None:
        return run()
    values = tuple(map(_content, bound.values()))
    pure = is_plain(values)
    if not pure and any(_is_marked(m, tensor) for tensor in _tensors(values)):
        return run()
    when = (m.journal.shared,) if pure else (m.journal.shared, m.journal.state)
    key = function, when, len(m.patched), m.quiet > 0, _key(values)
    if len(m.remembered) > _MOST:
        m.remembered.clear()
    value = m.remembered.get(key, MISSING)
    if value is MISSING:
        return _first(m, key, pure, _given(function, bound), born, run)
    if value is _RAISES:
        raise Raised("as before")
    return _copy(value, bound.values())


def _given(function: Function, bound: dict[object, Value]) -> tuple[Value, ...]:
    """The arguments, without the dict that Python makes of ``**kwargs`` for this call alone."""
    own = [p.name for p in function.node.params.items if p.kind == "**"]
    return tuple(value for name, value in bound.items() if name not in own)


def _first(
    m: Machine, key: Hashable, pure: bool, given: tuple[Value, ...], born: int, run: Callable[[], Value]
) -> Value:
    """The call itself, remembered if it did nothing but give its value (or raise)."""
    before = _Before(m, given, born)
    try:
        value = run()
    except Raised:
        if before.nothing_was_done(pure):
            m.remembered[key] = _RAISES
        raise
    if before.nothing_was_done(pure):
        fresh = m.outside_reads == before.reads and not any(map(_holds_objects, given))
        if _Sharing(m, given, born, fresh).allows(value):
            m.remembered[key] = _copy(value, given)
    if m.journal.state != before.state and _has_no_objects(value) and before.is_private():
        m.journal.state = before.state  # what was written is out of reach
    return value


class _Before:
    """How things stood before a call. born: what has a greater serial was made by it."""

    def __init__(self, m: Machine, given: tuple[Value, ...], born: int) -> None:
        self.m, self.given, self.born = m, given, born
        self.state, self.mark, self.reads, self.cuts = m.journal.state, m.journal.mark(), m.outside_reads, len(m.cuts)
        self.contents, self.effects = _contents(given), self._effects()

    def nothing_was_done(self, pure: bool) -> bool:
        m = self.m
        same = m.outside_reads == self.reads if pure else m.journal.state == self.state or self.is_private()
        whole = all(level >= len(m.frames) for level in m.cuts[self.cuts :])
        return same and whole and self._effects() == self.effects and _are_same(_contents(self.given), self.contents)

    def is_private(self) -> bool:
        """Was nothing written but what the call has made itself?"""
        return self.m.journal.is_private(self.mark, self.born)

    def _effects(self) -> tuple[int, ...]:
        """What a call may do beside giving a value and writing, counted."""
        m = self.m
        return m.journal.shared, m.reports, len(m.steps), len(m.built), len(m.vague), len(m.patched), m.facts.choices


def _are_same(one: list[Value], other: list[Value]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _has_no_objects(value: Value) -> bool:
    return is_plain(value) or isinstance(value, (Tensor, Poly, Shape))


# --- results ----------------------------------------------------------------------------------------------------------


class _Sharing:
    """May two calls give the same, but for copies of the lists, dicts and layers that the call has made?

    given: the arguments. serial: symbols from here on are new. fresh: what is made of objects was made by the call, but
    for what is given or watched.
    """

    def __init__(self, m: Machine, given: tuple[Value, ...], serial: int, fresh: bool) -> None:
        self.m, self.given, self.serial, self.fresh = m, given, serial, fresh
        self._seen: set[int] = set()

    def allows(self, value: Value) -> bool:
        """Not a size that is anybody's guess, nor an object that somebody else has, too."""
        if is_plain(value):
            return True
        if isinstance(value, Object):
            if any(value is argument for argument in self.given):
                return _content(value) is value  # it is known by what it is, not by what is in it
            return type(value) in _COPIED and self._is_made(value)
        if isinstance(value, tuple):
            return type(value) is tuple and all(map(self.allows, value))
        return self._is_known(value) and (self.m.quiet > 0 or not isinstance(value, Tensor))

    def _is_made(self, value: Object) -> bool:
        if not self.fresh or id(value.fields) in self.m.journal.watched:
            return False
        if id(value) in self._seen:
            return True
        self._seen.add(id(value))
        parts = value.fields.values()
        return all(self._is_known(part) if isinstance(part, Tensor) else self.allows(part) for part in parts)

    def _is_known(self, value: Value) -> bool:
        if isinstance(value, Poly):
            return all(symbol.serial < self.serial for symbol in symbols(value))
        if isinstance(value, Tensor):
            return value.numbers is None and not value.shape.is_open and all(map(self._is_known, value.shape.sizes))
        return isinstance(value, int)


def _copy(value: Value, given: Iterable[Value]) -> Value:
    """The same again, with lists, dicts and layers of its own; what was given stays what it is."""
    return value if is_plain(value) else copy_value(value, {id(argument): argument for argument in given})


# --- what is read outside ---------------------------------------------------------------------------------------------


def note_name(m: Machine, scope: Scope | None, name: str) -> None:
    """A function reads a name that is not its own: of its module, of the function around it, or (None) of nobody."""
    if scope is not None and scope.kind == "function":
        m.journal.read.add((id(scope.vars), name))
        m.outside_reads += not isinstance(scope.vars[name], Object) and not is_plain(scope.vars[name])
    else:
        m.journal.read.add(name)
    if scope is not None:
        note_read(m, scope.vars[name])


def note_read(m: Machine, value: Value) -> None:
    """A function reads ``value`` outside: in a module, a class or the function around it."""
    if not isinstance(value, Object) or isinstance(value, _CONSTANT) or id(value.fields) in m.journal.watched:
        return
    if type(value) in _CONTAINERS and is_plain(tuple(value.fields.values())):
        m.journal.watched[id(value.fields)] = value.fields
    else:
        m.outside_reads += 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list or dict that is given, by the plain things in it: the next time it may be another with the same."""

    kind: type[Object]
    items: tuple[Value, ...]


def _content(value: Value) -> Value:
    """A list or small dict of plain things by what is in it; anything else itself."""
    kind = type(value)
    if kind is ListValue and isinstance(items := value.fields["items"], tuple) and is_plain(items):  # type: ignore[attr-defined]
        return Items(kind, items)
    if kind is DictValue and len(value.fields) <= _SMALL and is_plain(items := tuple(value.fields.items())):  # type: ignore[attr-defined]
        return Items(kind, items)
    return value


def _contents(given: tuple[Value, ...]) -> list[Value]:
    """All that is in the lists and dicts among the arguments."""
    contents: list[Value] = []
    for value in map(_content, given):
        if isinstance(value, Items):
            pairs = value.kind is DictValue
            contents += (Items, *(chain.from_iterable(value.items) if pairs else value.items))  # type: ignore[arg-type]
    return contents


def _holds_objects(value: Value) -> bool:
    """Could a list that a call gives have been there before, inside of this argument?"""
    return not _has_no_objects(value) and type(_content(value)) is not Items


# --- arguments --------------------------------------------------------------------------------------------------------


def is_plain(value: Value) -> bool:
    """Is it the same for everybody and for ever? A size is not: more may be known of it later."""
    if isinstance(value, tuple):
        return type(value) in (tuple, Range) and all(map(is_plain, value))
    if isinstance(value, Items):
        return is_plain(value.items)
    if isinstance(value, _CONSTANT):
        return True
    return isinstance(value, (Unknown, External)) or not (is_dataclass(value) or isinstance(value, Object))


def _key(value: Value) -> Hashable:
    """Equal for what nobody can tell apart; 1, True and 1.0 are three."""
    if isinstance(value, tuple):
        return type(value), getattr(value, "names", None), tuple(map(_key, value))
    if isinstance(value, (Object, Tensor, Unknown, External, Poly, Shape)) or not is_dataclass(value):
        return type(value), value
    return type(value), tuple(_key(getattr(value, f.name)) for f in fields(value))


def _tensors(values: tuple[Value, ...]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple):
            yield from _tensors(value)


def _is_marked(m: Machine, tensor: Tensor) -> bool:
    """Is more known of this very tensor than it says itself?"""
    return any(id(tensor) in marked for marked in (m.suspects, m.disputed, m.placed, m.along, m.renewed))
