"""flatten, unflatten, squeeze and unsqueeze: axes merged, split up, dropped and added.

Of an input of unknown rank they keep what stands behind the axes that they touch.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import AXIS, REDUCE
from torchshape_lint.dims import Size, fresh, product
from torchshape_lint.proofs import equal
from torchshape_lint.rules.given import behind, functions_and_methods
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Need,
    Result,
    Rule,
    axis,
    holds,
    never,
    rank_at_least,
)
from torchshape_lint.rules.operands import Ints, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.view import same_elements
from torchshape_lint.shapes import Shape, fresh_lead, open_shape, product_text
from torchshape_lint.verdicts import NO, YES, decided


@shape_rule(*functions_and_methods("flatten"))
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Rule:
    """(a.., b, c, .., d..) -> (a.., b*c*.., d..)"""
    return (yield from _flattened(input, start_dim, end_dim))


@layer("torch.nn.Flatten")
def flatten_layer(start_dim: int = 1, end_dim: int = -1) -> Construction:
    """has no parameters"""
    return Construction()


@shape_rule("torch.nn.Flatten")
def flatten_module(input: Tensor, *, start_dim: int = 1, end_dim: int = -1) -> Rule:
    """(n, a, b, ..) -> (n, a*b*..)"""
    return (yield from _flattened(input, start_dim, end_dim))


@shape_rule(*functions_and_methods("ravel"))
def ravel(input: Tensor) -> Rule:
    """(a, b, ..) -> (a*b*..,)"""
    return (yield from _flattened(input, 0, -1))


def _flattened(x: Tensor, start_dim: int, end_dim: int) -> Rule:
    if x.rank is None and start_dim >= 0:
        return _flattened_from_front(x, start_dim, end_dim)
    start = yield from axis(x, start_dim)
    end = yield from axis(x, end_dim)
    if x.rank is None and end >= 0:
        return open_shape()
    yield holds(
        decided(start <= end),
        AXIS,
        lambda: f"start_dim {start_dim} comes after end_dim {end_dim} in {x.shape}",
        blocking=True,
    )
    sizes = x.shape.sizes
    if x.rank == 0:
        return (1,)
    if start == end:
        return Result(x.shape, folded=x.folded)
    stop = end + 1 or len(sizes)  # an unknown rank counts from the end
    part = sizes[start:stop]
    merged = product(part)
    yield Derivation(lambda: f"{product_text(part)} = {merged}")
    start = start % len(sizes)
    shape = Shape((*sizes[:start], merged, *sizes[stop:]), x.shape.lead)
    return Result(shape, folded=part if end in (-1, len(sizes) - 1) else None)


def _flattened_from_front(x: Tensor, start: int, end: int) -> Shape:
    """Of unknown rank: the axes in front and the one made of many are there, how large is not known."""
    if end >= 0:
        return behind(x, end + 1)
    tail = x.shape.sizes[len(x.shape.sizes) + end + 1 :] if -end - 1 <= len(x.shape.sizes) else ()
    unknown = start + 1 + (-end - 1 - len(tail))
    return Shape((*(fresh() for _ in range(unknown)), *tail))


@shape_rule(*functions_and_methods("unflatten"))
def unflatten(input: Tensor, dim: int, sizes: Sizes) -> Rule:
    """(a.., b*c, d..) -> (a.., b, c, d..)"""
    return (yield from _unflattened(input, dim, sizes))


@layer("torch.nn.Unflatten")
def unflatten_layer(dim: int, unflattened_size: Sizes) -> Construction:
    """has no parameters"""
    return Construction()


@shape_rule("torch.nn.Unflatten")
def unflatten_module(input: Tensor, *, dim: int, unflattened_size: Sizes) -> Rule:
    """(a.., b*c, d..) -> (a.., b, c, d..)"""
    return (yield from _unflattened(input, dim, unflattened_size))


def _unflattened(x: Tensor, dim: int, sizes: Sizes) -> Rule:
    if x.rank is None and dim >= 0:
        return behind(x, dim + 1)
    at = yield from axis(x, dim)
    yield rank_at_least(x, 1)
    whole = x[at]
    parts = yield from same_elements(x, (whole.size,), sizes, name=f"{whole.name} is {whole.size}")
    kept = x.shape.sizes
    at = at % len(kept)
    return Shape((*kept[:at], *parts, *kept[at + 1 :]), x.shape.lead)


@shape_rule("torch.squeeze", "torch.squeeze_copy", "torch.Tensor.squeeze", "torch.Tensor.squeeze_")
def squeeze(input: Tensor, dim: Ints | None = None) -> Rule:
    """(a, 1, b) -> (a, b); an axis that may or may not be 1 leaves the rank open"""
    if input.rank is None and (dim is None or max(dim, default=-1) >= 0):
        return open_shape() if dim is None or min(dim) < 0 else behind(input, max(dim) + 1)
    if dim is None:
        axes = set(range(len(input.sizes)))
    else:
        axes = yield from _axes(input, dim)
    shape = input.shape
    kept: list[Size] = []
    lead = shape.lead
    most = 0 if lead is None else lead.most
    for k, size in enumerate(shape.sizes, -len(shape.sizes) if lead else 0):
        one = equal(size, 1) if k in axes else NO
        most = most + (one is not YES) if most is not None else None
        if one is NO:
            kept.append(size)
        elif one is not YES:  # it goes or stays: of all up to here nothing can be counted any more
            kept, lead = [], fresh_lead(most)
    return Shape(tuple(kept), lead)


def _axes(x: Tensor, dims: tuple[int, ...]) -> Generator[Need | Derivation, None, set[int]]:
    axes: set[int] = set()
    for dim in dims:
        at = yield from axis(x, dim)
        if at in axes:
            yield never(REDUCE, f"dim {dim} is named twice in {dims}")
        axes.add(at)
    return axes


@shape_rule("torch.unsqueeze", "torch.unsqueeze_copy", "torch.Tensor.unsqueeze", "torch.Tensor.unsqueeze_")
def unsqueeze(input: Tensor, dim: int) -> Rule:
    """(a, b) -> (a, 1, b)"""
    if input.rank is None:
        sizes, most = input.shape.sizes, input.shape.most
        if dim >= 0:
            tail = sizes[dim:]
            return Shape(tail, fresh_lead(None if most is None else most + 1 - len(tail)))
        yield rank_at_least(input, -dim - 1, AXIS)
        sizes = input.shape.sizes
        at = len(sizes) + dim + 1
        return Shape((*sizes[:at], 1, *sizes[at:]), input.shape.lead)
    at = yield from axis(input, dim, extra=1)
    return Result((*input.sizes[:at], 1, *input.sizes[at:]), folded=input.folded if at < len(input.sizes) else None)
