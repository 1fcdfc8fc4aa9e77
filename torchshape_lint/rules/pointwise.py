"""Functions of one tensor that work element by element: the shape stays, the dtype not always.

Knows conversions (float(), to(), type()) and random fills too; operators of two tensors are in arithmetic.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import floating, is_device, is_floating, is_integer
from torchshape_lint.rules.needs import Many, Plain, Result, Rule, Undetermined, never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import External, Value

# Functions and methods that give floats ...
_FLOATS = """
acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh deg2rad digamma erf erfc
erfinv exp exp2 expm1 i0 lgamma log log10 log1p log2 logit mvlgamma rad2deg reciprocal rsqrt sin sinc sinh sqrt tan
""".split()
# ... and that keep the type; both have in-place forms.
_KEEPING = "bitwise_not ceil conj_physical fix floor frac nan_to_num round sgn square trunc".split()
_SPECIAL = """
airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv exp2 expm1 gammaln i0 i0e i1
i1e log1p log_ndtr logit modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 multigammaln ndtr
ndtri psi scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc spherical_bessel_j0
""".split()
_MAKERS_OF_BOOL = "isfinite isinf isnan isneginf isposinf isreal logical_not signbit".split()
_IN_PLACE_METHODS = """
absolute_ abs_ bernoulli_ bitwise_not_ detach_ digamma_ erfinv_ fill_ lgamma_ logical_not_ mvlgamma_ random_
requires_grad_ sgn_ sign_ zero_
""".split()
_NO_FUNCTION = {"erfinv_", "digamma_", "lgamma_", "bitwise_not_", "sgn_", "mvlgamma_"}  # methods only


def _torch(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"torch.{name}" for name in names)


def _methods(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"torch.Tensor.{name}" for name in names)


def _both(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(itertools.chain.from_iterable((f"torch.{n}", f"torch.Tensor.{n}") for n in names))


_IN_PLACE = [f"{name}_" for name in (*_FLOATS, *_KEEPING) if f"{name}_" not in _NO_FUNCTION]


@shape_rule(*_both(_FLOATS), *(f"torch.special.{name}" for name in _SPECIAL), "torch.angle", "torch.Tensor.angle")
def giving_floats(input: Tensor, *numbers: object, **options: object) -> Result:
    """(*) -> (*), integers become floats"""
    return unchanged(input, floating(input.dtype))


@shape_rule(
    *_both((*_KEEPING, *_IN_PLACE, "abs", "absolute", "sign", "positive", "conj", "clone", "detach")),
    *_both(("resolve_conj", "resolve_neg", "bernoulli")),
    *_torch(("abs_", "detach_", "zero_", "fill", "fill_", "poisson", "detach_copy", "alias_copy")),
    *_methods(
        (
            *_IN_PLACE_METHODS,
            "contiguous",
            "cuda",
            "cpu",
            "xpu",
            "ipu",
            "mtia",
            "share_memory_",
            "pin_memory",
            "to_dense",
        )
    ),
    "torch.special.round",
    "operator.pos",
    "operator.invert",
    "operator.abs",
)
def keeping(input: Tensor, *numbers: object, **options: object) -> Result:
    """(*) -> (*)"""
    complex_to_real = input.dtype is not None and input.dtype.startswith("complex")
    return unchanged(input, None if complex_to_real else "")


@shape_rule(*_both(("neg", "negative")), "torch.Tensor.neg_", "torch.Tensor.negative_", *_torch(("neg_", "negative_")))
@shape_rule("operator.neg")
def negative(input: Tensor) -> Rule:
    """(*) -> (*)"""
    if input.dtype == "bool":
        yield never(ARGUMENT, f"{input.name} is bool: torch has no - for truth values, but ~")
    return unchanged(input)


@shape_rule(*_both(("frexp",)))
def frexp(input: Tensor) -> Rule:
    """(*) -> mantissa (*), exponent (*)"""
    if is_integer(input.dtype) or input.dtype == "bool":
        yield never(ARGUMENT, f"{input.name} is {input.dtype}, but must hold floats", actual=input.dtype)
    return Many((unchanged(input), Result(input.shape, "int32")))


@shape_rule(*_both(_MAKERS_OF_BOOL))
def giving_bool(input: Tensor) -> Result:
    """(*) -> (*), bool"""
    return unchanged(input, "bool")


_CASTS = "float double half bfloat16 long int short char byte bool cfloat cdouble chalf".split()
_CAST_TO = {"char": "int8", "byte": "uint8", "bfloat16": "bfloat16", "bool": "bool"}


def _cast(name: str) -> None:
    dtype = _CAST_TO.get(name) or dtype_of(f"torch.{name}")

    def cast(input: Tensor, memory_format: object = None) -> Result:
        """(*) -> (*), in the type that the name says"""
        return unchanged(input, dtype)

    shape_rule(f"torch.Tensor.{name}")(cast)


for _name in _CASTS:
    _cast(_name)


@shape_rule("torch.Tensor.to")
def to(input: Tensor, *targets: object, dtype: object = None) -> Result:
    """(*) -> (*), in the type of whichever target is one"""
    return unchanged(input, _target_dtype(input, targets) if dtype is None else dtype_of(dtype))


def _target_dtype(input: Tensor, targets: tuple[Value, ...]) -> str | None:
    for target in targets:
        if isinstance(target, values.Tensor):
            return target.dtype
        if isinstance(target, External) and (dtype := dtype_of(target)):
            return dtype
        if not is_device(target):
            return None
    return input.dtype


@shape_rule("torch.Tensor.type_as")
def type_as(input: Tensor, other: object) -> Result:
    """(*) -> (*), in the type of ``other``"""
    return unchanged(input, other.dtype if isinstance(other, values.Tensor) else None)


@shape_rule("torch.Tensor.type")
def change_type(input: Tensor, dtype: object = None, non_blocking: object = False) -> Result | Undetermined:
    """(*) -> (*), in the type that is named; without one it answers in words"""
    return Undetermined("the name of a type") if dtype is None else unchanged(input, dtype_of(dtype))


@shape_rule("torch.Tensor.is_floating_point", "torch.is_floating_point")
def asks_for_floats(input: Tensor) -> Plain | Undetermined:
    """(*) -> bool"""
    if input.dtype is None:
        return Undetermined("the dtype is not known")
    return Plain(is_floating(input.dtype) and not input.dtype.startswith("complex"))
