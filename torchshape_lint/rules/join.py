"""Joining tensors: cat, stack and their relatives, block_diag, meshgrid and cartesian_prod."""

from __future__ import annotations

import math
from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, JOIN
from torchshape_lint.dims import Size, fresh, product, total
from torchshape_lint.proofs import equal
from torchshape_lint.rules.convert import sequence_items
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
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO


@shape_rule("torch.cat", "torch.concat", "torch.concatenate")
def cat(tensors: Tensors | object, dim: int = 0) -> Rule:
    """(a.., k1, b..), (a.., k2, b..), .. -> (a.., k1 + k2 + .., b..)"""
    parts = yield from _several(tensors)
    return parts if isinstance(parts, Undetermined) else (yield from _cat(parts, dim))


def _several(given: object) -> Generator[Need | Derivation, None, Tensors | Undetermined]:
    """What is to be joined. A single tensor is no sequence of them, and None is no tensor."""
    if isinstance(given, tuple) and all(isinstance(x, Tensor) for x in given):
        return given
    if isinstance(given, TensorValue) and not given.maybe:
        yield never(ARGUMENT, f"a list or tuple of tensors is needed, but this is one tensor {given.shape}")
    for k, item in enumerate(sequence_items(given) or ()):
        if isinstance(item, Unknown):
            return Undetermined(item.why, item.data)
        if item is None:
            yield never(ARGUMENT, f"item {k} of what is joined is None, but must be a tensor")
    return Undetermined("what is joined is not known")


def _cat(tensors: Tensors, dim: int) -> Rule:
    if not tensors:
        yield never(ARGUMENT, "an empty sequence of tensors cannot be joined")
    return (yield from _joined(tensors, dim))


def _joined(tensors: tuple[Tensor, ...], dim: int) -> Rule:
    dtype = _common_dtype(tensors)
    parts = [x for x in tensors if x.shape != Shape((0,))]  # torch lets a bare (0,) join anything
    if not parts:
        return Result((0,), dtype)
    if any(_may_be_empty(x) for x in parts) and len({x.rank for x in parts}) > 1:
        return Undetermined("one of the tensors may be empty")
    if all(_may_be_empty(x) for x in parts) and dim not in (0, -1):
        return Undetermined("all of the tensors may be empty")
    head = next((x for x in parts if x.rank is not None), parts[0])
    yield rank_at_least(head, 1)
    if head.rank is None:
        return (yield from _joined_open(parts, dim, dtype))
    along = yield from axis(head, dim)
    for part in parts:
        if part is head:
            continue
        yield rank(part, len(head.sizes))
        for k in range(len(head.sizes)):
            if k != along:
                yield same(part[k], head[k], JOIN)
    size = total(x.sizes[along] for x in parts)
    if len(parts) > 1:
        yield Derivation(lambda: f"{' + '.join(str(x.sizes[along]) for x in parts)} = {size}")
    return Result((*head.sizes[:along], size, *head.sizes[along + 1 :]), dtype)


def _may_be_empty(x: Tensor) -> bool:
    """It may turn out to be a bare (0,), which joins anything."""
    return x.rank == 1 and equal(x.sizes[0], 0) is not NO


def _joined_open(parts: list[Tensor], dim: int, dtype: str | None) -> Rule:
    """All of unknown rank: the axes from the end that all show must agree, except the joined one."""
    shown = min(len(x.shape.sizes) for x in parts)
    sizes: list[Size] = []
    for k in range(-shown, 0):
        if dim >= 0:
            agree = all(x[k].size == parts[0][k].size for x in parts) and k >= -shown + dim + 1
            sizes.append(parts[0][k].size if agree else fresh())
        elif k == dim:
            sizes.append(total(x[k].size for x in parts))
        else:
            for part in parts[1:]:
                yield same(part[k], parts[0][k], JOIN)
            sizes.append(parts[0][k].size)
    return Result(open_shape(*sizes), dtype)


def _common_dtype(tensors: tuple[Tensor, ...]) -> str | None:
    dtypes = {x.dtype for x in tensors}
    return dtypes.pop() if len(dtypes) == 1 else None


@shape_rule("torch.stack")
def stack(tensors: Tensors | object, dim: int = 0) -> Rule:
    """(a.., b..), (a.., b..), .. -> (a.., how many, b..)"""
    parts = yield from _several(tensors)
    return parts if isinstance(parts, Undetermined) else (yield from _stacked(parts, dim))


def _stacked(tensors: Tensors, dim: int) -> Rule:
    if not tensors:
        yield never(ARGUMENT, "an empty sequence of tensors cannot be stacked")
    dtype = _common_dtype(tensors)
    head = next((x for x in tensors if x.rank is not None), tensors[0])
    if head.rank is None:
        return Result(_stacked_open(head, dim, len(tensors)), dtype)
    at = yield from axis(head, dim, extra=1)
    for part in tensors:
        if part is head:
            continue
        yield rank(part, len(head.sizes), code=JOIN)
        for k in range(len(head.sizes)):
            yield same(part[k], head[k], JOIN)
    return Result((*head.sizes[:at], len(tensors), *head.sizes[at:]), dtype)


def _stacked_open(x: Tensor, dim: int, count: int) -> Shape:
    sizes = x.shape.sizes
    if dim >= 0:
        return open_shape(*sizes[dim:])
    at = len(sizes) + dim + 1
    return Shape((*sizes[:at], count, *sizes[at:]), x.shape.lead) if at >= 0 else open_shape(*sizes)


@shape_rule("torch.hstack")
def hstack(tensors: Tensors) -> Rule:
    """joined along axis 1, or 0 where there is only one"""
    return (yield from _joined_as(tensors, 1))


@shape_rule("torch.vstack", "torch.row_stack")
def vstack(tensors: Tensors) -> Rule:
    """(b), (b) -> (2, b); (a1, b..), (a2, b..) -> (a1 + a2, b..)"""
    return (yield from _joined_as(tensors, 2))


@shape_rule("torch.dstack")
def dstack(tensors: Tensors) -> Rule:
    """joined along axis 2, which smaller tensors are given"""
    return (yield from _joined_as(tensors, 3))


@shape_rule("torch.column_stack")
def column_stack(tensors: Tensors) -> Rule:
    """(a), (a) -> (a, 2); (a, b1), (a, b2) -> (a, b1 + b2)"""
    if any(x.rank is None for x in tensors):
        return open_shape()
    columns = tuple(_shaped(x, (*x.sizes, 1) if x.rank == 1 else x.sizes or (1, 1)) for x in tensors)
    return (yield from _joined(columns, 1)) if columns else Undetermined("there is nothing to join")


def _joined_as(tensors: tuple[Tensor, ...], axes: int) -> Rule:
    """cat of tensors that are first given so many axes, as atleast_1d, .._2d and .._3d do."""
    if not tensors:
        yield never(ARGUMENT, "an empty sequence of tensors cannot be joined")
    if any(x.rank is None for x in tensors):
        return open_shape()
    parts = tuple(_shaped(x, grown(x.sizes, axes)) for x in tensors)
    along = {1: 0 if len(parts[0].sizes) == 1 else 1, 2: 0, 3: 2}[axes]
    return (yield from _joined(parts, along))


def grown(sizes: tuple[Size, ...], axes: int) -> tuple[Size, ...]:
    if len(sizes) >= axes:
        return sizes
    if axes == 3:
        return (*grown(sizes, 2), 1)
    return (*(1 for _ in range(axes - len(sizes))), *sizes)


@shape_rule("torch.atleast_1d")
def atleast_1d(input: Tensor | Tensors, *others: Tensor) -> Outcome:
    """() -> (1,); all others stay"""
    return _each_grown(input, others, 1)


@shape_rule("torch.atleast_2d")
def atleast_2d(input: Tensor | Tensors, *others: Tensor) -> Outcome:
    """(a) -> (1, a); those of two axes and more stay"""
    return _each_grown(input, others, 2)


@shape_rule("torch.atleast_3d")
def atleast_3d(input: Tensor | Tensors, *others: Tensor) -> Outcome:
    """(a) -> (1, a, 1), (a, b) -> (a, b, 1); those of three axes and more stay"""
    return _each_grown(input, others, 3)


def _each_grown(input: Tensor | Tensors, others: tuple[Tensor, ...], axes: int) -> Outcome:
    """One for a tensor, a tuple for a sequence of tensors or for several."""
    tensors = (input, *others) if isinstance(input, Tensor) else input
    shapes = [open_shape() if x.rank is None else Shape(grown(x.sizes, axes)) for x in tensors]
    results = tuple(Result(shape, x.dtype) for shape, x in zip(shapes, tensors, strict=True))
    return Many(results) if len(results) > 1 or not isinstance(input, Tensor) else results[0]


def _shaped(x: Tensor, sizes: tuple[Size, ...]) -> Tensor:
    return Tensor(Shape(sizes), x.name, x.facts, x.dtype)


@shape_rule("torch.broadcast_tensors")
def broadcast_tensors(*tensors: Tensor) -> Rule:
    """each with the shape that all have together"""
    shape = yield from broadcast(*tensors)
    return Many(tuple(Result(shape, x.dtype) for x in tensors))


@shape_rule("torch.block_diag")
def block_diag(*tensors: Tensor) -> Rule:
    """(a1, b1), (a2, b2), .. -> (a1 + a2 + .., b1 + b2 + ..)"""
    for x in tensors:
        yield rank(x, 2, 1, 0)
    rows = total(x.sizes[0] if x.rank == 2 else 1 for x in tensors)
    return Result((rows, total(x.sizes[-1] if x.sizes else 1 for x in tensors)), _common_dtype(tensors))


@shape_rule("torch.meshgrid")
def meshgrid(*tensors: Tensor, indexing: str | None = None) -> Rule:
    """(a), (b), (c) -> (a, b, c) each; with indexing="xy" (b, a, c)"""
    for x in tensors:
        yield rank(x, 1, 0)
    sizes = tuple(x.sizes[0] if x.sizes else 1 for x in tensors)
    if indexing == "xy" and len(sizes) > 1:
        sizes = (sizes[1], sizes[0], *sizes[2:])
    return Many(tuple(Result(sizes, x.dtype) for x in tensors))


@shape_rule("torch.cartesian_prod")
def cartesian_prod(*tensors: Tensor) -> Rule:
    """(a), (b), .. -> (a*b*.., how many); of one tensor that one"""
    for x in tensors:
        yield rank(x, 1)
    return tuple(x.sizes[0] for x in tensors) if len(tensors) == 1 else _pairs(tensors, len(tensors))


@shape_rule("torch.combinations")
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Rule:
    """(a) -> (how many there are, r)"""
    yield rank(input, 1)
    count = input.sizes[0]
    if r < 0:
        yield never(ARGUMENT, f"r is {r}, but cannot be negative", actual=r)
    if r == 0:
        return (0,)
    if not isinstance(count, int):
        return (fresh(), r)
    return (math.comb(count + r - 1 if with_replacement and count else count, r), r)


def _pairs(tensors: tuple[Tensor, ...], width: int) -> Outcome:
    return Result((product(x.sizes[0] for x in tensors), width), _common_dtype(tensors))
