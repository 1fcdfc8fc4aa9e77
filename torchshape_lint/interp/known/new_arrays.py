"""New arrays of numpy: from sizes, from data, by chance, and those that are put together from others."""

from __future__ import annotations

from torchshape_lint.interp import arrays
from torchshape_lint.interp.known.array_functions import given_dtype
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.create import data_shape
from torchshape_lint.rules.given import given_sizes
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Array, Made, Tensor, Unknown, Value, is_size


def _sized(h: Here, given: Value, dtype: str | None) -> Value:
    """An array of the given sizes, which are one number or several."""
    shape = given_sizes((given,))
    if shape is None or shape.is_open:
        return Unknown("an array of unknown size")
    return arrays.made(h.m.facts.shape(shape).sizes, dtype)


@known("numpy.zeros", "numpy.ones", "numpy.empty")
def _filled(h: Here) -> Value:
    return _sized(h, h.arg(0, "shape"), given_dtype(h.arg(1, "dtype"), "float64"))


@known("numpy.full")
def _full(h: Here) -> Value:
    value = h.arg(1, "fill_value")
    otherwise = "float64" if isinstance(value, float) else "int64" if type(value) is int else None
    return _sized(h, h.arg(0, "shape"), given_dtype(h.arg(2, "dtype"), otherwise))


@known("numpy.zeros_like", "numpy.ones_like", "numpy.empty_like", "numpy.full_like")
def _like(h: Here) -> Value:
    other = h.arg(0, "a")
    if not isinstance(other, Array) or "shape" in h.args.keywords:
        return Unknown("like something that is no array")
    return Array(other.sizes, given_dtype(h.args.keywords.get("dtype"), other.dtype))


@known("numpy.eye", "numpy.identity")
def _eye(h: Here) -> Value:
    n = h.arg(0, "N" if h.path.endswith("eye") else "n")
    m = h.arg(1, "M") if h.path.endswith("eye") else None
    position = 3 if h.path.endswith("eye") else 1
    return _sized(h, (n, n if m is None else m), given_dtype(h.arg(position, "dtype"), "float64"))


@known("numpy.arange")
def _arange(h: Here) -> Value:
    numbers = tuple(h.args.positional)
    if not 1 <= len(numbers) <= 3 or set(h.args.keywords) - {"dtype"} or not all(map(is_size, numbers)):
        return Unknown("a range of unknown length")
    made = arrays.by_rule(h.m, "torch.arange", *numbers)
    dtype = given_dtype(h.args.keywords.get("dtype"), "int64")
    return Array(made.sizes, dtype) if isinstance(made, Array) else made


@known("numpy.linspace")
def _linspace(h: Here) -> Value:
    count = h.arg(2, "num", 50)
    if not is_size(count) or set(h.args.keywords) & {"retstep", "axis"} or len(h.args.positional) > 4:
        return Unknown("a range of unknown length")
    return _sized(h, count, given_dtype(h.args.keywords.get("dtype"), "float64"))


@known("numpy.array", "numpy.asarray", "numpy.ascontiguousarray", "numpy.asanyarray")
def _array(h: Here) -> Value:
    data = h.arg(0, "object" if h.path == "numpy.array" else "a")
    if isinstance(data, Tensor):
        made = arrays.of_tensor(h.m, data)
        return Array(made.sizes, given_dtype(h.arg(1, "dtype"), made.dtype)) if isinstance(made, Array) else made
    shape = data_shape(data)
    if shape is None or shape.is_open or "ndmin" in h.args.keywords:
        return Unknown("an array of something that is not followed")
    return Array(shape.sizes, given_dtype(h.arg(1, "dtype"), _dtype(data))) if shape.sizes else arrays.NUMBER


def _dtype(data: Value) -> str | None:
    """The dtype of an array that is made of ``data``, where it is certain."""
    if isinstance(data, Array):
        return data.dtype
    items = plain_items(data)
    if items is None:
        return {bool: "bool", int: "int64", float: "float64"}.get(type(data))
    kinds = {_dtype(item) for item in items}
    if kinds == {"int64", "float64"}:
        return "float64"
    return kinds.pop() if len(kinds) == 1 else None


# --- by chance ------------------------------------------------------------------------------------------------------

# name -> (the position of ``size``, dtype)
_DRAWN: dict[str, tuple[int, str | None]] = {
    **dict.fromkeys("random random_sample standard_normal standard_exponential".split(), (0, "float64")),
    **dict.fromkeys("uniform normal beta gamma laplace lognormal gumbel logistic".split(), (2, "float64")),
    **dict.fromkeys("exponential rayleigh standard_t chisquare pareto".split(), (1, "float64")),
    **dict.fromkeys("randint integers random_integers binomial".split(), (2, "int64")),
    "poisson": (1, "int64"),
    "choice": (1, None),
}


@known(*(f"{where}.{name}" for name in _DRAWN for where in ("numpy.random", "numpy.random.Generator")))
def _drawn(h: Here) -> Value:
    name = h.path.rpartition(".")[2]
    position, dtype = _DRAWN[name]
    size = h.arg(position, "size")
    if name == "choice":
        dtype = "int64" if isinstance(h.arg(0, "a"), int) else None
    if size is None:
        return _one(h, name)
    return _sized(h, size, given_dtype(h.args.keywords.get("dtype"), dtype))


def _one(h: Here, name: str) -> Value:
    """Without a size: a number, unless the parameters are arrays."""
    parameters = (*h.args.positional, *h.args.keywords.values())
    if name == "choice" and not isinstance(h.arg(0, "a"), int):
        return Unknown("one of several", data=True)
    if all(isinstance(v, (int, float, str)) or (isinstance(v, Unknown) and v.number) for v in parameters):
        return arrays.NUMBER
    return Unknown("numbers by chance", data=True)


@known("numpy.random.rand", "numpy.random.randn", "numpy.random.Generator.rand", "numpy.random.Generator.randn")
def _random_sizes(h: Here) -> Value:
    return _sized(h, tuple(h.args.positional), "float64") if h.args.positional else arrays.NUMBER


@known("numpy.random.permutation", "numpy.random.Generator.permutation")
def _permutation(h: Here) -> Value:
    n = h.arg(0, "x")
    return _sized(h, n, "int64") if is_size(n) else n if isinstance(n, Array) else Unknown("a permutation")


@known("numpy.random.default_rng", "numpy.random.RandomState")
def _generator(h: Here) -> Value:
    return Made("numpy.random.Generator")


# --- from others ----------------------------------------------------------------------------------------------------


@known("numpy.concatenate", "numpy.stack", "numpy.vstack", "numpy.hstack")
def _joined(h: Here) -> Value:
    parts, name = plain_items(h.arg(0, "arrays")), h.path.rpartition(".")[2]
    if not parts or not all(isinstance(part, Array) for part in parts):
        return Unknown("arrays that are not followed")
    if len({part.dtype for part in parts if isinstance(part, Array)}) > 1:  # numpy mixes them
        parts = tuple(Array(part.sizes) for part in parts if isinstance(part, Array))
    if name.endswith("stack") and name != "stack":
        return arrays.by_rule(h.m, f"torch.{name}", parts)
    axis = h.arg(1, "axis", 0)
    return arrays.by_rule(h.m, "torch.stack" if name == "stack" else "torch.cat", parts, axis)


@known("numpy.where")
def _where(h: Here) -> Value:
    if len(h.args.positional) != 3:
        return Unknown("where something is")
    result: Value = h.arg(0)
    for other in h.args.positional[1:]:
        if isinstance(result, Array) or isinstance(other, Array):
            result = arrays.arithmetic(h.m, "+", result, other)
    return Array(result.sizes) if isinstance(result, Array) else Unknown("a choice of numbers")


# --- tensors --------------------------------------------------------------------------------------------------------


@known("torch.from_numpy")
def _from_numpy(h: Here) -> Value:
    array = h.arg(0)
    return Tensor(Shape(array.sizes), array.dtype) if isinstance(array, Array) else Unknown("no array is known")


@known("torch.Tensor.numpy", "torch.Tensor.__array__")
def _numpy(h: Here) -> Value:
    return arrays.of_tensor(h.m, h.self) if isinstance(h.self, Tensor) else Unknown("no tensor is known")
