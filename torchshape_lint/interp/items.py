"""Subscripts: of tensors, sequences, dicts and module containers."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint import ir
from torchshape_lint.codes import INDEX
from torchshape_lint.dims import Poly
from torchshape_lint.interp import arrays, containers, dicts, frames
from torchshape_lint.interp.apply_rule import apply_function, apply_operator
from torchshape_lint.interp.attributes import get_attribute, set_attribute
from torchshape_lint.interp.classes import container_path, lookup_class
from torchshape_lint.interp.enums import is_enum
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.modules import resolve
from torchshape_lint.interp.namespaces import this_module
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    OPEN,
    Array,
    Bound,
    ClassValue,
    DictValue,
    External,
    Instance,
    Layer,
    ListValue,
    Made,
    Namespace,
    Range,
    SliceValue,
    Tensor,
    Unknown,
    Value,
    known_slice,
)


def get_item(m: Machine, frame: Frame, owner: Value, index: Value, node: ir.Node) -> Value:
    """``owner[index]``"""
    if isinstance(owner, Tensor):
        return _of_tensor(m, frame, owner, index, node)
    if isinstance(owner, Array):
        return arrays.item(m, owner, index)
    if isinstance(owner, Shape):
        return _of_shape(m, frame, owner, index, node)
    items = plain_items(owner)
    if items is not None:
        return _of_items(owner, items, index)
    if isinstance(owner, DictValue):
        return resolve(m, _of_dict(owner, index))
    if isinstance(owner, (Layer, Instance)):
        return _of_object(m, frame, owner, index, node)
    if isinstance(owner, str):
        return _of_text(owner, index)
    if isinstance(owner, ClassValue):
        return get_attribute(m, frame, owner, index, node) if isinstance(index, str) and is_enum(owner) else owner
    if isinstance(owner, External):
        return _of_outside(frame, owner.path, index)
    if isinstance(owner, Made) and owner.path in frames.FOLLOWED:
        return frames.item(owner, index)
    if isinstance(owner, Made):
        from torchshape_lint.interp.datasets import element_of

        return element_of(m, frame, owner)
    return owner if isinstance(owner, Unknown) else Unknown("an item of something that has none")


def _of_tensor(m: Machine, frame: Frame, owner: Tensor, index: Value, node: ir.Node) -> Value:
    if isinstance(index, str):
        return Unknown("a tensor indexed by a string: it is no tensor")
    if isinstance(index, Range):
        index = ListValue({"items": tuple(index)})  # torch takes it for a list, not for a tuple of indices
    item = apply_operator(m, frame, "operator.getitem", (owner, index), node)
    if owner.maybe and isinstance(item, Tensor) and isinstance(index, (int, Poly, SliceValue)):
        return replace(item, maybe=True)  # a part of a list, if it is one
    return item


def _of_text(owner: str, index: Value) -> Value:
    if isinstance(index, int):
        return owner[index] if -len(owner) <= index < len(owner) else Unknown("the index is out of range")
    cut = known_slice(index) if isinstance(index, SliceValue) else None
    return owner[cut] if cut is not None else Unknown("a part of a string")


def _of_outside(frame: Frame, path: str, index: Value) -> Value:
    """A type, subscripted: list[int], Sequence[T]; anything else (sys.argv, os.environ) is not known."""
    if path == "sys.modules":
        here = this_module(frame)
        return here if index == here.name else Unknown("another module")
    if path.startswith("builtins.") or path.rpartition(".")[2][:1].isupper():
        return External(path)
    return Unknown(f"an item of {path}")


def _of_shape(m: Machine, frame: Frame, owner: Shape, index: Value, node: ir.Node) -> Value:
    shape = m.facts.shape(owner)
    if isinstance(index, int) and not isinstance(index, bool):
        size = shape.size(index)
        if size is not None:
            return size
        if shape.is_open:
            if index < 0:
                m.facts.assume_rank_at_least(shape, -index)
                return m.facts.shape(shape).size(index)
            return Unknown("an axis of a tensor of unknown rank")
        words = f"{shape} has no axis {index}"
        m.report(Finding(INDEX, Site(frame.program, node.at), "shape", words, actual=index))
        raise Raised("index out of range")
    if isinstance(index, SliceValue):
        cut = known_slice(index)
        if cut is not None:
            if not shape.is_open:
                return Shape(shape.sizes[cut])
            lower = index.lower
            if isinstance(lower, int) and lower < 0 and index.upper is None and index.step is None:
                m.facts.assume_rank_at_least(shape, -lower)
                return Shape(m.facts.shape(shape).sizes[lower:])
    return Unknown("a part of a shape that is not known")


def _of_items(owner: Value, items: tuple[Value, ...], index: Value) -> Value:
    if isinstance(index, int):
        return items[index] if -len(items) <= index < len(items) else Unknown("the index is out of range")
    if isinstance(index, SliceValue):
        cut = known_slice(index)
        if cut is not None:
            part = items[cut]
            return ListValue({"items": part}) if isinstance(owner, ListValue) else part
    return containers.one_of(list(items))


def _of_dict(owner: DictValue, index: Value) -> Value:
    if dicts.is_key(index):
        value = owner.fields.get(index, MISSING)
        if value is not MISSING:
            return value
        return Unknown(f"no key {index!r} is known")
    return containers.one_of([v for k, v in owner.fields.items() if k != OPEN])


def _of_object(m: Machine, frame: Frame, owner: Layer | Instance, index: Value, node: ir.Node) -> Value:
    if isinstance(owner, Instance) and (found := lookup_class(owner.cls, "__getitem__")):
        return m.call_with(frame, Bound(found[0], owner), index, at=node.at)  # type: ignore[arg-type]
    if container_path(owner) is not None:
        return containers.get(m, owner, index)
    return Unknown("an item of an object")


def set_item(m: Machine, frame: Frame, owner: Value, index: Value, value: Value, node: ir.Node) -> None:
    """``owner[index] = value``"""
    if isinstance(owner, Tensor):
        call = CallArgs((owner, index, value))
        apply_function(m, "operator.setitem", call, Site(frame.program, node.at))
    elif isinstance(owner, ListValue):
        items = owner.fields["items"]
        if isinstance(items, tuple) and isinstance(index, int) and -len(items) <= index < len(items):
            changed = list(items)
            changed[index] = value
            m.store(owner, "items", tuple(changed))
        else:
            m.store(owner, "items", Unknown("an item was set by an index that is not known"))
    elif isinstance(owner, Namespace) and owner.owner is not None:
        if isinstance(index, str):
            set_attribute(m, frame, owner.owner, index, value, node)
        else:
            escape(m, owner, "an attribute was set by a name that is not known")
    elif isinstance(owner, DictValue):
        dicts.write(m, owner, index, value)
    elif isinstance(owner, (Layer, Instance)) and container_path(owner) is not None:
        containers.put(m, owner, index, value)
    elif isinstance(owner, Made) and owner.path in frames.FOLLOWED:
        frames.changed(m, owner)


def delete_item(m: Machine, frame: Frame, owner: Value, index: Value) -> None:
    """``del owner[index]``"""
    if isinstance(owner, ListValue):
        items = owner.fields["items"]
        if isinstance(items, tuple) and isinstance(index, int) and -len(items) <= index < len(items):
            k = index % len(items)
            m.store(owner, "items", items[:k] + items[k + 1 :])
        else:
            m.store(owner, "items", Unknown("an item was deleted"))
    elif isinstance(owner, DictValue):
        if isinstance(index, str) and index in owner.fields:
            m.store(owner, index, MISSING)
        else:
            m.store(owner, OPEN, True)
        if isinstance(owner, Namespace):
            escape(m, owner, "an attribute was deleted")
    elif isinstance(owner, (Layer, Instance)) and container_path(owner) is not None:
        containers.delete(m, owner, index)
