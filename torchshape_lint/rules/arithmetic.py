"""Operators of several tensors that broadcast: arithmetic, comparison, where, clamp, lerp.

Of their in-place forms the result must keep the shape of the first tensor.

An operand may be a number on either side; an unknown one leaves the result unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from torchshape_lint.codes import ARGUMENT, DTYPE
from torchshape_lint.dims import fresh
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, together, unchanged
from torchshape_lint.rules.dtypes import certain, floating, is_floating, promoted, same_dtype
from torchshape_lint.rules.given import given_sizes
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined, never, no_number
from torchshape_lint.rules.numbers import truth_values
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule

# What each family makes of the dtype, by how many of the two operands torch wants to be tensors (as a function).
_KEEPING: dict[int | str, str] = {
    0: "add mul multiply floor_divide",
    1: "remainder pow bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift",
    "first": "fmod clamp_max clamp_min",
    2: "maximum minimum fmax fmin gcd lcm heaviside",
}
_FLOATS: dict[int | str, str] = {
    0: "div divide true_divide",
    1: "xlogy",
    "first": "copysign",
    2: "atan2 arctan2 hypot nextafter logaddexp logaddexp2 ldexp igamma igammac",
}
_COMPARING: dict[int | str, str] = {
    "first": "eq ne lt le gt ge greater greater_equal less less_equal not_equal",
    2: "logical_and logical_or logical_xor",
}
_POLYNOMIALS = """chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w
hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p shifted_chebyshev_polynomial_t
shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w""".split()
_NO_IN_PLACE = set("maximum minimum fmax fmin logaddexp logaddexp2".split())
_IN_PLACE_FUNCTIONS = "clamp_max_ clamp_min_ gcd_ lcm_ ldexp_ xlogy_".split()
_OPERATORS = "add mul floordiv mod pow and_ or_ xor lshift rshift".split()
_AUGMENTED = "iadd isub imul itruediv ifloordiv imod ipow iand ior ixor ilshift irshift".split()

_ALL = (
    "sub subtract ".split()
    + " ".join(names for family in (_KEEPING, _FLOATS, _COMPARING) for names in family.values()).split()
)

Wanted = int | str
Promoting = Callable[[str | None], str | None]


def _both(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable((f"torch.{n}", f"torch.Tensor.{n}") for n in names))


def _are_tensors(wanted: Wanted, input: Tensor | float, other: Tensor | float) -> Steps:
    """Numbers stand only where torch takes them."""
    found = [isinstance(x, Tensor) for x in (input, other)]
    if (wanted == "first" and not found[0]) or (isinstance(wanted, int) and sum(found) < wanted):
        number = other if found[0] else input
        yield no_number(number)


def _no_truth(*operands: Tensor | float) -> Steps:
    """torch subtracts no truth values."""
    for x in operands:
        if isinstance(x, Tensor) and x.dtype == "bool":
            yield never(ARGUMENT, f"{x.name} is bool: torch has no - for truth values, but ~ and ^")


def _elementwise(names: Iterable[str], promoting: Promoting, wanted: Wanted, subtracting: bool = False) -> None:
    """One family: two operands broadcast together."""

    def rule(input: Tensor | float, other: Tensor | float, **options: object) -> Rule:
        """(a..), (b..) -> broadcast"""
        yield from _are_tensors(wanted, input, other)
        if not isinstance(input, Tensor) and not isinstance(other, Tensor):
            return Undetermined("no tensor among the operands")
        if subtracting:
            yield from _no_truth(input, other)
        shape = yield from together(input, other)
        return Result(shape, promoting(promoted(input, other)))

    shape_rule(*names)(rule)


def _same_dtype(dtype: str | None) -> str | None:
    return dtype


def _bool(dtype: str | None) -> str:
    return "bool"


for _family, _promoting in ((_KEEPING, _same_dtype), (_FLOATS, floating), (_COMPARING, _bool)):
    for _wanted, _names in _family.items():
        _elementwise(_both(_names.split()), _promoting, _wanted)
_elementwise((f"operator.{name}" for name in _OPERATORS), _same_dtype, 0)
_elementwise((*_both(("sub", "subtract")), "operator.sub"), _same_dtype, 0, subtracting=True)
_elementwise(("operator.truediv",), floating, 0)
_elementwise((f"operator.{name}" for name in "lt le eq ne gt ge".split()), _bool, 0)
_elementwise(("torch.rsub",), _same_dtype, "first", subtracting=True)
_elementwise((f"torch.special.{name}" for name in ("xlog1py", "xlogy", "zeta", *_POLYNOMIALS)), floating, 1)
_elementwise((f"torch.special.{name}" for name in ("gammainc", "gammaincc")), floating, 2)


@shape_rule(*_both(("isclose",)))
def isclose(
    input: Tensor | float, other: Tensor | float, rtol: object = 1e-5, atol: object = 1e-8, equal_nan: object = False
) -> Rule:
    """(a..), (b..) -> broadcast, bool"""
    yield from _are_tensors(2, input, other)
    for name, value in (("rtol", rtol), ("atol", atol)):
        if isinstance(value, (int, float)) and value < 0:
            yield never(ARGUMENT, f"{name} is {value}, but cannot be negative")
    return Result((yield from together(input, other)), "bool")


@shape_rule("torch.complex")
def complex_of(real: Tensor | float, imag: Tensor | float, *, out: Tensor | None = None) -> Rule:
    """(a..), (b..) -> broadcast"""
    yield from _are_tensors(2, real, imag)
    return (yield from _of_two_parts(real, imag, out))


@shape_rule("torch.polar")
def polar(abs: Tensor | float, angle: Tensor | float, *, out: Tensor | None = None) -> Rule:
    """(a..), (b..) -> broadcast"""
    yield from _are_tensors(2, abs, angle)
    return (yield from _of_two_parts(abs, angle, out))


_OF_PARTS = {"float16": "complex32", "float32": "complex64", "float64": "complex128"}


def _of_two_parts(a: Tensor | float, b: Tensor | float, out: Tensor | None) -> Rule:
    """A complex tensor of two real ones, which must have one dtype."""
    parts = [x for x in (a, b) if isinstance(x, Tensor)]
    yield from same_dtype(*parts)
    for x in parts:
        if x.dtype is not None and (not is_floating(x.dtype) or x.dtype.startswith("complex")):
            yield never(ARGUMENT, f"{x.name} is {x.dtype}, but both parts must be of one floating type")
    dtype = next((_OF_PARTS.get(x.dtype) for x in parts if x.dtype), None)
    if out is not None and dtype is not None:
        yield from same_dtype(Tensor(out.shape, "the result", out.facts, dtype), out)
    return Result((yield from together(a, b)), dtype)


@shape_rule("torch.isin")
def isin(
    elements: Tensor | float, test_elements: Tensor | float, *, assume_unique: object = False, invert: object = False
) -> Result:
    """(a..), (b..) -> (a..), bool"""
    return Result(elements.shape if isinstance(elements, Tensor) else (), "bool")


@shape_rule("torch.Tensor.sum_to_size")
def sum_to_size(input: Tensor, *size: object) -> Rule:
    """(a..) -> size, which must be broadcastable to a"""
    wanted = given_sizes(size, input)
    if wanted is None:
        return Undetermined("the sizes are not known")
    yield from broadcast_into(input, Tensor(wanted, "size", input.facts))
    return Result(wanted, floating(input.dtype))


@shape_rule(*_both(("float_power",)))
def float_power(input: Tensor | float, exponent: Tensor | float) -> Rule:
    """(a..), (b..) -> broadcast, float64"""
    yield from _are_tensors(1, input, exponent)
    shape = yield from together(input, exponent)
    return Result(shape, "float64" if is_floating(promoted(input, exponent)) else None)


@shape_rule(
    *(f"torch.Tensor.{name}_" for name in _ALL if name not in _NO_IN_PLACE),
    *(f"torch.{name}" for name in _IN_PLACE_FUNCTIONS),
    *(f"operator.{name}" for name in _AUGMENTED),
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


@shape_rule("torch.Tensor.float_power_")
def float_power_(input: Tensor, exponent: Tensor | float) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a; the result is a double, and has to go into the input"""
    if (dtype := certain(input)) not in (None, "float64", "complex128"):
        words = f"{input.name} is {dtype}, but float_power_ gives float64"
        yield never(DTYPE, words, expected="float64", actual=dtype)
    if isinstance(exponent, Tensor):
        yield from broadcast_into(input, exponent)
    return unchanged(input)


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
    yield from _chooses(condition)
    shape = yield from together(condition, input, other)
    known = isinstance(input, Tensor) or isinstance(other, Tensor)
    return Result(shape, promoted(input, other) if known else None)


@shape_rule("torch.Tensor.where")
def where_method(input: Tensor, condition: Tensor, other: Tensor | float) -> Rule:
    """(b..), (a..), (c..) -> broadcast"""
    yield from _chooses(condition)
    shape = yield from together(condition, input, other)
    return Result(shape, promoted(input, other))


def _chooses(condition: Tensor) -> Steps:
    """Truth values; uint8 is what they were long ago."""
    if condition.dtype != "uint8":
        yield from truth_values(condition)


@shape_rule("torch.lerp", "torch.Tensor.lerp")
def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Rule:
    """(a..), (b..), (c..) -> broadcast"""
    yield from same_dtype(input, end)
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
