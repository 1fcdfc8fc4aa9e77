"""Operators of Python on abstract values: arithmetic, comparison, truth. Tensors are the rules' business."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

from torchshape_lint import ir
from torchshape_lint.dims import Poly, bounds, floordiv, is_sure, weight
from torchshape_lint.interp import arrays, containers
from torchshape_lint.interp.apply_rule import apply_operator
from torchshape_lint.interp.classes import container_path
from torchshape_lint.interp.comparison import NAMES, PLAIN, SMALL, truth
from torchshape_lint.interp.dicts import merged
from torchshape_lint.interp.enums import plain
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import followed, plain_items
from torchshape_lint.values import (
    Array,
    ClassValue,
    DictValue,
    External,
    Instance,
    Layer,
    ListValue,
    Made,
    Real,
    Tensor,
    Unknown,
    Value,
    any_item,
    is_size,
)
from torchshape_lint.verdicts import MAYBE, NO

MAX_BITS = 4096  # of a number
_LONGEST = 10_000  # items or characters that are followed
_HEAVIEST = 2_000  # of a symbolic size


def binary(m: Machine, frame: Frame, op: str, left: Value, right: Value, node: ir.Node, inplace: bool = False) -> Value:
    """``left op right``"""
    left, right = plain(left), plain(right)
    if isinstance(left, Array) or isinstance(right, Array):
        return arrays.arithmetic(m, op, left, right)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        name = NAMES[op].strip("_")
        path = f"operator.i{name}" if inplace and isinstance(left, Tensor) else f"operator.{NAMES[op]}"
        return apply_operator(m, frame, path, (left, right), node)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
        assert isinstance(unknown, Unknown)
        if isinstance(other, Unknown):
            return Unknown(unknown.why, unknown.data or other.data, unknown.number and other.number)
        return replace(unknown, number=unknown.number and isinstance(other, (int, float, Poly, Real)))
    if op == "%" and isinstance(left, (str, bytes)):
        return _formatted(left, right)
    if isinstance(left, SMALL) and isinstance(right, SMALL):
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
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MAX_BITS:
        return Unknown("a very large number")
    try:
        return PLAIN[op](left, right)
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
    if inplace and any_item(left) is not None and isinstance(left, ListValue):
        m.store(left, "items", Unknown("changed where it is"))
    if op == "+" and a is not None and b is not None:
        if len(a) + len(b) > _LONGEST:
            if inplace and isinstance(left, ListValue):
                m.store(left, "items", Unknown("a very long list"))
            return Unknown("a very long list")
        if inplace and isinstance(left, ListValue):
            m.store(left, "items", followed(a + b))
            return left
        return ListValue({"items": followed(a + b)}) if isinstance(left, ListValue) else followed(a + b)
    for items, count, of in ((a, right, left), (b, left, right)):
        if op == "*" and items is not None and isinstance(count, int) and len(items) * count <= _LONGEST:
            repeated = followed(items * count)
            return ListValue({"items": repeated}) if isinstance(of, ListValue) else repeated
    if op == "|" and isinstance(left, DictValue) and isinstance(right, DictValue):
        return merged(left, right)
    if op == "|" and all(isinstance(kind, (ClassValue, External)) for kind in (*united(left), *united(right))):
        return Made(UNION, (*united(left), *united(right)))
    return Unknown(f"{op} of values that are not followed")


UNION = "types.UnionType"


def united(kind: Value) -> tuple[Value, ...]:
    """The types that ``int | float`` is made of, or the one that it is."""
    return kind.args if isinstance(kind, Made) and kind.path == UNION else (kind,)


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
    if isinstance(value, Array):
        return value
    if isinstance(value, (int, float)):
        return -value if op == "-" else +value if op == "+" else ~int(value)
    if isinstance(value, Poly) and op != "~":
        return -value if op == "-" else value
    if isinstance(value, Unknown) and value.number:
        return value
    return Unknown(f"{op} of something unknown")
