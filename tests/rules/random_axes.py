"""Random questions for what only moves, joins, parts or counts axes."""

from __future__ import annotations

import math

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


def wanted(d: Dice, x: T) -> list[int]:
    """Sizes with as many elements as x, often with one -1, now and then impossible."""
    sizes = d.shuffled(x.sizes)
    if len(sizes) > 1 and d.chance():
        last = sizes.pop()
        sizes[-1] *= last
    if sizes and d.chance():
        sizes[d.number(0, len(sizes) - 1)] = d.one(-1, -1, -1, 2, 7)
    return sizes


@asks("Tensor.view reshape Tensor.reshape view_copy")
def view(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 0, 5)
    sizes = wanted(d, x)
    return call(x, *sizes) if "Tensor" in name and sizes and d.chance() else call(x, tuple(sizes))


@asks("Tensor.view_as Tensor.reshape_as")
def view_as(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, T(*(abs(n) for n in wanted(d, x))))


@asks("view_as_complex view_as_real")
def complex_views(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    if "real" in name:
        return call(T(*x.sizes, dtype=d.mostly("complex64", "float32")))
    return call(T(*x.sizes, d.near(2), dtype=d.mostly("float32", "int64", of=8)))


@asks("flatten Tensor.flatten nn.Flatten")
def flatten(d: Dice, name: str) -> Question:
    x = d.tensor()
    if name.endswith("Flatten"):
        return call(d.number(-1, 2), d.dim(x)).on(x)
    return call(x, *(d.dim(x) for _ in range(d.number(0, 2))))


@asks("unflatten Tensor.unflatten nn.Unflatten")
def unflatten(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    dim = d.dim(x)
    parts = d.ints(1, 3, 1, 3)
    if -len(x.sizes) <= dim < len(x.sizes):
        sizes = list(x.sizes)
        sizes[dim] = d.near(math.prod(parts))
        x = T(*sizes)
    if d.chance(3):
        parts[0] = -1
    return call(dim, tuple(parts)).on(x) if "Unf" in name else call(x, dim, tuple(parts))


@asks("ravel Tensor.ravel", always=True)
def ravel(d: Dice, name: str) -> Question:
    return call(d.tensor())


@asks("squeeze unsqueeze Tensor.squeeze Tensor.unsqueeze_ squeeze_copy")
def squeeze(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 1, 3)
    if "un" not in name and d.chance(3):
        return call(x, *([] if d.chance() or not x.sizes else [tuple({d.dim(x), 0})]))
    return call(x, d.dim(x))


@asks("permute Tensor.permute permute_copy")
def permute(d: Dice, name: str) -> Question:
    x = d.tensor()
    order = d.shuffled(range(len(x.sizes)))
    if order and d.chance(3):
        order[0] = d.dim(x)
    return call(x, *order) if "Tensor" in name and order else call(x, tuple(order))


@asks("transpose Tensor.swapaxes swapdims Tensor.transpose_ transpose_copy")
def transpose(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.dim(x), d.dim(x))


@asks("t Tensor.t t_copy Tensor.mT Tensor.mH Tensor.T Tensor.H adjoint Tensor.adjoint")
def transposed(d: Dice, name: str) -> Question:
    return call(d.tensor())


@asks("movedim Tensor.moveaxis Tensor.movedim moveaxis")
def movedim(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    if d.chance():
        return call(x, d.dim(x), d.dim(x))
    count = d.number(1, len(x.sizes))
    axes = [d.shuffled(range(len(x.sizes)))[:count] for _ in range(2)]
    if d.chance(4):
        axes[0][0] = d.dim(x)
    return call(x, *map(tuple, axes))


@asks("Tensor.expand broadcast_to Tensor.broadcast_to expand_copy")
def expand(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3, 1, 3)
    sizes = [d.one(n, n, -1) if n > 1 else d.one(1, 4, -1) for n in x.sizes]
    front = d.ints(0, 2)
    if sizes and d.chance(4):
        sizes[0] = d.size()
    if not front and d.chance(8):
        front = [-1]
    return call(x, tuple(front + sizes))


@asks("Tensor.expand_as")
def expand_as(d: Dice, name: str) -> Question:
    x = d.tensor(low=1, high=4)
    return call(d.broadcast(x), x)


@asks("Tensor.repeat tile Tensor.tile")
def repeat(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    times = tuple(d.ints(max(len(x.sizes) - 1, 0), len(x.sizes) + 2, 0, 3))
    if times and d.chance(8):
        times = (-1, *times[1:])
    return call(x, times)


@asks("repeat_interleave Tensor.repeat_interleave", cpu=True, unknown=True)
def repeat_interleave(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    if d.chance(3):
        return call(x, d.mostly(d.number(0, 3), -1, of=4))
    dim = d.dim(x)
    count = d.one(d.number(0, 3), T(d.near(x.sizes[dim] if -len(x.sizes) <= dim < len(x.sizes) else 1), dtype="int64"))
    return call(x, count, dim)


@asks("roll Tensor.roll", cpu=True)
def roll(d: Dice, name: str) -> Question:
    x = d.tensor(low=0)
    if d.chance():
        return call(x, d.number(-2, 2), d.dim(x))
    shifts = d.ints(1, 3, -2, 2)
    return call(x, tuple(shifts), tuple(d.dim(x) for _ in range(d.near(len(shifts)))))


@asks("flip Tensor.flip fliplr flipud rot90 Tensor.fliplr")
def flip(d: Dice, name: str) -> Question:
    x = d.tensor()
    if "rot" in name:
        return call(x, d.number(-2, 5), [d.dim(x) for _ in range(d.mostly(2, 1, 3, of=8))])
    return call(x) if name.endswith(("lr", "ud")) else call(x, [d.dim(x) for _ in range(d.number(0, 2))])


@asks("tril triu Tensor.tril Tensor.triu_")
def tril(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 4, 0), d.number(-3, 3))


@asks("cumsum cumprod logcumsumexp Tensor.cumsum_ Tensor.logcumsumexp cummax cummin Tensor.cummax", cpu=True)
def cumulative(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.dim(x, 4))


@asks("cat concat stack")
def join(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 0, 4)
    parts = [x, *(d.alike(x) for _ in range(d.number(0, 2)))]
    dim = d.dim(len(x.sizes) + ("stack" in name))
    if "stack" not in name and d.chance(4):
        parts.insert(0, T(0))
    if "stack" not in name and -len(x.sizes) <= dim < len(x.sizes):
        parts = [_changed(part, dim, d.number(0, 3)) if d.chance() else part for part in parts]
    return call(d.mostly(parts, [], of=15), dim)


def _changed(x: T, dim: int, size: int) -> T:
    sizes = list(x.sizes)
    if -len(sizes) <= dim < len(sizes):
        sizes[dim] = size
    return T(*sizes)


@asks(
    """
    hstack vstack dstack column_stack row_stack block_diag cartesian_prod broadcast_tensors meshgrid atleast_1d
    atleast_2d atleast_3d
    """,
    cpu=True,
)
def joins(d: Dice, name: str) -> Question:
    x = d.tensor(0, 2) if d.chance() else d.tensor(0, 3)
    parts = [x, *(d.alike(x) if d.chance() else d.broadcast(x) for _ in range(d.number(0, 2)))]
    if name.endswith(("diag", "prod", "tensors")):
        return call(*parts)
    return call(parts)


@asks("combinations", unknown=True, cpu=True)
def combinations(d: Dice, name: str) -> Question:
    return call(d.tensor(1, 1, 0) if not d.chance(4) else d.tensor(), d.number(0, 4), d.chance())


@asks("split Tensor.split chunk Tensor.chunk tensor_split Tensor.tensor_split", cpu=True)
def split(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3, 0)
    dim = d.dim(x)
    if "chunk" in name:
        return call(x, d.mostly(d.number(1, 4), 0), dim)
    size = x.sizes[dim] if -len(x.sizes) <= dim < len(x.sizes) else 2
    parts = d.ints(1, 3, 0, 4)
    if d.chance():
        parts = [size // 2, size - size // 2]
    return call(x, d.one(d.mostly(d.number(1, 4), 0, -1), tuple(parts)), dim)


@asks("split_with_sizes Tensor.split_with_sizes")
def split_with_sizes(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    dim = d.dim(x)
    size = x.sizes[dim] if -len(x.sizes) <= dim < len(x.sizes) else 2
    return call(x, d.one([size // 2, size - size // 2], [size], d.ints(1, 3, -1, 4)), dim)


@asks("hsplit vsplit dsplit Tensor.hsplit", cpu=True)
def hsplit(d: Dice, name: str) -> Question:
    return call(d.tensor(), d.one(d.number(1, 3), (d.number(0, 2), d.number(0, 4))))


@asks("unbind Tensor.unbind")
def unbind(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    return call(x, d.dim(x))


@asks("narrow Tensor.narrow narrow_copy select Tensor.select")
def narrow(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    start = d.number(-4, 4)
    return call(x, d.dim(x), start) if "select" in name else call(x, d.dim(x), start, d.number(-1, 4))


@asks("Tensor.unfold", cpu=True)
def unfold_axis(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    return call(x, d.dim(x), d.mostly(d.number(0, 4), -1, of=8), d.mostly(d.number(1, 3), 0, of=8))
