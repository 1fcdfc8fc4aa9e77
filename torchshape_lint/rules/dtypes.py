"""What is known of dtypes: their one name each, and what arithmetic makes of two of them.

Only the certain cases: scalars among the operands, complex numbers and mixed widths give None, unknown.
"""

from __future__ import annotations

from torchshape_lint.rules.operands import Tensor
from torchshape_lint.values import External, Value

_ALIASES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "cfloat": "complex64",
    "cdouble": "complex128",
    "chalf": "complex32",
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
    "BFloat16Tensor": "bfloat16",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ShortTensor": "int16",
    "CharTensor": "int8",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}
_NAMES = {*_ALIASES.values(), "bfloat16", "int8", "uint8", "uint16", "uint32", "uint64"}


def is_floating(dtype: str | None) -> bool:
    """Certainly a floating type (or complex): no index, no class number."""
    return dtype is not None and dtype.startswith(("float", "bfloat", "complex"))


def is_integer(dtype: str | None) -> bool:
    """Certainly an integer type; bool is none."""
    return dtype is not None and dtype.startswith(("int", "uint"))


def floating(dtype: str | None) -> str | None:
    """The dtype of a function that always gives floats: integers become the default float type, whichever it is."""
    return dtype if is_floating(dtype) else None


def dtype_of(value: Value) -> str | None:
    """The dtype that ``torch.float``, ``"torch.LongTensor"`` or ``torch.cuda.FloatTensor`` means, None if none."""
    path = value.path if isinstance(value, External) else value
    if not isinstance(path, str):
        return None
    name = path.rpartition(".")[2]
    if path.startswith("builtins."):
        return {"float": "float64", "int": "int64", "bool": "bool", "complex": "complex128"}.get(name)
    name = _ALIASES.get(name, name)
    return name if name in _NAMES else None


def asked(dtype: Value, otherwise: str | None = "") -> str | None:
    """The dtype of a result whose ``dtype=`` argument is this; ``otherwise`` where it is not given."""
    return otherwise if dtype is None else dtype_of(dtype)


def promoted(*operands: Tensor | float) -> str | None:
    """The dtype of arithmetic, where it is certain."""
    tensors = {x.dtype for x in operands if isinstance(x, Tensor)}
    if len(tensors) != 1:
        return None
    (dtype,) = tensors
    numbers = [x for x in operands if not isinstance(x, Tensor)]
    if dtype is None:
        return None
    whole = all(isinstance(x, int) for x in numbers)
    if not numbers or is_floating(dtype) or (whole and is_integer(dtype)):
        return dtype
    return None
