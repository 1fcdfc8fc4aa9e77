"""Operators that take an index tensor as an argument: gather, scatter, index_select, take, masks, nonzero, unique.

What an index tensor holds is not known: only its shape is judged, and results that depend on it get a fresh size.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, INDEX_SHAPE, MASK
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import has_axis, may_be_empty
from torchshape_lint.rules.dtypes import is_floating, same_dtype
from torchshape_lint.rules.given import behind, functions_and_methods
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Outcome,
    Result,
    Rule,
    Undetermined,
    axis,
    broadcast,
    holds,
    never,
    not_less,
    rank,
)
from torchshape_lint.rules.numbers import truth_values
from torchshape_lint.rules.operands import Named, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO

Steps = Generator[Need | Derivation, None, None]


@shape_rule(*functions_and_methods("gather"))
def gather(input: Tensor, dim: int, index: Tensor, sparse_grad: object = False, *, out: Tensor | None = None) -> Rule:
    """(a, b, c), index (a', b', c') -> (a', b', c'), where a' <= a and so on except in dim"""
    yield from _index_within(input, dim, index)
    yield from same_dtype(input, out)
    return index.shape


def whole_numbers(index: Tensor, wide: bool = False) -> Steps:
    """Indices are integers, where their type is known; ``wide``: of 64 bits."""
    wanted = ("int64",) if wide else ("int64", "int32")
    if index.dtype is not None and index.dtype not in wanted:
        words = f"{index.name} is {index.dtype}, but indices must be int64"
        yield never(ARGUMENT, words, expected="int64", actual=index.dtype)


def _index_within(x: Tensor, dim: int, index: Tensor) -> Steps:
    """As many axes in both, and none of index longer, except along ``dim``."""
    if not may_be_empty(index):
        yield from whole_numbers(index)
    yield from has_axis(x, dim)
    if x.rank is None or index.rank is None or _may_be_scalar(x, index):
        return
    yield rank(index, x.rank, code=INDEX_SHAPE)
    at = yield from axis(x, dim)
    if any(equal(size, 0) is not NO for size in index.sizes):
        return  # an empty index asks nothing
    for k in range(x.rank):
        if k != at:
            yield _not_longer(index[k], x[k])


def _may_be_scalar(x: Tensor, index: Tensor) -> bool:
    """torch lets a scalar stand for one axis of one element, and an index without elements for anything."""
    return {x.rank, index.rank} == {0, 1} or any(equal(size, 0) is not NO for size in index.sizes)


def _not_longer(part: Named, whole: Named) -> Need:
    return holds(
        at_least(whole.size, part.size),
        INDEX_SHAPE,
        lambda: f"{part.name} is {part.size}, more than {whole.name}, which is {whole.size}",
        expected=f"at most {whole.size}",
        actual=part.size,
    )


@shape_rule(
    *functions_and_methods("scatter", "scatter_add", "scatter_reduce"),
    *(f"torch.Tensor.{name}_" for name in ("scatter", "scatter_add", "scatter_reduce")),
)
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: object = None,
    reduce: object = None,
    *,
    value: object = None,
    include_self: object = True,
) -> Rule:
    """(a, b), index (a', b'), src at least as large as index -> (a, b)"""
    yield from _index_within(input, dim, index)
    if isinstance(src, TensorValue) and index.rank is not None:
        source = Tensor(src.shape, "src", input.facts, src.dtype)
        yield from same_dtype(input, source)
        if source.rank is not None and not _may_be_scalar(source, index):
            yield rank(source, index.rank, code=INDEX_SHAPE)
            for k in range(index.rank):
                yield _not_longer(index[k], source[k])
        elif (source.rank, index.rank) == (0, 1):
            yield _not_longer(index[0], Named(1, "the only element of src"))
    return input.shape


@shape_rule(*functions_and_methods("index_select"))
def index_select(input: Tensor, dim: int, index: Tensor) -> Rule:
    """(.., a, ..), index (k) -> (.., k, ..)"""
    yield from whole_numbers(index)
    yield rank(index, 1, 0, code=INDEX_SHAPE)
    if input.rank is None and dim >= 0:
        return behind(input, dim + 1)
    at = yield from axis(input, dim)
    if input.rank == 0:
        return ()
    sizes = input.shape.sizes
    at = at % len(sizes)
    return Shape((*sizes[:at], _count(index), *sizes[at + 1 :]), input.shape.lead)


def _count(index: Tensor) -> Size:
    return index.sizes[0] if index.sizes else 1


@shape_rule(*functions_and_methods("index_add", "index_copy"), "torch.Tensor.index_add_", "torch.Tensor.index_copy_")
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: object = 1) -> Rule:
    """(.., a, ..), index (k), source (.., k, ..) -> (.., a, ..)"""
    yield rank(index, 1, 0, code=INDEX_SHAPE)
    yield from same_dtype(input, source)
    if input.rank is None or source.rank is None or not input.rank or not source.rank:
        return input.shape
    at = yield from axis(input, dim)
    yield rank(source, input.rank, code=INDEX_SHAPE)
    for k in range(input.rank):
        wanted = Named(_count(index), f"the number of elements of {index.name}") if k == at else input[k]
        yield Need(
            equal(source[k].size, wanted.size),
            INDEX_SHAPE,
            lambda k=k, wanted=wanted: (  # type: ignore[misc]
                f"{source[k].name} is {source[k].size}, but {wanted.name} is {wanted.size}"
            ),
            expected=wanted.size,
            actual=source[k].size,
            equate=(source[k].size, wanted.size),
        )
    return input.shape


@shape_rule(*functions_and_methods("index_fill"), "torch.Tensor.index_fill_")
def index_fill(input: Tensor, dim: int, index: Tensor, value: object) -> Rule:
    """(.., a, ..), index (k) -> (.., a, ..)"""
    yield from whole_numbers(index, wide=True)
    if isinstance(value, TensorValue):
        yield rank(Tensor(value.shape, "value", input.facts), 0)
    yield rank(index, 1, 0, code=INDEX_SHAPE)
    if input.rank is not None:
        yield from axis(input, dim)
    return input.shape


@shape_rule(*functions_and_methods("take"))
def take(input: Tensor, index: Tensor) -> Rule:
    """(*), index (k..) -> (k..)"""
    yield from whole_numbers(index, wide=True)
    return index.shape


@shape_rule("torch.take_along_dim", "torch.Tensor.take_along_dim")
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Rule:
    """(a, b, c), indices (a, k, c) -> (a, k, c), broadcast except along dim; without dim all axes are one"""
    yield from whole_numbers(indices, wide=True)
    if dim is None:
        numel = indices.shape.numel
        return (fresh() if numel is None else numel,)
    if input.rank is None or indices.rank is None:
        return open_shape()
    yield rank(indices, input.rank, code=INDEX_SHAPE)
    at = yield from axis(input, dim)
    if not input.sizes:
        return ()
    x, index = _axis_as(input, at, 1), _axis_as(indices, at, 1)
    shape = yield from broadcast(x, index, code=INDEX_SHAPE)
    return (*shape.sizes[:at], indices.sizes[at], *shape.sizes[at + 1 :])


def _axis_as(x: Tensor, at: int, size: Size) -> Tensor:
    return Tensor(Shape((*x.sizes[:at], size, *x.sizes[at + 1 :])), x.name, x.facts)


@shape_rule(*functions_and_methods("masked_select"))
def masked_select(input: Tensor, mask: Tensor) -> Rule:
    """(*), mask (*) -> (how many are true,)"""
    yield from truth_values(mask)
    yield from broadcast(input, mask, code=MASK)
    return (fresh(),)


@shape_rule(*functions_and_methods("nonzero"))
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Outcome:
    """(a, b, ..) -> (how many, axes); as a tuple one (how many,) for each axis"""
    return _nonzero(input, as_tuple)


@shape_rule(*functions_and_methods("argwhere"))
def argwhere(input: Tensor) -> Outcome:
    """(a, b, ..) -> (how many, axes)"""
    return _nonzero(input, False)


def _nonzero(x: Tensor, as_tuple: bool) -> Outcome:
    count = fresh()
    if not as_tuple:
        return Result((count, fresh() if x.rank is None else x.rank), "int64")
    if x.rank is None:
        return Undetermined(f"the rank of {x.name} is not known")
    return Many((Result((count,), "int64"),) * max(x.rank, 1))


@shape_rule(*functions_and_methods("unique"))
def unique(
    input: Tensor,
    sorted: object = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Rule:
    """(*) -> (how many,); with dim that axis becomes shorter. With the inverse and the counts when asked for"""
    count = fresh()
    shape: Shape = Shape((count,))
    inverse = input.shape
    if dim is not None:
        if input.rank is None:
            shape, inverse = open_shape(), Shape((fresh(),))
        else:
            at = yield from axis(input, dim)
            if not input.sizes:
                return Undetermined(f"{input.name} has no axes")
            shape = Shape((*input.sizes[:at], count, *input.sizes[at + 1 :]))
            inverse = Shape((input.sizes[at],))
    return _parts(shape, inverse, count, return_inverse, return_counts)


@shape_rule(*functions_and_methods("unique_consecutive"))
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Rule:
    """as unique"""
    return (yield from unique(input, True, return_inverse, return_counts, dim))


def _parts(shape: Shape, inverse: Shape, count: Size, return_inverse: bool, return_counts: bool) -> Outcome:
    parts: list[Outcome] = [Result(shape)]
    if return_inverse:
        parts.append(Result(inverse, "int64"))
    if return_counts:
        parts.append(Result((count,), "int64"))
    return parts[0] if len(parts) == 1 else Many(tuple(parts))


@shape_rule(*functions_and_methods("nonzero_static"))
def nonzero_static(input: Tensor, *, size: Named, fill_value: object = -1) -> Rule:
    """(a, b, ..) -> (size, how many axes)"""
    yield not_less(size, 0, ARGUMENT)
    return Result((size.size, fresh() if input.rank is None else input.rank), "int64")


@shape_rule("torch.unravel_index")
def unravel_index(indices: Tensor, shape: Sizes) -> Rule:
    """(*), shape (a, b, ..) -> one (*) for each size in shape"""
    if is_floating(indices.dtype):
        yield never(ARGUMENT, f"{indices.name} is {indices.dtype}, but indices must be integers", actual=indices.dtype)
    return Many(tuple(Result(indices.shape, "int64") for _ in shape))
