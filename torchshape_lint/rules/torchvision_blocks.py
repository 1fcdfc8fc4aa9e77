"""torchvision.ops that are modules of torch: frozen norm, squeeze and excitation, MLP, deformable convolution."""

from __future__ import annotations

from torchshape_lint.codes import BATCH, CHANNELS, FEATURES, GROUPS, WINDOW
from torchshape_lint.dims import Size, floordiv
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Rule,
    broadcast,
    divisible,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, PerAxis, Sizes, Tensor
from torchshape_lint.rules.permute import permute
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.torchvision_ops import spelled
from torchshape_lint.rules.window import Window, optional_parameter, slide, spatial, unbatched_or_not
from torchshape_lint.shapes import Shape


@layer(*spelled("misc", "FrozenBatchNorm2d"))
def frozen_batch_norm_layer(num_features: Named, eps: object = 1e-5) -> Construction:
    """four buffers (num_features,)"""
    sizes = (num_features.size,)
    return Construction({}, dict.fromkeys(("weight", "bias", "running_mean", "running_var"), sizes))


@shape_rule(*spelled("misc", "FrozenBatchNorm2d"))
def frozen_batch_norm(x: Tensor, *, weight: Tensor) -> Rule:
    """(n, c, h, w) -> same: a plain product with (1, c, 1, 1)"""
    yield rank_at_least(weight, 1)
    statistics = Tensor(Shape((1, weight.sizes[0], 1, 1)), "the statistics", x.facts)
    return (yield from broadcast(x, statistics))


@layer(*spelled("misc", "Permute"))
def permute_layer(dims: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule(*spelled("misc", "Permute"))
def permute_call(x: Tensor, *, dims: object) -> Rule:
    """(a, b, c) -> (b, c, a)"""
    return (yield from permute(x, dims))


@layer(*spelled("misc", "SqueezeExcitation"))
def squeeze_excitation_layer(
    input_channels: Named, squeeze_channels: Named, activation: object = None, scale_activation: object = None
) -> Construction:
    """two convolutions with windows of 1"""
    c, s = input_channels.size, squeeze_channels.size
    return Construction({"fc1.weight": (s, c, 1, 1), "fc1.bias": (s,), "fc2.weight": (c, s, 1, 1), "fc2.bias": (c,)})


@shape_rule(*spelled("misc", "SqueezeExcitation"))
def squeeze_excitation(input: Tensor, *, input_channels: Named) -> Rule:
    """(n, c, h, w) -> same, also without n"""
    yield from unbatched_or_not(input, 2)
    yield same(spatial(input, -3), input_channels, CHANNELS)
    return unchanged(input)


@layer(*spelled("misc", "MLP"))
def mlp_layer(
    in_channels: Named,
    hidden_channels: Sizes,
    norm_layer: object = None,
    activation_layer: object = None,
    inplace: object = None,
    bias: object = True,
    dropout: object = 0.0,
) -> Construction:
    """linear layers one after another; their names depend on what stands between them and are not told"""
    return Construction()


@shape_rule(*spelled("misc", "MLP"))
def mlp(input: Tensor, *, in_channels: Named, hidden_channels: Sizes) -> Rule:
    """(*, in_channels) -> (*, hidden_channels[-1])"""
    yield rank_at_least(input, 1)
    yield same(input[-1], in_channels, FEATURES)
    return input.shape.ending(1, hidden_channels[-1])


@layer(*spelled("deform_conv", "DeformConv2d"), n=(2,))
def deform_conv_layer(
    in_channels: Named,
    out_channels: Named,
    kernel_size: PerAxis,
    stride: PerAxis = (1,),
    padding: PerAxis = (0,),
    dilation: PerAxis = (1,),
    groups: Size = 1,
    bias: object = True,
) -> Constructing:
    """weight: (out_channels, in_channels/groups, *kernel_size), bias: (out_channels,)"""
    yield divisible(in_channels, Named(groups, "groups"), GROUPS)
    yield divisible(out_channels, Named(groups, "groups"), GROUPS)
    return Construction(
        {
            "weight": (out_channels.size, floordiv(in_channels.size, groups), *kernel_size),
            **optional_parameter("bias", bias, out_channels.size),
        }
    )


@shape_rule(*spelled("deform_conv", "DeformConv2d"), n=(2,))
def deform_conv(
    input: Tensor,
    offset: Tensor,
    mask: Tensor | None = None,
    *,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis,
    padding: PerAxis,
    dilation: PerAxis,
) -> Rule:
    """(n, c, h, w), offsets (n, 2*g*kh*kw, h', w') -> (n, out_channels, h', w')"""
    return (yield from deform_conv2d(input, offset, weight, bias, stride, padding, dilation, mask))


@shape_rule(*spelled("deform_conv", "deform_conv2d"), n=(2,))
def deform_conv2d(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = (1, 1),
    padding: PerAxis = (0, 0),
    dilation: PerAxis = (1, 1),
    mask: Tensor | None = None,
) -> Rule:
    """(n, c, h, w), offsets (n, 2*g*kh*kw, h', w') -> (n, out_channels, h', w'); a mask has half as many channels"""
    yield rank(input, 4)
    yield rank(offset, 4)
    yield rank(weight, 4)
    o, _, kh, kw = weight.sizes
    yield divisible(input[1], Named(weight.sizes[1], "the channels of a group"), CHANNELS)
    yield divisible(offset[1], Named(2 * kh * kw, "2*kernel height*kernel width"), CHANNELS)
    windows = (Window(kh, stride[0], padding[0], dilation[0]), Window(kw, stride[1], padding[1], dilation[1]))
    sizes = yield from slide(input, windows)
    for x in (offset, mask):
        if x is None:
            continue
        yield rank(x, 4)
        yield same(x[0], input[0], BATCH)
        for k, size in zip((2, 3), sizes, strict=True):
            yield same(x[k], Named(size, f"axis {k} of the result"), WINDOW)
    return (input.sizes[0], o, *sizes)
