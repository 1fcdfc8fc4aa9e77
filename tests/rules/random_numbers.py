"""Random questions for what computes with numbers, element by element or along axes, and for what makes new tensors."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


@asks(
    """
    operator.add operator.lt operator.truediv mul maximum atan2 eq logical_and Tensor.sub Tensor.pow operator.mul
    remainder hypot Tensor.ge float_power isclose floor_divide nextafter copysign
    """,
)
def arithmetic(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 0, 5)
    pair = [x, d.broadcast(x)]
    return call(*(pair if d.chance() else pair[::-1]))


@asks(
    "operator.iadd Tensor.mul_ Tensor.sub_ Tensor.div_ Tensor.copy_ Tensor.lerp_ Tensor.clamp_ Tensor.addcmul_",
    cpu=True,
)
def in_place(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 0, 5)
    others = [d.broadcast(x) for _ in range(2 if name.endswith(("lerp_", "cmul_", "clamp_")) else 1)]
    return call(*others, x) if d.chance(8) else call(x, *others)


@asks("Tensor.float_power_", cpu=True)
def in_doubles(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4, 0, 5, dtype="float32" if d.chance(4) else "float64")
    return call(x, d.broadcast(x))


@asks("bitwise_and operator.or_ operator.lshift Tensor.bitwise_xor gcd lcm")
def integers(d: Dice, name: str) -> Question:
    x = d.tensor(dtype="int64")
    return call(x, d.broadcast(x))


@asks("addcmul addcdiv where clamp lerp Tensor.addcmul Tensor.where Tensor.clip", cpu=True)
def three(d: Dice, name: str) -> Question:
    x = d.tensor()
    others = [d.broadcast(x, 5), d.broadcast(x, 5)]
    flags = T(*d.broadcast(x, 5).sizes, dtype="bool")
    if name == "torch.where":
        return call(flags, *others)
    return call(x, flags, others[0]) if "where" in name else call(x, *others)


@asks("complex polar isin")
def pairs(d: Dice, name: str) -> Question:
    x = d.tensor(dtype=d.mostly("float32", "int64", of=8))
    return call(x, d.broadcast(x))


@asks("Tensor.sum_to_size")
def sum_to_size(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, tuple(d.broadcast(x).sizes))


@asks("abs exp sqrt sign isnan Tensor.float logical_not operator.neg round signbit special.erf",
      "Tensor.type_as Tensor.to Tensor.log isfinite is_floating_point")  # fmt: skip
def pointwise(d: Dice, name: str) -> Question:
    x = d.tensor(low=0, dtype=d.one("float32", "float32", "int64", "bool"))
    return call(x, d.tensor(dtype="int64")) if name.endswith(("type_as", "to")) else call(x)


@asks(
    """
    sum mean amax prod logsumexp argmax max median std var any all aminmax count_nonzero nansum nanmean mode
    Tensor.sum Tensor.mean Tensor.min nanmedian Tensor.amin std_mean var_mean Tensor.argmin
    """,
    cpu=True,
)
def reduce(d: Dice, name: str) -> Question:
    x = d.tensor(low=d.mostly(1, 0))
    keep = {"keepdim": True} if d.chance() else {}
    last = name.rpartition(".")[2]
    if last == "logsumexp":
        return call(x, d.dim(x), **keep)
    if last in (
        "sum",
        "mean",
        "amax",
        "amin",
        "logsumexp",
        "std",
        "var",
        "nansum",
        "nanmean",
        "any",
        "all",
    ) and d.chance(3):
        return call(x, tuple(d.dim(x) for _ in range(d.number(1, 2))), **keep)
    if last == "aminmax":
        return call(x, **({"dim": d.dim(x)} if d.chance() else {}), **keep)
    if last == "count_nonzero":
        return call(x, d.dim(x))
    if d.chance(4):
        return call(x)
    return call(x, d.dim(x), **keep)


@asks("norm linalg.norm linalg.vector_norm linalg.matrix_norm quantile nanquantile", cpu=True)
def norms(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    keep = {"keepdim": d.chance()}
    if "quantile" in name:
        return call(x, d.one(0.5, T(d.number(1, 3)), T(), T(1, 1)), d.dim(x), **keep)
    dims: Any = d.one(d.dim(x), (d.dim(x), d.dim(x)), None)
    if "matrix" in name:
        return call(x, "fro", **({"dim": (d.dim(x), d.dim(x))} if d.chance() else {}), **keep)
    return call(x, d.one(2, 1, None) if "vector" not in name else 2, dims, **keep)


_MASKED = "sum mean prod amax argmin softmax cumsum median norm std normalize log_softmax logsumexp var argmax".split()


@asks(*(f"masked.{name}" for name in _MASKED), cpu=True)
def masked(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    mask = {"mask": T(*d.broadcast(x).sizes, dtype="bool")} if d.chance() else {}
    ahead = [2] if name.endswith((".norm", ".normalize")) else []
    return call(x, *ahead, d.dim(x), **mask)


@asks("masked.logaddexp", cpu=True)
def masked_pair(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.broadcast(x), input_mask=T(*d.alike(x).sizes, dtype="bool"))


@asks("masked_fill Tensor.masked_fill Tensor.masked_fill_ masked_scatter Tensor.masked_scatter_", cpu=True)
def masked_fill(d: Dice, name: str) -> Question:
    x = d.tensor()
    mask = d.broadcast(x, dtype=d.mostly("bool", "float32", of=8))
    return call(x, mask, d.alike(x) if "scatter" in name else d.mostly(0.0, T(), T(1)))


@asks("sort argsort Tensor.sort msort topk kthvalue Tensor.topk", cpu=True)
def sort(d: Dice, name: str) -> Question:
    x = d.tensor()
    if "msort" in name:
        return call(x)
    return call(x, *([d.number(0, 5)] if name.endswith(("topk", "value")) else []), d.dim(x))


@asks("searchsorted bucketize", cpu=True)
def search(d: Dice, name: str) -> Question:
    x = d.tensor()
    if "searchsorted" in name:
        return call(d.alike(T(*x.sizes[:-1], d.size())), x)
    return call(x, T(d.size()) if not d.chance(4) else d.tensor())


@asks("bincount histc corrcoef cov dist histogram hash_tensor Tensor.histc Tensor.cov", cpu=True, unknown=True)
def statistics(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    if "bincount" in name:
        return call(
            T(*x.sizes[:2], dtype=d.mostly("int64", "float32")), *([d.alike(T(*x.sizes[:2]))] if d.chance() else [])
        )
    if name.endswith("dist"):
        return call(x, d.broadcast(x))
    if name.endswith("cov"):
        x = T(*x.sizes[:1], *d.ints(1, 1, 2, 4))
        return call(x if not d.chance(4) else d.tensor(3, 4))
    if "hist" in name:
        return call(x, d.mostly(d.size(), 0))
    return call(x, **({"dim": d.dim(x)} if "hash" in name and d.chance() else {}))


@asks("histogramdd", cpu=True)
def histogramdd(d: Dice, name: str) -> Question:
    x = d.tensor(2, 3, 1, 3)
    return call(x, [d.number(1, 3) for _ in range(d.near(x.sizes[-1]))])


@asks("diff Tensor.diff", cpu=True)
def diff(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    ways: dict[str, Any] = {"n": d.number(0, 3), "dim": d.dim(x)}
    for side in d.some(("prepend", "append")):
        ways[side] = d.alike(x)
    return call(x, **ways)


@asks("gradient", cpu=True)
def gradient(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    return call(x, **({"dim": d.one(d.dim(x), (d.dim(x), d.dim(x)))} if d.chance() else {}), edge_order=d.number(1, 2))


@asks("trapezoid trapz cumulative_trapezoid", cpu=True)
def trapezoid(d: Dice, name: str) -> Question:
    y = d.tensor(1, 3)
    dim = {"dim": d.dim(y)} if d.chance() else {}
    return call(y, *([T(d.near(y.sizes[-1]))] if d.chance() else []), **dim)


@asks("renorm Tensor.renorm Tensor.fill_diagonal_", cpu=True)
def renorm(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3) if not d.chance(4) else T(3, 3, 3)
    return call(x, 1.0) if "fill" in name else call(x, 2, d.dim(x), 1.0)


@asks("polygamma special.polygamma")
def polygamma(d: Dice, name: str) -> Question:
    return call(d.number(-1, 2), d.tensor())


@asks("Tensor.polygamma")
def polygamma_method(d: Dice, name: str) -> Question:
    return call(d.tensor(), d.number(-1, 2))


_INIT = "uniform_ zeros_ constant_ xavier_normal_ kaiming_uniform_ orthogonal_ sparse_ eye_ dirac_".split()


@asks(*(f"nn.init.{name}" for name in _INIT), cpu=True)
def init(d: Dice, name: str) -> Question:
    x = d.tensor(0, 5, 1, 3)
    if "dirac" in name:
        return call(x, d.number(1, 2))
    return call(x, *([0.5] if "sparse" in name or "constant" in name else []))


@asks("zeros randn empty torch.Tensor torch.LongTensor ones", cpu=True)
def filled(d: Dice, name: str) -> Question:
    sizes = d.ints(0, 3, d.mostly(0, -1), 4)
    return call(*sizes) if d.chance() or name.endswith("Tensor") else call(d.one(tuple, list)(sizes))


@asks("full eye tril_indices triu_indices randint randperm")
def made(d: Dice, name: str) -> Question:
    n = d.mostly(d.number(0, 4), -1, of=8)
    if "full" in name:
        return call((n, *d.ints(0, 2)), 1.5)
    if "randint" in name:
        return call(d.number(0, 4), 5, (n, *d.ints(0, 2)))
    if "randperm" in name:
        return call(n)
    return call(n, d.number(0, 4), *([d.number(-3, 3)] if "indices" in name else []))


@asks("arange linspace logspace", cpu=True)
def ranges(d: Dice, name: str) -> Question:
    start, end = d.number(-3, 3), d.number(-3, 6)
    if "arange" in name:
        return call(start, end, d.mostly(d.one(1, 2, 3), -1, 0, 0.5, of=4)) if d.chance() else call(end)
    return call(start, end, d.mostly(d.number(0, 5), -1))


@asks("tensor as_tensor", cpu=True, always=True)
def tensor(d: Dice, name: str) -> Question:
    rows = d.ints(1, 3)
    other = d.ints(len(rows), len(rows))
    return call(d.one(3, rows, [rows, other], [[rows, other]], (), [tuple(rows), other]))


@asks("hann_window kaiser_window bartlett_window", cpu=True)
def window(d: Dice, name: str) -> Question:
    return call(d.number(-1, 5))


_FILLS = "normal_ uniform_ cauchy_ log_normal_ exponential_ geometric_".split()


@asks(*(f"Tensor.{name}" for name in _FILLS), cpu=True)
def random_fill(d: Dice, name: str) -> Question:
    scale = d.mostly(0.5, -0.5)
    return call(d.tensor(), *([] if name.endswith(("geometric_", "exponential_")) else [-1.0]), scale)


@asks("zeros_like rand_like full_like randint_like Tensor.new_zeros Tensor.new_full", cpu=True)
def like(d: Dice, name: str) -> Question:
    x = d.tensor(dtype="float32" if "rand_like" in name else d.mostly("float32", "int64"))
    if "new" in name:
        return call(x, tuple(d.ints(0, 3, d.mostly(0, -1, of=2), 4)), *([2] if "full" in name else []))
    return call(x, *([3] if name.endswith(("full_like", "int_like")) else []))


@asks("multinomial Tensor.multinomial")
def multinomial(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    return call(x, d.number(1, x.sizes[-1] if x.sizes else 1), d.chance())


@asks("normal", cpu=True)
def normal(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.one(1.0, d.broadcast(x, 2), d.alike(x, 2))) if not d.chance(4) else call(0.0, d.broadcast(x))


@asks("Tensor.new_tensor Tensor.new", cpu=True)
def new(d: Dice, name: str) -> Question:
    return call(d.tensor(), *([d.ints(0, 3)] if "_" in name else d.ints(0, 3, d.mostly(0, -1))))
