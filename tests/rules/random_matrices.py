"""Random questions for products of matrices, linear algebra and spectra."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


def matrix(d: Dice, square: bool = False, dtype: str = "float32") -> T:
    """A matrix, now and then a batch of them or none at all."""
    if d.chance(8):
        return d.tensor(0, 1, dtype=dtype)
    rows = d.size()
    return T(*d.mostly((), (d.number(0, 3),), of=3), rows, d.near(rows, 5) if square else d.size(), dtype=dtype)


@asks("matmul operator.matmul Tensor.matmul linalg.matmul", cpu=True)
def matmul(d: Dice, name: str) -> Question:
    inner = d.size()
    batch = d.tensor(0, 2, 1, 3)
    x = T(*batch.sizes, *d.one((), (d.size(),)), inner)
    y = T(*d.broadcast(batch).sizes, *d.one((d.near(inner), d.size()), (d.near(inner),)))
    return call(x, y)


@asks(
    "mm bmm mv dot outer inner Tensor.mm Tensor.bmm vdot tensordot kron chain_matmul linalg.multi_dot linalg.vecdot",
    cpu=True,
)
def products(d: Dice, name: str) -> Question:
    a, b, c, n = d.number(1, 4), d.number(1, 4), d.number(1, 4), d.number(1, 3)
    last = name.rpartition(".")[2]
    pairs = {
        "mm": [T(a, b), T(d.near(b), c)],
        "bmm": [T(n, a, b), T(d.near(n, 8), d.near(b), c)],
        "mv": [T(a, b), T(d.near(b))],
        "dot": [T(a), T(d.near(a))],
        "vdot": [T(a), T(d.near(a))],
        "outer": [T(a), T(b)],
        "inner": [T(*d.ints(0, 2), b), T(*d.ints(0, 2), d.near(b))],
        "chain_matmul": [T(a, b), T(d.near(b), c), T(c, n)],
        "multi_dot": [T(*d.one((a,), ()), b), T(d.near(b), c), T(c, *d.one((n,), ()))],
    }
    operands = pairs.get(last) or [x := d.tensor(), d.broadcast(x)]
    if d.chance(8):
        operands[0] = d.tensor()
    if last == "multi_dot":
        return call(operands)
    if last == "tensordot":
        count = d.number(0, 2)
        return call(T(*d.ints(0, 2), *(a, b)[:count]), T(*(a, d.near(b))[:count], *d.ints(0, 2)), count)
    return call(*operands)


@asks(
    "addmm addmv addbmm baddbmm addr Tensor.addmm_ Tensor.baddbmm Tensor.addmv_ Tensor.addr_ Tensor.baddbmm_", cpu=True
)
def added(d: Dice, name: str) -> Question:
    a, b, c, n = d.number(1, 4), d.number(1, 4), d.number(1, 4), d.number(1, 3)
    kind = name.rpartition(".")[2].rstrip("_")
    out, *pair = {
        "addmm": [T(a, c), T(a, b), T(d.near(b), c)],
        "addmv": [T(a), T(a, b), T(d.near(b))],
        "addr": [T(a, b), T(a), T(b)],
        "addbmm": [T(a, c), T(n, a, b), T(n, d.near(b), c)],
        "baddbmm": [T(n, a, c), T(n, a, b), T(n, d.near(b), c)],
    }[kind]
    return call(d.alike(out) if name.endswith("_") else d.broadcast(out), *pair)


@asks("cross linalg.cross Tensor.cross", cpu=True)
def cross(d: Dice, name: str) -> Question:
    x = T(*(d.one(3, 3, 1, 2) for _ in range(d.number(0, 3))))
    return call(x, d.broadcast(x), **({"dim": d.dim(x)} if d.chance() else {}))


@asks("einsum torch.functional.einsum", cpu=True)
def einsum(d: Dice, name: str) -> Question:
    sizes = {letter: d.size() for letter in "abcd"}
    texts = ["".join(d.one(*"abcd") for _ in range(d.number(1, 3))) for _ in range(d.number(1, 3))]
    front = d.chance(4)
    operands = [d.alike(T(*([2] if front else []), *(sizes[letter] for letter in text)), 9) for text in texts]
    equation = ",".join(("..." if front else "") + text for text in texts)
    if d.chance():
        equation += "->" + ("..." if front else "") + "".join(d.shuffled("abcd")[: d.number(0, 2)])
    return call(equation, *operands)


@asks("""
    det inverse slogdet logdet cholesky matrix_exp cholesky_inverse Tensor.det Tensor.inverse linalg.inv linalg.inv_ex
    linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.cholesky linalg.cholesky_ex linalg.ldl_factor
    linalg.ldl_factor_ex
    """)
def square(d: Dice, name: str) -> Question:
    return call(matrix(d, True))


@asks("matrix_power linalg.matrix_power")
def matrix_power(d: Dice, name: str) -> Question:
    return call(matrix(d, True), d.number(0, 3))


@asks(
    """
    svd linalg.svd linalg.svdvals linalg.qr qr lu linalg.lu linalg.lu_factor linalg.lu_factor_ex pinverse
    linalg.pinv linalg.cond Tensor.svd Tensor.qr
    """,
)
def factors(d: Dice, name: str) -> Question:
    return call(matrix(d))


@asks("linalg.matrix_rank svd_lowrank pca_lowrank", cpu=True)
def low_rank(d: Dice, name: str) -> Question:
    return call(matrix(d), **({"q": d.number(1, 6)} if "low" in name else {}))


@asks("vander linalg.vander")
def vander(d: Dice, name: str) -> Question:
    return call(d.tensor(0, 2), **{"N": d.number(0, 4)} if d.chance() else {})


@asks("linalg.tensorinv")
def tensorinv(d: Dice, name: str) -> Question:
    a, b = d.ints(2, 2, 1, 3)
    return call(T(a * d.near(b), *d.shuffled((a, b))), ind=d.mostly(1, 2, 0))


@asks("orgqr linalg.householder_product")
def householder(d: Dice, name: str) -> Question:
    x = matrix(d)
    return call(x, d.alike(T(*x.sizes[:-2], d.number(1, 4))))


@asks("ormqr", cpu=True)
def ormqr(d: Dice, name: str) -> Question:
    m, k, n = d.ints(3, 3)
    return call(T(d.near(m), k), T(d.near(min(m, k))), d.alike(T(m, n)), d.mostly(True, False))


@asks("lu_unpack")
def lu_unpack(d: Dice, name: str) -> Question:
    x = matrix(d)
    return call(x, T(*x.sizes[:-2], d.near(min([*x.sizes[-2:], 9])), dtype="int32"))


@asks("linalg.solve linalg.solve_ex cholesky_solve triangular_solve")
def solve(d: Dice, name: str) -> Question:
    a = matrix(d, True)
    other = T(*d.alike(T(*a.sizes[:-2]), 8).sizes, d.near(a.sizes[-1] if a.sizes else 1), *d.mostly((d.size(),), ()))
    return call(other, a) if name.endswith(("cholesky_solve", "triangular_solve")) else call(a, other)


@asks("geqrf Tensor.geqrf", cpu=True)
def geqrf(d: Dice, name: str) -> Question:
    return call(matrix(d))


@asks("linalg.lstsq", cpu=True, unknown=True)
def lstsq(d: Dice, name: str) -> Question:
    m, n, k = d.ints(3, 3)
    return call(T(m, n), T(d.near(m), k))


@asks("linalg.solve_triangular")
def solve_triangular(d: Dice, name: str) -> Question:
    a = matrix(d, True)
    left = d.chance()
    sizes = (d.near(a.sizes[-1] if a.sizes else 1), d.size())
    return call(a, T(*d.broadcast(T(*a.sizes[:-2])).sizes, *(sizes if left else sizes[::-1])), upper=True, left=left)


@asks("lu_solve linalg.lu_solve linalg.ldl_solve")
def lu_solve(d: Dice, name: str) -> Question:
    a = matrix(d, True)
    n = a.sizes[-1] if a.sizes else 1
    other = T(*d.alike(T(*a.sizes[:-2]), 8).sizes, d.near(n), d.size())
    pivots = T(*a.sizes[:-1], dtype="int32")
    return call(a, pivots, other) if "linalg" in name else call(other, a, pivots)


@asks("linalg.tensorsolve")
def tensorsolve(d: Dice, name: str) -> Question:
    a, b = d.ints(2, 2, 1, 3)
    return call(T(a, d.near(b), a * b), T(a, b))


_FFT = ("fft", "ifft", "rfft", "irfft", "ihfft", "hfft")


@asks(*(f"fft.{name}" for name in _FFT), cpu=True)
def fft(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    return call(x, d.one(None, d.number(0, 5)), d.dim(x))


@asks(*(f"fft.{name}{n}" for name in _FFT for n in "2n"), cpu=True)
def fft_n(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    dims = tuple(d.dim(x) for _ in range(2))
    sizes = d.one(None, None, tuple(d.ints(2, 2, 0, 4)), tuple(d.ints(1, 3)))
    return call(x, sizes, *([dims] if d.chance() else []))


@asks("torch.fft.fftshift torch.fft.ifftshift")
def fftshift(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    return call(x, *([d.one(d.dim(x), (d.dim(x), d.dim(x)))] if d.chance() else []))


@asks("torch.fft.fftfreq torch.fft.rfftfreq", cpu=True, always=True)
def fftfreq(d: Dice, name: str) -> Question:
    return call(d.number(1, 6))


@asks("stft Tensor.stft", cpu=True)
def stft(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2, 1, 20) if not d.chance(8) else d.tensor(0, 3)
    n = d.number(1, 8)
    ways: dict[str, Any] = {"hop_length": d.number(1, 3), "center": d.chance(), "return_complex": True}
    if d.chance(3):
        ways["window"] = T(d.near(n))
    if d.chance(3):
        ways["onesided"] = d.chance()
    return call(x, n, **ways)


@asks("istft Tensor.istft", cpu=True, missed=True)  # it also looks at what the windows overlap to
def istft(d: Dice, name: str) -> Question:
    n = d.number(1, 8)
    x = T(*d.one((), (2,)), d.near(n // 2 + 1), d.number(1, 5), dtype=d.mostly("complex64", "float32"))
    return call(x, n, d.number(1, 3), center=True, window=T(n))


_WINDOWS = "bartlett blackman cosine hamming hann nuttall exponential gaussian kaiser general_hamming".split()


@asks(*(f"signal.windows.{name}" for name in _WINDOWS), cpu=True)
def signal_window(d: Dice, name: str) -> Question:
    return call(d.number(-1, 5), sym=d.chance())
