"""Factorisations of matrices and what is stored of them: qr, lu, ldl, Householder reflectors."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, BATCH, MATMUL
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.linalg import batch, shorter_side, square
from torchshape_lint.rules.needs import Many, Result, Rule, holds, never, not_less, rank, rank_at_least, same
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule

_PIVOTS = "int32"


@shape_rule("torch.linalg.qr")
def linalg_qr(A: Tensor, mode: str = "reduced") -> Rule:
    """(*, m, n) -> Q (*, m, k), R (*, k, n), k = min(m, n); k = m for mode complete"""
    if mode not in ("reduced", "complete", "r"):
        yield never(ARGUMENT, f"mode is {mode!r}, but must be reduced, complete or r")
    yield rank_at_least(A, 2)
    m, n = A[-2].size, A[-1].size
    k = m if mode == "complete" else shorter_side(A)
    q = Result((0,)) if mode == "r" else Result(A.shape.ending(2, m, k))
    return Many((q, Result(A.shape.ending(2, k, n))))


@shape_rule(*functions_and_methods("qr"))
def qr(input: Tensor, some: bool = True) -> Rule:
    """(*, m, n) -> Q (*, m, k), R (*, k, n), k = min(m, n); k = m when not some"""
    return (yield from linalg_qr(input, "reduced" if some else "complete"))


@shape_rule(*functions_and_methods("geqrf"))
def geqrf(input: Tensor) -> Rule:
    """(*, m, n) -> (*, m, n), tau (*, min(m, n))"""
    yield rank_at_least(input, 2)
    return Many((Result(input.shape), Result(input.shape.ending(2, shorter_side(input)))))


@shape_rule("torch.linalg.householder_product", *functions_and_methods("orgqr"))
def householder_product(A: Tensor, tau: Tensor) -> Rule:
    """(*, m, n), tau (*, k) -> (*, m, n)"""
    yield rank_at_least(A, 2)
    yield rank_at_least(tau, 1)
    yield not_less(A[-2], A[-1].size, MATMUL)
    if A.rank is not None:
        yield rank(tau, A.rank - 1)
        for k in range(A.rank - 2):
            yield same(tau[k], A[k], BATCH)
    yield holds(
        at_least(A[-1].size, tau[-1].size),
        MATMUL,
        lambda: f"{tau[-1].name} is {tau[-1].size}, more than {A[-1].name}, which is {A[-1].size}",
        actual=tau[-1].size,
    )
    return A.shape


@shape_rule(*functions_and_methods("ormqr"))
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: object = False) -> Rule:
    """(*, m, k), tau (*, k), (*, m, n) -> (*, m, n)"""
    yield rank_at_least(input, 2)
    yield rank_at_least(other, 2)
    if input.rank is not None:
        yield rank(other, input.rank)
        yield rank(tau, input.rank - 1)
    yield same(other[-2 if left else -1], input[-2], MATMUL)
    yield rank_at_least(tau, 1)
    shorter = Named(shorter_side(input), f"the shorter side of {input.name}")
    yield same(tau[-1], shorter, MATMUL)
    return other.shape


# --- lu -------------------------------------------------------------------------------------------------------------


@shape_rule("torch.linalg.lu")
def linalg_lu(A: Tensor, *, pivot: bool = True) -> Rule:
    """(*, m, n) -> P (*, m, m), L (*, m, k), U (*, k, n), k = min(m, n)"""
    yield rank_at_least(A, 2)
    m, n, k = A[-2].size, A[-1].size, shorter_side(A)
    p = A.shape.ending(2, m, m) if pivot else (0,)
    return Many((Result(p), Result(A.shape.ending(2, m, k)), Result(A.shape.ending(2, k, n))))


@shape_rule("torch.linalg.lu_factor")
def lu_factor(A: Tensor, *, pivot: object = True) -> Rule:
    """(*, m, n) -> LU (*, m, n), pivots (*, min(m, n))"""
    return (yield from _lu(A, False))


@shape_rule("torch.linalg.lu_factor_ex")
def lu_factor_ex(A: Tensor, *, pivot: object = True, check_errors: object = False) -> Rule:
    """(*, m, n) -> LU (*, m, n), pivots (*, min(m, n)), info (*)"""
    return (yield from _lu(A, True))


@shape_rule(*functions_and_methods("lu"))
def lu(A: Tensor, pivot: object = True, get_infos: bool = False) -> Rule:
    """(*, m, n) -> LU (*, m, n), pivots (*, min(m, n)), and info (*) if asked for"""
    return (yield from _lu(A, get_infos))


def _lu(x: Tensor, infos: bool) -> Rule:
    yield rank_at_least(x, 2)
    factors = (Result(x.shape), Result(x.shape.ending(2, shorter_side(x)), _PIVOTS))
    return Many((*factors, Result(batch(x), _PIVOTS)) if infos else factors)


@shape_rule("torch.lu_unpack")
def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> Rule:
    """(*, m, n), pivots (*, k) -> P (*, m, m), L (*, m, k), U (*, k, n), k = min(m, n); (0,) for what is not wanted"""
    yield rank_at_least(LU_data, 2)
    shape, m, n, k = LU_data.shape, LU_data[-2].size, LU_data[-1].size, shorter_side(LU_data)
    p = shape.ending(2, m, m) if unpack_pivots else (0,)
    lower, upper = (shape.ending(2, m, k), shape.ending(2, k, n)) if unpack_data else ((0,), (0,))
    return Many((Result(p), Result(lower), Result(upper)))


@shape_rule("torch.linalg.ldl_factor")
def ldl_factor(A: Tensor, *, hermitian: object = False) -> Rule:
    """(*, n, n) -> LD (*, n, n), pivots (*, n)"""
    return (yield from _ldl(A, False))


@shape_rule("torch.linalg.ldl_factor_ex")
def ldl_factor_ex(A: Tensor, *, hermitian: object = False, check_errors: object = False) -> Rule:
    """(*, n, n) -> LD (*, n, n), pivots (*, n), info (*)"""
    return (yield from _ldl(A, True))


def _ldl(x: Tensor, infos: bool) -> Rule:
    yield from square(x)
    factors = (Result(x.shape), Result(x.shape.ending(1), _PIVOTS))
    return Many((*factors, Result(batch(x), _PIVOTS)) if infos else factors)
