"""Shuffles between channels and pixels."""

from __future__ import annotations

from torchshape_lint.codes import FOLD, GROUPS
from torchshape_lint.dims import Size, floordiv
from torchshape_lint.rules.needs import Construction, Rule, divisible, rank_at_least
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import at_least_each, spatial


@layer("torch.nn.PixelShuffle")
def pixel_shuffle_layer(upscale_factor: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.PixelUnshuffle")
def pixel_unshuffle_layer(downscale_factor: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.ChannelShuffle")
def channel_shuffle_layer(groups: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.PixelShuffle")
def pixel_shuffle_call(input: Tensor, *, upscale_factor: Size) -> Rule:
    """(*, c*r**2, h, w) -> (*, c, h*r, w*r)"""
    return (yield from shuffled(input, upscale_factor))


@shape_rule("torch.nn.functional.pixel_shuffle", "torch.pixel_shuffle")
def pixel_shuffle(input: Tensor, upscale_factor: Size) -> Rule:
    """(*, c*r**2, h, w) -> (*, c, h*r, w*r)"""
    return (yield from shuffled(input, upscale_factor))


def shuffled(x: Tensor, r: Size) -> Rule:
    yield rank_at_least(x, 3)
    yield from at_least_each((r,), 1, "upscale_factor")
    yield divisible(spatial(x, -3), Named(r * r, "upscale_factor**2"), FOLD)
    c, h, w = x.shape.sizes[-3:]
    return x.shape.ending(3, floordiv(c, r * r), h * r, w * r)


@shape_rule("torch.nn.PixelUnshuffle")
def pixel_unshuffle_call(input: Tensor, *, downscale_factor: Size) -> Rule:
    """(*, c, h*r, w*r) -> (*, c*r**2, h, w)"""
    return (yield from unshuffled(input, downscale_factor))


@shape_rule("torch.nn.functional.pixel_unshuffle", "torch.pixel_unshuffle")
def pixel_unshuffle(input: Tensor, downscale_factor: Size) -> Rule:
    """(*, c, h*r, w*r) -> (*, c*r**2, h, w)"""
    return (yield from unshuffled(input, downscale_factor))


def unshuffled(x: Tensor, r: Size) -> Rule:
    yield rank_at_least(x, 3)
    yield from at_least_each((r,), 1, "downscale_factor")
    for k in (-2, -1):
        yield divisible(spatial(x, k), Named(r, "downscale_factor"), FOLD)
    c, h, w = x.shape.sizes[-3:]
    return x.shape.ending(3, c * r * r, floordiv(h, r), floordiv(w, r))


@shape_rule("torch.nn.ChannelShuffle")
def channel_shuffle_call(input: Tensor, *, groups: Named) -> Rule:
    """(n, c, *) -> same"""
    return (yield from regrouped(input, groups))


@shape_rule("torch.nn.functional.channel_shuffle", "torch.channel_shuffle")
@shape_rule("torch.nn.functional.native_channel_shuffle", "torch.native_channel_shuffle")
def channel_shuffle(input: Tensor, groups: Named) -> Rule:
    """(n, c, *) -> same"""
    return (yield from regrouped(input, groups))


def regrouped(x: Tensor, groups: Named) -> Rule:
    yield rank_at_least(x, 3)
    yield from at_least_each((groups.size,), 1, "groups")
    if x.rank is not None:
        yield divisible(x[1], groups, GROUPS)
    return x.shape
