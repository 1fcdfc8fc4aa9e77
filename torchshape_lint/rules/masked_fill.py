"""Elements replaced where a mask says so: masked_fill, masked_scatter. The mask is bool, and broadcast."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, MASK
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, together, unchanged
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Result, Rule, never, rank
from torchshape_lint.rules.numbers import truth_values
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import Tensor as TensorValue


@shape_rule(*functions_and_methods("masked_fill"))
def masked_fill(input: Tensor, mask: Tensor, value: object) -> Rule:
    """(a..), (b..) -> broadcast"""
    yield from _filling(input, mask, value)
    return Result((yield from together(input, mask, code=MASK)))


def _filling(input: Tensor, mask: Tensor, value: object) -> Steps:
    yield from truth_values(mask)
    if isinstance(value, TensorValue):  # a complex one may still hold a real number
        yield rank(Tensor(value.shape, "value", input.facts), 0)
    real = input.dtype not in (None, "bool") and not str(input.dtype).startswith("complex")
    if real and isinstance(value, complex) and value.imag:
        yield never(ARGUMENT, f"{value} cannot be put into {input.name}, which is {input.dtype}")


@shape_rule("torch.Tensor.masked_fill_")
def masked_fill_(input: Tensor, mask: Tensor, value: object) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    yield from _filling(input, mask, value)
    yield from broadcast_into(input, mask, code=MASK)
    return unchanged(input)


@shape_rule(*functions_and_methods("masked_scatter"))
def masked_scatter(input: Tensor, mask: Tensor, source: object) -> Rule:
    """(a..), (b..) -> broadcast"""
    yield from truth_values(mask)
    return Result((yield from together(input, mask, code=MASK)))


@shape_rule("torch.Tensor.masked_scatter_")
def masked_scatter_(input: Tensor, mask: Tensor, source: object) -> Rule:
    """(a..), (b..) -> (a..), b expandable to a"""
    yield from truth_values(mask)
    yield from broadcast_into(input, mask, code=MASK)
    return unchanged(input)
