"""scikit-learn: its small data sets, made-up data, the split into training and test data, and scalers.

The names of what is outside are scikit-learn's own. Data frames go in and arrays come out.
"""

from __future__ import annotations

import math

from torchshape_lint.dims import Size, fresh
from torchshape_lint.interp import frames
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.dtypes import is_floating
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Array, ListValue, Made, Tensor, Unknown, Value, is_size

# name -> (examples, features, dtype of the target)
_LOADED = {
    "load_iris": (150, 4, "int64"),
    "load_wine": (178, 13, "int64"),
    "load_breast_cancer": (569, 30, "int64"),
    "load_digits": (1797, 64, "int64"),
    "load_diabetes": (442, 10, "float64"),
    "fetch_california_housing": (20640, 8, "float64"),
}


@known(*(f"sklearn.datasets.{name}" for name in _LOADED))
def _loaded(h: Here) -> Value:
    count, features, dtype = _LOADED[h.path.rpartition(".")[2]]
    both = h.args.keywords.get("return_X_y", False)
    if h.args.positional or set(h.args.keywords) - {"return_X_y"} or not isinstance(both, bool):
        return Unknown("a data set with settings that are not followed")
    data, target = Array((count, features), "float64"), Array((count,), dtype)
    if both:
        return (data, target)
    images = (("images", Array((count, 8, 8), "float64")),) if features == 64 else ()
    return Made(frames.BUNCH, (), (("data", data), ("target", target), *images))


@known(*(f"sklearn.datasets.make_{name}" for name in "classification regression moons circles blobs".split()))
def _made_up(h: Here) -> Value:
    kind = h.path.rpartition("_")[2]
    features: Value = 2
    if kind not in ("moons", "circles"):
        features = h.arg(1, "n_features", {"classification": 20, "regression": 100}.get(kind, 2))
    count = h.arg(0, "n_samples", 100)
    if not is_size(count) or not is_size(features) or set(h.args.keywords) & {"return_centers", "coef", "centers"}:
        return Unknown("made-up data that are not followed")
    if kind == "regression" and h.arg(3, "n_targets", 1) != 1:
        return Unknown("made-up data with several targets")
    dtype = "float64" if kind == "regression" else "int64"
    return (Array((count, features), "float64"), Array((count,), dtype))  # type: ignore[arg-type]


@known("sklearn.model_selection.train_test_split")
def _split(h: Here) -> Value:
    """Two parts of everything that is handed in, one after the other."""
    first = next((n for n in map(_length, h.args.positional) if n is not None), None)
    train, test = _parts(h, h.m.facts.size(first) if first is not None else None)
    return ListValue({"items": tuple(_part(x, n) for x in h.args.positional for n in (train, test))})


def _length(value: Value) -> Size | None:
    match value:
        case Array():
            return value.sizes[0]
        case Tensor():
            return value.shape.sizes[0] if value.shape.sizes and not value.shape.is_open else None
        case Made():
            return frames.row_count(value)
    return None


def _parts(h: Here, count: Size | None) -> tuple[Size, Size]:
    """How many examples there are for training and for tests."""
    test, train = h.args.keywords.get("test_size"), h.args.keywords.get("train_size")
    test = 0.25 if test is None and train is None else test
    if isinstance(count, int) and train is None and isinstance(test, (int, float)):
        tests = math.ceil(test * count) if isinstance(test, float) else test
        if 0 < tests < count:
            return count - tests, tests
    return fresh("n", 1), fresh("n", 1)


def _part(value: Value, count: Size) -> Value:
    match value:
        case Array():
            return Array((count, *value.sizes[1:]), value.dtype)
        case Tensor() if value.shape.sizes and not value.shape.is_open:
            return Tensor(Shape((count, *value.shape.sizes[1:])), value.dtype)
        case Made():
            return frames.with_rows(value, count)
    return Unknown("a part of something that is not followed")


_SCALERS = "StandardScaler MinMaxScaler RobustScaler MaxAbsScaler Normalizer QuantileTransformer PowerTransformer"
_SCALE = tuple(f"sklearn.preprocessing.{name}" for name in _SCALERS.split())
_ENCODER = "sklearn.preprocessing.LabelEncoder"


@known(*(f"{path}.{name}" for path in (*_SCALE, _ENCODER) for name in ("fit_transform", "transform")))
def _transformed(h: Here) -> Value:
    data, path = h.arg(0, "X"), h.path.rpartition(".")[0]
    data = frames.as_array(data) if isinstance(data, Made) else data
    if path == _ENCODER:
        return Array(data.sizes[:1], "int64") if isinstance(data, Array) else Unknown("labels that are not followed")
    if isinstance(data, Array) and len(data.sizes) == 2:  # it refuses any other
        return Array(data.sizes, data.dtype if is_floating(data.dtype) else None)
    return Unknown("scaled data that are not followed")


@known(*(f"{path}.fit" for path in _SCALE))
def _fitted(h: Here) -> Value:
    return h.self


@known(*(f"{path}.inverse_transform" for path in _SCALE))
def _back(h: Here) -> Value:
    data = h.arg(0, "X")
    return data if isinstance(data, Array) and len(data.sizes) == 2 else Unknown("data that are not followed")
