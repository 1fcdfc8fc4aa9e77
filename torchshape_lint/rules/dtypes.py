"""What is known of dtypes: their one name each, what operators make of several, and where they must be the same.

Only the certain cases: scalars among the operands, complex numbers and mixed widths give None, unknown. How wide a
float is, only the story of a whole program knows (`Facts.widths_hold`): elsewhere float32 and float64 are some float.
"""

from __future__ import annotations

from collections.abc import Sequence

from torchshape_lint.codes import DTYPE
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.needs import never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.values import Made, Unknown, Value
from torchshape_lint.values import Tensor as TensorValue

FLOATING = "floating"  # real or complex, of whatever width


def is_floating(dtype: str | None) -> bool:
    """Certainly a floating type (or complex): no index, no class number."""
    return dtype is not None and dtype.startswith(("float", "bfloat", "complex"))


def is_integer(dtype: str | None) -> bool:
    """Certainly an integer type; bool is none."""
    return dtype is not None and dtype.startswith(("int", "uint"))


def floating(dtype: str | None) -> str | None:
    """The dtype of a function that always gives floats: integers become the default float type, whichever it is."""
    return dtype if is_floating(dtype) else None


def real(dtype: str | None) -> str | None:
    """The dtype of absolute values."""
    return dtype if dtype is not None and dtype.startswith("float") else None


def is_device(target: Value) -> bool:
    """Among the arguments of ``to``: certainly no dtype (a device, a flag, None)."""
    if isinstance(target, Made):
        return target.path == "torch.device"
    return target is None or isinstance(target, (str, int)) or (isinstance(target, Unknown) and target.text)


def complex_numbers(x: Tensor) -> Steps:
    """``x`` must hold complex numbers, where its dtype is known."""
    if x.dtype is not None and not x.dtype.startswith(("complex", FLOATING)):
        yield never(DTYPE, f"{x.name} is {x.dtype}, but must be complex", actual=x.dtype)


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


def joint_dtype(given: str | None, operands: Sequence[str | None]) -> str | None:
    """The dtype of a result: what its rule says, or with "" the first operand's.

    Where operands differ in width torch may have promoted them: then it is only known to be some float.
    """
    dtype = given or (operands[0] if given == "" and operands else None)
    floats = {x for x in operands if x is None or is_floating(x)} - {dtype}
    if not floats or (given and len(floats) == 1 and dtype not in operands and None not in floats):
        return dtype
    if is_floating(dtype):
        return FLOATING
    return None if given == "" and floats != {None} else dtype


def certain(x: Tensor) -> str | None:
    """The dtype of ``x``, None where it is a float that may have become wider or narrower unseen."""
    return x.dtype if not is_floating(x.dtype) or (x.dtype != FLOATING and x.facts.widths_hold()) else None


def differ(a: Tensor, b: Tensor) -> bool:
    """Have they certainly different dtypes: of another kind, or of another width where that is certain?"""
    if a.dtype is None or b.dtype is None or a.dtype == b.dtype:
        return False
    if FLOATING in (a.dtype, b.dtype):
        return not (is_floating(a.dtype) and is_floating(b.dtype))
    return _kind(a.dtype) != _kind(b.dtype) or None not in (certain(a), certain(b))


def _kind(dtype: str) -> str:
    kinds = {"complex": "complex", "bfloat": "float", "float": "float", "uint": "int", "int": "int"}
    return next((kind for start, kind in kinds.items() if dtype.startswith(start)), dtype)


_CASTS = {"float32": "float", "float64": "double", "float16": "half", "bfloat16": "bfloat16", "int64": "long"}


def operands(value: Value, name: str, x: Tensor) -> tuple[Tensor, ...]:
    """The tensors in a sequence, as far as it is known, as operands beside ``x``."""
    items = sequence_items(value) or ()
    return tuple(
        Tensor(t.shape, f"{name}[{k}]", x.facts, t.dtype) for k, t in enumerate(items) if isinstance(t, TensorValue)
    )


def same_dtype(first: Tensor, *others: Tensor | None) -> Steps:
    """torch converts none of them: they must have the dtype of ``first``."""
    for x in others:
        if x is not None and differ(x, first):
            words = f"{x.name} is {x.dtype}, but {first.name} is {first.dtype}{_cure(x, first)}"
            yield never(DTYPE, words, expected=first.dtype, actual=x.dtype)


def _cure(x: Tensor, first: Tensor) -> str:
    """``: use x.float()`` for the operand that is no parameter and has more digits than the other needs."""
    if x.parameter or (first.dtype == "float64" and not first.parameter):
        x, first = first, x
    cast = _CASTS.get(first.dtype or "")
    return f": use {x.name}.{cast}()" if cast and x.name.replace(".", "").isidentifier() else ""
