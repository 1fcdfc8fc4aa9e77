"""Quantised tensors: another type of the same shape, with one scale for all elements or for each of one axis."""

from __future__ import annotations

from torchshape_lint.codes import AXIS, WEIGHT
from torchshape_lint.dims import fresh
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Result, Rule, Undetermined, axis, never, rank, same
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule


@shape_rule("torch.quantize_per_tensor")
def quantize_per_tensor(input: Tensor, scale: object, zero_point: object, dtype: object) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)


@shape_rule("torch.quantize_per_tensor_dynamic")
def quantize_per_tensor_dynamic(input: Tensor, dtype: object, reduce_range: object) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)


@shape_rule("torch.quantize_per_channel")
def quantize_per_channel(input: Tensor, scales: Tensor, zero_points: Tensor, axis: int, dtype: object) -> Rule:
    """(.., c, ..), (c,), (c,) -> (.., c, ..)"""
    yield from _per_channel(input, scales, zero_points, axis)
    return Result(input.shape, None)


def _per_channel(x: Tensor, scales: Tensor, zero_points: Tensor, dim: int) -> Steps:
    for numbers in (scales, zero_points):
        yield rank(numbers, 1)
    if x.rank is not None:
        at = yield from axis(x, dim)
        for numbers in (scales, zero_points):
            yield same(numbers[0], x[at], WEIGHT)


@shape_rule("torch.fake_quantize_per_tensor_affine")
def fake_quantize_per_tensor(
    input: Tensor, scale: object, zero_point: object, quant_min: object, quant_max: object
) -> Result:
    """(*) -> (*)"""
    return Result(input.shape)


@shape_rule("torch.fake_quantize_per_channel_affine")
def fake_quantize_per_channel(
    input: Tensor, scale: Tensor, zero_point: Tensor, axis: int, quant_min: object, quant_max: object
) -> Rule:
    """(.., c, ..), (c,), (c,) -> (.., c, ..)"""
    if axis < 0:
        yield never(AXIS, f"axis is {axis}, but cannot be counted from the end", actual=axis)
    yield from _per_channel(input, scale, zero_point, axis)
    return Result(input.shape)


@shape_rule("torch.fused_moving_avg_obs_fake_quant", "torch.quantized_batch_norm")
def fused(input: Tensor, *settings: object) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)


@shape_rule(*functions_and_methods("dequantize", "int_repr"))
def dequantize(input: Tensor) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)


@shape_rule(*functions_and_methods("q_per_channel_scales", "q_per_channel_zero_points"))
def q_per_channel_scales(input: Tensor) -> Result:
    """(.., c, ..) -> (c,)"""
    return Result((fresh(),), None)


@shape_rule(*functions_and_methods("q_scale", "q_zero_point", "q_per_channel_axis"), "torch.Tensor.qscheme")
def q_scale(input: Tensor) -> Undetermined:
    """how it was quantised"""
    return Undetermined("it is no matter of shapes", data=True)
