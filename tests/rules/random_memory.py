"""Random questions for diagonals, for where elements lie in memory, and for what a tensor is asked about itself."""

from __future__ import annotations

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


@asks("diag Tensor.diag diagflat trace Tensor.trace diag_embed diagonal Tensor.diagonal linalg.diagonal")
def diagonal(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3, 0)
    if "trace" in name:
        return call(x)
    offset = d.number(-4, 4)
    if "embed" in name or "diagonal" in name:
        rank = len(x.sizes) + ("embed" in name)
        dims = {} if d.chance() else {"dim1": d.dim(rank), "dim2": d.dim(rank)}
        return call(x, offset=offset, **dims)
    return call(x, offset)


@asks("as_strided Tensor.as_strided Tensor.as_strided_ as_strided_copy", cpu=True, missed=True)  # what lies behind x
def as_strided(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    size = d.ints(0, 3, 0, 3)
    stride = [d.number(0, 2) for _ in size]
    if d.chance(8):
        stride.append(1)
    return call(x, tuple(size), tuple(stride), *([d.number(0, 2)] if d.chance(3) else []))


@asks("as_strided_scatter", cpu=True)
def as_strided_scatter(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2, 3)
    size = tuple(d.ints(1, 2, 1, 2))
    return call(x, d.alike(T(*size)), size, (1,) * len(size))


@asks("Tensor.new_empty_strided", cpu=True)
def new_strided(d: Dice, name: str) -> Question:
    size = d.ints(0, 3, 0, 4)
    return call(d.tensor(), tuple(size), tuple(d.number(0, 3) for _ in range(d.near(len(size)))))


@asks("empty_strided empty_permuted", cpu=True)
def empty_strided(d: Dice, name: str) -> Question:
    size = d.ints(0, 3, 0, 4)
    order = d.shuffled(range(d.near(len(size), 4)))
    return call(tuple(size), tuple(order) if "perm" in name else tuple(d.ints(len(size), len(size) + 1, 0, 3)))


@asks("Tensor.resize_ Tensor.resize_as_", cpu=True)
def resize_in_place(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.tensor()) if "as" in name else call(x, (d.mostly(1, -1), *d.ints(0, 2, 1, 4)))


@asks("Tensor.size Tensor.shape Tensor.dim Tensor.numel Tensor.nelement Tensor.ndim numel")
def asked(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, *([d.dim(x, 2)] if name.endswith("size") and d.chance() else []))


@asks("Tensor.__len__ Tensor.real imag Tensor.imag", cpu=True)
def contents(d: Dice, name: str) -> Question:
    return call(d.tensor(dtype=d.one("float32", "complex64", "complex64")))


@asks("Tensor.item is_nonzero Tensor.tolist Tensor.__bool__ Tensor.__int__", cpu=True, unknown=True)
def item(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 2, 1, 2))


@asks("equal Tensor.equal", cpu=True, unknown=True, always=True)
def compared(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.broadcast(x))
