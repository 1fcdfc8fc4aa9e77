"""Enumerations of the analysed code: their members, found by name, by value, or one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from torchshape_lint.interp.classes import mro
from torchshape_lint.values import ClassValue, External, Function, Instance, Unknown, Value

_NUMBERS = ("enum.IntEnum", "enum.IntFlag")
_ENUMS = frozenset((*_NUMBERS, "enum.Enum", "enum.StrEnum", "enum.Flag"))
_MIXED_IN = frozenset((*_NUMBERS, "enum.StrEnum", "builtins.int", "builtins.str", "builtins.float"))


def is_enum(cls: ClassValue) -> bool:
    return any(isinstance(entry, External) and entry.path in _ENUMS for entry in mro(cls))


def is_member(cls: ClassValue, name: object, value: Value) -> bool:
    """Does ``name = value`` in the body of the enumeration make a member?"""
    return isinstance(name, str) and name[:1] not in "_<" and not isinstance(value, (Function, Unknown))


def member(cls: ClassValue, name: str, value: Value) -> Instance:
    """The member of an enumeration; the same object each time."""
    key = f"<member {name}>"
    found = cls.fields.get(key)
    if not isinstance(found, Instance):
        found = Instance({"name": name, "value": value}, cls=cls)
        cls.fields[key] = found  # for good, whatever branch asked first
    return found


def members(cls: Value) -> tuple[Instance, ...] | None:
    """All members in order; None where it is no enumeration, or two may be one (aliases)."""
    if not isinstance(cls, ClassValue) or not is_enum(cls):
        return None
    named = {str(name): value for name, value in list(cls.fields.items()) if is_member(cls, name, value)}
    values = list(named.values())
    plain = all(type(value) in (int, str) for value in values) and len(set(values)) == len(values)
    return tuple(member(cls, name, value) for name, value in named.items()) if plain else None


def by_value(cls: ClassValue, args: Sequence[Value]) -> Value:
    """``Size(64)``"""
    known = members(cls)
    if known is not None and len(args) == 1:
        if any(args[0] is each for each in known):
            return args[0]
        for each in known:
            if type(args[0]) in (int, str) and each.fields["value"] == args[0]:
                return each
    return Unknown("an enum member")


def plain(value: Value) -> Value:
    """The number or string that a member of IntEnum, or of ``class Norm(str, Enum)``, is."""
    if isinstance(value, Instance) and "value" in value.fields and is_enum(value.cls):
        if any(isinstance(entry, External) and entry.path in _MIXED_IN for entry in mro(value.cls)):
            return value.fields["value"]
    return value
