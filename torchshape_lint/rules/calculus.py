"""Differences and sums along an axis: diff, gradient, trapezoid, cumulative_trapezoid."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, AXIS, JOIN, WINDOW
from torchshape_lint.dims import Size, fresh, total
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.broadcasting import together
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Result,
    Rule,
    Undetermined,
    axis,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO, YES


@shape_rule(*functions_and_methods("diff"))
def diff(input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None) -> Rule:
    """(.., a, ..) -> (.., a - n, ..), where prepend and append make a larger"""
    if n < 0:
        yield never(ARGUMENT, f"n is {n}, but cannot be negative", actual=n)
    if input.rank is None:
        return open_shape()
    yield rank_at_least(input, 1)
    parts = [input, *(x for x in (prepend, append) if x is not None)]
    if n == 0 and len(parts) == 1:  # then torch does not look at dim
        return input.shape
    at = yield from axis(input, dim)
    for part in parts[1:]:
        yield rank(part, len(input.sizes))
        for k in range(len(input.sizes)):
            if k != at:
                yield same(part[k], input[k], JOIN)
    if n == 0:
        return input.shape
    size = total(part.sizes[at] for part in parts)
    left = size - n if at_least(size, n) is YES else 0 if at_least(size, n) is NO else fresh()
    return (*input.sizes[:at], left, *input.sizes[at + 1 :])


@shape_rule("torch.gradient")
def gradient(input: Tensor, *, spacing: object = 1, dim: Ints | None = None, edge_order: int = 1) -> Rule:
    """(a, b, ..) -> one (a, b, ..) for each axis, or for those in dim"""
    if edge_order not in (1, 2):
        yield never(ARGUMENT, f"edge_order is {edge_order}, but must be 1 or 2", actual=edge_order)
    if input.rank is None:
        return Undetermined("the number of axes is not known")
    axes: list[int] = []
    for d in range(input.rank) if dim is None else dim:
        at = yield from axis(input, d)
        if at in axes:
            yield never(AXIS, f"dim {d} is named twice in {dim}")
        axes.append(at)
    spacings = sequence_items(spacing)
    if spacings is not None and len(spacings) != len(axes):
        yield never(
            ARGUMENT, f"spacing has {len(spacings)} items, but there are {len(axes)} axes", actual=len(spacings)
        )
    for at, given in zip(axes, spacings or ()):
        if isinstance(given, TensorValue):
            points = Tensor(given.shape, f"spacing {axes.index(at)}", input.facts)
            yield rank(points, 1)
            yield same(points[0], input[at], ARGUMENT)
    for at in axes:
        if input.sizes:
            yield not_less(input[at], edge_order + 1, WINDOW)
    return Many(tuple(Result(input.shape, None) for _ in axes))


@shape_rule("torch.trapz", "torch.trapezoid")
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: object = 1, dim: int = -1) -> Rule:
    """(.., a, ..) -> (.., ..); x (a) or of the shape of y, broadcast"""
    if y.rank is None:
        return open_shape()
    at = yield from axis(y, dim)
    yield rank_at_least(y, 1)
    shape = yield from _steps(y, x, at)
    if shape is None or shape.is_open:
        return Undetermined("x is not known")
    return Result((*shape.sizes[:at], *shape.sizes[at + 1 :]), floating(y.dtype))


@shape_rule("torch.cumulative_trapezoid")
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: object = 1, dim: int = -1) -> Rule:
    """(.., a, ..) -> (.., a - 1, ..); x (a) or of the shape of y, broadcast"""
    if y.rank is None:
        return open_shape()
    at = yield from axis(y, dim)
    yield rank_at_least(y, 1)
    shape = yield from _steps(y, x, at)
    return Undetermined("x is not known") if shape is None else Result(shape, floating(y.dtype))


def _steps(y: Tensor, x: Tensor | None, at: int) -> Generator[Need | Derivation, None, Shape | None]:
    """The shape of the pieces between points, None where it is not known."""
    pieces = Tensor(Shape(_less(y.sizes, at)), y.name, y.facts)
    if x is None:
        return pieces.shape
    if x.rank is None or x.rank > len(y.sizes) or x.rank == 0:
        return None
    if x.rank == 1:
        yield same(x[0], y[at], ARGUMENT)
        return pieces.shape
    ahead = len(y.sizes) - x.rank
    sizes: tuple[Size, ...] = (1,) * ahead + x.sizes
    return (yield from together(pieces, Tensor(Shape(_less(sizes, at)), x.name, x.facts)))


def _less(sizes: tuple[Size, ...], at: int) -> tuple[Size, ...]:
    """``sizes`` with one less along an axis."""
    size = sizes[at]
    left = size - 1 if at_least(size, 1) is YES else 0 if at_least(size, 1) is NO else fresh()
    return (*sizes[:at], left, *sizes[at + 1 :])
