"""Functions of one tensor, element by element, that need another argument: polygamma, renorm, fill_diagonal_."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, RANK
from torchshape_lint.rules.broadcasting import has_axis, unchanged
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Rule, never, rank_at_least, same
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule


@shape_rule(*functions_and_methods("renorm"), "torch.Tensor.renorm_")
def renorm(input: Tensor, p: object, dim: object, maxnorm: object) -> Rule:
    """(*) -> (*)"""
    yield rank_at_least(input, 2)
    yield from has_axis(input, dim)
    return unchanged(input)


@shape_rule("torch.polygamma", "torch.special.polygamma")
def polygamma(n: object, input: Tensor) -> Rule:
    """(*) -> (*)"""
    if isinstance(n, int) and n < 0:
        yield never(ARGUMENT, f"n is {n}, but cannot be negative", actual=n)
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.Tensor.polygamma", "torch.Tensor.polygamma_")
def polygamma_method(input: Tensor, n: object) -> Rule:
    """(*) -> (*)"""
    return (yield from polygamma(n, input))


@shape_rule("torch.Tensor.fill_diagonal_")
def fill_diagonal_(input: Tensor, fill_value: object, wrap: object = False) -> Rule:
    """(a, b) -> (a, b), or any number of equal axes"""
    yield rank_at_least(input, 2)
    for k in range(1, input.rank if input.rank is not None and input.rank > 2 else 0):
        yield same(input[k], input[0], RANK)
    return unchanged(input)
