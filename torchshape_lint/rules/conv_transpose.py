"""Transposed convolutions: the sizes that a convolution of the same make would have come from."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, CHANNELS, GROUPS, WEIGHT, WINDOW
from torchshape_lint.dims import Size, floordiv, fresh
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.conv import DIMS, channel_groups
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
from torchshape_lint.rules.operands import Named, PerAxis, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import (
    Needs,
    at_least_each,
    bracketed,
    factor,
    optional_parameter,
    spatial,
    unbatched_or_not,
)
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO, YES, Verdict, some


@layer("torch.nn.ConvTranspose{n}d", n=DIMS)
def conv_transpose_layer(
    in_channels: Named,
    out_channels: Named,
    kernel_size: PerAxis,
    stride: PerAxis = (1,),
    padding: PerAxis = (0,),
    output_padding: PerAxis = (0,),
    groups: Size = 1,
    bias: object = True,
    dilation: PerAxis = (1,),
    padding_mode: object = "zeros",
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (in_channels, out_channels/groups, *kernel_size), bias: (out_channels,)"""
    yield from channel_groups(in_channels, out_channels, groups)
    yield from _only_zeros(padding_mode)
    return _parameters(in_channels.size, out_channels.size, kernel_size, groups, bias)


@layer("torch.nn.LazyConvTranspose{n}d", n=DIMS)
def lazy_conv_transpose_layer(
    out_channels: Named,
    kernel_size: PerAxis,
    stride: PerAxis = (1,),
    padding: PerAxis = (0,),
    output_padding: PerAxis = (0,),
    groups: Size = 1,
    bias: object = True,
    dilation: PerAxis = (1,),
    padding_mode: object = "zeros",
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (?, out_channels/groups, *kernel_size): the first input decides"""
    yield from channel_groups(Named(groups, "in_channels"), out_channels, groups)
    yield from _only_zeros(padding_mode)
    return _parameters(fresh("in_channels"), out_channels.size, kernel_size, groups, bias)


def _only_zeros(padding_mode: object) -> Needs:
    if isinstance(padding_mode, str) and padding_mode != "zeros":
        yield never(ARGUMENT, f"padding_mode is {padding_mode!r}, but a transposed convolution only knows 'zeros'")


def _parameters(taken: Size, out: Size, kernel: PerAxis, groups: Size, bias: object) -> Construction:
    return Construction(
        {"weight": (taken, floordiv(out, groups), *kernel), **optional_parameter("bias", bias, out)},
    )


@shape_rule("torch.nn.ConvTranspose{n}d", "torch.nn.LazyConvTranspose{n}d", n=DIMS)
def conv_transpose(
    input: Tensor,
    output_size: Sizes | None = None,
    *,
    weight: Tensor,
    bias: Tensor | None = None,
    in_channels: Named | None = None,
    out_channels: Size,
    stride: PerAxis,
    padding: PerAxis,
    output_padding: PerAxis,
    groups: Size,
    dilation: PerAxis,
    n: int,
) -> Rule:
    """(n, in_channels, *size) -> (n, out_channels, *size')"""
    return (
        yield from unsweep(
            input,
            weight,
            bias,
            stride,
            padding,
            output_padding,
            groups,
            dilation,
            n,
            output_size=output_size,
            channels=(in_channels, out_channels),
        )
    )


@shape_rule("torch.nn.functional.conv_transpose{n}d", "torch.conv_transpose{n}d", n=DIMS)
def functional_conv_transpose(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = (1,),
    padding: PerAxis = (0,),
    output_padding: PerAxis = (0,),
    groups: Size = 1,
    dilation: PerAxis = (1,),
    *,
    n: int,
) -> Rule:
    """(n, c, *size), (c, k/groups, *kernel), (k,)? -> (n, k, *size')"""
    return (yield from unsweep(input, weight, bias, stride, padding, output_padding, groups, dilation, n))


def unsweep(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: PerAxis,
    padding: PerAxis,
    output_padding: PerAxis,
    groups: Size,
    dilation: PerAxis,
    n: int,
    *,
    output_size: Sizes | None = None,
    channels: tuple[Named | None, Size | None] = (None, None),
) -> Generator[Need | Derivation, None, Shape]:
    """A transposed convolution, as layer or function."""
    yield rank(weight, n + 2, code=WEIGHT)
    yield from unbatched_or_not(x, n)
    taken, given, *kernel = weight.sizes
    in_channels, out_channels = channels
    yield from at_least_each((groups,), 1, "groups")
    wanted = in_channels if in_channels is not None and taken == in_channels.size else weight[0]
    yield same(spatial(x, -n - 1), wanted, CHANNELS)
    if wanted is not in_channels:  # otherwise the constructor has asked
        yield divisible(weight[0], Named(groups, "groups"), GROUPS)
    if out_channels is None or given != floordiv(out_channels, groups):
        out_channels = given * groups
    if bias is not None:
        yield rank(bias, 1, code=WEIGHT)
        yield same(bias[0], Named(out_channels, "out_channels"), WEIGHT)
    yield from same_dtype(weight, x)
    for sizes, name, least in (
        (kernel, "kernel_size", 1),
        (stride, "stride", 1),
        (dilation, "dilation", 1),
        (padding, "padding", 0),
        (output_padding, "output_padding", 0),
    ):
        yield from at_least_each(sizes, least, name)
    spans = tuple(map(Span, kernel, stride, padding, dilation))
    if output_size is None:
        if x.rank == n + 1 or equal(x.shape.sizes[-n - 2] if x.rank else 0, 0) is NO:  # nothing is asked of no picture
            yield from _output_padding_small(output_padding, stride, dilation)
        places = yield from _grown(x, spans, output_padding)
    else:
        places = yield from _asked(x, spans, output_size)
    return x.shape.ending(n + 1, out_channels, *places)


@dataclass(frozen=True, slots=True)
class Span:
    """The window along one axis, run backwards."""

    kernel: Size
    stride: Size
    padding: Size
    dilation: Size

    def reach(self, size: Size) -> Size:
        """The size without output_padding."""
        return (size - 1) * self.stride - 2 * self.padding + self.dilation * (self.kernel - 1) + 1

    def formula(self, size: Size, extra: Size) -> str:
        """``(14 - 1)*2 - 2*1 + 4 = 28``"""
        plain = self.dilation == 1
        window = bracketed(self.kernel) if plain else f"{factor(self.dilation)}*({self.kernel} - 1) + 1"
        more = "" if extra == 0 else f" + {bracketed(extra)}"
        places = f"({size} - 1)*{factor(self.stride)} - 2*{factor(self.padding)}"
        return f"{places} + {window}{more} = {self.reach(size) + extra}"


def _output_padding_small(output_padding: PerAxis, stride: PerAxis, dilation: PerAxis) -> Needs:
    for extra, step, spread in zip(output_padding, stride, dilation, strict=True):
        yield holds(
            some((at_least(step, extra + 1), at_least(spread, extra + 1))),
            ARGUMENT,
            lambda e=extra, s=step, d=spread: (  # type: ignore[misc]
                f"output_padding is {e}, but must be smaller than stride {s} or dilation {d}"
            ),
            actual=extra,
        )


def _grown(
    x: Tensor, spans: tuple[Span, ...], output_padding: PerAxis
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    sizes: list[Size] = []
    said: set[tuple[Size, Span, Size]] = set()
    alone = x.rank == len(spans) + 1 or (x.rank is not None and x.sizes[0] == 1)
    least = 1 if alone else 0  # on the CPU several pictures at once may come out empty
    for span, extra, k in zip(spans, output_padding, range(-len(spans), 0), strict=True):
        found = spatial(x, k)
        size = span.reach(found.size) + extra
        need = not_less(Named(size, f"the output size for {found.name}"), least, WINDOW)
        yield need
        sizes.append(fresh() if need.verdict is NO else size)
        if (found.size, span, extra) not in said:
            said.add((found.size, span, extra))
            yield Derivation(lambda s=span, h=found.size, e=extra: s.formula(h, e))  # type: ignore[misc]
    return tuple(sizes)


def _asked(
    x: Tensor, spans: tuple[Span, ...], output_size: Sizes
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    """output_size must be one that a convolution with this stride would have brought to the input's size."""
    n = len(spans)
    least = n if x.rank is None else x.rank
    if len(output_size) != n and (x.rank is not None or len(output_size) not in (n + 1, n + 2)):
        allowed: Verdict = YES if len(output_size) == least else NO
        yield holds(
            allowed,
            ARGUMENT,
            lambda: f"output_size has {len(output_size)} sizes, but {n} or {least} are needed",
            blocking=True,
        )
    wanted = output_size[-n:]
    for size, span, k in zip(wanted, spans, range(-n, 0), strict=True):
        low = span.reach(x.shape.sizes[k])
        high = low + span.stride - 1
        for verdict in (at_least(size, low), at_least(high, size)):
            yield holds(
                verdict,
                ARGUMENT,
                lambda a=low, b=high, size=size: f"output_size is {size}, but only {a} to {b} can be had",  # type: ignore[misc]
                actual=size,
            )
    return wanted
