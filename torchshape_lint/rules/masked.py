"""torch.masked: reductions and normalisations that leave out what a mask hides. The mask is broadcast to the input."""

from __future__ import annotations

from torchshape_lint.codes import MASK
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, has_axis, together
from torchshape_lint.rules.needs import Result, Rule
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.reduce import reduced
from torchshape_lint.rules.registry import shape_rule


def _masked(names: str) -> tuple[str, ...]:
    return tuple(f"torch.masked.{name}" for name in names.split())


def _fits(x: Tensor, mask: Tensor | None) -> Steps:
    if mask is not None:
        yield from broadcast_into(x, mask, code=MASK)


def _reduced(x: Tensor, dim: tuple[int, ...] | None, keepdim: bool | None, mask: Tensor | None) -> Rule:
    yield from _fits(x, mask)
    return Result((yield from reduced(x, dim, bool(keepdim))), None)


@shape_rule(*_masked("sum prod amax amin mean logsumexp"))
def masked_sum(
    input: Tensor,
    dim: Ints | None = None,
    *,
    keepdim: bool | None = False,
    dtype: object = None,
    mask: Tensor | None = None,
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return (yield from _reduced(input, dim, keepdim, mask))


@shape_rule(*_masked("argmax argmin"))
def masked_argmax(
    input: Tensor,
    dim: int | None = None,
    *,
    keepdim: bool | None = False,
    dtype: object = None,
    mask: Tensor | None = None,
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return (yield from _reduced(input, None if dim is None else (dim,), keepdim, mask))


@shape_rule(*_masked("median"))
def masked_median(
    input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: object = None, mask: Tensor | None = None
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return (yield from _reduced(input, (dim,), keepdim, mask))


@shape_rule(*_masked("norm"))
def masked_norm(
    input: Tensor,
    ord: object = 2.0,
    dim: Ints | None = None,
    *,
    keepdim: bool | None = False,
    dtype: object = None,
    mask: Tensor | None = None,
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return (yield from _reduced(input, dim, keepdim, mask))


@shape_rule(*_masked("var std"))
def masked_var(
    input: Tensor,
    dim: Ints | None = None,
    unbiased: object = None,
    *,
    correction: object = None,
    keepdim: bool | None = False,
    dtype: object = None,
    mask: Tensor | None = None,
) -> Rule:
    """(.., a, ..) -> (.., ..), or (.., 1, ..) with keepdim"""
    return (yield from _reduced(input, dim, keepdim, mask))


@shape_rule(*_masked("softmax log_softmax softmin cumsum cumprod"))
def masked_softmax(input: Tensor, dim: int, *, dtype: object = None, mask: Tensor | None = None) -> Rule:
    """(.., a, ..) -> (.., a, ..)"""
    yield from _fits(input, mask)
    yield from has_axis(input, dim)
    return Result(input.shape, None)


@shape_rule(*_masked("normalize"))
def masked_normalize(
    input: Tensor, ord: object, dim: int, *, eps: object = 1e-12, dtype: object = None, mask: Tensor | None = None
) -> Rule:
    """(.., a, ..) -> (.., a, ..)"""
    yield from _fits(input, mask)
    yield from has_axis(input, dim)
    return Result(input.shape, None)


@shape_rule(*_masked("logaddexp"))
def masked_logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: object = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Rule:
    """(a..), (b..) -> broadcast"""
    yield from _fits(input, input_mask)
    yield from _fits(other, other_mask)
    return Result((yield from together(input, other)), None)
