"""Dicts of which not every key is known: an entry under such a key may replace any other."""

from __future__ import annotations

from torchshape_lint.interp.doubts import settle
from torchshape_lint.interp.enums import is_enum
from torchshape_lint.interp.escape import DEFINED
from torchshape_lint.interp.join import join_values
from torchshape_lint.interp.machine import Machine
from torchshape_lint.values import (
    OPEN,
    ClassValue,
    DictValue,
    External,
    Function,
    Instance,
    Namespace,
    Unknown,
    Value,
)

ANY = Unknown("an entry that may have been replaced")


def is_key(value: Value) -> bool:
    """Is it known which entry of a dict this key means?"""
    if isinstance(value, tuple):
        return all(map(is_key, value))
    if isinstance(value, Instance):
        return is_enum(value.cls)
    if isinstance(value, External):  # a class, a function or a dtype; sys.platform may be any string
        return value.path.startswith(("torch.", "builtins.")) or value.path.rpartition(".")[2][:1].isupper()
    return isinstance(value, (str, int, float, bytes, type(None), ClassValue, Function))


def write(m: Machine, target: DictValue, key: Value, value: Value) -> None:
    """``target[key] = value``"""
    if is_key(key):
        m.store(target, key, value)
        settle(m, target, key)
    else:
        write_somewhere(m, target, value)


def write_somewhere(m: Machine, target: DictValue, value: Value = ANY) -> None:
    """An entry is written, nobody knows under which key."""
    for key, old in list(target.fields.items()):
        if key != OPEN and not (isinstance(target, Namespace) and isinstance(old, DEFINED)):
            m.store(target, key, join_values(old, value))
    m.store(target, OPEN, True)


def update(m: Machine, target: DictValue, other: Value) -> None:
    """``target.update(other)``"""
    if not isinstance(other, DictValue):
        write_somewhere(m, target)
        return
    if OPEN in other.fields:
        write_somewhere(m, target)
    for key, value in other.fields.items():
        if key != OPEN:
            m.store(target, key, value)
            settle(m, target, key)


def merged(left: DictValue, right: DictValue) -> DictValue:
    """``{**left, **right}``"""
    if OPEN not in right.fields:
        return DictValue({**left.fields, **right.fields})
    return DictValue({**dict.fromkeys(left.fields, ANY), **right.fields})
