"""Counting and correlating: cov, corrcoef, histograms, bincount; how far two tensors are apart."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, WEIGHT
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps, together
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import is_floating, is_integer
from torchshape_lint.rules.given import clear_size, functions_and_methods, size_of
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined, never, rank, rank_at_least, same
from torchshape_lint.rules.operands import Ints, Named, Tensor
from torchshape_lint.rules.reduce import reduced
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import open_shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.values import Value
from torchshape_lint.verdicts import MAYBE, NO, YES


@shape_rule(*functions_and_methods("cov"))
def cov(
    input: Tensor, *, correction: object = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Rule:
    """(v, n) -> (v, v), of one variable ()"""
    yield from _variables(input)
    if input.rank is None:
        return open_shape()
    count = Named(input.sizes[-1] if input.sizes else 1, f"the number of observations in {input.name}")
    for weights, refused, wanted in ((fweights, is_floating, "whole numbers"), (aweights, is_integer, "floats")):
        if weights is None:
            continue
        yield rank(weights, 1, 0, code=WEIGHT)
        if refused(weights.dtype):
            yield never(WEIGHT, f"{weights.name} is {weights.dtype}, but must be {wanted}", actual=weights.dtype)
        yield same(Named(weights.sizes[0] if weights.sizes else 1, f"the length of {weights.name}"), count, WEIGHT)
    return _each_with_each(input)


@shape_rule(*functions_and_methods("corrcoef"))
def corrcoef(input: Tensor) -> Rule:
    """(v, n) -> (v, v), of one variable ()"""
    yield from _variables(input)
    return open_shape() if input.rank is None else _each_with_each(input)


def _variables(x: Tensor) -> Steps:
    if x.rank is not None:
        yield rank(x, 2, 1, 0)


def _each_with_each(x: Tensor) -> Result:
    variables = x.sizes[0] if x.rank == 2 else 1
    one = equal(variables, 1)
    return Result(() if one is YES else open_shape() if one is MAYBE else (variables, variables), None)


# --- histograms -----------------------------------------------------------------------------------------------------


@shape_rule(*functions_and_methods("histc"))
def histc(input: Tensor, bins: Size = 100, min: object = 0, max: object = 0) -> Rule:
    """(*) -> (bins,)"""
    if at_least(bins, 1) is NO:
        yield never(ARGUMENT, f"bins is {bins}, but must be positive", actual=bins)
    return (clear_size(bins),)


@shape_rule(*functions_and_methods("histogram"))
def histogram(
    input: Tensor, bins: object, *, range: object = None, weight: object = None, density: object = False
) -> Rule:
    """(*) -> (bins,), edges (bins + 1,); bins may be the edges themselves"""
    count = _bins(bins, input)
    if count is None:
        return Undetermined("bins is not known")
    if at_least(count, 1) is NO:
        yield never(ARGUMENT, f"bins is {count}, but must be positive", actual=count)
    return Many((Result((count,)), Result((count + 1,))))


def _bins(bins: Value, x: Tensor) -> Size | None:
    if isinstance(bins, TensorValue):
        edges = x.facts.shape(bins.shape)
        return edges.sizes[0] - 1 if edges.rank == 1 else None
    size = size_of(bins, x)
    return None if size is None else clear_size(size)


@shape_rule("torch.histogramdd")
def histogramdd(
    input: Tensor, bins: object, *, range: object = None, weight: object = None, density: object = False
) -> Rule:
    """(*, d) -> (bins..,) with d axes, and d edges (bins + 1,)"""
    yield rank_at_least(input, 2)
    columns = input[-1]
    items = sequence_items(bins)
    if items is None:
        if not isinstance(columns.size, int):
            return Undetermined("the number of axes of the histogram is not known")
        items = (bins,) * columns.size
    yield same(Named(len(items), "the length of bins"), columns, ARGUMENT)
    counts = [_bins(item, input) for item in items]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        return Undetermined("bins is not known")
    return Many((Result(tuple(known)), Many(tuple(Result((count + 1,)) for count in known))))


@shape_rule(*functions_and_methods("bincount"))
def bincount(input: Tensor, weights: Tensor | None = None, minlength: object = 0) -> Rule:
    """(n) -> (the greatest number and one,)"""
    if is_floating(input.dtype):
        yield never(ARGUMENT, f"{input.name} is {input.dtype}, but must hold integers", actual=input.dtype)
    yield rank(input, 1)
    if weights is not None:
        yield rank(weights, 1, code=WEIGHT)
        yield same(weights[0], input[0], WEIGHT)
    return Result((fresh(),), "int64" if weights is None else None)


# --- one number -----------------------------------------------------------------------------------------------------


@shape_rule(*functions_and_methods("dist"))
def dist(input: Tensor, other: Tensor, p: object = 2) -> Rule:
    """(a..), (b..) -> ()"""
    yield from together(input, other)
    return Result((), None)


@shape_rule(*functions_and_methods("hash_tensor"))
def hash_tensor(input: Tensor, dim: Ints = (), *, keepdim: bool = False, mode: object = 0) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return Result((yield from reduced(input, dim, keepdim)), "uint64")
