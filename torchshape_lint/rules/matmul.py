"""Matrix products: matmul in all its ranks, the strict forms (mm, bmm, mv, dot, addmm ..), outer, inner, tensordot."""

from __future__ import annotations

import itertools
from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, AXIS, BATCH, MATMUL
from torchshape_lint.dims import Size
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, together
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import promoted, same_dtype
from torchshape_lint.rules.needs import (
    Derivation,
    Need,
    Result,
    Rule,
    Undetermined,
    axis,
    holds,
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, broadcast_size
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, YES


@shape_rule("torch.matmul", "torch.Tensor.matmul", "torch.linalg.matmul", "operator.matmul", "operator.imatmul")
def matmul(input: Tensor, other: Tensor) -> Rule:
    """(.., n, k), (.., k, m) -> (.., n, m); an operand of one axis is a row, or a column, that goes away again"""
    yield rank_at_least(input, 1)
    yield rank_at_least(other, 1)
    yield from _one_dtype(input, other)
    dtype = promoted(input, other)
    a, b = input.shape, other.shape
    if b.rank == 1:
        yield same(input[-1], other[-1], MATMUL)
        return Result(a.ending(1), dtype)
    if len(b.sizes) < 2:
        return Undetermined("the number of axes is not known")
    if a.rank == 1:
        yield same(input[-1], other[-2], MATMUL)
        return Result(b.ending(2, b.sizes[-1]), dtype)
    yield same(input[-1], other[-2], MATMUL)
    if len(a.sizes) < 2:
        return Undetermined("the number of axes is not known")
    batch = yield from _batch(input, other)
    return Result(Shape((*batch.sizes, a.sizes[-2], b.sizes[-1]), batch.lead), dtype)


def _one_dtype(*factors: Tensor) -> Steps:
    """torch multiplies no matrices of different types; where there is nothing to multiply, it may not even look."""
    if all(equal(size, 0) is NO for x in factors for size in x.shape.sizes):
        yield from same_dtype(*factors)


def _batch(input: Tensor, other: Tensor) -> Generator[Need | Derivation, None, Shape]:
    """All axes but the last two, broadcast."""
    a, b = input.shape.ending(2), other.shape.ending(2)
    heads = (Tensor(a, input.name, input.facts), Tensor(b, other.name, other.facts))
    return (yield from together(*heads, code=BATCH))


@shape_rule("torch.mm", "torch.Tensor.mm")
def mm(input: Tensor, mat2: Tensor) -> Rule:
    """(n, k), (k, m) -> (n, m)"""
    yield from _matrices(input, mat2)
    return Result((input.sizes[0], mat2.sizes[1]), promoted(input, mat2))


def _matrices(a: Tensor, b: Tensor) -> Steps:
    yield rank(a, 2)
    yield rank(b, 2)
    yield same(a[1], b[0], MATMUL)
    yield from _one_dtype(a, b)


@shape_rule("torch.bmm", "torch.Tensor.bmm")
def bmm(input: Tensor, mat2: Tensor) -> Rule:
    """(b, n, k), (b, k, m) -> (b, n, m)"""
    yield from _batches(input, mat2)
    return Result((*input.sizes[:2], mat2.sizes[2]), promoted(input, mat2))


def _batches(a: Tensor, b: Tensor) -> Steps:
    yield rank(a, 3)
    yield rank(b, 3)
    yield same(a[0], b[0], BATCH)
    yield same(a[2], b[1], MATMUL)
    yield from _one_dtype(a, b)


@shape_rule("torch.mv", "torch.Tensor.mv")
def mv(input: Tensor, vec: Tensor) -> Rule:
    """(n, k), (k,) -> (n,)"""
    yield rank(input, 2)
    yield rank(vec, 1)
    yield same(input[1], vec[0], MATMUL)
    yield from _one_dtype(input, vec)
    return Result(input.sizes[:1], promoted(input, vec))


@shape_rule("torch.dot", "torch.Tensor.dot", "torch.vdot", "torch.Tensor.vdot")
def dot(input: Tensor, tensor: Tensor) -> Rule:
    """(k,), (k,) -> ()"""
    yield rank(input, 1)
    yield rank(tensor, 1)
    yield same(input[0], tensor[0], MATMUL)
    yield from _one_dtype(input, tensor)
    return Result((), promoted(input, tensor))


@shape_rule("torch.inner", "torch.Tensor.inner")
def inner(input: Tensor, other: Tensor) -> Rule:
    """(a.., k), (b.., k) -> (a.., b..)"""
    yield rank(input, *range(9))
    yield rank(other, *range(9))
    dtype = promoted(input, other)
    if not input.rank or not other.rank:
        return Result(input.sizes + other.sizes, dtype)
    yield same(input[-1], other[-1], MATMUL)
    yield from _one_dtype(input, other)
    return Result(input.sizes[:-1] + other.sizes[:-1], dtype)


@shape_rule("torch.outer", "torch.Tensor.outer", "torch.ger", "torch.Tensor.ger")
def outer(input: Tensor, vec2: Tensor) -> Rule:
    """(n,), (m,) -> (n, m)"""
    yield rank(input, 1)
    yield rank(vec2, 1)
    return Result((input.sizes[0], vec2.sizes[0]), promoted(input, vec2))


@shape_rule("torch.addmm", "torch.Tensor.addmm")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (n, k), (k, m) -> (n, m); the first may be broadcast"""
    yield from _matrices(mat1, mat2)
    return (yield from _added(input, (mat1.sizes[0], mat2.sizes[1])))


@shape_rule("torch.baddbmm", "torch.Tensor.baddbmm")
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(b, n, m), (b, n, k), (b, k, m) -> (b, n, m); the first may be broadcast"""
    yield from _batches(batch1, batch2)
    return (yield from _added(input, (*batch1.sizes[:2], batch2.sizes[2])))


@shape_rule("torch.addbmm", "torch.Tensor.addbmm", "torch.Tensor.addbmm_")
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (b, n, k), (b, k, m) -> (n, m); the first may be broadcast"""
    yield from _batches(batch1, batch2)
    return (yield from _added(input, (batch1.sizes[1], batch2.sizes[2])))


@shape_rule("torch.addmv", "torch.Tensor.addmv")
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n,), (n, k), (k,) -> (n,); the first may be broadcast"""
    yield rank(mat, 2)
    yield rank(vec, 1)
    yield same(mat[1], vec[0], MATMUL)
    yield from _one_dtype(mat, vec)
    return (yield from _added(input, mat.sizes[:1]))


@shape_rule("torch.addr", "torch.Tensor.addr")
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (n,), (m,) -> (n, m); the first may be broadcast"""
    yield rank(vec1, 1)
    yield rank(vec2, 1)
    return (yield from _added(input, (vec1.sizes[0], vec2.sizes[0])))


def _added(input: Tensor, product: tuple[Size, ...]) -> Rule:
    yield from broadcast_into(Tensor(Shape(product), "the product", input.facts), input)
    return Result(product)


@shape_rule("torch.chain_matmul")
def chain_matmul(*matrices: Tensors) -> Rule:
    """(a, b), (b, c), (c, d) .. -> (a, d)"""
    parts: tuple[Tensor, ...] = matrices  # type: ignore[assignment]
    return (yield from _chain(parts, ends=False))


@shape_rule("torch.linalg.multi_dot")
def multi_dot(tensors: Tensors) -> Rule:
    """(a, b), (b, c), (c, d) .. -> (a, d); the first and the last may have one axis"""
    return (yield from _chain(tensors, ends=True))


def _chain(parts: tuple[Tensor, ...], ends: bool) -> Rule:
    if not parts:
        return Undetermined("no matrices")
    last = len(parts) - 1
    for k, part in enumerate(parts):
        yield rank(part, *((1, 2) if ends and k in (0, last) else (2,)))
    for left, right in itertools.pairwise(parts):
        yield same(left[-1], right[0], MATMUL)
        yield from _one_dtype(left, right)
    if not last:
        return Result(parts[0].sizes)
    return Result((*parts[0].sizes[:-1], *parts[-1].sizes[1:]))


@shape_rule("torch.tensordot")
def tensordot(a: Tensor, b: Tensor, dims: object = 2) -> Rule:
    """contracts the last ``dims`` axes of a with the first of b, or the axes that are listed for each"""
    yield rank(a, *range(9))
    yield rank(b, *range(9))
    if isinstance(dims, int) and not 0 <= dims <= min(len(a.sizes), len(b.sizes)):
        yield never(ARGUMENT, f"dims is {dims}, but the operands have {a.rank} and {b.rank} axes", actual=dims)
    listed = _contracted(dims, a.rank or 0)
    if listed is None:
        return Undetermined("dims are not known")
    left, right = listed
    if len(left) != len(right):
        yield never(ARGUMENT, f"dims lists {len(left)} axes of {a.name}, but {len(right)} of {b.name}")
    gone_a: list[int] = []
    gone_b: list[int] = []
    for p, q in zip(left, right, strict=True):
        i = yield from axis(a, p, code=AXIS)
        j = yield from axis(b, q, code=AXIS)
        if a.rank and b.rank:
            yield from _matched(a[i], b[j])
        gone_a.append(i)
        gone_b.append(j)
    kept = [s for k, s in enumerate(a.sizes) if k not in gone_a] + [s for k, s in enumerate(b.sizes) if k not in gone_b]
    return Result(tuple(kept), promoted(a, b))


def _matched(a: Named, b: Named) -> Steps:
    """torch sums an axis of size 1 against any other."""
    verdict = broadcast_size(a.size, b.size)[0]
    yield holds(verdict, MATMUL, lambda: f"{a.name} is {a.size}, but {b.name} is {b.size}")


def _contracted(dims: Value, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    if isinstance(dims, int):
        return tuple(range(axes - dims, axes)), tuple(range(dims))
    pair = sequence_items(dims)
    if pair is None or len(pair) != 2:
        return None
    lists = [(item,) if isinstance(item, int) else sequence_items(item) for item in pair]
    left, right = (tuple(d for d in items or () if isinstance(d, int)) for items in lists)
    known = all(items is not None and all(isinstance(d, int) for d in items) for items in lists)
    return (left, right) if known else None


@shape_rule("torch.cross", "torch.Tensor.cross")
def cross(input: Tensor, other: Tensor, dim: object = None) -> Rule:
    """(.., 3, ..), (.., 3, ..) -> (.., 3, ..), broadcast; without ``dim`` it is the first axis of size 3"""
    shape = yield from together(input, other)
    yield from _threes(input, other, dim)
    return Result(shape, promoted(input, other))


@shape_rule("torch.linalg.cross")
def linalg_cross(input: Tensor, other: Tensor, *, dim: object = -1) -> Rule:
    """(.., 3), (.., 3) -> (.., 3), broadcast"""
    shape = yield from together(input, other)
    yield from _threes(input, other, dim)
    return Result(shape, promoted(input, other))


def _threes(input: Tensor, other: Tensor, dim: Value) -> Steps:
    """Both have as many axes, and 3 along ``dim``."""
    if input.rank is None or other.rank is None:
        return
    yield rank(other, input.rank)
    if dim is None:  # the first axis of size 3
        sizes = [equal(size, 3) for size in input.sizes]
        if all(verdict is NO for verdict in sizes):
            yield never(MATMUL, f"{input.name} is {input.shape}, but one of its axes must be 3 for a cross product")
        dim = next(k for k, verdict in enumerate(sizes) if verdict is not NO)
        if sizes[dim] is not YES:
            return
    if not isinstance(dim, int):
        return
    yield rank_at_least(input, 1)
    along = yield from axis(input, dim)
    for x in (input, other):
        yield same(x[along], Named(3, "the size for a cross product"), MATMUL)
