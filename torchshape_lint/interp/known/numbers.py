"""Numbers: conversions, arithmetic functions, sums and extremes."""

from __future__ import annotations

import math

from torchshape_lint import ir
from torchshape_lint.dims import Poly, bounds, is_sure
from torchshape_lint.dims import floordiv as floor_divide
from torchshape_lint.interp.comparison import compare, truth
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.known.array_functions import reduced
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.operators import binary
from torchshape_lint.values import (
    Array,
    Bound,
    External,
    Real,
    Stream,
    Tensor,
    Unknown,
    Value,
)
from torchshape_lint.verdicts import MAYBE, YES


@known("builtins.int", "math.floor", "math.trunc")
def _int(h: Here) -> Value:
    value = h.arg(0, default=0)
    if isinstance(value, Tensor) and h.path == "builtins.int":
        return h.m.call_with(h.frame, Bound("torch.Tensor.__int__", value), at=h.site.at)
    if isinstance(value, (int, float, str)):
        try:
            return math.floor(value) if h.path.endswith("floor") else int(value)  # type: ignore[arg-type]
        except (ValueError, TypeError, OverflowError):
            return Unknown("int of something that is no number", number=True)
    if isinstance(value, Poly) and is_sure(value):
        return value
    if isinstance(value, Real):
        low, _ = bounds(value.size)
        if low is not None and low >= 0 and is_sure(value.size):  # int() and floor() agree
            return floor_divide(value.size * value.factor.numerator, value.factor.denominator)
    return Unknown("an int of something unknown", isinstance(value, Unknown) and value.data, True)


@known("builtins.float", "builtins.complex")
def _float(h: Here) -> Value:
    value = h.arg(0, default=0.0)
    if isinstance(value, Tensor) and h.path == "builtins.float":
        return h.m.call_with(h.frame, Bound("torch.Tensor.__float__", value), at=h.site.at)
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except ValueError:
            return Unknown("a float of something that is no number", number=True)
    return value if isinstance(value, Real) else Unknown("a float of something unknown", number=True)


@known("builtins.bool")
def _bool(h: Here) -> Value:
    verdict = truth(h.m, h.arg(0, default=False))
    return Unknown("a bool") if verdict is MAYBE else verdict is YES


@known("builtins.abs")
def _abs(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, (int, float)):
        return abs(value)
    if isinstance(value, Tensor):
        return h.m.call_with(h.frame, External("torch.abs"), value, at=h.site.at)
    if isinstance(value, Poly):
        low, _ = bounds(value)
        return value if low is not None and low >= 0 else Unknown("an absolute value")
    return Unknown("an absolute value")


@known("builtins.round")
def _round(h: Here) -> Value:
    value, digits = h.arg(0), h.arg(1)
    if isinstance(value, (int, float)) and (digits is None or isinstance(digits, int)):
        try:
            return round(value, digits) if digits is not None else round(value)
        except (ValueError, OverflowError):
            return Unknown("a rounded number", number=True)
    return Unknown("a rounded number", number=True)


@known("builtins.max", "builtins.min")
def _extreme(h: Here) -> Value:
    items = h.args.positional if len(h.args.positional) > 1 else iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream) or h.args.keywords or not items:
        return Unknown("an extreme of something unknown")
    largest = h.path.endswith("max")
    if all(isinstance(i, (int, float)) for i in items):
        return max(items) if largest else min(items)  # type: ignore[type-var]
    best = items[0]
    for item in items[1:]:
        order = compare(h.m, ">=" if largest else "<=", best, item)
        if order is True:
            continue
        if order is not False:
            return Unknown("an extreme of sizes that are not known")
        best = item
    return best


@known("builtins.sum", "math.prod", "numpy.prod", "numpy.sum")
def _fold(h: Here) -> Value:
    if h.path.startswith("numpy.") and isinstance(h.arg(0), Array):
        return reduced(h, h.arg(0), 1)
    items = iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream):
        return Unknown("a sum of unknown length")
    adding = h.path.endswith("sum")
    answer = h.arg(1, "start", 0 if adding else 1) if not h.path.startswith("numpy") else (0 if adding else 1)
    node = ir.Const(h.site.at, None)
    for item in items:
        answer = binary(h.m, h.frame, "+" if adding else "*", answer, item, node)
    return answer


@known("builtins.divmod")
def _divmod(h: Here) -> Value:
    node = ir.Const(h.site.at, None)
    return tuple(binary(h.m, h.frame, op, h.arg(0), h.arg(1), node) for op in ("//", "%"))


@known("builtins.pow", "math.pow")
def _pow(h: Here) -> Value:
    value = binary(h.m, h.frame, "**", h.arg(0), h.arg(1), ir.Const(h.site.at, None))
    return float(value) if h.path == "math.pow" and isinstance(value, (int, float)) else value
