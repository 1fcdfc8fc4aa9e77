"""The names of dtypes: torch has several for each, we have one (`"float32"`)."""

from __future__ import annotations

from torchshape_lint.values import External, Value

_ALIASES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
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
