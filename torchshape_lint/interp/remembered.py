"""Calls that were made before: what a call of the same function with the same arguments gave, if it only gave a value.

The same call comes again and again: for every layer that is built, in the trial turns of loops, on both ways of a
branch. There are two ways to be sure that it gives the same: its arguments are plain, and it looked at nothing outside
that may change; or nothing has been written since. Knows nothing of what functions do.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from torchshape_lint.dims import Poly, next_serial, symbols
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Scope
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    ClassValue,
    External,
    Function,
    ListValue,
    ModuleValue,
    Object,
    Range,
    Tensor,
    Unknown,
    Value,
)

_RAISES: Final = object()  # what is remembered of a call that raises
_MOST = 20_000
_CONSTANT = (ClassValue, Function, ModuleValue)  # objects that are bound anew, but hardly ever changed


def once(m: Machine, function: Function, bound: dict[object, Value], run: Callable[[], Value]) -> Value:
    """What ``run`` gives, which calls ``function`` with the arguments ``bound``."""
    if m.watched is not None or len(m.remembered) > _MOST:
        return run()
    values = tuple(map(_content, bound.values()))
    pure = is_plain(values)
    if not pure and any(_is_marked(m, tensor) for tensor in _tensors(values)):
        return run()
    when = (m.journal.shared,) if pure else (m.journal.shared, m.journal.state)
    key = function, when, len(m.patched), m.quiet > 0, _key(values)
    value = m.remembered.get(key, MISSING)
    if value is MISSING:
        return _first(m, key, pure, tuple(bound.values()), run)
    if value is _RAISES:
        raise Raised("as before")
    return ListValue({"items": value.items}) if isinstance(value, Items) else value


def _first(m: Machine, key: Hashable, pure: bool, given: tuple[Value, ...], run: Callable[[], Value]) -> Value:
    """The call itself, remembered if it did nothing but give its value (or raise)."""
    effects, state, reads, serial = _effects(m), m.journal.state, m.outside_reads, next_serial()
    contents = [content.items for value in given if isinstance(content := _content(value), Items)]

    def did_nothing() -> bool:
        same = m.outside_reads == reads if pure else m.journal.state == state
        now = [content.items for value in given if isinstance(content := _content(value), Items)]
        return same and _effects(m) == effects and all(map(operator.is_, now, contents)) and len(now) == len(contents)

    try:
        value = run()
    except Raised:
        if did_nothing():
            m.remembered[key] = _RAISES
        raise
    if did_nothing():
        elsewhere = m.outside_reads != reads or any(value is argument or _holds_objects(argument) for argument in given)
        kept = Items(value.fields["items"]) if type(value) is ListValue and not elsewhere else value
        if _can_be_shared(m, kept, given, serial):
            m.remembered[key] = kept
    return value


def _effects(m: Machine) -> tuple[int, ...]:
    """What a call may do beside giving a value, counted."""
    tensors = len(m.suspects), len(m.disputed), len(m.placed), len(m.along)
    return m.journal.shared, m.reports, m.cuts, len(m.steps), len(m.built), len(m.vague), len(m.patched), *tensors


def _can_be_shared(m: Machine, value: Value, given: tuple[Value, ...], serial: int) -> bool:
    """May two calls give the very same value? Not a list that is then changed, nor a size that is anybody's guess."""
    if isinstance(value, Items):
        return isinstance(value.items, tuple) and _can_be_shared(m, value.items, given, serial)
    if isinstance(value, Object):
        return type(value) is not ListValue and any(value is argument for argument in given)
    if is_plain(value):
        return True
    if isinstance(value, tuple):
        return type(value) is tuple and all(_can_be_shared(m, item, given, serial) for item in value)
    if isinstance(value, Poly):
        return all(symbol.serial < serial for symbol in symbols(value))
    known = isinstance(value, Tensor) and m.quiet > 0 and value.numbers is None and not value.shape.is_open
    return known and all(_can_be_shared(m, size, given, serial) for size in value.shape.sizes)  # type: ignore[attr-defined]


# --- what is read outside ---------------------------------------------------------------------------------------------


def note_name(m: Machine, scope: Scope | None, name: str) -> None:
    """A function reads a name that is not its own: of its module, of the function around it, or (None) of nobody."""
    m.journal.read.add(name)
    if scope is not None:
        note_read(m, scope.vars[name])
        m.outside_reads += scope.kind == "function"


def note_read(m: Machine, value: Value) -> None:
    """A function reads ``value`` in a module or a class."""
    if isinstance(value, Object) and not isinstance(value, _CONSTANT):
        m.outside_reads += 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list by what is in it: one that is given may be another the next time, and one that is made is made anew."""

    items: Value


def _content(value: Value) -> Value:
    """A list of plain things by what is in it; anything else itself."""
    if type(value) is ListValue and isinstance(items := value.fields["items"], tuple) and is_plain(items):
        return Items(items)
    return value


def _holds_objects(value: Value) -> bool:
    """Could a list that a call gives have been there before, inside of this argument?"""
    return not is_plain(value) and not isinstance(value, (Tensor, Poly, Shape)) and type(_content(value)) is not Items


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
