"""Sorting and choosing along an axis: sort, argsort, topk, kthvalue, cummax, searchsorted."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import BATCH, REDUCE
from torchshape_lint.dims import Size
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.broadcasting import has_axis
from torchshape_lint.rules.given import behind, clear_size, functions_and_methods
from torchshape_lint.rules.needs import Derivation, Many, Need, Result, Rule, axis, holds, rank, rank_at_least, same
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.reduce import reduced
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor as TensorValue


@shape_rule(*functions_and_methods("sort"))
def sort(input: Tensor, dim: object = -1, descending: object = False, stable: object = False) -> Rule:
    """(*) -> values and indices (*)"""
    yield from has_axis(input, dim)
    return Many((Result(input.shape), Result(input.shape, "int64")))


@shape_rule(*functions_and_methods("argsort"))
def argsort(input: Tensor, dim: object = -1, descending: object = False, stable: object = False) -> Rule:
    """(*) -> (*), int64"""
    yield from has_axis(input, dim)
    return Result(input.shape, "int64")


@shape_rule(*functions_and_methods("msort"))
def msort(input: Tensor) -> Result:
    """(*) -> (*)"""
    return Result(input.shape)


@shape_rule(*functions_and_methods("cummax", "cummin"))
def cummax(input: Tensor, dim: object) -> Rule:
    """(*) -> values and indices (*)"""
    yield from has_axis(input, dim)
    return Many((Result(input.shape), Result(input.shape, "int64")))


@shape_rule(*functions_and_methods("topk"))
def topk(input: Tensor, k: Size, dim: int = -1, largest: object = True, sorted: object = True) -> Rule:
    """(.., a, ..) -> values and indices (.., k, ..)"""
    if input.rank is None and dim >= 0:
        shape = behind(input, dim + 1)
        return Many((Result(shape), Result(shape, "int64")))
    at = yield from axis(input, dim)
    yield from _so_many(input, at, k, 0)
    if input.rank == 0:
        return Many((Result(()), Result((), "int64")))
    sizes = input.shape.sizes
    at = at % len(sizes)
    shape = Shape((*sizes[:at], clear_size(input.facts.size(k)), *sizes[at + 1 :]), input.shape.lead)
    return Many((Result(shape), Result(shape, "int64")))


@shape_rule(*functions_and_methods("kthvalue"))
def kthvalue(input: Tensor, k: Size, dim: int = -1, keepdim: bool = False) -> Rule:
    """(.., a, ..) -> values and indices (.., ..)"""
    if input.rank is not None or dim < 0:
        at = yield from axis(input, dim)
        yield from _so_many(input, at, k, 1)
    shape = yield from reduced(input, (dim,), keepdim)
    return Many((Result(shape), Result(shape, "int64")))


def _so_many(x: Tensor, at: int, k: Size, least: int) -> Generator[Need | Derivation, None, None]:
    whole = x[at] if x.rank != 0 else Named(1, f"{x.name}, a scalar,")
    yield holds(
        at_least(whole.size, k),
        REDUCE,
        lambda: f"k is {k}, but {whole.name} is {whole.size}",
        expected=f"at most {whole.size}",
        actual=k,
    )
    yield holds(at_least(k, least), REDUCE, lambda: f"k is {k}, but must be at least {least}", actual=k)


@shape_rule("torch.searchsorted")
def searchsorted(sorted_sequence: Tensor, input: object, **options: object) -> Rule:
    """(*, a), values (*, k) -> (*, k), int64; values of any shape where there is but one sequence"""
    yield rank_at_least(sorted_sequence, 1)
    if isinstance(input, TensorValue) and sorted_sequence.rank is not None and sorted_sequence.rank > 1:
        values = Tensor(input.shape, "input", sorted_sequence.facts)
        yield rank(values, sorted_sequence.rank)
        for k in range(sorted_sequence.rank - 1):
            yield same(values[k], sorted_sequence[k], BATCH)
    return Result(input.shape if isinstance(input, TensorValue) else (), None)


@shape_rule("torch.bucketize", "torch.Tensor.bucketize")
def bucketize(input: Tensor, boundaries: Tensor, **options: object) -> Rule:
    """(*), boundaries (k) -> (*), int64"""
    yield rank(boundaries, 1)
    return Result(input.shape, None)
