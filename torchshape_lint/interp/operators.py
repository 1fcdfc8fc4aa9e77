"""Operators of Python on abstract values: arithmetic, comparison, truth. Tensors are the rules' business."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from torchshape_lint import ir
from torchshape_lint.dims import Poly, bounds, floordiv, is_sure, weight
from torchshape_lint.interp import containers
from torchshape_lint.interp.apply_rule import apply_operator
from torchshape_lint.interp.classes import container_path
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.values import (
    OPEN,
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
    Partial,
    Real,
    SetValue,
    Tensor,
    Unknown,
    Value,
    is_size,
)
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided, every

_NAMES = {
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
_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    token: getattr(operator, name) for token, name in _NAMES.items() if token != "@"
}
_SMALL = (int, float, str, bytes, complex)
_LONGEST = 10_000  # items or characters that are followed
_HEAVIEST = 2_000  # of a symbolic size


def binary(m: Machine, frame: Frame, op: str, left: Value, right: Value, node: ir.Node, inplace: bool = False) -> Value:
    """``left op right``"""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        name = _NAMES[op].strip("_")
        path = f"operator.i{name}" if inplace and isinstance(left, Tensor) else f"operator.{_NAMES[op]}"
        return apply_operator(m, frame, path, (left, right), node)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
        assert isinstance(unknown, Unknown)
        if isinstance(other, Unknown):
            return Unknown(unknown.why, unknown.data or other.data, unknown.number and other.number)
        return replace(unknown, number=unknown.number and isinstance(other, (int, float, Poly, Real)))
    if op == "%" and isinstance(left, (str, bytes)):
        return _formatted(left, right)
    if isinstance(left, _SMALL) and isinstance(right, _SMALL):
        return _constant(op, left, right)
    if is_size(left) and is_size(right):
        return _sizes(m, op, left, right)
    if isinstance(left, (Poly, Real)) or isinstance(right, (Poly, Real)):
        return _real(op, left, right)
    return _sequences(m, op, left, right, inplace)


def _constant(op: str, left: Any, right: Any) -> Value:
    if op == "@" or (op in ("**", "<<") and _too_large(op, left, right)):
        return Unknown("a number too large to follow")
    if op == "*" and isinstance(left, (str, bytes)) | isinstance(right, (str, bytes)):
        count, text = (left, right) if isinstance(left, int) else (right, left)
        if not isinstance(count, int) or isinstance(text, (int, float)) or count * len(text) > _LONGEST:
            return Unknown("a repeated string")
    if isinstance(left, (str, bytes)) and isinstance(right, (str, bytes)) and len(left) + len(right) > _LONGEST:
        return Unknown("a very long string")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > 4096:
        return Unknown("a very large number")
    try:
        return _PLAIN[op](left, right)
    except Exception as problem:  # noqa: BLE001 (the analysed code raises: its own business)
        return Unknown(f"{type(problem).__name__} in the analysed code")


def _formatted(text: str | bytes, values: Value) -> Value:
    """``"conv%d" % i``"""
    items = values if isinstance(values, tuple) else (values,)
    if (
        not isinstance(text, str)
        or re.search(r"\d{4}|\*", text)
        or not all(isinstance(v, (int, float, str)) for v in items)
    ):
        return Unknown("a formatted string")
    try:
        return text % items
    except (TypeError, ValueError, OverflowError):
        return Unknown("a formatted string")


def _too_large(op: str, left: Any, right: Any) -> bool:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return True
    if op == "<<":
        return not isinstance(right, int) or right > 64
    return abs(right) > 64 or abs(left) > 2**40


def _sizes(m: Machine, op: str, left: Any, right: Any) -> Value:
    left, right = m.facts.size(left), m.facts.size(right)
    if isinstance(left, int) and isinstance(right, int):
        return _constant(op, left, right)
    if weight(left) * weight(right) > _HEAVIEST:
        return Unknown("a size too complicated to follow")
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "**" if isinstance(right, int) and 0 <= right <= 4:
            return left**right
        case "//" | "%" if right != 0 and _positive(right):
            return floordiv(left, right) if op == "//" else left - floordiv(left, right) * right
        case "/" if isinstance(right, int) and right and isinstance(left, Poly):
            return Real(left, Fraction(1, right))
    return Unknown(f"{op} of sizes that are not known", number=_is_number(left) and _is_number(right))


def _positive(size: int | Poly) -> bool:
    low, _ = bounds(size)
    return low is not None and low >= 1


def _real(op: str, left: Value, right: Value) -> Value:
    """Floats that depend on sizes: only scaling keeps its exact meaning."""
    for a, b in ((left, right), (right, left)):
        if op == "*" and isinstance(a, (Poly, Real)) and isinstance(b, (int, float)) and not isinstance(b, bool):
            size, factor = (a.size, a.factor) if isinstance(a, Real) else (a, Fraction(1))
            exact = Fraction(b)
            if exact.denominator <= 1024 and exact > 0:
                return Real(size, factor * exact)
    if op == "/" and isinstance(left, (Poly, Real)) and isinstance(right, (int, float)) and right:
        size, factor = (left.size, left.factor) if isinstance(left, Real) else (left, Fraction(1))
        exact = Fraction(right)
        if exact > 0 and exact.denominator <= 1024:
            return Real(size, factor / exact)
    return Unknown("a float computed from sizes that are not known", number=all(map(_is_number, (left, right))))


def _is_number(value: Value) -> bool:
    """A Python number for certain, known or not."""
    if isinstance(value, Poly):
        return is_sure(value)
    return isinstance(value, (int, float, Real)) or (isinstance(value, Unknown) and value.number)


def _sequences(m: Machine, op: str, left: Value, right: Value, inplace: bool) -> Value:
    if op == "+" and isinstance(left, (Layer, Instance)) and container_path(left) is not None:
        return containers.added(m, left, right, inplace)
    a, b = plain_items(left), plain_items(right)
    if op == "+" and a is not None and b is not None:
        if len(a) + len(b) > _LONGEST:
            if inplace and isinstance(left, ListValue):
                m.store(left, "items", Unknown("a very long list"))
            return Unknown("a very long list")
        if inplace and isinstance(left, ListValue):
            m.store(left, "items", a + b)
            return left
        return ListValue({"items": a + b}) if isinstance(left, ListValue) else a + b
    for items, count, of in ((a, right, left), (b, left, right)):
        if op == "*" and items is not None and isinstance(count, int) and len(items) * count <= _LONGEST:
            repeated = items * count
            return ListValue({"items": repeated}) if isinstance(of, ListValue) else repeated
    if op == "|" and isinstance(left, DictValue) and isinstance(right, DictValue):
        return DictValue({**left.fields, **right.fields})
    return Unknown(f"{op} of values that are not followed")


def plain_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a list, tuple, set, torch.Size or iterator of known length (an iterator is not advanced)."""
    if isinstance(value, (ListValue, SetValue, IteratorValue)):
        value = value.fields["items"]
    if isinstance(value, Shape) and not value.is_open:
        return value.sizes
    return value if isinstance(value, tuple) else None


def unary(m: Machine, frame: Frame, op: str, value: Value, node: ir.Node) -> Value:
    """``op value``"""
    if op == "not":
        verdict = truth(m, value)
        if verdict is MAYBE:
            return Unknown("the negation of something unknown", isinstance(value, Unknown) and value.data)
        return verdict is NO
    if isinstance(value, Tensor):
        return apply_operator(
            m, frame, {"-": "operator.neg", "+": "operator.pos", "~": "operator.invert"}[op], (value,), node
        )
    if isinstance(value, (int, float)):
        return -value if op == "-" else +value if op == "+" else ~int(value)
    if isinstance(value, Poly) and op != "~":
        return -value if op == "-" else value
    if isinstance(value, Unknown) and value.number:
        return value
    return Unknown(f"{op} of something unknown")


# --- comparison and truth -------------------------------------------------------------------------------------------


def compare_in(m: Machine, frame: Frame, op: str, left: Value, right: Value, node: ir.Node) -> Value:
    """``left op right`` for one comparison operator; a bool, a tensor or Unknown."""
    if op in _NAMES and (isinstance(left, Tensor) or isinstance(right, Tensor)):
        return apply_operator(m, frame, f"operator.{_NAMES[op]}", (left, right), node)
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
    if isinstance(left, _SMALL) and isinstance(right, _SMALL):
        try:
            return decided(bool(_PLAIN[op](left, right)))
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
            return YES if isinstance(item, str) and item in container.fields else MAYBE
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
        if any(key != OPEN for key in value.fields):
            return YES
        return MAYBE if OPEN in value.fields else NO
    if isinstance(value, (Function, ClassValue, Bound, Partial)):
        return YES
    if isinstance(value, Layer) and not value.op.endswith(("Sequential", "List", "Dict")):
        return YES
    if isinstance(value, Instance) and value.cls.bases != ():
        from torchshape_lint.interp.classes import lookup_class

        special = any(lookup_class(value.cls, name) is not None for name in ("__bool__", "__len__"))
        return MAYBE if special else YES
    return MAYBE
