"""A batch normalisation put into the weight and bias of the layer before it (torch.nn.utils.fusion)."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.codes import NORM
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined, broadcast, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape


@shape_rule("torch.nn.utils.fuse_conv_bn_weights")
def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: object,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> Rule:
    """(k, c, *), (k,)?, (k,), .. -> (k, c, *), (k,)"""
    return (yield from _fuse(conv_w, conv_b, (bn_rm, bn_rv, bn_w, bn_b), 1 if transpose else 0))


@shape_rule("torch.nn.utils.fuse_linear_bn_weights")
def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: object,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> Rule:
    """(out, in), (out,)?, (out,), .. -> (out, in), (out,)"""
    return (yield from _fuse(linear_w, linear_b, (bn_rm, bn_rv, bn_w, bn_b), 0))


def _fuse(weight: Tensor, bias: Tensor | None, norm: tuple[Tensor | None, ...], axis: int) -> Rule:
    mean, variance, scale, shift = norm
    assert mean is not None and variance is not None
    yield rank_at_least(weight, 2)
    if weight.rank is None or any(x is not None and x.rank != 1 for x in (bias, *norm)):
        return Undetermined("how many axes there are is not known")
    factors = yield from broadcast(mean if scale is None else scale, variance, code=NORM)
    column = replace(mean, raw=Shape((*(1,) * axis, *factors.sizes, *(1,) * (weight.rank - axis - 1))))
    fused = yield from broadcast(weight, column, code=NORM)
    terms = (mean if bias is None else bias, mean, variance, scale, shift)
    shifted = yield from broadcast(*(x for x in terms if x is not None), code=NORM)
    return Many((Result(fused, weight.dtype), Result(shifted, (bias or mean).dtype)))
