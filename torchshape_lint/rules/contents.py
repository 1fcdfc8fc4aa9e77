"""What small tensors of constants contain: how they are made, and what pointwise arithmetic makes of them.

Configurations are computed with torch too (RegNet's widths, stochastic depth). Only vectors and single numbers are
followed, and only the operators of this table; every other operator's result has contents that are not known.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Container, Sequence
from itertools import pairwise
from typing import TypeAlias

from torchshape_lint import contents
from torchshape_lint.contents import DOUBLE, SINGLE, WHOLE, Bounds, constant, exactly, extremes, increasing, rounded
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.values import Numbers, SliceValue, Tensor, Value, known_slice

_LONGEST = 4096
_LARGEST = 2.0**31

Row: TypeAlias = tuple[Bounds, ...]
Made: TypeAlias = "tuple[Row, float] | None"  # the numbers and the error of their dtype

_ERRORS = {"float32": SINGLE, "float64": DOUBLE, "int64": WHOLE, "int32": WHOLE}

_BINARY: dict[str, Callable[[Bounds, Bounds], Bounds | None]] = {
    "add": lambda a, b: extremes(operator.add, a, b),
    "sub": lambda a, b: extremes(operator.sub, a, b),
    "mul": lambda a, b: extremes(operator.mul, a, b),
    "div": contents.quotient,
    "pow": contents.power,
    "floor_divide": contents.floor_quotient,
    "remainder": contents.remainder,
    "maximum": lambda a, b: extremes(max, a, b),
    "minimum": lambda a, b: extremes(min, a, b),
}
_UNARY: dict[str, Callable[[Bounds], Bounds | None]] = {
    "log": increasing(math.log),
    "log2": increasing(math.log2),
    "log10": increasing(math.log10),
    "exp": increasing(math.exp),
    "sqrt": increasing(math.sqrt),
    "round": increasing(round),
    "floor": increasing(math.floor),
    "ceil": increasing(math.ceil),
    "trunc": increasing(math.trunc),
    "neg": lambda x: Bounds(-x.high, -x.low),
    "abs": contents.magnitude,
    "square": lambda x: extremes(operator.mul, contents.magnitude(x), contents.magnitude(x)),
}
_FLOATING = frozenset(("div", "log", "log2", "log10", "exp", "sqrt"))
_ALIASES = {
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "absolute": "abs",
    "negative": "neg",
}
# May give the same memory or a copy; the numbers are the same.
_SAME = frozenset("detach clone cpu cuda contiguous requires_grad_".split())
_CASTS = {"int": WHOLE, "long": WHOLE, "float": SINGLE, "double": DOUBLE}
READING = frozenset("tolist item __int__ __float__ __index__ __len__ size dim numel shape dtype device".split())
"""What looks at a tensor and hands out no way to write into it."""


def short_name(path: str) -> str:
    name = path.rpartition(".")[2]
    return _ALIASES.get(name, name)


def follows(path: str, call: CallArgs) -> bool:
    """Does this operator leave its operands as they are and share no memory that could be written to unseen?"""
    name = short_name(path)
    if name == "getitem":
        return _cut(call) is not None
    return "out" not in call.keywords and any(name in table for table in _FOLLOWED)


def made(path: str, call: CallArgs, value: Tensor) -> Numbers | None:
    """The numbers in ``value``, which ``path`` has just given; None where they are not known."""
    name, operands = short_name(path), call.positional
    first = operands[0] if operands else None
    result: Made = None
    if name in _SAME:
        return first.numbers if isinstance(first, Tensor) else None
    if name in _FROM_CONSTANTS:
        result = _FROM_CONSTANTS[name](call, value)
    elif name in _CASTS or name == "to":
        result = _cast(first, _CASTS.get(name, _ERRORS.get(value.dtype or "")))
    elif call.keywords or not operands:
        return None
    elif name == "getitem":
        row, cut = items(first), _cut(call)
        result = (row[cut], _error(first)) if row is not None and cut is not None else None
    elif name in _FROM_VECTOR and len(operands) == 1:
        row = items(first)
        row = _FROM_VECTOR[name](row, _error(first)) if row else None
        result = (row, _error(first)) if row is not None else None
    elif name in _UNARY and len(operands) == 1:
        result = _pointwise(name, operands, lambda row: _UNARY[name](row[0]))
    elif name in _BINARY and len(operands) == 2:
        result = _pointwise(name, operands, lambda row: _BINARY[name](row[0], row[1]))
    if result is None or len(result[0]) > _LONGEST or not all(map(_is_small, result[0])):
        return None
    sharing = name in _CASTS or name in ("to", "getitem")
    whole = first.numbers if sharing and isinstance(first, Tensor) else None
    return Numbers({"items": result[0]}, error=result[1], whole=whole)


def _error(x: Value) -> float:
    return x.numbers.error if isinstance(x, Tensor) and x.numbers is not None else WHOLE


def _cut(call: CallArgs) -> slice | None:
    """The part of a vector that ``x[i]`` or ``x[i:j]`` is."""
    index = call.positional[1]
    if type(index) is int:
        return slice(index, index + 1 if index != -1 else None)
    return known_slice(index) if isinstance(index, SliceValue) else None


def _is_small(bounds: Bounds) -> bool:
    """No overflow, whatever the dtype."""
    return max(abs(bounds.low), abs(bounds.high)) < _LARGEST


def items(value: Value) -> Row | None:
    """The numbers in a tensor, as far as they are known."""
    numbers = value.numbers if isinstance(value, Tensor) else None
    row = numbers.fields["items"] if numbers is not None else None
    while numbers is not None and isinstance(numbers.fields["items"], tuple):
        numbers = numbers.whole
    return row if numbers is None and isinstance(row, tuple) else None


def number(bounds: Bounds, error: float) -> int | float | None:
    """The Python number, where it is known."""
    if not bounds.is_known:
        return None
    return int(bounds.low) if error == WHOLE else float(bounds.low)


# --- pointwise ------------------------------------------------------------------------------------------------------


def _pointwise(name: str, operands: Sequence[Value], compute: Callable[[Sequence[Bounds]], Bounds | None]) -> Made:
    error = max(map(_error, operands), default=WHOLE)
    if error == WHOLE and (name in _FLOATING or any(isinstance(x, float) for x in operands)):
        error = SINGLE
    rows: list[Row] = []
    for x in operands:
        row = items(x) if isinstance(x, Tensor) else (constant(x, error),) if type(x) in (int, float) else None  # type: ignore[arg-type]
        if row is None:
            return None
        rows.append(row)
    length = max(map(len, rows))
    if any(len(row) not in (1, length) for row in rows) or not all(map(len, rows)):
        return None
    if length == 1 or all(len(row) == length for row in rows):
        spread = rows
    else:
        spread = [row * length if len(row) == 1 else row for row in rows]
    made_items = [compute(column) for column in zip(*spread, strict=True)]
    if any(item is None for item in made_items):
        return None
    return tuple(rounded(item, error) for item in made_items if item is not None), error


def _cast(x: Value, error: float | None) -> Made:
    row = items(x)
    if row is None or error is None:
        return None
    if error == WHOLE:
        return tuple(Bounds(math.trunc(b.low), math.trunc(b.high)) for b in row), WHOLE
    return tuple(rounded(b, error) for b in row), error


# --- making ---------------------------------------------------------------------------------------------------------


def _numbers(values: Sequence[Value]) -> bool:
    return all(type(v) in (int, float) for v in values)


def _tensor(call: CallArgs, value: Tensor) -> Made:
    given = call.positional[0] if call.positional else call.keywords.get("data")
    row = sequence_items(given)
    row = (given,) if row is None else row
    error = _ERRORS.get(value.dtype or "")
    if error is None or not row or not _numbers(row):
        return None
    whole = error == WHOLE
    return tuple(exactly(int(v)) if whole else constant(v, error) for v in row), error  # type: ignore[call-overload, arg-type]


def _arange(call: CallArgs, value: Tensor) -> Made:
    bounds = tuple(call.positional)
    error = _ERRORS.get(value.dtype or "")
    (count,) = value.shape.sizes
    if error is None or not isinstance(count, int) or not 0 < count <= _LONGEST or set(call.keywords) - {"dtype"}:
        return None
    if not all(type(v) is int for v in bounds) or not 1 <= len(bounds) <= 3:
        return None
    start = bounds[0] if len(bounds) > 1 else 0
    step = bounds[2] if len(bounds) > 2 else 1
    assert isinstance(start, int) and isinstance(step, int)
    return tuple(rounded(exactly(start + k * step), error) for k in range(count)), error


def _linspace(call: CallArgs, value: Tensor) -> Made:
    error = _ERRORS.get(value.dtype or "")
    steps = value.shape.sizes[0] if value.shape.rank == 1 else None
    ends = [*call.positional[:2], *(call.keywords[k] for k in ("start", "end") if k in call.keywords)]
    if not error or not isinstance(steps, int) or not 0 < steps <= _LONGEST or len(ends) != 2 or not _numbers(ends):
        return None
    start, end = map(float, ends)  # type: ignore[arg-type]
    slack = 0.0 if start == end == 0 else 4 * error * max(abs(start), abs(end))
    step = (end - start) / max(steps - 1, 1)
    inner = [Bounds(start + k * step - slack, start + k * step + slack) for k in range(steps)]
    inner[0] = constant(start, error)
    if steps > 1:
        inner[-1] = constant(end, error)
    return tuple(inner), error


def _filled(call: CallArgs, value: Tensor, number: Value) -> Made:
    error = _ERRORS.get(value.dtype or "")
    count = value.shape.numel
    if error is None or type(number) not in (int, float) or not isinstance(count, int) or count > _LONGEST:
        return None
    return (constant(number, error),) * count, error  # type: ignore[arg-type]


def _differences(row: Row, error: float) -> Row:
    return tuple(rounded(Bounds(b.low - a.high, b.high - a.low), error) for a, b in pairwise(row))


def _distinct(row: Row, error: float) -> Row | None:
    return tuple(sorted(set(row))) if all(b.is_known for b in row) else None


_FROM_CONSTANTS: dict[str, Callable[[CallArgs, Tensor], Made]] = {
    "tensor": _tensor,
    "as_tensor": _tensor,
    "arange": _arange,
    "linspace": _linspace,
    "zeros": lambda call, value: _filled(call, value, 0),
    "ones": lambda call, value: _filled(call, value, 1),
    "full": lambda call, value: _filled(call, value, call.positional[1] if len(call.positional) == 2 else None),
}
_FROM_VECTOR: dict[str, Callable[[Row, float], Row | None]] = {
    "sum": lambda row, error: (contents.total(row, error),),
    "max": lambda row, error: (Bounds(max(b.low for b in row), max(b.high for b in row)),),
    "min": lambda row, error: (Bounds(min(b.low for b in row), min(b.high for b in row)),),
    "diff": _differences,
    "unique": _distinct,
}
_FOLLOWED: tuple[Container[str], ...] = (_BINARY, _UNARY, _CASTS, _SAME, _FROM_VECTOR, READING, ("to",))
