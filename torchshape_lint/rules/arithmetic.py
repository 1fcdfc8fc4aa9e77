"""Operators of several tensors that broadcast: arithmetic, comparison, where, clamp, lerp, masked_fill.

Of their in-place forms the result must keep the shape of the first tensor.

An operand may be a number on either side; an unknown one leaves the result unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from torchshape_lint.codes import MASK
from torchshape_lint.dims import fresh
from torchshape_lint.rules.broadcasting import broadcast_into, together, unchanged
from torchshape_lint.rules.dtypes import floating, is_floating, promoted
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule

# Functions and methods; nearly all have an in-place method too.
_KEEPING = """add sub subtract mul multiply floor_divide remainder fmod pow maximum minimum fmax fmin gcd lcm heaviside
bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift clamp_max clamp_min""".split()
_FLOATS = """div divide true_divide atan2 arctan2 hypot copysign nextafter logaddexp logaddexp2 xlogy ldexp igamma
igammac""".split()
_COMPARING = """eq ne lt le gt ge greater greater_equal less less_equal not_equal logical_and logical_or logical_xor
isclose""".split()
_NO_IN_PLACE = set("maximum minimum fmax fmin logaddexp logaddexp2 isclose".split())
_IN_PLACE_FUNCTIONS = "clamp_max_ clamp_min_ gcd_ lcm_ ldexp_ xlogy_".split()
_OPERATORS = "add sub mul floordiv mod pow and_ or_ xor lshift rshift".split()
_SHIFTED_IN_PLACE = (
    "iadd isub imul itruediv ilshift irshift".split()
)  # the others make a new tensor, whatever Python says


def _both(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable((f"torch.{n}", f"torch.Tensor.{n}") for n in names))


@shape_rule(
    *_both(_KEEPING),
    *(f"operator.{name}" for name in _OPERATORS),
    *(f"operator.{name}" for name in ("ifloordiv", "imod", "ipow", "iand", "ior", "ixor")),
    "torch.rsub",
)
def arithmetic(input: Tensor | float, other: Tensor | float, **options: object) -> Rule:
    """(a..), (b..) -> broadcast"""
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        return Undetermined("no tensor among the operands")
    shape = yield from together(input, other)
    return Result(shape, promoted(input, other))


@shape_rule(
    *_both(_FLOATS),
    "operator.truediv",
    *(f"torch.special.{n}" for n in "xlog1py xlogy zeta gammainc gammaincc".split()),
)
def division(input: Tensor | float, other: Tensor | float, **options: object) -> Rule:
    """(a..), (b..) -> broadcast, integers become floats"""
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        return Undetermined("no tensor among the operands")
    shape = yield from together(input, other)
    return Result(shape, floating(promoted(input, other)))


@shape_rule("torch.float_power", "torch.Tensor.float_power")
def float_power(input: Tensor | float, exponent: Tensor | float) -> Rule:
    """(a..), (b..) -> broadcast, float64"""
    shape = yield from together(input, exponent)
    return Result(shape, "float64" if is_floating(promoted(input, exponent)) else None)


@shape_rule(*_both(_COMPARING), *(f"operator.{name}" for name in ("lt", "le", "eq", "ne", "gt", "ge")))
def comparison(input: Tensor | float, other: Tensor | float, *numbers: object, **options: object) -> Rule:
    """(a..), (b..) -> broadcast, bool"""
    if not isinstance(input, Tensor) and not isinstance(other, Tensor):
        return Undetermined("no tensor among the operands")
    shape = yield from together(input, other)
    return Result(shape, "bool")


@shape_rule(
    *(f"torch.Tensor.{name}_" for name in (*_KEEPING, *_FLOATS, *_COMPARING) if name not in _NO_IN_PLACE),
    *(f"torch.{name}" for name in _IN_PLACE_FUNCTIONS),
    *(f"operator.{name}" for name in _SHIFTED_IN_PLACE),
)
def in_place(input: Tensor | float, other: Tensor | float, **options: object) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    if isinstance(input, Tensor):
        if isinstance(other, Tensor):
            yield from broadcast_into(input, other)
        return unchanged(input)
    if not isinstance(other, Tensor):
        return Undetermined("no tensor among the operands")
    return Result(other.shape, promoted(input, other))


@shape_rule("torch.Tensor.copy_")
def copy_(input: Tensor, src: Tensor, non_blocking: object = False) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    yield from broadcast_into(input, src)
    return unchanged(input)


@shape_rule("torch.where")
def where(condition: Tensor, input: Tensor | float | None = None, other: Tensor | float | None = None) -> Rule:
    """(a..), (b..), (c..) -> broadcast; a condition alone -> its indices, (k,) for each axis"""
    if input is None or other is None:
        if condition.rank is None:
            return Undetermined("the rank is not known")
        count = fresh("k", 0)
        return Many(tuple(Result((count,), "int64") for _ in range(max(condition.rank, 1))))
    shape = yield from together(condition, input, other)
    known = isinstance(input, Tensor) or isinstance(other, Tensor)
    return Result(shape, promoted(input, other) if known else None)


@shape_rule("torch.Tensor.where")
def where_method(input: Tensor, condition: Tensor, other: Tensor | float) -> Rule:
    """(b..), (a..), (c..) -> broadcast"""
    shape = yield from together(condition, input, other)
    return Result(shape, promoted(input, other))


@shape_rule("torch.lerp", "torch.Tensor.lerp")
def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Rule:
    """(a..), (b..), (c..) -> broadcast"""
    shape = yield from together(input, end, weight)
    return Result(shape, promoted(input, end))


@shape_rule("torch.Tensor.lerp_")
def lerp_(input: Tensor, end: Tensor, weight: Tensor | float) -> Rule:
    """(a..), (b..), (c..) -> (a..)"""
    yield from broadcast_into(input, *(x for x in (end, weight) if isinstance(x, Tensor)))
    return unchanged(input)


@shape_rule(*_both(("addcmul", "addcdiv")))
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: object = 1) -> Rule:
    """(a..), (b..), (c..) -> broadcast"""
    shape = yield from together(input, tensor1, tensor2)
    return Result(shape, promoted(input, tensor1, tensor2))


@shape_rule("torch.Tensor.addcmul_", "torch.Tensor.addcdiv_")
def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: object = 1) -> Rule:
    """(a..), (b..), (c..) -> (a..)"""
    yield from broadcast_into(input, tensor1, tensor2)
    return unchanged(input)


@shape_rule(*_both(("clamp", "clip")))
def clamp(input: Tensor, min: Tensor | float | None = None, max: Tensor | float | None = None) -> Rule:
    """(a..), (b..)?, (c..)? -> broadcast"""
    shape = yield from together(input, min, max)
    return Result(shape, promoted(*(x for x in (input, min, max) if x is not None)))


@shape_rule(*_both(("clamp_", "clip_")))
def clamp_(input: Tensor, min: Tensor | float | None = None, max: Tensor | float | None = None) -> Rule:
    """(a..), (b..)?, (c..)? -> (a..)"""
    yield from broadcast_into(input, *(x for x in (min, max) if isinstance(x, Tensor)))
    return unchanged(input)


@shape_rule(*_both(("masked_fill",)))
def masked_fill(input: Tensor, mask: Tensor, value: object) -> Rule:
    """(a..), (b..) -> broadcast"""
    return Result((yield from together(input, mask, code=MASK)))


@shape_rule("torch.Tensor.masked_fill_")
def masked_fill_(input: Tensor, mask: Tensor, value: object) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    yield from broadcast_into(input, mask, code=MASK)
    return unchanged(input)


@shape_rule(*_both(("masked_scatter",)))
def masked_scatter(input: Tensor, mask: Tensor, source: object) -> Rule:
    """(a..), (b..) -> broadcast"""
    return Result((yield from together(input, mask, code=MASK)))


@shape_rule("torch.Tensor.masked_scatter_")
def masked_scatter_(input: Tensor, mask: Tensor, source: object) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    yield from broadcast_into(input, mask, code=MASK)
    return unchanged(input)
