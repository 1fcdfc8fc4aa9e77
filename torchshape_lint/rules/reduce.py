"""Axes summed up: sum, mean, max, any, norm, std and all others that take ``dim`` and ``keepdim``."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, REDUCE
from torchshape_lint.dims import Size
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import asked, is_integer, operands, real, same_dtype
from torchshape_lint.rules.given import behind, functions_and_methods
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Result,
    Rule,
    Undetermined,
    axis,
    broadcast,
    holds,
    never,
    no_number,
    rank,
)
from torchshape_lint.rules.numbers import floats
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Tensor as TensorValue

Reduced: TypeAlias = Generator[Need | Derivation, None, Shape]

_MOST_AXES = 64


def reduced(x: Tensor, dim: tuple[int, ...] | None, keepdim: bool, *, not_empty: bool = False) -> Reduced:
    """The shape without the axes ``dim``, or with 1 in their place; all axes for None and, mostly, for ().

    not_empty: torch refuses an axis without elements.
    """
    if not dim:
        if not_empty and x.rank is not None:
            for k in range(x.rank):
                yield _has_elements(x, k)
        if x.rank is None:
            return open_shape() if keepdim else Shape()
        return Shape((1,) * x.rank) if keepdim else Shape()
    if x.rank is None and max(dim) >= 0:
        return behind(x, max(dim) + 1) if min(dim) >= 0 else open_shape()
    if x.rank is not None and x.rank > _MOST_AXES:
        yield never(REDUCE, f"{x.name} has {x.rank} axes: torch reduces at most {_MOST_AXES} one by one")
    axes: set[int] = set()
    for d in sorted(dim):
        at = yield from axis(x, d)
        if at in axes:
            yield never(REDUCE, f"dim {d} is named twice in {dim}")
        axes.add(at)
        if not_empty and x.rank != 0:
            yield _has_elements(x, at)
    sizes = x.shape.sizes
    first = -len(sizes) if x.rank is None else 0
    kept = [1 if k in axes else size for k, size in enumerate(sizes, first) if keepdim or k not in axes]
    return Shape(tuple(kept), x.shape.lead)


def _has_elements(x: Tensor, at: int) -> Need:
    return holds(
        ~equal(x[at].size, 0), REDUCE, lambda: f"{x[at].name} is 0: there is nothing to choose from", actual=x[at].size
    )


def _summed(x: Tensor, dtype: object) -> str | None:
    """Sums of integers and truth values are int64."""
    return asked(dtype, "int64" if x.dtype == "bool" or is_integer(x.dtype) else "")


@shape_rule(*functions_and_methods("sum"))
def sum(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return Result((yield from reduced(input, dim, keepdim)), _summed(input, dtype))


@shape_rule(*functions_and_methods("mean"))
def mean(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    yield from _averaged(input, dtype)
    return Result((yield from reduced(input, dim, keepdim)), asked(dtype))


def _averaged(x: Tensor, dtype: object) -> Steps:
    """A mean is no whole number: neither the elements nor the type asked for may be one."""
    if dtype is None:
        yield from floats(x)
    elif is_integer(dtype_of(dtype)):
        yield never(ARGUMENT, f"a mean cannot be {dtype_of(dtype)}", actual=dtype_of(dtype))


@shape_rule(*functions_and_methods("nansum"))
def nansum(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None) -> Rule:
    """as sum, but for dim=()"""
    if dim == ():
        return Result(input.shape, _summed(input, dtype))
    return Result((yield from reduced(input, dim, keepdim)), _summed(input, dtype))


@shape_rule(*functions_and_methods("nanmean"))
def nanmean(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None) -> Rule:
    """as mean, but for dim=()"""
    if dim == ():
        return Result(input.shape, asked(dtype))
    return Result((yield from reduced(input, dim, keepdim)), asked(dtype))


@shape_rule(*functions_and_methods("prod"))
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: object = None) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    axes = None if dim is None else (dim,)
    return Result((yield from reduced(input, axes, keepdim)), _summed(input, dtype))


@shape_rule(*functions_and_methods("amax", "amin"))
def amax(input: Tensor, dim: Ints = (), keepdim: bool = False, *, out: Tensor | None = None) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    yield from same_dtype(input, out)
    return (yield from reduced(input, dim, keepdim, not_empty=True))


@shape_rule(*functions_and_methods("logsumexp"), "torch.special.logsumexp")
def logsumexp(input: Tensor, dim: Ints, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    shape = yield from reduced(input, dim, keepdim)
    return Result(shape, "" if input.dtype and input.dtype.startswith(("float", "bfloat", "complex")) else None)


@shape_rule(*functions_and_methods("all", "any"))
def any_or_all(input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim; truth values"""
    shape = input.shape if dim == () else (yield from reduced(input, dim, keepdim))
    return Result(shape, None if input.dtype in (None, "uint8") else "bool")


@shape_rule(*functions_and_methods("count_nonzero"))
def count_nonzero(input: Tensor, dim: Ints | None = None) -> Rule:
    """(.., a, ..) -> (.., ..)"""
    return Result((yield from reduced(input, dim, False)), "int64")


@shape_rule(*functions_and_methods("argmax", "argmin"))
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim; int64"""
    axes = None if dim is None else (dim,)
    return Result((yield from reduced(input, axes, keepdim, not_empty=True)), "int64")


@shape_rule(*functions_and_methods("max", "min"))
def max_or_min(
    input: Tensor | float, dim: object = None, keepdim: bool = False, *, other: Tensor | None = None
) -> Rule:
    """(.., a, ..) -> values and indices (.., ..); the largest of all; or with a second tensor, element by element"""
    if not isinstance(input, Tensor):
        yield no_number(input)
        return Undetermined("no tensor")
    if other is None and isinstance(dim, TensorValue):
        other = Tensor(dim.shape, "other", input.facts, dim.dtype)
    if other is not None:
        shape = yield from broadcast(input, other)
        return Result(shape, input.dtype if input.dtype == other.dtype else None)
    return (yield from _values_and_indices(input, dim, keepdim, not_empty=True))


@shape_rule(*functions_and_methods("median", "nanmedian"))
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> values and indices (.., ..); without dim one value"""
    return (yield from _values_and_indices(input, dim, keepdim, not_empty=dim is not None))


@shape_rule(*functions_and_methods("mode"))
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> values and indices (.., ..)"""
    return (yield from _values_and_indices(input, dim, keepdim, not_empty=True))


def _values_and_indices(x: Tensor, dim: object, keepdim: bool, *, not_empty: bool) -> Rule:
    if dim is not None and not isinstance(dim, int):
        return Undetermined("dim is not known")
    shape = yield from reduced(x, None if dim is None else (dim,), keepdim, not_empty=not_empty)
    return Result(shape) if dim is None else Many((Result(shape), Result(shape, "int64")))


@shape_rule(*functions_and_methods("aminmax"))
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False, out: object = None) -> Rule:
    """(.., a, ..) -> least and greatest (.., ..)"""
    yield from same_dtype(input, *operands(out, "out", input))
    shape = yield from reduced(input, None if dim is None else (dim,), keepdim, not_empty=True)
    return Many((Result(shape), Result(shape)))


@shape_rule(*functions_and_methods("std", "var"))
def std(
    input: Tensor,
    dim: Ints | bool | None = None,
    unbiased: object = True,
    keepdim: bool = False,
    *,
    correction: object = 1,
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    axes = None if isinstance(dim, bool) else dim  # std(x, False) is about unbiased
    yield from floats(input)
    return Result((yield from reduced(input, axes, keepdim)), real(input.dtype))


@shape_rule("torch.std_mean", "torch.var_mean")
def std_mean(
    input: Tensor,
    dim: Ints | bool | None = None,
    unbiased: object = True,
    keepdim: bool = False,
    *,
    correction: object = 1,
) -> Rule:
    """(.., a, ..) -> two of (.., ..), or (.., 1, ..) with keepdim"""
    shape = yield from reduced(input, None if isinstance(dim, bool) else dim, keepdim)
    return Many((Result(shape, real(input.dtype)), Result(shape)))


@shape_rule(*functions_and_methods("norm"))
def norm(
    input: Tensor, p: object = "fro", dim: Ints | None = None, keepdim: bool = False, dtype: object = None
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return Result((yield from reduced(input, dim, keepdim)), asked(dtype, None))


@shape_rule("torch.linalg.vector_norm")
def vector_norm(
    x: Tensor, ord: object = 2, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return Result((yield from reduced(x, dim, keepdim)), asked(dtype, None))


@shape_rule("torch.linalg.norm")
def linalg_norm(
    A: Tensor, ord: object = None, dim: Ints | None = None, keepdim: bool = False, *, dtype: object = None
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    if dim is None and isinstance(ord, (int, float, str)):
        yield rank(A, 1, 2)
    return Result((yield from reduced(A, dim, keepdim)), asked(dtype, None))


@shape_rule("torch.linalg.matrix_norm")
def matrix_norm(
    A: Tensor, ord: object = "fro", dim: Ints = (-2, -1), keepdim: bool = False, *, dtype: object = None
) -> Rule:
    """(*, a, b) -> (*), or (*, 1, 1) with keepdim"""
    return Result((yield from reduced(A, dim, keepdim)), asked(dtype, None))


@shape_rule(*functions_and_methods("quantile", "nanquantile"))
def quantile(
    input: Tensor, q: object, dim: int | None = None, keepdim: bool = False, *, interpolation: object = "linear"
) -> Rule:
    """(.., a, ..), q (k)? -> (k, .., ..)"""
    shape = yield from reduced(input, None if dim is None else (dim,), keepdim, not_empty=True)
    if not isinstance(q, TensorValue):
        return shape
    yield rank(Tensor(q.shape, "q", input.facts), 0, 1)
    counts = input.facts.shape(q.shape)
    front: tuple[Size, ...] = counts.sizes
    if counts.is_open:
        return open_shape()
    return Shape(front + shape.sizes) if not shape.is_open else open_shape(*shape.sizes)
