"""Calls that were made before: what a call of the same function with the same arguments gave, if it only gave a value.

The same call comes again and again: for every block that a network repeats, in the trial turns of loops, on both ways
of a branch. There are two ways to be sure that it gives the same: its arguments are plain, and it looked at nothing
outside that may change; or nothing has been written since. A class that is called is a function that gives an object.
Knows nothing of what functions do.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable
from typing import Final

from torchshape_lint.dims import Poly, symbols
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.arguments import (
    CONSTANT,
    CONTAINERS,
    Kind,
    content,
    contents,
    has_no_objects,
    holds_objects,
    is_plain,
    key_of,
    kind_of,
    tensors_in,
)
from torchshape_lint.interp.copies import copy_value
from torchshape_lint.interp.findings import Stepped
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Scope
from torchshape_lint.values import (
    Choice,
    ClassValue,
    Function,
    Instance,
    Layer,
    Object,
    Range,
    Tensor,
    Value,
)

_RAISES: Final = object()  # what is remembered of a call that raises
_MOST = 20_000
_COPIED = (*CONTAINERS, Layer, Instance)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a call gave, and the operators that it applied. path: of the modules that called."""

    value: Value
    steps: tuple[Stepped, ...]
    path: tuple[str, ...]

    def steps_at(self, path: tuple[str, ...]) -> Iterable[Stepped]:
        """The steps, as if the modules at ``path`` had called."""
        return self.steps if path == self.path else (step.moved(self.path, path) for step in self.steps)


def once(
    m: Machine, function: Function | ClassValue, bound: dict[object, Value], born: int, run: Callable[[], Value]
) -> Value:
    """What ``run`` gives, which calls ``function`` with the arguments ``bound``.

    born: what has a greater serial belongs to this call alone.
    """
    if m.watched is not None:
        return run()
    values = tuple(map(content, bound.values()))
    kind = kind_of(values)
    if kind is Kind.SIZES:
        values = tuple(m.facts.size(value) if isinstance(value, Poly) else value for value in values)
    elif kind is Kind.ANY and any(_is_marked(m, tensor) for tensor in tensors_in(values)):
        return run()
    when = m.journal.shared, m.journal.state if kind is Kind.ANY else None
    key = function, when, len(m.patched), m.quiet > 0, tuple(bound), key_of(values, m.explaining)
    if len(m.remembered) > _MOST:
        m.remembered.clear()
    value = m.remembered.get(key, MISSING)
    if value is MISSING:
        return _first(m, key, kind, _given(function, bound), born, run)
    if value is _RAISES:
        raise Raised("as before")
    assert isinstance(value, _Outcome)
    m.steps += value.steps_at(tuple(m.path))
    return _copy(value.value, bound.values())


def _copy(value: Value, given: Iterable[Value]) -> Value:
    """The same again, with lists, dicts, layers and objects of its own; what was given stays what it is."""
    return value if is_plain(value) else copy_value(value, {id(argument): argument for argument in given})


def _given(function: Function | ClassValue, bound: dict[object, Value]) -> tuple[Value, ...]:
    """The arguments, without the dict that Python makes of ``**kwargs`` for this call alone."""
    params = function.node.params.items if isinstance(function, Function) else ()
    own = [p.name for p in params if p.kind == "**"]
    return tuple(value for name, value in bound.items() if name not in own)


def _first(
    m: Machine, key: Hashable, kind: Kind, given: tuple[Value, ...], born: int, run: Callable[[], Value]
) -> Value:
    """The call itself, remembered if it did nothing but give its value (or raise)."""
    before = _Before(m, given, born)
    try:
        value = run()
    except Raised:
        if before.nothing_was_done(kind):
            m.remembered[key] = _RAISES
        raise
    if before.nothing_was_done(kind):
        fresh = m.outside_reads == before.reads and not any(map(holds_objects, given))
        if _Sharing(m, given, born, fresh).allows(value):
            m.remembered[key] = _Outcome(_copy(value, given), tuple(m.steps[before.steps :]), tuple(m.path))
    if m.journal.state != before.state and has_no_objects(value) and before.is_private():
        m.journal.state = before.state  # what was written is out of reach
    return value


class _Before:
    """How things stood before a call. born: what has a greater serial was made by it."""

    def __init__(self, m: Machine, given: tuple[Value, ...], born: int) -> None:
        self.m, self.given, self.born = m, given, born
        self.state, self.mark, self.reads, self.cuts = m.journal.state, m.journal.mark(), m.outside_reads, len(m.cuts)
        self.contents, self.effects, self.steps = contents(given), self._effects(), len(m.steps)

    def nothing_was_done(self, kind: Kind) -> bool:
        m = self.m
        same = (kind is Kind.ANY or m.outside_reads == self.reads) and (
            kind is Kind.PLAIN or m.journal.state == self.state or self.is_private()
        )
        whole = all(level >= len(m.frames) for level in m.cuts[self.cuts :])
        return same and whole and self._effects() == self.effects and _are_same(contents(self.given), self.contents)

    def is_private(self) -> bool:
        """Was nothing written but what the call has made itself?"""
        return self.m.journal.is_private(self.mark, self.born)

    def _effects(self) -> tuple[int, ...]:
        """What a call may do beside what is remembered of it, and writing, counted.

        That it built modules is none: the first of each class is told of. An explanation tells which tensor came from
        where: its steps are made anew.
        """
        m = self.m
        return m.journal.shared, m.reports, m.explaining and len(m.steps), len(m.patched), m.facts.choices


def _are_same(one: list[Value], other: list[Value]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


# --- results ----------------------------------------------------------------------------------------------------------


class _Sharing:
    """May two calls give the same, but for copies of the lists, dicts, layers and objects that the call has made?

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
                return content(value) is value  # it is known by what it is, not by what is in it
            return type(value) in _COPIED and self._is_made(value)
        if isinstance(value, tuple):
            return type(value) is tuple and all(map(self.allows, value))
        return self._is_known(value) and (self.m.quiet > 0 or not isinstance(value, Tensor))

    def _is_made(self, value: Object) -> bool:
        if not self.fresh or value.born <= self.serial or id(value.fields) in self.m.journal.watched:
            return False
        if id(value) in self._seen:
            return True
        self._seen.add(id(value))
        return all(map(self._is_part, value.fields.values()))

    def _is_part(self, value: Value) -> bool:
        """May it lie in an object that is copied? A function that was made with the object may see the first one."""
        if isinstance(value, Tensor):
            return self._has_known_sizes(value) and not _is_marked(self.m, value)  # contents are only ever forgotten
        if isinstance(value, tuple):
            return type(value) in (tuple, Range) and all(map(self._is_part, value))
        if isinstance(value, Choice):
            return all(map(self._is_part, value.options))
        return self.allows(value) and not (isinstance(value, CONSTANT) and value.born > self.serial)

    def _is_known(self, value: Value) -> bool:
        if isinstance(value, Poly):
            return all(symbol.serial < self.serial for symbol in symbols(value))
        if isinstance(value, Tensor):
            return value.numbers is None and self._has_known_sizes(value)
        return isinstance(value, int)

    def _has_known_sizes(self, tensor: Tensor) -> bool:
        return not tensor.shape.is_open and all(map(self._is_known, tensor.shape.sizes))


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
    if not isinstance(value, Object) or isinstance(value, CONSTANT) or id(value.fields) in m.journal.watched:
        return
    if type(value) in CONTAINERS and is_plain(tuple(value.fields.values())):
        m.journal.watched[id(value.fields)] = value.fields
    else:
        m.outside_reads += 1


def _is_marked(m: Machine, tensor: Tensor) -> bool:
    """Is more known of this very tensor than it says itself?"""
    return any(id(tensor) in marked for marked in (m.suspects, m.disputed, m.placed, m.along, m.renewed))
