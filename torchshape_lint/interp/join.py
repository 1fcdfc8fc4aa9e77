"""What is known of a value that is one thing on one path and another on the other: the join, and widening in loops."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from torchshape_lint.dims import Poly, Size, fresh, symbols
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.shapes import Shape, join_shapes, join_sizes, open_shape
from torchshape_lint.values import (
    OPEN,
    Array,
    Bound,
    Choice,
    ClassValue,
    External,
    Function,
    Instance,
    IteratorValue,
    Layer,
    ListValue,
    Partial,
    Tensor,
    Unknown,
    Value,
    is_size,
)

DIFFERS = Unknown("differs between branches")


def same_value(a: Value, b: Value) -> bool:
    """The same value for certain. Never confuses 1 with True or 1.0."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, Layer) and isinstance(b, Layer):
        return (
            a.op == b.op
            and a.fields.keys() == b.fields.keys()
            and all(same_value(a.fields[key], b.fields[key]) for key in a.fields)
        )
    if isinstance(a, ListValue) and isinstance(b, ListValue):
        return same_value(a.fields["items"], b.fields["items"])
    return bool(a == b)


def join_values(a: Value, b: Value) -> Value:
    """The most precise value that covers both; anything that is not alike becomes unknown."""
    if same_value(a, b):
        return a
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return Tensor(
            join_shapes(a.shape, b.shape),
            a.dtype if a.dtype == b.dtype else None,
            a.folded if a.folded == b.folded else None,
            a.parameter and b.parameter,
            a.maybe or b.maybe,
        )
    if isinstance(a, Array) and isinstance(b, Array) and len(a.sizes) == len(b.sizes):
        return Array(tuple(map(join_sizes, a.sizes, b.sizes)), a.dtype if a.dtype == b.dtype else None)
    if is_size(a) and is_size(b):
        return join_sizes(a, b)  # type: ignore[arg-type]
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(map(join_values, a, b))
    if isinstance(a, IteratorValue) and isinstance(b, IteratorValue):
        return IteratorValue({"items": join_values(a.fields["items"], b.fields["items"])})
    if isinstance(a, ListValue) and isinstance(b, ListValue):
        return ListValue({"items": join_values(a.fields["items"], b.fields["items"])})
    if (element := _element(a, b)) is not None:
        return of_any_length(element)
    if isinstance(a, Unknown) and isinstance(b, Unknown):
        return Unknown(a.why, a.data and b.data, a.number and b.number, a.text and b.text)
    if all(isinstance(v, str) or (isinstance(v, Unknown) and v.text) for v in (a, b)):
        return Unknown("one of several strings", text=True)
    if all(isinstance(v, (int, float)) or (isinstance(v, Unknown) and v.number) for v in (a, b)):
        return Unknown("one of several numbers", number=not isinstance(a, bool) and not isinstance(b, bool))
    options = (*_options(a), *(o for o in _options(b) if not any(same_value(o, p) for p in _options(a))))
    if len(options) <= _MOST_OPTIONS and all(isinstance(o, _CALLED) for o in options):
        return Choice(options)
    return DIFFERS


def of_any_length(element: Value) -> Unknown:
    """The items of a list that has any number of them, each like ``element``."""
    plain = isinstance(element, Array) or (isinstance(element, Tensor) and element.numbers is None)
    return Unknown("a list of unknown length", element=element if plain else None)  # type: ignore[arg-type]


def _element(a: Value, b: Value) -> Value:
    """What stands for every item of both, where one has items of unknown length or they have not as many; or None."""
    parts: list[Value] = []
    for items in (a, b):
        if type(items) is tuple:
            parts += items[:1] if all(item is items[0] or same_value(item, items[0]) for item in items) else (None,)
        else:
            parts.append(items.element if isinstance(items, Unknown) else None)
    if not parts or not all(isinstance(part, (Array, Tensor)) for part in parts):
        return None
    return parts[0] if len(parts) == 1 else join_values(*parts)


_MOST_OPTIONS = 3
_CALLED = (Layer, Instance, Bound, Function, ClassValue, Partial, External, type(None))


def _options(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, Choice) else (value,)


class Joiner:
    """Joins slots of mappings, as `Journal.merge` asks. Unequal slots of ``facts`` are dropped."""

    def __init__(self, *facts: dict[Hashable, Any]) -> None:
        self._facts = {id(mapping) for mapping in facts}

    def __call__(self, mapping: dict[Hashable, Any], key: Hashable, a: Any, b: Any) -> Any:
        if id(mapping) in self._facts:
            return a if same_value(a, b) else MISSING
        if a is MISSING or b is MISSING:
            # a name that is bound on one path only: where the program reads it and goes on, it was that path
            present = b if a is MISSING else a
            if key == OPEN:
                return present if isinstance(present, frozenset) else DIFFERS
            return present if isinstance(key, str) else DIFFERS
        if isinstance(a, frozenset) and isinstance(b, frozenset):
            return a | b
        return join_values(a, b)


def widen(old: Value, new: Value) -> Value:
    """What covers ``old`` and everything that another turn of a loop may make of it."""
    if old is MISSING:
        return new
    if isinstance(old, Tensor) and isinstance(new, Tensor):
        return _widen_tensor(old, new)
    if isinstance(old, Array) and isinstance(new, Array) and len(old.sizes) == len(new.sizes):
        return Array(_widen_sizes(old.sizes, new.sizes), old.dtype if old.dtype == new.dtype else None)
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        return tuple(map(widen, old, new))
    if is_widened(old) and is_size(new):
        return old
    if isinstance(old, Unknown) and isinstance(new, Unknown) and old.element is not None and new.element is not None:
        return of_any_length(widen(old.element, new.element))
    return join_values(old, new)


def _widen_tensor(old: Tensor, new: Tensor) -> Tensor:
    a, b = old.shape, new.shape
    if a.lead is None and b.lead is None and len(a.sizes) == len(b.sizes):
        shape = Shape(_widen_sizes(a.sizes, b.sizes))
    elif a.lead is not None and not a.sizes:
        shape = a
    else:
        shape = a if a == b else open_shape()
    return Tensor(shape, old.dtype if old.dtype == new.dtype else None)


def _widen_sizes(old: tuple[Size, ...], new: tuple[Size, ...]) -> tuple[Size, ...]:
    return tuple(x if x == y or is_widened(x) else fresh() for x, y in zip(old, new, strict=True))


def is_widened(size: Value) -> bool:
    """Is it a size that an earlier widening made up (it stands for any number)?"""
    return isinstance(size, Poly) and len(s := symbols(size)) == 1 and next(iter(s)).name == "?" and str(size) == "?"


def covers(old: Value, new: Value) -> bool:
    """Does ``old`` already stand for ``new``?"""
    if old is MISSING or same_value(old, new):
        return True
    if isinstance(old, Unknown):
        items = new if type(new) is tuple else (new.element if isinstance(new, Unknown) else None,)
        return old.element is None or all(item is not None and covers(old.element, item) for item in items)
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        return all(map(covers, old, new))
    if is_widened(old) and is_size(new):
        return True
    if isinstance(old, Array) and isinstance(new, Array):
        same_rank = len(old.sizes) == len(new.sizes) and old.dtype in (None, new.dtype)
        return same_rank and all(map(covers, old.sizes, new.sizes))
    if isinstance(old, Tensor) and isinstance(new, Tensor):
        a, b = old.shape, new.shape
        if old.numbers is not None:
            return False  # other numbers for certain, or nobody knows which
        if a.lead is not None:
            return not a.sizes
        return b.lead is None and len(a.sizes) == len(b.sizes) and all(map(covers, a.sizes, b.sizes))
    return False
