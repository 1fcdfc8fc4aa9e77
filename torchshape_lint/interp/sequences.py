"""Items of values that hold others in order, where all of them are known."""

from __future__ import annotations

from torchshape_lint.shapes import Shape
from torchshape_lint.values import DictValue, IteratorValue, ListValue, SetValue, Unknown, Value

MAX_NESTED = 20_000
_PLAIN = frozenset({int, float, str, bool, type(None)})  # the quickest to tell
_HOLDERS = (tuple, ListValue, DictValue, SetValue, IteratorValue)


def followed(items: tuple[Value, ...]) -> Value:
    """``items``, unless so many things are nested in them, counted as a walk meets them, that no walk would end.

    ``x = (x, x)``, a hundred times: little to store, and more to look at than there are atoms.
    """
    left, waiting = MAX_NESTED, [items]
    while waiting:
        for item in waiting.pop():
            if type(item) not in _PLAIN and isinstance(item, _HOLDERS):
                inner = tuple(item.fields.values()) if isinstance(item, DictValue) else plain_items(item) or ()
                left -= len(inner)
                if left < 0:
                    return Unknown("nested too much to follow")
                waiting.append(inner)
    return items


def distinct(items: tuple[Value, ...]) -> Value:
    """The members of a set: each once; not known where it is not known which are equal."""
    if all(isinstance(item, (int, float, str, type(None))) for item in items):
        return tuple(dict.fromkeys(items))
    return items if len(items) == 1 else Unknown("a set of things that may be equal")


def plain_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a list, tuple, set, torch.Size or iterator of known length (an iterator is not advanced)."""
    if isinstance(value, (ListValue, SetValue, IteratorValue)):
        value = value.fields["items"]
    if isinstance(value, Shape) and not value.is_open:
        return value.sizes
    return value if isinstance(value, tuple) else None
