"""Functions of one matrix, or of a batch of them: inverses, determinants, factorisations, eigen- and singular values.

Solving is in solve.py. Does not know whether a matrix is singular: what torch refuses for its numbers is not reported.
"""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, MATMUL
from torchshape_lint.dims import Size, product
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps, may_be_empty, together
from torchshape_lint.rules.diagonal import diagonal_length
from torchshape_lint.rules.dtypes import floating, real
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import (
    Many,
    Outcome,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    rank,
    rank_at_least,
)
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO, YES

_INFO = "int32"


def square(x: Tensor) -> Steps:
    """The last two axes are there, and equal."""
    yield rank_at_least(x, 2)
    yield holds(
        equal(x[-1].size, x[-2].size),
        MATMUL,
        lambda: f"{x.name} must be a square matrix, but is {x[-2].size} by {x[-1].size}",
        expected=x[-2].size,
        actual=x[-1].size,
    )


def batch(x: Tensor) -> Shape:
    """All axes but the last two."""
    return x.shape.ending(2)


def shorter_side(x: Tensor) -> Size:
    """min(m, n) of a matrix (*, m, n)"""
    return diagonal_length(x[-2].size, x[-1].size, 0)


@shape_rule(*functions_and_methods("inverse", "matrix_exp"), "torch.linalg.inv", "torch.linalg.matrix_exp")
def inverse(A: Tensor) -> Rule:
    """(*, n, n) -> (*, n, n)"""
    yield from square(A)
    return A.shape


@shape_rule(*functions_and_methods("cholesky"))
def cholesky(input: Tensor, upper: object = False) -> Rule:
    """(*, n, n) -> (*, n, n)"""
    yield rank_at_least(input, 2)
    if not may_be_empty(input):
        yield from square(input)
    return input.shape


@shape_rule(*functions_and_methods("cholesky_inverse"))
def cholesky_inverse(input: Tensor, upper: object = False) -> Rule:
    """(*, n, n) -> (*, n, n)"""
    yield from square(input)
    return input.shape


@shape_rule("torch.linalg.cholesky")
def linalg_cholesky(A: Tensor, *, upper: object = False) -> Rule:
    """(*, n, n) -> (*, n, n)"""
    yield from square(A)
    return A.shape


@shape_rule(*functions_and_methods("matrix_power"), "torch.linalg.matrix_power")
def matrix_power(A: Tensor, n: object) -> Rule:
    """(*, n, n) -> (*, n, n)"""
    yield from square(A)
    return A.shape


@shape_rule("torch.linalg.inv_ex")
def inv_ex(A: Tensor, *, check_errors: object = False) -> Rule:
    """(*, n, n) -> (*, n, n), info (*)"""
    yield from square(A)
    return Many((Result(A.shape), Result(batch(A), _INFO)))


@shape_rule("torch.linalg.cholesky_ex")
def cholesky_ex(A: Tensor, *, upper: object = False, check_errors: object = False) -> Rule:
    """(*, n, n) -> (*, n, n), info (*)"""
    yield from square(A)
    return Many((Result(A.shape), Result(batch(A), _INFO)))


@shape_rule(*functions_and_methods("det", "logdet"), "torch.linalg.det")
def det(A: Tensor) -> Rule:
    """(*, n, n) -> (*)"""
    yield from square(A)
    return batch(A)


@shape_rule(*functions_and_methods("slogdet"), "torch.linalg.slogdet")
def slogdet(A: Tensor) -> Rule:
    """(*, n, n) -> sign (*), logarithm (*)"""
    yield from square(A)
    return Many((Result(batch(A)), Result(batch(A), real(A.dtype))))


@shape_rule("torch.linalg.cond")
def cond(A: Tensor, p: object = None) -> Rule:
    """(*, m, n) -> (*)"""
    yield rank_at_least(A, 2)
    return Result(batch(A), real(A.dtype))


@shape_rule("torch.linalg.matrix_rank")
def matrix_rank(
    A: Tensor, tol: object = None, hermitian: object = False, *, atol: object = None, rtol: object = None
) -> Rule:
    """(*, m, n) -> (*); tolerances that are tensors are broadcast with it"""
    yield rank_at_least(A, 2)
    shape = yield from together(Tensor(batch(A), A.name, A.facts), *_tensors(A, tol, atol, rtol))
    return Result(shape, "int64")


def _tensors(x: Tensor, *values: object) -> list[Tensor]:
    return [Tensor(value.shape, "a tolerance", x.facts) for value in values if isinstance(value, TensorValue)]


@shape_rule("torch.linalg.pinv", *functions_and_methods("pinverse"))
def pinv(
    A: Tensor, rcond: object = None, hermitian: object = False, *, atol: object = None, rtol: object = None
) -> Rule:
    """(*, m, n) -> (*, n, m); tolerances that are tensors are broadcast with it, unless the matrices are empty"""
    yield rank_at_least(A, 2)
    if any(equal(size, 0) is YES for size in A.shape.sizes) or not _tensors(A, rcond, atol, rtol):
        return A.shape.ending(2, A[-1].size, A[-2].size)
    if A.rank is None or not all(equal(size, 0) is NO for size in A.sizes):
        return Undetermined("the matrix may be empty")
    shape = yield from together(Tensor(batch(A), A.name, A.facts), *_tensors(A, rcond, atol, rtol))
    return Shape((*shape.sizes, A[-1].size, A[-2].size), shape.lead)


# --- eigenvalues and singular values --------------------------------------------------------------------------------


@shape_rule("torch.linalg.eig")
def eig(A: Tensor) -> Rule:
    """(*, n, n) -> values (*, n), vectors (*, n, n)"""
    yield from square(A)
    return Many((Result(A.shape.ending(1), None), Result(A.shape, None)))


@shape_rule("torch.linalg.eigh")
def eigh(A: Tensor, UPLO: object = "L") -> Rule:
    """(*, n, n) -> values (*, n), vectors (*, n, n)"""
    yield from square(A)
    return Many((Result(A.shape.ending(1), real(A.dtype)), Result(A.shape)))


@shape_rule("torch.linalg.eigvals")
def eigvals(A: Tensor) -> Rule:
    """(*, n, n) -> (*, n)"""
    yield from square(A)
    return Result(A.shape.ending(1), None)


@shape_rule("torch.linalg.eigvalsh")
def eigvalsh(A: Tensor, UPLO: object = "L") -> Rule:
    """(*, n, n) -> (*, n)"""
    yield from square(A)
    return Result(A.shape.ending(1), real(A.dtype))


@shape_rule("torch.linalg.svd")
def linalg_svd(A: Tensor, full_matrices: bool = True, *, driver: object = None) -> Rule:
    """(*, m, n) -> U (*, m, m), S (*, k), Vh (*, n, n); with k = min(m, n) for m and n when not full"""
    yield rank_at_least(A, 2)
    m, n, k = A[-2].size, A[-1].size, shorter_side(A)
    return Many(
        (
            Result(A.shape.ending(2, m, m if full_matrices else k)),
            Result(A.shape.ending(2, k), real(A.dtype)),
            Result(A.shape.ending(2, n if full_matrices else k, n)),
        )
    )


@shape_rule(*functions_and_methods("svd"))
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Rule:
    """(*, m, n) -> U (*, m, k), S (*, k), V (*, n, k), k = min(m, n); U and V are square when not some"""
    yield rank_at_least(input, 2)
    m, n, k = input[-2].size, input[-1].size, shorter_side(input)
    reduced = some and compute_uv
    return Many(
        (
            Result(input.shape.ending(2, m, k if reduced else m)),
            Result(input.shape.ending(2, k), real(input.dtype)),
            Result(input.shape.ending(2, n, k if reduced else n)),
        )
    )


@shape_rule("torch.linalg.svdvals")
def svdvals(A: Tensor, *, driver: object = None) -> Rule:
    """(*, m, n) -> (*, min(m, n))"""
    yield rank_at_least(A, 2)
    return Result(A.shape.ending(2, shorter_side(A)), real(A.dtype))


@shape_rule("torch.svd_lowrank")
def svd_lowrank(A: Tensor, q: Size | None = 6, niter: object = 2, M: object = None) -> Rule:
    """(*, m, n) -> U (*, m, q), S (*, q), V (*, n, q)"""
    yield rank_at_least(A, 2)
    return _lowrank(A, diagonal_length(6 if q is None else q, shorter_side(A), 0))


@shape_rule("torch.pca_lowrank")
def pca_lowrank(A: Tensor, q: Size | None = None, center: object = True, niter: object = 2) -> Rule:
    """(*, m, n) -> U (*, m, q), S (*, q), V (*, n, q), q = min(6, m, n) unless it is given"""
    yield rank_at_least(A, 2)
    if q is None:
        return _lowrank(A, diagonal_length(6, shorter_side(A), 0))
    yield holds(at_least(shorter_side(A), q), ARGUMENT, lambda: f"q is {q}, but {A.name} is {A.shape}", actual=q)
    return _lowrank(A, q)


def _lowrank(x: Tensor, q: Size) -> Many:
    shape = x.shape
    return Many((Result(shape.ending(1, q)), Result(shape.ending(2, q)), Result(shape.ending(2, x[-1].size, q))))


# --- other forms ----------------------------------------------------------------------------------------------------


@shape_rule("torch.linalg.diagonal")
def linalg_diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Rule:
    """(.., a, b) -> (.., min(a, b))"""
    from torchshape_lint.rules.diagonal import diagonal

    return (yield from diagonal(A, offset, dim1, dim2))


@shape_rule("torch.linalg.vander")
def linalg_vander(x: Tensor, *, N: Size | None = None) -> Rule:
    """(*, n) -> (*, n, N)"""
    powers = (1 if x.rank == 0 else x.shape.size(-1)) if N is None else N
    if powers is not None and at_least(powers, 2) is NO:
        yield never(ARGUMENT, f"N is {powers}, but must be greater than 1", actual=powers)
    if x.rank == 0:
        return Result((1, 1 if N is None else N), floating(x.dtype))
    if not x.shape.sizes:
        return Undetermined("the rank is not known")
    n = x[-1].size
    return Result(x.shape.ending(1, n, n if N is None else N), floating(x.dtype))


@shape_rule("torch.vander")
def vander(x: Tensor, N: Size | None = None, increasing: object = False) -> Rule:
    """(n) -> (n, N)"""
    yield rank(x, 1)
    return Result((x.sizes[0], x.sizes[0] if N is None else N), floating(x.dtype))


@shape_rule("torch.linalg.tensorinv")
def tensorinv(A: Tensor, ind: int = 2) -> Rule:
    """(a.., b..) -> (b.., a..), ind axes in a"""
    if ind <= 0:
        yield never(ARGUMENT, f"ind is {ind}, but must be positive")
    if A.rank is None:
        return Undetermined("the rank is not known")
    front, back = A.sizes[:ind], A.sizes[ind:]
    yield holds(
        equal(product(front), product(back)),
        MATMUL,
        lambda: f"{A.name} is {A.shape}: the first {ind} axes hold {product(front)}, the others {product(back)}",
        expected=product(front),
        actual=product(back),
    )
    return (*back, *front)


@shape_rule(*functions_and_methods("kron"))
def kron(input: Tensor, other: Tensor) -> Outcome:
    """(a, b), (c, d) -> (a*c, b*d)"""
    if input.rank is None or other.rank is None:
        return Undetermined("the rank is not known")
    width = max(input.rank, other.rank)
    a = (1,) * (width - input.rank) + input.sizes
    b = (1,) * (width - other.rank) + other.sizes
    return Result(tuple(x * y for x, y in zip(a, b, strict=True)), None)
