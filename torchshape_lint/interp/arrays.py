"""Arrays of numpy: what Python's operators, subscripts and attributes make of them.

They are followed for the tensors that are made of them. What numpy itself refuses is not reported: it gives unknown.
Where numpy and torch agree on a shape, the rule of torch's operator is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from torchshape_lint.dims import Size, product
from torchshape_lint.interp.machine import Machine, StoryEnd
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.dtypes import is_floating
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Array, Bound, ListValue, Stream, Tensor, Unknown, Value, is_size

NUMBER = Unknown("a number from an array", data=True, number=True)
MOST_ROWS = 4096
_COMPARING = frozenset(("<", "<=", ">", ">=", "==", "!="))


def made(sizes: tuple[Size, ...], dtype: str | None) -> Value:
    """An array, or the number that numpy makes of one without axes."""
    return Array(sizes, dtype) if sizes else NUMBER


def of_tensor(m: Machine, tensor: Tensor) -> Value:
    """The array with the shape of a tensor."""
    shape = m.facts.shape(tensor.shape)
    return Unknown("an array of unknown rank") if shape.is_open else Array(shape.sizes, tensor.dtype)


def as_tensor(value: Value) -> Value:
    """A tensor for an array, also inside of a tuple."""
    if isinstance(value, Array):
        return Tensor(Shape(value.sizes), value.dtype)
    return tuple(map(as_tensor, value)) if type(value) is tuple else value


def by_rule(m: Machine, path: str, *args: Value, keywords: Mapping[str, Value] | None = None) -> Value:
    """What numpy makes of arrays where torch's operator ``path`` does the same to tensors."""
    rule = find_rule(path)
    assert rule is not None, path
    applied = apply(rule, CallArgs(tuple(map(as_tensor, args)), keywords or {}), m.facts)
    if applied.broken:
        return Unknown("numpy raises here")
    if isinstance(applied.value, Tensor):
        shape = m.facts.shape(applied.value.shape)
        return Unknown("an array of unknown rank") if shape.is_open else made(shape.sizes, applied.value.dtype)
    return applied.value if isinstance(applied.value, Unknown) else Unknown(f"{path} of an array")


def arithmetic(m: Machine, op: str, left: Value, right: Value) -> Value:
    """``left op right`` where at least one is an array: the other one must be an array or a number."""
    for operand in (left, right):
        number = isinstance(operand, (int, float)) or is_size(operand)
        if not (isinstance(operand, Array) or number or (isinstance(operand, Unknown) and operand.number)):
            return Unknown("an array, and something that is neither an array nor a number")
    if op == "@":
        sizes = (Array(x.sizes) for x in (left, right) if isinstance(x, Array))  # numpy mixes dtypes
        result = by_rule(m, "torch.matmul", *sizes)
    elif isinstance(left, Array) and isinstance(right, Array):
        result = by_rule(m, "operator.add", left, right)
    else:
        result = left if isinstance(left, Array) else right
    return (
        Array(result.sizes, "bool" if op in _COMPARING else _dtype(op, left, right))
        if isinstance(result, Array)
        else result
    )


def _dtype(op: str, left: Value, right: Value) -> str | None:
    """The dtype of arithmetic, where it is certain."""
    kinds = {x.dtype for x in (left, right) if isinstance(x, Array)}
    numbers = [x for x in (left, right) if not isinstance(x, Array)]
    dtype = kinds.pop() if len(kinds) == 1 else None
    if dtype == "bool" and op in ("&", "|", "^"):
        return dtype
    if dtype == "float64" or (is_floating(dtype) and all(isinstance(x, (int, float)) for x in numbers)):
        return dtype
    if dtype == "int64" and all(isinstance(x, (int, float)) for x in numbers):
        return "float64" if op == "/" or any(isinstance(x, float) for x in numbers) else dtype
    return None


def item(m: Machine, array: Array, index: Value) -> Value:
    """``array[index]``"""
    if isinstance(index, ListValue) and not _is_of_numbers(index.fields["items"]):
        return Unknown("an array indexed by a list that is not followed")
    return by_rule(m, "operator.getitem", array, index)


def _is_of_numbers(items: Value) -> bool:
    return isinstance(items, tuple) and all(isinstance(i, int) for i in items)


def rows(m: Machine, array: Array) -> tuple[Value, ...] | Stream:
    """What iterating over an array gives."""
    row, count = made(array.sizes[1:], array.dtype), m.facts.size(array.sizes[0])
    return (row,) * count if isinstance(count, int) and count <= MOST_ROWS else Stream(row)


def attribute(m: Machine, array: Array, name: str) -> Value:
    """``array.name``"""
    sizes = m.facts.shape(Shape(array.sizes)).sizes
    match name:
        case "shape":
            return sizes
        case "ndim":
            return len(sizes)
        case "size":
            return product(sizes)
        case "T":
            return Array(sizes[::-1], array.dtype)
        case "real" | "flat":
            return Unknown(f"{name} of an array")
        case "dtype":
            return Unknown("the dtype of an array")
    return Bound(f"numpy.ndarray.{name}", array)


def reshaped_in_place() -> NoReturn:
    """Nobody knows which names stand for the same array."""
    raise StoryEnd("an array was reshaped in place")
