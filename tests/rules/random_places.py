"""Random questions for indexing, gathering and putting."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


def index(d: Dice, x: T, masks: bool = True) -> tuple[Any, ...]:
    """What could stand in x[...]: numbers, slices, None, an ellipsis, tensors of numbers, masks."""
    items: list[Any] = []
    at = 0
    for _ in range(d.mostly(d.number(1, max(len(x.sizes), 1)), len(x.sizes) + 1, of=8)):
        size = x.sizes[at] if at < len(x.sizes) else 1
        kind = d.number(0, 9)
        if kind < 3:
            items.append(d.number(-size, size - 1) if size and not d.chance(6) else d.number(-4, 4))
        elif kind < 6:
            items.append(slice(d.one(None, d.number(-4, 5)), d.one(None, d.number(-4, 5)), d.one(None, d.number(1, 3))))
        elif kind < 7:
            items.append(None)
            continue
        elif kind < 9:
            items.append(d.one(T(2, dtype="int64"), T(2, dtype="int64"), T(3, 1, dtype="int64"), [0, 0]))
        else:
            items.append(T(d.near(size), dtype="float32" if d.chance(4) else "bool"))
        at += 1
    if d.chance(3):
        items.insert(d.number(0, len(items)), ...)
    if not masks or any(isinstance(item, (list, T)) and not _is_mask(item) for item in items):
        items = [item for item in items if not _is_mask(item)]  # how many they select, contents decide
    return tuple(items)


def _is_mask(item: Any) -> bool:
    return isinstance(item, T) and item.dtype == "bool"


@asks("operator.getitem Tensor.__getitem__", cpu=True, unknown=True)
def getitem(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    return call(x, index(d, x))


@asks("operator.setitem Tensor.__setitem__", cpu=True, unknown=True)
def setitem(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    return call(x, index(d, x, False), d.one(0.0, T(), T(1), d.alike(x), d.broadcast(x)))


@asks("gather Tensor.gather take_along_dim", cpu=True)
def gather(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    where = T(*d.alike(x).sizes, dtype=d.mostly("int64", "int32", "float32", of=8))
    return call(x, where, d.dim(x)) if "along" in name else call(x, d.dim(x), where)


@asks("scatter Tensor.scatter_ scatter_add Tensor.scatter_add_ scatter_reduce", cpu=True)
def scatter(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    where = T(*d.alike(x).sizes, dtype=d.mostly("int64", "float32", of=8))
    source: Any = T(*d.alike(where).sizes)
    if "add" not in name and "reduce" not in name and d.chance():
        source = 1.0
    return call(x, d.dim(x), where, source, *(["sum"] if "reduce" in name else []))


@asks("index_select Tensor.index_select", cpu=True)
def index_select(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    return call(x, d.dim(x), d.tensor(*d.mostly((1, 1), (0, 2)), dtype=d.mostly("int64", "int32", "float32")))


@asks("index_add index_copy Tensor.index_add_ Tensor.index_copy_", cpu=True)
def index_add(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    dim = d.dim(x)
    sizes = list(x.sizes)
    count = d.number(1, 3)
    if -len(sizes) <= dim < len(sizes):
        sizes[dim] = d.near(count)
    source = d.alike(T(*sizes))
    return call(x, dim, T(count, dtype="int64"), source if source.sizes else T(count + 1))


@asks("index_fill Tensor.index_fill_", cpu=True)
def index_fill(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    where = d.tensor(*d.mostly((1, 1), (0, 2)), dtype=d.mostly("int64", "float32"))
    return call(x, d.dim(x), where, d.mostly(0.0, T(), T(1)))


@asks("index_reduce Tensor.index_reduce_", cpu=True)
def index_reduce(d: Dice, name: str) -> Question:
    question = index_add(d, name)
    return call(*question.arguments, d.one("prod", "mean"))


@asks("masked_select Tensor.masked_select", cpu=True, unknown=True)
def masked_select(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.broadcast(x, dtype=d.mostly("bool", "float32")))


@asks("nonzero argwhere unique unique_consecutive Tensor.nonzero Tensor.unique", cpu=True, unknown=True)
def found(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    ways: dict[str, Any] = {"dim": d.dim(x, 3)} if "unique" in name and d.chance() else {}
    if "unique" in name:
        ways |= {"return_inverse": d.chance(), "return_counts": d.chance()}
    return call(x, **ways)


@asks("nonzero_static", cpu=True)
def nonzero_static(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 3), size=d.mostly(d.number(0, 4), -1))


@asks("take Tensor.take", cpu=True)
def take(d: Dice, name: str) -> Question:
    return call(d.tensor(), d.tensor(0, 3, dtype=d.mostly("int64", "int32", "float32")))


@asks("unravel_index", cpu=True)
def unravel_index(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 2, dtype=d.mostly("int64", "float32")), tuple(d.ints(1, 3)))


@asks("diagonal_scatter select_scatter slice_scatter Tensor.select_scatter", cpu=True)
def scattered(d: Dice, name: str) -> Question:
    x = d.tensor(2, 3)
    dim, k = d.dim(x), d.number(-3, 2)
    sizes = list(x.sizes)
    if "select" in name:
        if -len(sizes) <= dim < len(sizes):
            del sizes[dim]
        return call(x, d.alike(T(*sizes)), dim, k)
    if "slice" in name:
        start, end, step = d.number(-4, 4), d.number(-4, 6), d.one(1, 2)
        if -len(sizes) <= dim < len(sizes) and step:
            sizes[dim] = len(range(*slice(start, end, step).indices(sizes[dim])))
        return call(x, d.alike(T(*sizes)), dim, start, end, step)
    a, b = sizes[0], sizes[1]
    length = max(min(a, b - k) if k >= 0 else min(a + k, b), 0)
    return call(x, d.alike(T(*sizes[2:], length)), k)


@asks("index_put Tensor.index_put_", cpu=True, unknown=True)
def index_put(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    n = d.number(1, 3)
    where = tuple(T(d.near(n, 8), dtype=d.mostly("int64", "float32", of=8)) for _ in range(d.number(1, len(x.sizes))))
    if d.chance(8):
        where += where
    return call(x, where, d.one(T(), T(n), d.alike(T(n, *x.sizes[len(where) :]))))


@asks("put Tensor.put_", cpu=True)
def put(d: Dice, name: str) -> Question:
    where = d.tensor(0, 2, dtype=d.mostly("int64", "float32"))
    return call(d.tensor(), where, d.alike(where, dtype="float32"))
