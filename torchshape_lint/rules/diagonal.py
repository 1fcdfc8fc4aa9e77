"""Diagonals taken out and put in: diag, diagonal, diag_embed, diagflat, trace."""

from __future__ import annotations

from torchshape_lint.codes import AXIS
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.dtypes import is_integer
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Result, Rule, axis, never, rank
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.verdicts import YES


@shape_rule(*functions_and_methods("diag"))
def diag(input: Tensor, diagonal: int = 0) -> Rule:
    """(a) -> (a, a), or the diagonal of (a, b)"""
    if input.rank is None:
        return open_shape()
    yield rank(input, 1, 2)
    if input.rank == 1:
        side = input.sizes[0] + abs(diagonal)
        return (side, side)
    return (diagonal_length(input.sizes[0], input.sizes[1], diagonal),)


def diagonal_length(rows: Size, columns: Size, offset: int) -> Size:
    """How long the diagonal is that starts ``offset`` columns to the right, or rows down where negative."""
    rows, columns = (rows + offset, columns) if offset < 0 else (rows, columns - offset)
    shorter = rows if at_least(columns, rows) is YES else columns if at_least(rows, columns) is YES else None
    if shorter is None:
        return fresh()
    if isinstance(shorter, int):
        return max(shorter, 0)
    return shorter if at_least(shorter, 0) is YES else fresh()


@shape_rule(*functions_and_methods("diagonal"), "torch.diagonal_copy")
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Rule:
    """(a, b, ..) -> (.., min(a, b))"""
    if input.rank is None:
        return open_shape(fresh())
    a = yield from axis(input, dim1)
    b = yield from axis(input, dim2)
    if a == b:
        yield never(AXIS, f"dim1 and dim2 are both axis {a} of {input.name}")
    rest = tuple(size for k, size in enumerate(input.sizes) if k not in (a, b))
    return (*rest, diagonal_length(input.sizes[a], input.sizes[b], offset))


@shape_rule(*functions_and_methods("diag_embed"))
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Rule:
    """(.., a) -> (.., a, a)"""
    if input.rank is None:
        return open_shape()
    a = yield from axis(input, dim1, extra=1)
    b = yield from axis(input, dim2, extra=1)
    if a == b:
        yield never(AXIS, f"dim1 and dim2 are both axis {a}")
    side = input.sizes[-1] + abs(offset) if input.sizes else fresh()
    rest = iter(input.sizes[:-1])
    return tuple(side if k in (a, b) else next(rest) for k in range(len(input.sizes) + 1))


@shape_rule(*functions_and_methods("diagflat"))
def diagflat(input: Tensor, offset: int = 0) -> Shape:
    """(a, b, ..) -> (a*b*.., a*b*..)"""
    numel = input.shape.numel
    side = fresh() if numel is None else numel + abs(offset)
    return Shape((side, side))


@shape_rule(*functions_and_methods("trace"))
def trace(input: Tensor) -> Rule:
    """(a, b) -> ()"""
    yield rank(input, 2)
    return Result((), "int64" if input.dtype == "bool" or is_integer(input.dtype) else "")
