"""Calls that were made before, of functions that only compute: the same arguments give the same value.

Pure Python is called again and again: for every layer that is built, in the trial turns of loops, on both ways of a
branch. A call is remembered when its arguments are plain, when it looked at nothing outside that may change, and when
all that it did was to give a plain value. Knows nothing of what functions do.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import is_dataclass
from typing import Final

from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Scope
from torchshape_lint.values import ClassValue, External, Function, ModuleValue, Object, Range, Unknown, Value

_RAISES: Final = object()  # what is remembered of a call that raises
_MOST = 20_000
_CONSTANT = (ClassValue, Function, ModuleValue)  # objects that are bound anew, but hardly ever changed


def once(m: Machine, function: Function, bound: dict[object, Value], run: Callable[[], Value]) -> Value:
    """What ``run`` gives, which calls ``function`` with the arguments ``bound``."""
    values = tuple(bound.values())
    if not is_plain(values) or len(m.remembered) > _MOST:
        return run()
    key = function, m.journal.shared, len(m.patched), m.quiet > 0, _key(values)
    value = m.remembered.get(key, MISSING)
    if value is _RAISES:
        raise Raised("as before")
    if value is not MISSING:
        return value
    before = _effects(m)
    try:
        value = run()
    except Raised:
        if _effects(m) == before:
            m.remembered[key] = _RAISES
        raise
    if _effects(m) == before and m.journal.shared == key[1] and is_plain(value):
        m.remembered[key] = value
    return value


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


def _effects(m: Machine) -> tuple[int, ...]:
    """What a call may do beside giving a value, counted."""
    tensors = len(m.suspects), len(m.disputed), len(m.placed), len(m.along)
    return (m.outside_reads, m.reports, m.cuts, len(m.steps), len(m.built), len(m.vague), len(m.patched), *tensors)


def is_plain(value: Value) -> bool:
    """Is it the same for everybody and for ever? A size is not: more may be known of it later."""
    if isinstance(value, tuple):
        return type(value) in (tuple, Range) and all(map(is_plain, value))
    if isinstance(value, _CONSTANT):
        return True
    return isinstance(value, (Unknown, External)) or not (is_dataclass(value) or isinstance(value, Object))


def _key(value: Value) -> Hashable:
    """1, True and 1.0 are three."""
    if isinstance(value, tuple):
        return type(value), tuple(map(_key, value))
    return type(value), value
