"""Arguments of calls as they are compared: which two nobody can tell apart, and which stay what they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import chain

from torchshape_lint.dims import Poly
from torchshape_lint.frozen import dataclass
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    ClassValue,
    DictValue,
    External,
    Function,
    ListValue,
    ModuleValue,
    Object,
    Range,
    SetValue,
    Tensor,
    Unknown,
    Value,
)

CONTAINERS = (ListValue, DictValue, SetValue)
CONSTANT = (ClassValue, Function, ModuleValue)  # objects that are bound anew, but hardly ever changed
_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None), type(...), External, *CONSTANT})
_SMALL = 40  # keys of a dict that is known by what is in it


class Kind(Enum):
    """Arguments of a call: what never changes, sizes of which more may be known later, or objects and tensors, too."""

    PLAIN, SIZES, ANY = range(3)


def kind_of(values: tuple[Value, ...]) -> Kind:
    if is_plain(values):
        return Kind.PLAIN
    return Kind.SIZES if all(isinstance(value, Poly) or is_plain(value) for value in values) else Kind.ANY


def is_plain(value: Value) -> bool:
    """Is it the same for everybody and for ever? A size is not: more may be known of it later."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is Unknown:
        return value.element is None  # type: ignore[attr-defined]
    if kind is tuple or kind is Range:
        return all(map(is_plain, value))  # type: ignore[call-overload]
    if isinstance(value, Items):
        return is_plain(value.items)
    return not (isinstance(value, (tuple, Object)) or is_dataclass(value))


def has_no_objects(value: Value) -> bool:
    return is_plain(value) or isinstance(value, (Tensor, Poly, Shape))


@dataclass(frozen=True, slots=True)
class Items:
    """A list or dict that is given, by the plain things in it: the next time it may be another with the same."""

    kind: type[Object]
    items: tuple[Value, ...]


def content(value: Value) -> Value:
    """A list or small dict of plain things by what is in it; anything else itself."""
    kind = type(value)
    if kind is ListValue and len(value.fields) == 1 and isinstance(items := value.fields["items"], tuple):  # type: ignore[attr-defined]
        return Items(kind, items) if is_plain(items) else value
    if kind is DictValue and len(value.fields) <= _SMALL and is_plain(items := tuple(value.fields.items())):  # type: ignore[attr-defined]
        return Items(kind, items)
    return value


def contents(given: tuple[Value, ...]) -> list[Value]:
    """All that is in the lists and dicts among the arguments."""
    contents: list[Value] = []
    for value in map(content, given):
        if isinstance(value, Items):
            pairs = value.kind is DictValue
            contents += (Items, *(chain.from_iterable(value.items) if pairs else value.items))  # type: ignore[arg-type]
    return contents


def holds_objects(value: Value) -> bool:
    """Could a list that a call gives have been there before, inside of this argument?"""
    return not has_no_objects(value) and type(content(value)) is not Items


def key_of(value: Value, explaining: bool) -> Hashable:
    """Equal for what nobody can tell apart; 1, True and 1.0 are three.

    Why something is unknown only ``explain`` tells.
    """
    if isinstance(value, tuple):
        return type(value), getattr(value, "names", None), tuple(key_of(item, explaining) for item in value)
    if isinstance(value, Unknown) and not explaining:
        return Unknown, value.data, value.number, value.text, value.element
    if type(value) in _ATOMS or isinstance(value, (Object, Tensor, Poly, Shape)) or not is_dataclass(value):
        return type(value), value
    return type(value), tuple(key_of(getattr(value, f.name), explaining) for f in fields(value))


def tensors_in(values: tuple[Value, ...]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, tuple):
            yield from tensors_in(value)
