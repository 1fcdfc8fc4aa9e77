"""Items of values that hold others in order, where all of them are known."""

from __future__ import annotations

from torchshape_lint.shapes import Shape
from torchshape_lint.values import IteratorValue, ListValue, SetValue, Value


def plain_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a list, tuple, set, torch.Size or iterator of known length (an iterator is not advanced)."""
    if isinstance(value, (ListValue, SetValue, IteratorValue)):
        value = value.fields["items"]
    if isinstance(value, Shape) and not value.is_open:
        return value.sizes
    return value if isinstance(value, tuple) else None
