"""Tensors filled with random numbers in place: the shape stays; what a distribution cannot be, torch refuses."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.needs import Rule, never
from torchshape_lint.rules.numbers import in_order, not_negative, positive
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule


@shape_rule("torch.Tensor.normal_")
def normal_(input: Tensor, mean: object = 0, std: object = 1, *, generator: object = None) -> Rule:
    """(*) -> (*)"""
    yield from not_negative("std", std)
    return unchanged(input)


@shape_rule("torch.Tensor.log_normal_")
def log_normal_(input: Tensor, mean: object = 1, std: object = 2, *, generator: object = None) -> Rule:
    """(*) -> (*)"""
    yield from positive("std", std)
    return unchanged(input)


@shape_rule("torch.Tensor.cauchy_")
def cauchy_(input: Tensor, median: object = 0, sigma: object = 1, *, generator: object = None) -> Rule:
    """(*) -> (*)"""
    yield from positive("sigma", sigma)
    return unchanged(input)


@shape_rule("torch.Tensor.exponential_")
def exponential_(input: Tensor, lambd: object = 1, *, generator: object = None) -> Rule:
    """(*) -> (*)"""
    yield from positive("lambd", lambd)
    return unchanged(input)


@shape_rule("torch.Tensor.geometric_")
def geometric_(input: Tensor, p: object, *, generator: object = None) -> Rule:
    """(*) -> (*)"""
    if isinstance(p, (int, float)) and not 0 < p < 1:
        yield never(ARGUMENT, f"p is {p}, but must be between 0 and 1", actual=str(p))
    return unchanged(input)


@shape_rule("torch.Tensor.uniform_")
def uniform_(input: Tensor, *bounds: object, generator: object = None, **named: object) -> Rule:
    """(*) -> (*); uniform_(from, to), of which Python cannot name the first"""
    low, high = (*bounds, *(named.get("from", 0), named.get("to", 1))[len(bounds) :])[:2]
    yield from in_order("from", low, "to", high)
    return unchanged(input)
