"""What functions and methods of numpy make of an array: the same shape, another one, or fewer axes."""

from __future__ import annotations

from torchshape_lint.dims import Poly
from torchshape_lint.interp import arrays
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import is_floating
from torchshape_lint.values import Array, External, ListValue, Real, Stream, Unknown, Value

_METHOD = "numpy.ndarray."


def methods_and_functions(names: str) -> tuple[str, ...]:
    return tuple(f"{where}{name}" for name in names.split() for where in ("numpy.", _METHOD))


def receiver(h: Here) -> tuple[Value, tuple[Value, ...]]:
    """The array that a method or a function is about, and its other arguments."""
    if isinstance(h.self, Array):
        return h.self, tuple(h.args.positional)
    return (h.args.positional[0], tuple(h.args.positional[1:])) if h.args.positional else (None, ())


def given_dtype(value: Value, otherwise: str | None) -> str | None:
    """The dtype that ``np.float32``, ``"float32"`` or ``float`` means; ``otherwise`` where none is given."""
    if value is None:
        return otherwise
    if isinstance(value, External) and value.path.startswith("numpy."):
        name = value.path.removeprefix("numpy.")
        return {"double": "float64", "single": "float32", "bool_": "bool", "int_": "int64"}.get(name, dtype_of(name))
    return None if isinstance(value, str) and value in _C_NAMES else dtype_of(value)


_C_NAMES = ("float", "int", "long", "double", "half", "short", "char", "byte")  # which mean others in torch


def is_number(value: Value) -> bool:
    return isinstance(value, (int, float, Poly, Real)) or (isinstance(value, Unknown) and value.number)


@known(
    *methods_and_functions("clip round"),
    *(f"numpy.{name}" for name in "abs absolute square sign nan_to_num sort negative fabs around rint".split()),
)
def _alike(h: Here) -> Value:
    """The same shape and dtype."""
    array, _ = receiver(h)
    return array if isinstance(array, Array) else _of_number(array)


@known("numpy.copy", "numpy.flip", "numpy.fliplr", "numpy.flipud", "numpy.roll", _METHOD + "copy")
def _copy(h: Here) -> Value:
    array, _ = receiver(h)
    return array if isinstance(array, Array) else Unknown("a copy of something that is no array")


def elementwise(h: Here) -> Value:
    """A function of real numbers: the same shape; integers become floats."""
    array = h.arg(0, "x")
    if isinstance(array, Array):
        return Array(array.sizes, array.dtype if is_floating(array.dtype) else None)
    return _of_number(array)


def _of_number(value: Value) -> Value:
    return Unknown("a function of something that is no array", number=is_number(value))


@known(*methods_and_functions("cumsum"))
def _cumsum(h: Here) -> Value:
    array, axis = receiver(h)
    if not isinstance(array, Array) or axis or set(h.args.keywords) - {"axis"}:
        return Unknown("sums that are not followed")
    along = h.args.keywords.get("axis")
    sizes = Array(array.sizes) if along is not None else arrays.by_rule(h.m, "torch.reshape", array, (-1,))
    return Array(sizes.sizes, array.dtype if is_floating(array.dtype) else None) if isinstance(sizes, Array) else sizes


@known(_METHOD + "astype")
def _astype(h: Here) -> Value:
    assert isinstance(h.self, Array)
    return Array(h.self.sizes, given_dtype(h.arg(0, "dtype"), None))


@known(*methods_and_functions("reshape"))
def _reshape(h: Here) -> Value:
    array, sizes = receiver(h)
    asked = h.args.keywords.get("shape", h.args.keywords.get("newshape"))
    sizes = sizes if asked is None else (asked,)
    if not isinstance(array, Array) or not sizes or h.args.keywords.get("order", "C") != "C":
        return Unknown("reshaped in a way that is not followed")
    together = len(sizes) == 1 and plain_items(sizes[0]) is not None  # as one tuple
    return arrays.by_rule(h.m, "torch.reshape", array, sizes[0] if together else sizes)


@known(*methods_and_functions("transpose"), "numpy.permute_dims")
def _transpose(h: Here) -> Value:
    array, axes = receiver(h)
    axes = axes or tuple(v for k, v in h.args.keywords.items() if k == "axes")
    if not isinstance(array, Array):
        return Unknown("transposed something that is no array")
    order = plain_items(axes[0]) if len(axes) == 1 and not isinstance(axes[0], int) else axes
    if not order or order == (None,):
        return Array(array.sizes[::-1], array.dtype)
    return arrays.by_rule(h.m, "torch.permute", array, order)


@known(*methods_and_functions("swapaxes"), "numpy.moveaxis")
def _swapped(h: Here) -> Value:
    array, axes = receiver(h)
    if not isinstance(array, Array) or len(axes) != 2:
        return Unknown("axes that are not followed")
    return arrays.by_rule(h.m, "torch.movedim" if h.path.endswith("moveaxis") else "torch.transpose", array, *axes)


@known(*methods_and_functions("ravel"), _METHOD + "flatten")
def _ravel(h: Here) -> Value:
    array, _ = receiver(h)
    return arrays.by_rule(h.m, "torch.reshape", array, (-1,)) if isinstance(array, Array) else Unknown("no array")


@known(*methods_and_functions("squeeze"), "numpy.expand_dims")
def _one_axis(h: Here) -> Value:
    array, axes = receiver(h)
    axes = axes or tuple(v for k, v in h.args.keywords.items() if k == "axis")
    if not isinstance(array, Array):
        return Unknown("no array")
    path = "torch.unsqueeze" if h.path.endswith("expand_dims") else "torch.squeeze"
    if not all(isinstance(axis, int) for axis in axes) or (not axes and path == "torch.unsqueeze"):
        return Unknown("axes that are not followed")
    return arrays.by_rule(h.m, path, array, *axes)


@known(*methods_and_functions("mean std var min max any all argmax argmin"), _METHOD + "prod", _METHOD + "sum")
def _reduce(h: Here) -> Value:
    array, _ = receiver(h)
    return reduced(h, array, 0 if isinstance(h.self, Array) else 1)


@known("numpy.amax", "numpy.amin", "numpy.median", "numpy.nanmean", "numpy.average")
def _reduce_function(h: Here) -> Value:
    return reduced(h, h.arg(0, "a"), 1)


def reduced(h: Here, array: Value, position: int) -> Value:
    """Without the axes that are summed; a number where all are."""
    axis, keep = h.arg(position, "axis"), h.args.keywords.get("keepdims", False)
    if not isinstance(array, Array) or not isinstance(keep, bool):
        return Unknown("reduced something that is no array")
    rank = len(array.sizes)
    axes = tuple(range(rank)) if axis is None else plain_items(axis) or (axis,)
    if not all(isinstance(a, int) and -rank <= a < rank for a in axes):
        return Unknown("reduced along an axis that is not known")
    gone = {a % rank for a in axes if isinstance(a, int)}
    sizes = tuple(1 if k in gone else size for k, size in enumerate(array.sizes) if keep or k not in gone)
    return arrays.made(sizes, array.dtype if is_floating(array.dtype) else None)


@known(*methods_and_functions("dot"), "numpy.matmul")
def _dot(h: Here) -> Value:
    array, others = receiver(h)
    if len(others) != 1 or not all(isinstance(x, Array) and len(x.sizes) <= 2 for x in (array, *others)):
        return Unknown("a product that is not followed")
    return arrays.arithmetic(h.m, "@", array, others[0])


@known(_METHOD + "tolist")
def _tolist(h: Here) -> Value:
    return _nested(h, h.self)


def _nested(h: Here, array: Value) -> Value:
    items = arrays.rows(h.m, array) if isinstance(array, Array) else None
    if items is None:
        return array
    if isinstance(items, Stream):
        return ListValue({"items": Unknown("of unknown length")})
    row = _nested(h, items[0]) if items else None
    return ListValue({"items": (row,) * len(items)})


@known(_METHOD + "item")
def _item(h: Here) -> Value:
    return arrays.NUMBER


@known(_METHOD + "sort", _METHOD + "fill", _METHOD + "setflags", _METHOD + "partition")
def _in_place(h: Here) -> Value:
    return None


@known(_METHOD + "resize")
def _resize(h: Here) -> Value:
    return arrays.reshaped_in_place()
