"""Convolutions: channels, groups, and where the window goes. torch looks at the weight, so we do too."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, CHANNELS, GROUPS, PADDING, WEIGHT
from torchshape_lint.dims import Size, floordiv, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.dtypes import same_dtype
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Need,
    Rule,
    divisible,
    holds,
    never,
    not_less,
    rank,
    same,
)
from torchshape_lint.rules.operands import Named, PerAxis, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import (
    Needs,
    Window,
    at_least_each,
    optional_parameter,
    slide,
    spatial,
    unbatched_or_not,
)
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Unknown, Value
from torchshape_lint.verdicts import NO, YES

DIMS = (1, 2, 3)
Padding: TypeAlias = str | PerAxis | Unknown
_MODES = ("zeros", "reflect", "replicate", "circular")


@layer("torch.nn.Conv{n}d", n=DIMS)
def conv_layer(
    in_channels: Named,
    out_channels: Named,
    kernel_size: PerAxis,
    stride: PerAxis = (1,),
    padding: Padding = (0,),
    dilation: PerAxis = (1,),
    groups: Size = 1,
    bias: object = True,
    padding_mode: object = "zeros",
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (out_channels, in_channels/groups, *kernel_size), bias: (out_channels,)"""
    yield from channel_groups(in_channels, out_channels, groups)
    yield from _padding_argument(padding, stride, padding_mode)
    return Construction(
        {
            "weight": (out_channels.size, floordiv(in_channels.size, groups), *kernel_size),
            **optional_parameter("bias", bias, out_channels.size),
        }
    )


@layer("torch.nn.LazyConv{n}d", n=DIMS)
def lazy_conv_layer(
    out_channels: Named,
    kernel_size: PerAxis,
    stride: PerAxis = (1,),
    padding: Padding = (0,),
    dilation: PerAxis = (1,),
    groups: Size = 1,
    bias: object = True,
    padding_mode: object = "zeros",
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (out_channels, ?, *kernel_size): the first input decides, which pins the fresh size down."""
    taken = fresh("in_channels")
    yield from channel_groups(Named(taken * groups, "in_channels"), out_channels, groups)
    yield from _padding_argument(padding, stride, padding_mode)
    return Construction(
        {
            "weight": (out_channels.size, taken, *kernel_size),
            **optional_parameter("bias", bias, out_channels.size),
        }
    )


@shape_rule("torch.nn.Conv{n}d", "torch.nn.LazyConv{n}d", n=DIMS)
def conv(
    input: Tensor,
    *,
    weight: Tensor,
    bias: Tensor | None = None,
    in_channels: Named | None = None,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis,
    groups: Size,
    padding_mode: object,
    n: int,
) -> Rule:
    """(n, in_channels, *size) -> (n, out_channels, *size')"""
    shape = yield from convolve(
        input, weight, bias, stride, padding, dilation, groups, n, in_channels=in_channels, mode=padding_mode
    )
    yield Derivation(lambda: f"weight {weight.shape}")  # as many kernels as output channels
    return shape


@shape_rule("torch.nn.functional.conv{n}d", "torch.conv{n}d", n=DIMS)
def functional_conv(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = (1,),
    padding: Padding = (0,),
    dilation: PerAxis = (1,),
    groups: Size = 1,
    *,
    n: int,
) -> Rule:
    """(n, c, *size), (k, c/groups, *kernel), (k,)? -> (n, k, *size')"""
    return (yield from convolve(input, weight, bias, stride, padding, dilation, groups, n))


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis,
    groups: Size,
    n: int,
    *,
    in_channels: Named | None = None,
    mode: object = "zeros",
) -> Generator[Need | Derivation, None, Shape]:
    """A convolution, as layer or function."""
    yield rank(weight, n + 2, code=WEIGHT)
    yield from unbatched_or_not(x, n)
    out, taken, *kernel = weight.sizes
    wanted = wanted_channels(taken, groups, in_channels)
    yield same(spatial(x, -n - 1), wanted, CHANNELS)
    if wanted is not in_channels:  # otherwise the constructor has asked
        yield divisible(weight[0], Named(groups, "groups"), GROUPS)
    yield not_less(weight[0], 1, WEIGHT)  # only kernels ask; meta tensors let it pass
    if bias is not None:
        yield rank(bias, 1, code=WEIGHT)
        yield same(bias[0], weight[0], WEIGHT)
    plain = not isinstance(padding, (str, Unknown)) and all(equal(step, 1) is YES for step in dilation)
    yield from same_dtype(weight, x, bias if plain else None)  # other kernels do not look at the bias
    for sizes, name in ((kernel, "kernel_size"), (stride, "stride"), (dilation, "dilation")):
        yield from at_least_each(sizes, 1, name)
    yield from _padding_argument(padding, stride, mode)
    if padding == "same":
        return x.shape.ending(n + 1, out, *x.shape.sizes[-n:])
    if isinstance(padding, Unknown):
        return x.shape.ending(n + 1, out, *(fresh() for _ in range(n)))
    pads = (0,) * n if isinstance(padding, str) else padding
    yield from at_least_each(pads, 0, "padding")
    windows = tuple(map(Window, kernel, stride, pads, dilation))
    for k, pad in zip(range(-n, 0), pads, strict=True):
        yield from pad_mode_fits(spatial(x, k), pad, pad, mode)
    places = yield from slide(x, windows)
    return x.shape.ending(n + 1, out, *places)


def wanted_channels(taken: Size, groups: Size, in_channels: Named | None) -> Named:
    """What the weight takes, under the author's name as long as nobody has replaced it."""
    if in_channels is not None and taken == floordiv(in_channels.size, groups):
        return in_channels
    return Named(taken * groups, "axis 1 of weight" if groups == 1 else "groups * axis 1 of weight")


def channel_groups(in_channels: Named, out_channels: Named, groups: Size) -> Needs:
    """What every constructor asks: sizes that exist, and channels that can be grouped."""
    yield not_less(in_channels, 0, ARGUMENT)
    yield not_less(out_channels, 0, ARGUMENT)
    yield from at_least_each((groups,), 1, "groups")
    yield divisible(in_channels, Named(groups, "groups"), GROUPS)
    yield divisible(out_channels, Named(groups, "groups"), GROUPS)


def _padding_argument(padding: Padding, stride: PerAxis, mode: object) -> Needs:
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            yield never(ARGUMENT, f"padding is {padding!r}, but only 'same' and 'valid' have names")
        if padding == "same" and any(equal(s, 1) is NO for s in stride):
            yield never(
                ARGUMENT,
                f"padding='same' needs stride 1, but stride is {stride[0] if len(set(stride)) == 1 else Shape(stride)}",
            )
    if isinstance(mode, str) and mode not in _MODES:
        yield never(ARGUMENT, f"padding_mode is {mode!r}, but must be one of {', '.join(_MODES)}")


def pad_mode_fits(found: Named, before: Size, after: Size, mode: Value) -> Needs:
    """Reflection stays inside the picture, and a circle goes round once."""
    for pad in {before, after}:
        if mode == "reflect":
            yield holds(
                at_least(found.size - 1, pad),
                PADDING,
                lambda pad=pad: f"{found.name} is {found.size}, but reflection padding {pad} must be less",  # type: ignore[misc]
                actual=found.size,
            )
        elif mode == "circular":
            yield holds(
                at_least(found.size, pad),
                PADDING,
                lambda pad=pad: f"{found.name} is {found.size}, but circular padding {pad} goes round more than once",  # type: ignore[misc]
                actual=found.size,
            )
