"""What iterating over a value gives: its items where the length is known, otherwise one element that covers all."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.dims import Poly, bounds, fresh
from torchshape_lint.interp import arrays, containers, contents, enums
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.proofs import equal
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    OPEN,
    Array,
    DictValue,
    Instance,
    IteratorValue,
    Layer,
    Made,
    RangeValue,
    Stream,
    Tensor,
    Unknown,
    Value,
    any_item,
)
from torchshape_lint.verdicts import NO

MAX_TENSOR_ITEMS = 4096


def iterate(m: Machine, frame: Frame, value: Value, node: ir.Node | None = None) -> tuple[Value, ...] | Stream:
    """The items of ``value``."""
    items = plain_items(value)
    if items is not None:
        return items
    if isinstance(value, Stream):
        return value
    if isinstance(value, IteratorValue):
        left: tuple[Value, ...] | Stream = value.fields["items"]  # type: ignore[assignment]
        if isinstance(left, tuple):
            m.store(value, "items", ())
            return left
        return Stream(Unknown("an element of an iterator"))
    if (element := any_item(value)) is not None:
        return Stream(element)
    if isinstance(value, str):
        return tuple(value)
    if isinstance(value, DictValue):
        if OPEN in value.fields:
            return Stream(Unknown("a key of a dict that is not fully known"))
        return tuple(value.fields)
    if isinstance(value, (Tensor, Array)):
        return _rows(m, value)
    if isinstance(value, RangeValue):
        low, _ = bounds(value.start)
        return Stream(fresh("i", low if isinstance(value.step, int) and value.step > 0 else None))
    if isinstance(value, (Layer, Instance)):
        return _object(m, frame, value)
    if (listed := enums.members(value)) is not None:
        return listed
    if isinstance(value, Made):
        from torchshape_lint.interp.datasets import elements

        return Stream(elements(m, frame, value))
    return Stream(value if isinstance(value, Unknown) else Unknown(f"iterating over {type(value).__name__}"))


def _rows(m: Machine, value: Tensor | Array) -> tuple[Value, ...] | Stream:
    if isinstance(value, Array):
        return arrays.rows(m, value)
    rows = contents.rows(value)
    if rows is not None:
        return rows
    shape = m.facts.shape(value.shape)
    if shape.is_open or not shape.sizes or value.maybe:
        return Stream(Unknown("a row of a tensor of unknown rank"))
    row = Tensor(Shape(shape.sizes[1:]), value.dtype)
    m.inherit(value, row)
    first = shape.sizes[0]
    if isinstance(first, int) and first <= MAX_TENSOR_ITEMS:
        return (row,) * first
    return Stream(row)


def _object(m: Machine, frame: Frame, value: Layer | Instance) -> tuple[Value, ...] | Stream:
    children = containers.items_of(value)
    if children is not None:
        return children
    if isinstance(value, Instance):
        from torchshape_lint.interp.datasets import instance_elements

        return Stream(instance_elements(m, frame, value))
    return Stream(Unknown("iterating over an object"))


def length(m: Machine, value: Value) -> Value:
    """len(value)"""
    items = plain_items(value)
    if items is not None:
        return len(items)
    if isinstance(value, (str, bytes)):
        return len(value)
    if (listed := enums.members(value)) is not None:
        return len(listed)
    if isinstance(value, DictValue) and OPEN not in value.fields:
        return len(value.fields)
    if isinstance(value, (Layer, Instance)):
        children = containers.items_of(value)
        if children is not None:
            return len(children)
    if isinstance(value, Tensor):
        shape = m.facts.shape(value.shape)
        if not shape.is_open and shape.sizes and not value.maybe:
            return shape.sizes[0]
    if isinstance(value, Array):
        return m.facts.size(value.sizes[0])
    if isinstance(value, Shape):
        shape = m.facts.shape(value)
        if not shape.is_open:
            return len(shape.sizes)
        return Unknown("the rank is not known")
    if isinstance(value, RangeValue) and value.step == 1:
        count = value.stop - value.start
        if isinstance(count, Poly) and equal(count, 0) is NO and (bounds(count)[0] or -1) >= 0:
            return count
    return fresh("len", 0) if isinstance(value, (Stream, Made)) else Unknown("the length of something unknown")
