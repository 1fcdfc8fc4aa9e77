"""Random questions for what slides over pictures: convolution, pooling, padding, folding, resizing, shuffling."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call, spatial


def picture(d: Dice, n: int, channels: int, low: int = 1, high: int = 9) -> T:
    """A batch of pictures, one picture, or too many axes."""
    batch = d.one((2,), (2,), (2,), (), (2, 2), (0,))
    return T(*batch, channels, *d.ints(n, n, low, high))


def per_axis(d: Dice, n: int, low: int, high: int) -> int | tuple[int, ...]:
    """One number for all axes or one for each."""
    return d.number(low, high) if n == 1 or d.chance() else tuple(d.ints(n, n, low, high))


@asks("nn.Conv{n}d nn.LazyConv{n}d", cpu=True)
def conv(d: Dice, name: str) -> Question:
    n = spatial(name)
    groups = d.one(1, 1, 2, 3)
    channels = d.mostly(groups * d.number(1, 3), groups + 1, of=8)
    ways: dict[str, Any] = {"stride": d.mostly(d.number(1, 3), 0, of=10), "padding": per_axis(d, n, 0, 2)}
    ways |= {"dilation": d.number(1, 2), "groups": groups, "bias": d.chance()}
    if d.chance(4):
        ways["padding"] = d.one("same", "valid", "full")
    if ways["padding"] != 0 and d.chance(4):
        ways["padding_mode"] = d.one("zeros", "reflect", "replicate", "circular")
    made = [groups * d.number(1, 3), per_axis(d, n, 1, 4)]
    return call(*(made if "Lazy" in name else [channels, *made]), **ways).on(picture(d, n, max(d.near(channels, 8), 1)))


@asks("nn.ConvTranspose{n}d nn.LazyConvTranspose{n}d", cpu=True)
def conv_transpose(d: Dice, name: str) -> Question:
    n = spatial(name)
    groups = d.one(1, 1, 2, 3)
    channels = groups * d.number(1, 3)
    kernel, dilation = d.number(1, 4), d.number(1, 2)
    ways: dict[str, Any] = {"stride": d.number(1, 3), "dilation": dilation, "groups": groups, "bias": d.chance()}
    ways |= {"output_padding": d.number(0, 2), "padding": min(d.number(0, 2), dilation * (kernel - 1) // 2)}
    made = [groups * d.number(1, 3), kernel]  # only some devices refuse an empty result
    return call(*(made if "Lazy" in name else [channels, *made]), **ways).on(picture(d, n, max(d.near(channels, 8), 1)))


@asks("conv{n}d F.conv{n}d", cpu=True)
def functional_conv(d: Dice, name: str) -> Question:
    n = spatial(name)
    groups, out, kernel = d.one(1, 1, 2), d.number(1, 2), d.ints(n, n, 1, 3)
    per_group = d.number(1, 3)
    weight = T(groups * out, per_group, *kernel)
    bias = d.one(None, T(d.near(groups * out)))
    ways = {"stride": d.number(1, 2), "padding": d.one(0, 1, "same"), "dilation": d.number(1, 2), "groups": groups}
    return call(picture(d, n, d.near(per_group * groups, 8)), weight, bias, **ways)


@asks("conv_transpose{n}d F.conv_transpose{n}d", cpu=True)
def functional_conv_transpose(d: Dice, name: str) -> Question:
    n = spatial(name)
    groups, channels, out = d.one(1, 1, 2), d.number(1, 3), d.number(1, 3)
    weight = T(groups * channels, out, *d.ints(n, n, 1, 3))
    bias = d.one(None, T(d.near(groups * out)))
    ways = {"stride": d.number(1, 2), "output_padding": d.number(0, 1), "groups": groups, "dilation": d.number(1, 2)}
    return call(picture(d, n, d.near(channels * groups, 8)), weight, bias, **ways)


@asks(
    """
    nn.MaxPool{n}d nn.AvgPool{n}d nn.LPPool{n}d F.max_pool{n}d F.avg_pool{n}d F.lp_pool{n}d avg_pool1d
    max_pool{n}d F.max_pool{n}d_with_indices
    """,
    cpu=True,
)
def pool(d: Dice, name: str) -> Question:
    n = spatial(name)
    x = d.tensor(n + 1, n + 2, high=9) if not d.chance(6) else d.tensor(n, n + 3)
    made: list[Any] = [per_axis(d, n, 1, 4)]
    ways: dict[str, Any] = {"ceil_mode": d.chance()}
    if d.chance():
        ways["stride"] = per_axis(d, n, 1, 3)
    lower = name.lower().replace("_", "")
    if "lppool" in lower:
        made.insert(0, 2)
    else:
        ways["padding"] = per_axis(d, n, 0, 2)
    if "maxpool" in lower:
        ways["dilation"] = d.number(1, 2)
        if "nn.MaxPool" in name:
            ways["return_indices"] = d.chance(3)
    return call(*made, **ways).on(x) if "nn." in name and "functional" not in name else call(x, *made, **ways)


@asks(
    """
    nn.AdaptiveAvgPool{n}d nn.AdaptiveMaxPool{n}d F.adaptive_avg_pool{n}d F.adaptive_max_pool{n}d
    F.adaptive_max_pool{n}d_with_indices adaptive_avg_pool1d adaptive_max_pool1d
    """,
    cpu=True,
)
def adaptive_pool(d: Dice, name: str) -> Question:
    n = spatial(name)
    x = d.tensor(n, n + 3, high=9)
    out = d.one(d.number(0, 5), tuple(d.ints(n, n, 1, 5)), d.number(1, 3))
    return call(out).on(x) if "nn.Adaptive" in name else call(x, out)


@asks(
    """
    nn.FractionalMaxPool2d nn.FractionalMaxPool3d F.fractional_max_pool2d F.fractional_max_pool3d
    F.fractional_max_pool2d_with_indices F.fractional_max_pool3d_with_indices
    """,
    cpu=True,
)
def fractional_pool(d: Dice, name: str) -> Question:
    n = spatial(name)
    x = d.tensor(n + 1, n + 2, low=3, high=9) if not d.chance(6) else d.tensor(n, n + 3)
    ways: dict[str, Any] = {"return_indices": d.chance()} if "with" not in name else {}
    ways |= d.one(
        {"output_size": d.number(1, 5)}, {"output_ratio": (0.5,) * n}, {"output_size": tuple(d.ints(n, n, 1, 4))}
    )
    made = [d.one(d.number(1, 3), tuple(d.ints(n, n, 1, 3)))]
    return call(*made, **ways).on(x) if "nn.Frac" in name else call(x, *made, **ways)


@asks("nn.MaxUnpool{n}d F.max_unpool{n}d", cpu=True)
def unpool(d: Dice, name: str) -> Question:
    n = spatial(name)
    x = d.tensor(n + 1, n + 2, high=5) if d.chance(8) else d.tensor(n, n + 3, high=5)
    indices = d.alike(x, dtype="int64")
    kernel = d.number(1, 3)
    made: list[Any] = [kernel, *d.one([], [d.number(1, 3)], [kernel, d.number(0, 1)])]
    size = {"output_size": [k * kernel + d.number(0, 1) for k in x.sizes[-n:]]} if d.chance(3) else {}
    if "Max" in name:
        return call(*made).on(x, indices, **size)
    return call(x, indices, *made, **size)


@asks("nn.ZeroPad{n}d nn.CircularPad{n}d nn.ReflectionPad{n}d nn.ReplicationPad{n}d nn.ConstantPad{n}d", cpu=True)
def pad_layer(d: Dice, name: str) -> Question:
    n = spatial(name)
    sides = d.one(d.number(-1, 3), tuple(d.ints(2 * n, 2 * n, -1, 3)))
    x = d.tensor(n, n + 3)
    return call(sides, *([0.0] if "Constant" in name else [])).on(x)


@asks("F.pad constant_pad_nd", cpu=True)
def pad(d: Dice, name: str) -> Question:
    x = d.tensor(1, 5)
    sides = tuple(d.ints(1, 6, -1, 3))
    mode = d.one("constant", "constant", "reflect", "replicate", "circular")
    return call(x, sides, **({"mode": mode} if "functional" in name else {}))


@asks("nn.Unfold F.unfold", cpu=True)
def unfold(d: Dice, name: str) -> Question:
    x = d.tensor(3, 4, high=9) if not d.chance(5) else d.tensor(1, 5)
    made: list[Any] = [d.one(d.number(1, 4), tuple(d.ints(2, 2, 1, 4))), d.number(1, 2), d.number(0, 2), d.number(1, 3)]
    return call(*made).on(x) if "Unfold" in name else call(x, *made)


@asks("nn.Fold F.fold", cpu=True)
def fold(d: Dice, name: str) -> Question:
    out, kernel = d.ints(2, 2, 2, 6), d.ints(2, 2, 1, 3)
    dilation, padding, stride = d.number(1, 2), d.number(0, 1), d.number(1, 2)
    blocks = 1
    for size, k in zip(out, kernel):
        blocks *= max((size + 2 * padding - dilation * (k - 1) - 1) // stride + 1, 0)
    x = T(*d.one((2,), (2,), ()), d.near(d.number(1, 2) * kernel[0] * kernel[1], 4), d.near(blocks, 6))
    made = [tuple(out), tuple(kernel), dilation, padding, stride]
    return call(*made).on(x) if "Fold" in name else call(x, *made)


@asks(
    """
    F.interpolate F.upsample nn.Upsample F.upsample_nearest F.upsample_bilinear nn.UpsamplingNearest2d
    nn.UpsamplingBilinear2d
    """,
    cpu=True,
)
def interpolate(d: Dice, name: str) -> Question:
    n = d.number(1, 3)
    x = d.tensor(n + 2, n + 2)
    ways: dict[str, Any] = {}
    if d.chance():
        ways["size"] = d.one(d.size(), tuple(d.ints(n, n)))
    else:
        ways["scale_factor"] = d.one(0.5, 2, 1.5, 3, 0.3)
    if not name.lower().endswith(("nearest", "bilinear", "2d")):
        usual = ("linear", "bilinear", "trilinear")[n - 1]
        ways["mode"] = d.one("nearest", usual, usual, "area", "bilinear", "bicubic", "nearest-exact")
        if ways["mode"].endswith(("linear", "cubic")) and d.chance():
            ways["align_corners"] = d.chance()
    if "2d" in name:
        ways = {key: value if not isinstance(value, tuple) or n == 2 else 3 for key, value in ways.items()}
    return call(**ways).on(x) if ".Up" in name else call(x, **ways)


@asks("F.grid_sample")
def grid_sample(d: Dice, name: str) -> Question:
    n = d.one(2, 2, 3, 1)
    x = d.tensor(n + 2, n + 2)
    grid = T(d.near(x.sizes[0]), *d.ints(n, n), d.near(n))
    return call(x, grid, **({"mode": d.one("bilinear", "nearest", "bicubic")} if d.chance() else {}))


@asks("grid_sampler_2d grid_sampler_3d grid_sampler")
def grid_sampler(d: Dice, name: str) -> Question:
    n = 3 if "3d" in name else 2
    x = d.tensor(n + 2, n + 2)
    return call(x, T(d.near(x.sizes[0]), *d.ints(n, n), d.near(n)), 0, 0, d.chance())


@asks("F.affine_grid")
def affine_grid(d: Dice, name: str) -> Question:
    n = d.number(2, 3)
    batch = d.number(1, 3)
    return call(T(batch, n, d.near(n + 1)), (d.near(batch), 3, *d.ints(n, n)))


@asks("F.pixel_shuffle pixel_shuffle nn.PixelShuffle F.pixel_unshuffle pixel_unshuffle nn.PixelUnshuffle")
def pixels(d: Dice, name: str) -> Question:
    factor = d.mostly(d.number(1, 3), 0, of=10)
    c, h, w = d.ints(3, 3, 1, 3)
    if "nshuffle" in name.lower():
        sizes = [c, d.near(h * factor), w * factor]
    else:
        sizes = [d.near(c * factor * factor), h, w]
    x = T(*d.ints(0, 2, 1, 3), *sizes) if not d.chance(8) else T(*sizes[1:])
    return call(factor).on(x) if "Pixel" in name else call(x, factor)


@asks("channel_shuffle F.channel_shuffle nn.ChannelShuffle native_channel_shuffle", cpu=True)
def channel_shuffle(d: Dice, name: str) -> Question:
    groups = d.number(1, 3)
    x = T(*d.ints(0, 1, 1, 3), d.near(groups * d.number(1, 3), 3), *d.ints(1, 3, 1, 3))
    return call(groups).on(x) if "Channel" in name else call(x, groups)
