"""Equations with matrices: solve and its relatives, least squares, equations of tensors."""

from __future__ import annotations

from torchshape_lint.codes import BATCH, MATMUL
from torchshape_lint.dims import product
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import together
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.linalg import batch, shorter_side, square
from torchshape_lint.rules.needs import (
    Many,
    Result,
    Rule,
    Undetermined,
    axis,
    holds,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape, same_shape
from torchshape_lint.verdicts import MAYBE, YES, Verdict

_INFO = "int32"


@shape_rule("torch.linalg.solve")
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Rule:
    """(*, n, n), (*, n, k) -> (*, n, k); B may be (n) or (*, n)"""
    yield from square(A)
    return (yield from _solved(A, B, left))


@shape_rule("torch.linalg.solve_ex")
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: object = False) -> Rule:
    """(*, n, n), (*, n, k) -> (*, n, k), info (*)"""
    yield from square(A)
    shape = yield from _solved(A, B, left)
    return shape if isinstance(shape, Undetermined) else Many((Result(shape), Result(batch(A), _INFO)))  # type: ignore[arg-type]


def _solved(A: Tensor, B: Tensor, left: bool) -> Rule:
    vector = _is_vector(A, B)
    if vector is MAYBE:
        return Undetermined(f"{B.name} may be a batch of vectors or of matrices")
    if vector is YES:
        yield same(B[-1], A[-1], MATMUL)
        heads = (Tensor(batch(A), A.name, A.facts), Tensor(B.shape.ending(1), B.name, B.facts))
        shape = yield from together(*heads, code=BATCH)
        return Shape((*shape.sizes, A[-1].size), shape.lead)
    return (yield from _system(A, B, left))


def _is_vector(A: Tensor, B: Tensor) -> Verdict:
    """Is B one vector, or as many as there are matrices?"""
    if B.rank == 1:
        return YES
    if A.rank is None or B.rank is None:
        return MAYBE
    return same_shape(A.shape.ending(1), B.shape)


def _system(A: Tensor, B: Tensor, left: bool = True) -> Rule:
    """The shape of B, with the batch axes of both."""
    yield rank_at_least(A, 2)
    yield rank_at_least(B, 2)
    yield same(B[-2 if left else -1], A[-1], MATMUL)
    heads = (Tensor(batch(A), A.name, A.facts), Tensor(batch(B), B.name, B.facts))
    shape = yield from together(*heads, code=BATCH)
    return Shape((*shape.sizes, *B.shape.sizes[-2:]), shape.lead)


@shape_rule("torch.linalg.solve_triangular")
def solve_triangular(A: Tensor, B: Tensor, *, upper: object, left: bool = True, unitriangular: object = False) -> Rule:
    """(*, n, n), (*, n, k) -> (*, n, k)"""
    yield from square(A)
    return (yield from _system(A, B, left))


@shape_rule(*functions_and_methods("triangular_solve"))
def triangular_solve(
    b: Tensor, A: Tensor, upper: object = True, transpose: object = False, unitriangular: object = False
) -> Rule:
    """(*, n, k), (*, n, n) -> (*, n, k), and A with all batch axes"""
    yield from square(A)
    shape = yield from _system(A, b)
    assert isinstance(shape, Shape)
    return Many((Result(shape), Result(shape.ending(2, A[-2].size, A[-1].size))))


@shape_rule(*functions_and_methods("cholesky_solve"))
def cholesky_solve(B: Tensor, L: Tensor, upper: object = False) -> Rule:
    """(*, n, k), (*, n, n) -> (*, n, k)"""
    yield from square(L)
    return (yield from _system(L, B))


@shape_rule(*functions_and_methods("lu_solve"))
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: object) -> Rule:
    """(*, n, k), (*, n, n), pivots (*, n) -> (*, n, k)"""
    yield from square(LU_data)
    return (yield from _system(LU_data, b))


@shape_rule("torch.linalg.lu_solve")
def linalg_lu_solve(
    LU: Tensor,
    pivots: object,
    B: Tensor,
    *,
    left: bool = True,
    adjoint: object = False,
) -> Rule:
    """(*, n, n), pivots (*, n), (*, n, k) -> (*, n, k)"""
    yield from square(LU)
    return (yield from _system(LU, B, left))


@shape_rule("torch.linalg.ldl_solve")
def ldl_solve(LD: Tensor, pivots: object, B: Tensor, *, hermitian: object = False) -> Rule:
    """(*, n, n), pivots (*, n), (*, n, k) -> (*, n, k)"""
    yield from square(LD)
    return (yield from _system(LD, B))


@shape_rule("torch.linalg.lstsq")
def lstsq(A: Tensor, B: Tensor, rcond: object = None, *, driver: str | None = None) -> Rule:
    """(*, m, n), (*, m, k) -> solution (*, n, k), residuals, rank, singular values

    The residuals are there when the matrix turns out to have full rank.
    """
    yield rank_at_least(A, 2)
    if A.rank is None or B.rank != A.rank:
        return Undetermined("whether it is about vectors or matrices is not known")
    yield same(B[-2], A[-2], MATMUL)
    heads = (Tensor(batch(A), A.name, A.facts), Tensor(batch(B), B.name, B.facts))
    shape = yield from together(*heads, code=BATCH)
    ranks = shape if driver in (None, "gelsy", "gelsd", "gelss") else Shape((0,))
    values = Shape((*shape.sizes, shorter_side(A))) if driver in ("gelsd", "gelss") else Shape((0,))
    solution = Shape((*shape.sizes, A[-1].size, B[-1].size))
    return Many((Result(solution), Result(open_shape(), None), Result(ranks, "int64"), Result(values, None)))


@shape_rule("torch.linalg.tensorsolve")
def tensorsolve(A: Tensor, B: Tensor, dims: Ints | None = None) -> Rule:
    """(b.., x..), (b..) -> (x..)"""
    if A.rank is None or B.rank is None:
        return Undetermined("the rank is not known")
    moved: list[int] = []
    for dim in dims or ():
        moved.append((yield from axis(A, dim)))
    kept = [size for k, size in enumerate(A.sizes) if k not in moved]
    sizes = (*kept, *(A.sizes[k] for k in moved))
    front, back = product(sizes[: B.rank]), product(sizes[B.rank :])
    yield holds(
        equal(front, back),
        MATMUL,
        lambda: f"{A.name} is {A.shape}: {front} equations, but {back} unknowns",
        expected=front,
        actual=back,
    )
    return sizes[B.rank :]


@shape_rule("torch.linalg.vecdot")
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Rule:
    """(.., n, ..), (.., n, ..) -> (.., ..)"""
    if x.rank == y.rank == 1:  # then it is torch.dot, which does not broadcast
        yield same(y[0], x[0], MATMUL)
    shape = yield from together(x, y)
    return (yield from _without(Tensor(shape, "the product", x.facts), dim))


def _without(x: Tensor, dim: int) -> Rule:
    along = yield from axis(x, dim)
    sizes = x.shape.sizes
    if along < 0:
        along += len(sizes)
    return Shape((*sizes[:along], *sizes[along + 1 :]), x.shape.lead)
