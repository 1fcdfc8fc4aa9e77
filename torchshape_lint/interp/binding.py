"""Assignment to names, attributes, items and unpacked sequences."""

from __future__ import annotations

from torchshape_lint import codes, ir
from torchshape_lint.interp.attributes import set_attribute
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.items import delete_item, set_item
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.shapes import Shape
from torchshape_lint.values import ListValue, Object, Stream, Tensor, Value


def assign(m: Machine, frame: Frame, target: ir.Expr, value: Value) -> None:
    """``target = value``"""
    match target:
        case ir.Name():
            m.bind(frame.scope, target.id, value)
        case ir.Attribute():
            owner = m.evaluate(frame, target.value)
            set_attribute(m, frame, owner, target.attr, value, target)
        case ir.Subscript():
            owner = m.evaluate(frame, target.value)
            index = m.evaluate(frame, target.index)
            set_item(m, frame, owner, index, value, target)
        case ir.Sequence():
            _unpack(m, frame, target, value)
        case ir.Starred():
            assign(m, frame, target.value, value)


def _unpack(m: Machine, frame: Frame, target: ir.Sequence, value: Value) -> None:
    names = target.items
    star = next((k for k, item in enumerate(names) if isinstance(item, ir.Starred)), None)
    if isinstance(value, Shape) and value.is_open and star is None:
        m.facts.assume_rank(value, (len(names),))
        value = m.facts.shape(value)
    items = value.sizes if isinstance(value, Shape) and not value.is_open else iterate(m, frame, value, target)
    if isinstance(items, Stream):
        for item in names:
            assign(m, frame, item, items.element)
        return
    if star is None and len(items) != len(names):
        _wrong_count(m, frame, target, value, len(items))
    if star is not None and len(items) < len(names) - 1:
        raise Raised("not enough values to unpack")
    if star is None:
        for item, part in zip(names, items, strict=True):
            assign(m, frame, item, part)
        return
    after = len(names) - star - 1
    middle = items[star : len(items) - after]
    for item, part in zip(names[:star], items[:star], strict=True):
        assign(m, frame, item, part)
    assign(m, frame, names[star], ListValue({"items": middle}))
    for item, part in zip(names[star + 1 :], items[len(items) - after :], strict=True):
        assign(m, frame, item, part)


def _wrong_count(m: Machine, frame: Frame, target: ir.Sequence, value: Value, count: int) -> None:
    """More or fewer values than names: a shape's axes are our business, anything else is not."""
    if isinstance(value, (Shape, Tensor)):
        words = f"{value} has {count} {'axis' if count == 1 else 'axes'}, but {len(target.items)} names take them"
        if isinstance(value, Tensor):
            words = f"axis 0 of {value.shape} is {count}, but {len(target.items)} names take its rows"
        finding = Finding(codes.UNPACK, Site(frame.program, target.at), "unpacking", words)
        finding.expected, finding.actual = count, len(target.items)
        m.report(finding)
    raise Raised("wrong number of values to unpack")


def delete(m: Machine, frame: Frame, target: ir.Expr) -> None:
    """``del target``"""
    match target:
        case ir.Name():
            holder = frame.scope.holder(target.id)
            m.journal.write(holder.vars, target.id, MISSING)
        case ir.Attribute():
            owner = m.evaluate(frame, target.value)
            if isinstance(owner, Object):
                m.store(owner, target.attr, MISSING)
        case ir.Subscript():
            delete_item(m, frame, m.evaluate(frame, target.value), m.evaluate(frame, target.index))
        case ir.Sequence():
            for item in target.items:
                delete(m, frame, item)
