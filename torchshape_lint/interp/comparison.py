"""Comparison and truth of abstract values: YES, NO or not decided. Tensors are the rules' business."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from torchshape_lint import ir
from torchshape_lint.dims import Poly, is_sure
from torchshape_lint.interp import arrays
from torchshape_lint.interp.apply_rule import apply_operator
from torchshape_lint.interp.classes import lookup_class
from torchshape_lint.interp.doubts import may_miss
from torchshape_lint.interp.enums import plain
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.values import (
    OPEN,
    Array,
    Bound,
    Choice,
    ClassValue,
    DictValue,
    External,
    Function,
    Instance,
    IteratorValue,
    Layer,
    ListValue,
    Made,
    Partial,
    SetValue,
    Tensor,
    Unknown,
    Value,
    is_size,
)
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided, every

NAMES = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "&": "and_",
    "|": "or_",
    "^": "xor",
    "<<": "lshift",
    ">>": "rshift",
    "<": "lt",
    "<=": "le",
    "==": "eq",
    "!=": "ne",
    ">": "gt",
    ">=": "ge",
}
PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    token: getattr(operator, name) for token, name in NAMES.items() if token != "@"
}
SMALL = (int, float, str, bytes, complex)


def compare_in(m: Machine, frame: Frame, op: str, left: Value, right: Value, node: ir.Node) -> Value:
    """``left op right`` for one comparison operator; a bool, a tensor, an array or Unknown."""
    if op in NAMES and (isinstance(left, Array) or isinstance(right, Array)):
        return arrays.arithmetic(m, op, left, right)
    if op in NAMES and (isinstance(left, Tensor) or isinstance(right, Tensor)):
        return apply_operator(m, frame, f"operator.{NAMES[op]}", (left, right), node)
    return compare(m, op, left, right)


def compare(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right`` on values that are no tensors."""
    verdict = _verdict(m, op, left, right)
    if verdict is MAYBE:
        data = any(isinstance(v, Unknown) and v.data for v in (left, right))
        return Unknown("a comparison that cannot be decided", data)
    return verdict is YES


def _verdict(m: Machine, op: str, left: Value, right: Value) -> Verdict:
    match op:
        case "is" | "is not":
            verdict = _identical(left, right)
            return verdict if op == "is" else ~verdict
    left, right = plain(left), plain(right)
    match op:
        case "in" | "not in":
            verdict = _contained(m, left, right)
            return verdict if op == "in" else ~verdict
        case "==" | "!=":
            verdict = same(m, left, right)
            return verdict if op == "==" else ~verdict
    if is_size(left) and is_size(right):
        a, b = m.facts.size(left), m.facts.size(right)  # type: ignore[arg-type]
        if not (is_sure(a) and is_sure(b)):
            return MAYBE
        match op:
            case ">=":
                return at_least(a, b)
            case "<=":
                return at_least(b, a)
            case ">":
                return at_least(a, b + 1)
            case "<":
                return at_least(b, a + 1)
    if isinstance(left, SMALL) and isinstance(right, SMALL):
        try:
            return decided(bool(PLAIN[op](left, right)))
        except Exception:  # noqa: BLE001
            return MAYBE
    return MAYBE


_KNOWN_OBJECTS = (
    bool,
    int,
    float,
    str,
    bytes,
    tuple,
    ListValue,
    DictValue,
    SetValue,
    Function,
    ClassValue,
    Layer,
    Instance,
)


def _may_be_anything(value: Value) -> bool:
    if isinstance(value, (Unknown, Choice)) or (isinstance(value, Tensor) and value.maybe):
        return True
    return isinstance(value, Poly) and not is_sure(value)


def _identical(left: Value, right: Value) -> Verdict:
    if _may_be_anything(left) or _may_be_anything(right):
        return MAYBE
    if left is None or right is None:
        return decided(left is None and right is None)
    if isinstance(left, bool) and isinstance(right, bool):
        return decided(left == right)
    if isinstance(left, External) and isinstance(right, External):
        return YES if left == right else MAYBE
    mutable = (ListValue, DictValue, Layer, Instance, ClassValue, Function)
    if isinstance(left, mutable) and isinstance(right, mutable):
        return decided(left is right)
    if isinstance(left, External) ^ isinstance(right, External) and isinstance(
        left if isinstance(right, External) else right, mutable
    ):
        return NO
    return MAYBE


def same(m: Machine, left: Value, right: Value) -> Verdict:
    """``left == right``"""
    if is_size(left) and is_size(right):
        a, b = m.facts.size(left), m.facts.size(right)  # type: ignore[arg-type]
        verdict = equal(a, b)
        return verdict if is_sure(a) and is_sure(b) or verdict is YES else MAYBE
    if _may_be_anything(left) or _may_be_anything(right):
        return MAYBE
    if isinstance(left, Shape) and isinstance(right, Shape):
        return same_shape(m.facts.shape(left), m.facts.shape(right))
    a_items, b_items = plain_items(left), plain_items(right)
    if a_items is not None and b_items is not None:
        if len(a_items) != len(b_items):
            return NO
        return every(same(m, x, y) for x, y in zip(a_items, b_items, strict=True))
    plain = (int, float, str, bytes, complex, type(None))
    if isinstance(left, plain) and isinstance(right, plain):
        return decided(left == right)
    if isinstance(left, External) and isinstance(right, External):
        return YES if left == right else MAYBE
    if (left is None or right is None) and isinstance(left if right is None else right, (*_KNOWN_OBJECTS, Tensor)):
        return NO
    if isinstance(left, (str, tuple, ListValue)) and isinstance(right, (int, str)) and type(left) is not type(right):
        return NO
    return MAYBE


def _contained(m: Machine, item: Value, container: Value) -> Verdict:
    if isinstance(item, str) and isinstance(container, str):
        return decided(item in container)
    items: tuple[Value, ...] | None = plain_items(container)
    if isinstance(container, DictValue):
        items = tuple(container.fields)
        if OPEN in container.fields:
            there = isinstance(item, str) and item in container.fields and not may_miss(container, item)
            return YES if there else MAYBE
    if items is None:
        return MAYBE
    answer = NO
    for other in items:
        verdict = same(m, item, other)
        if verdict is YES:
            return YES
        if verdict is MAYBE:
            answer = MAYBE
    return answer


def truth(m: Machine, value: Value) -> Verdict:
    """bool(value)"""
    if value is None:
        return NO
    if isinstance(value, (bool, int, float, str, bytes, complex)):
        return decided(bool(value))
    if isinstance(value, Poly):
        known = m.facts.size(value)
        if not is_sure(known):
            return MAYBE
        return ~equal(known, 0)
    if isinstance(value, IteratorValue):
        return YES
    if isinstance(value, Choice):
        verdicts = {truth(m, option) for option in value.options}
        return verdicts.pop() if len(verdicts) == 1 else MAYBE
    items = plain_items(value)
    if items is not None:
        return decided(bool(items))
    if isinstance(value, DictValue):
        if any(key != OPEN and not may_miss(value, key) for key in value.fields):
            return YES
        return MAYBE if OPEN in value.fields else NO
    if isinstance(value, (Function, ClassValue, Bound, Partial)):
        return YES
    if isinstance(value, Made) and ".transforms" in value.path:
        return YES
    if isinstance(value, Layer) and not value.op.endswith(("Sequential", "List", "Dict")):
        return YES
    if isinstance(value, Instance) and value.cls.bases != ():
        special = any(lookup_class(value.cls, name) is not None for name in ("__bool__", "__len__"))
        return MAYBE if special else YES
    return MAYBE
