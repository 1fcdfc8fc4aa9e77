"""New tensors: from sizes (zeros, randn, ..), from bounds (arange, linspace) and from data (tensor, FloatTensor)."""

from __future__ import annotations

import math
from collections.abc import Callable

from torchshape_lint.codes import ARGUMENT
from torchshape_lint.dims import Poly, Size, ceildiv, fresh, symbols
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import asked
from torchshape_lint.rules.given import given_sizes
from torchshape_lint.rules.needs import Derivation, Outcome, Result, Rule, Undetermined, never, not_less
from torchshape_lint.rules.numbers import whole
from torchshape_lint.rules.operands import Named
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Array, Real, Unknown, Value, any_item, is_size
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO

_FLOAT = "float32"  # what torch makes by default


@shape_rule("torch.zeros", "torch.ones", "torch.empty", "torch.rand", "torch.randn")
def filled(*size: object, dtype: object = None) -> Rule:
    """size -> size"""
    if not size:
        yield never(ARGUMENT, "no size is given")
    return (yield from sized(size, asked(dtype, _FLOAT)))


def sized(given: tuple[Value, ...], dtype: str | None) -> Rule:
    """A new tensor of the given sizes."""
    shape = given_sizes(given)
    if shape is None:
        return Undetermined("the sizes are not known")
    if any(at_least(size, 0) is NO for size in shape.sizes):
        yield never(ARGUMENT, f"a size cannot be negative: {shape}")
    return Result(shape, dtype)


@shape_rule("torch.full")
def full(size: object, fill_value: object, *, dtype: object = None) -> Rule:
    """size -> size"""
    return (yield from sized((size,), asked(dtype, dtype_of_number(fill_value))))


def dtype_of_number(value: Value) -> str | None:
    """What torch makes of a Python number."""
    if isinstance(value, bool):
        return "bool"
    if is_size(value):
        return "int64"
    if isinstance(value, (float, Real)):
        return _FLOAT
    return "complex64" if isinstance(value, complex) else None


@shape_rule("torch.randint")
def randint(low: object = None, high: object = None, size: object = None, *, dtype: object = None) -> Rule:
    """size -> size; randint(high, size) and randint(low, high, size)"""
    return (yield from sized((high if size is None else size,), asked(dtype, "int64")))


@shape_rule("torch.randperm")
def randperm(n: Size, *, dtype: object = None) -> Rule:
    """n -> (n,)"""
    return (yield from sized((n,), asked(dtype, "int64")))


@shape_rule("torch.eye")
def eye(n: Size, m: Size | None = None, *, dtype: object = None) -> Rule:
    """n, m -> (n, m); (n, n) without m"""
    return (yield from sized((n, n if m is None else m), asked(dtype, _FLOAT)))


@shape_rule("torch.arange")
def arange(
    start: object = 0, end: object = None, step: object = 1, *, dtype: object = None, out: object = None
) -> Rule:
    """(ceil((end - start)/step),)"""
    if end is None:
        start, end = 0, start
    numbers = (start, end, step)
    if any(isinstance(number, (Unknown, TensorValue)) for number in numbers):
        return Result((fresh(),), asked(dtype, None))
    whole = all(is_size(number) for number in numbers)
    made = asked(dtype, "int64" if whole else _FLOAT) if out is None else dtype_of_tensor(out)
    if made is None and not whole:
        return Result((fresh(),), None)  # int64 counts otherwise
    if made == "int64":
        start, end, step = (int(x) if isinstance(x, float) and math.isfinite(x) else x for x in (start, end, step))
    if step == 0:
        yield never(ARGUMENT, f"arange with a step of {numbers[2]}{', which int64 makes 0' if numbers[2] else ''}")
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        yield never(ARGUMENT, f"arange from {start} to {end} has no end")
    count: Size | None = None
    if is_size(start) and is_size(end) and is_size(step):
        assert isinstance(start, (int, Poly)) and isinstance(end, (int, Poly))
        assert isinstance(step, (int, Poly))
        count = ceildiv(end - start, step)
        yield Derivation(lambda: f"ceil(({end} - {start})/{step}) = {count}")
    elif all(isinstance(number, (int, float)) for number in numbers):
        count = _ceil_quotient(float(end) - float(start), float(step))  # type: ignore[arg-type]
    if count is None:
        return Result((fresh(),), made)
    if at_least(count, 0) is NO or (isinstance(end, int) and isinstance(start, int) and _opposed(end - start, step)):
        yield never(ARGUMENT, f"arange from {start} to {end} goes the other way than its step {step}")
    return Result((count,), made)


def dtype_of_tensor(value: Value) -> str | None:
    return value.dtype if isinstance(value, TensorValue) else None


def _opposed(length: int, step: Value) -> bool:
    return isinstance(step, int) and length * step < 0


def _ceil_quotient(length: float, step: float) -> Size | None:
    """As torch counts, in doubles."""
    count = length / step if step else math.nan
    return math.ceil(count) if math.isfinite(count) else None


@shape_rule("torch.linspace")
def linspace(start: object, end: object, steps: Named | float, *, dtype: object = None) -> Rule:
    """steps -> (steps,)"""
    return (yield from _spaced(start, end, steps, dtype))


@shape_rule("torch.logspace")
def logspace(start: object, end: object, steps: Named | float, base: object = 10.0, *, dtype: object = None) -> Rule:
    """steps -> (steps,)"""
    return (yield from _spaced(start, end, steps, dtype))


def _spaced(start: Value, end: Value, steps: Named | float, dtype: Value) -> Rule:
    yield from whole("steps", steps)
    for bound in (start, end):
        if isinstance(bound, TensorValue) and bound.shape.sizes:
            yield never(ARGUMENT, f"start and end must be numbers, but one is a tensor {bound.shape}")
    if not isinstance(steps, Named):
        return Undetermined("steps is no size")
    numbers = all(isinstance(x, (int, float, Poly, Real)) for x in (start, end))
    return (yield from sized((steps.size,), asked(dtype, _FLOAT if numbers else None)))


@shape_rule(*(f"torch.{name}_window" for name in ("hann", "hamming", "blackman", "bartlett", "kaiser")))
def window(window_length: Size, *numbers: object, dtype: object = None, **options: object) -> Rule:
    """n -> (n,)"""
    return (yield from sized((window_length,), asked(dtype, _FLOAT)))


@shape_rule("torch.tril_indices")
def lower_indices(row: Named, col: Named, offset: int = 0, *, dtype: object = None) -> Rule:
    """(2, how many there are)"""
    for side in (row, col):
        yield not_less(side, 0, ARGUMENT)
    return Result((2, _triangle(row.size, col.size, offset)), asked(dtype, "int64"))


@shape_rule("torch.triu_indices")
def upper_indices(row: Named, col: Named, offset: int = 0, *, dtype: object = None) -> Rule:
    """(2, how many there are)"""
    for side in (row, col):
        yield not_less(side, 0, ARGUMENT)
    return Result((2, row.size * col.size - _triangle(row.size, col.size, offset - 1)), asked(dtype, "int64"))


def _triangle(rows: Size, columns: Size, offset: int) -> Size:
    """How many elements lie on and below the diagonal that starts ``offset`` columns to the right."""
    if not isinstance(rows, int) or not isinstance(columns, int) or rows > _MOST_ROWS:
        return fresh()
    return sum(min(max(row + offset + 1, 0), columns) for row in range(rows))


_MOST_ROWS = 10_000


@shape_rule("torch.scalar_tensor")
def scalar_tensor(s: object, *, dtype: object = None) -> Result:
    """number -> ()"""
    return Result((), asked(dtype, _FLOAT))


@shape_rule("torch.tensor", "torch.as_tensor", "torch.asarray")
def tensor(data: object, *, dtype: object = None) -> Outcome:
    """nested numbers -> one axis for each level"""
    return from_data(data, dtype, None)


def from_data(data: Value, dtype: Value, otherwise: str | None) -> Outcome:
    """The tensor made of ``data``, with the dtype of its numbers unless one is given."""
    shape = data_shape(data)
    if shape is None:
        return Undetermined("the data are not known")
    return Result(shape, asked(dtype, otherwise or _data_dtype(data)))


def data_shape(data: Value, depth: int = 0) -> Shape | None:
    """The shape of nested sequences; None when something in them is not known or they are not even."""
    if isinstance(data, TensorValue):
        return data.shape if depth == 0 or data.shape.sizes == () else None
    if isinstance(data, Array):
        return Shape(data.sizes)
    if isinstance(data, (bool, int, float, complex, Real)) or (isinstance(data, Unknown) and data.number):
        return Shape()
    if isinstance(data, Poly):
        return Shape() if all(s.sure for s in symbols(data)) else None  # an argument may be a list as well
    if isinstance(data, Shape) and data.is_open:
        return Shape((fresh(),))
    items = sequence_items(data)
    if isinstance(row := any_item(data), Array):
        return Shape((fresh("n", 1), *row.sizes))
    if items is None or depth > 64:
        return None
    if not items:
        return Shape((0,))
    first, *others = (data_shape(item, depth + 1) for item in items)
    if first is None or first.is_open or any(other != first for other in others):
        return None
    return Shape((len(items), *first.sizes))


def _data_dtype(data: Value) -> str | None:
    """The widest kind of number in ``data``."""
    if isinstance(data, (TensorValue, Array)):
        return data.dtype
    items = sequence_items(data)
    if items is None:
        row = any_item(data)
        return dtype_of_number(data) if row is None else row.dtype
    kinds = {_data_dtype(item) for item in items}
    if None in kinds:
        return None
    if len(kinds) == 1:
        return kinds.pop()
    order = ("complex64", _FLOAT, "int64", "bool")
    return next((kind for kind in order if kind in kinds), _FLOAT) if kinds <= set(order) else None


_TYPES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")


def _constructor(dtype: str | None) -> Callable[..., Rule]:
    def constructor(data: object = None, *sizes: object) -> Rule:
        """sizes -> sizes; nested lists -> one axis for each level"""
        return (yield from constructed(data, sizes, dtype))

    return constructor


shape_rule("torch.Tensor")(_constructor(_FLOAT))
for _kind in _TYPES:
    shape_rule(f"torch.{_kind}Tensor", f"torch.cuda.{_kind}Tensor")(_constructor(dtype_of(f"torch.{_kind}Tensor")))


def constructed(data: Value, sizes: tuple[Value, ...], dtype: str | None) -> Rule:
    """torch's old constructors: numbers are sizes, a list is data. A plain tuple may be either: torch.Size is one."""
    if data is None:
        return Result((0,), dtype)
    if is_size(data) or isinstance(data, Unknown) or (isinstance(data, Shape) and data.is_open):
        return (yield from sized((data, *sizes), dtype))
    shape = data_shape(data)
    if shape is None or (isinstance(data, tuple) and shape.rank == 1):
        return Undetermined("the data are not known")
    return Result(shape, dtype)
