"""Items of values that hold others in order, where all of them are known."""

from __future__ import annotations

from torchshape_lint.shapes import Shape
from torchshape_lint.values import IteratorValue, ListValue, SetValue, Unknown, Value


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
