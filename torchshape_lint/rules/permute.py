"""Axes in another order: permute, transpose, movedim and the attributes T, mT, H and mH."""

from __future__ import annotations

from collections import Counter

from torchshape_lint.codes import PERMUTE
from torchshape_lint.rules.given import behind, functions_and_methods, given_axes
from torchshape_lint.rules.needs import Rule, Undetermined, axis, holds, never, rank, rank_at_least
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.verdicts import decided


@shape_rule(*functions_and_methods("permute"), "torch.permute_copy")
def permute(input: Tensor, *dims: object) -> Rule:
    """(a, b, c) -> the same axes in the order of dims"""
    order = given_axes(dims, input)
    if order is None:
        return Undetermined("the order of the axes is not known")
    count = len(order)
    yield rank(input, count, code=PERMUTE)
    for dim in order:
        if not -max(count, 1) <= dim < max(count, 1):
            yield never(PERMUTE, f"dim {dim} does not exist: {input.name} has {count} axes {input.shape}")
    axes = [dim % count for dim in order]
    for at, times in Counter(axes).items():
        if times > 1:
            yield never(PERMUTE, f"axis {at} of {input.name} is named twice in {order}")
    return tuple(input.sizes[at] for at in axes)


@shape_rule(
    *functions_and_methods("transpose", "swapaxes", "swapdims"),
    "torch.transpose_copy",
    "torch.Tensor.transpose_",
    "torch.Tensor.swapaxes_",
    "torch.Tensor.swapdims_",
)
def transpose(input: Tensor, dim0: int, dim1: int) -> Rule:
    """(.., a, .., b, ..) -> (.., b, .., a, ..)"""
    if input.rank is None and max(dim0, dim1) >= 0:
        return behind(input, max(dim0, dim1) + 1) if min(dim0, dim1) >= 0 else open_shape()
    a = yield from axis(input, dim0)
    b = yield from axis(input, dim1)
    sizes = list(input.shape.sizes)
    if sizes:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return Shape(tuple(sizes), input.shape.lead)


@shape_rule(*functions_and_methods("movedim", "moveaxis"))
def movedim(input: Tensor, source: Ints, destination: Ints) -> Rule:
    """the axes source go to destination, the others keep their order"""
    if len(source) != len(destination):
        yield never(PERMUTE, f"{len(source)} axes {source} are moved to {len(destination)} places {destination}")
    if input.rank is None and min((*source, *destination)) >= 0:
        return behind(input, max((*source, *destination)) + 1)
    if input.rank is None and max((*source, *destination)) >= 0:
        return open_shape()
    lead, sizes = input.shape.lead, input.shape.sizes
    if lead:  # all count from the end
        yield rank_at_least(input, -min((*source, *destination)))
        lead, sizes = input.shape.lead, input.shape.sizes
    moved: dict[int, int] = {}
    for start, end in zip(source, destination, strict=True):
        a = yield from axis(input, start)
        b = yield from axis(input, end)
        if a % len(sizes or (1,)) in moved.values() or b % len(sizes or (1,)) in moved:
            yield never(PERMUTE, f"an axis is named twice: {source} are moved to {destination}")
        moved[b % len(sizes or (1,))] = a % len(sizes or (1,))
    rest = iter([k for k in range(len(sizes)) if k not in moved.values()])
    return Shape(tuple(sizes[moved[k] if k in moved else next(rest)] for k in range(len(sizes))), lead)


@shape_rule("torch.t", "torch.t_copy", "torch.Tensor.t", "torch.Tensor.t_")
def t(input: Tensor) -> Rule:
    """(a, b) -> (b, a); (a) -> (a); () -> ()"""
    yield rank(input, 2, 1, 0)
    return tuple(reversed(input.sizes))


@shape_rule("torch.Tensor.T")
def reversed_axes(input: Tensor) -> Shape:
    """(a, b, ..) -> (.., b, a)"""
    return Shape(tuple(reversed(input.sizes))) if input.rank is not None else open_shape()


@shape_rule("torch.Tensor.H")
def conjugated(input: Tensor) -> Rule:
    """(a, b) -> (b, a)"""
    yield rank(input, 2, 0)
    return tuple(reversed(input.sizes))


@shape_rule("torch.Tensor.mT", "torch.Tensor.mH", "torch.Tensor.adjoint", "torch.adjoint")
def matrix_transposed(input: Tensor) -> Rule:
    """(*, a, b) -> (*, b, a)"""
    if input.rank == 0:
        return ()
    if input.rank is None and len(input.shape.sizes) < 2:  # it may be a scalar
        return open_shape()
    yield holds(
        decided(input.rank is None or input.rank >= 2),
        PERMUTE,
        lambda: f"{input.name} has one axis {input.shape}, but at least 2 axes are needed",
        blocking=True,
    )
    return input.shape.ending(2, *reversed(input.shape.sizes[-2:]))
