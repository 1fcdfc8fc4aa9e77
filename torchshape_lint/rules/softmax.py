"""Softmax in all its spellings. The shape stays; ``dim`` must exist (torch chooses one when it is not given)."""

from __future__ import annotations

from torchshape_lint.codes import RANK
from torchshape_lint.rules.broadcasting import has_axis, unchanged
from torchshape_lint.rules.dtypes import asked
from torchshape_lint.rules.needs import Construction, Rule, rank
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule


@layer("torch.nn.Softmax", "torch.nn.LogSoftmax", "torch.nn.Softmin")
def softmax_layer(dim: object = None) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.Softmax", "torch.nn.LogSoftmax", "torch.nn.Softmin")
def softmax_module(input: Tensor, *, dim: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return unchanged(input)


@shape_rule(
    "torch.nn.functional.softmax",
    "torch.nn.functional.log_softmax",
    "torch.nn.functional.softmin",
)
def functional_softmax(input: Tensor, dim: object = None, _stacklevel: object = 3, dtype: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return unchanged(input, asked(dtype))


@shape_rule(
    "torch.softmax",
    "torch.log_softmax",
    "torch.special.softmax",
    "torch.special.log_softmax",
    "torch.Tensor.softmax",
    "torch.Tensor.log_softmax",
)
def softmax(input: Tensor, dim: object, dtype: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return unchanged(input, asked(dtype))


@shape_rule("torch.nn.functional.gumbel_softmax")
def gumbel_softmax(
    logits: Tensor, tau: object = 1, hard: object = False, eps: object = 1e-10, dim: object = -1
) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(logits, dim)
    return unchanged(logits)


@layer("torch.nn.Softmax2d")
def softmax_2d_layer() -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.Softmax2d")
def softmax_2d(input: Tensor) -> Rule:
    """(n, c, h, w) -> (n, c, h, w), also without n"""
    yield rank(input, 3, 4, code=RANK)
    return unchanged(input)
