"""Pooling: windows whose size the author gives. Adaptive pooling is in `adaptive_pool`, undoing it in `unpool`."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, PADDING, WINDOW
from torchshape_lint.dims import Size, floordiv, fresh
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Many,
    Need,
    Outcome,
    Result,
    Rule,
    holds,
    never,
    not_less,
)
from torchshape_lint.rules.operands import PerAxis, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, Window, at_least_each, factor, spatial, unbatched_or_not
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO, YES, Verdict

DIMS = (1, 2, 3)
Stride: TypeAlias = PerAxis | Unknown | None  # None: as the kernel
Choice: TypeAlias = bool | Unknown


@layer("torch.nn.MaxPool{n}d", n=DIMS)
def max_pool_layer(
    kernel_size: object,
    stride: object = None,
    padding: object = 0,
    dilation: object = 1,
    return_indices: object = False,
    ceil_mode: object = False,
) -> Construction:
    """torch keeps the arguments as they are and looks at them when called."""
    return Construction()


@layer("torch.nn.AvgPool1d")
def avg_pool1d_layer(
    kernel_size: PerAxis,
    stride: PerAxis | Unknown | None = None,
    padding: PerAxis = (0,),
    ceil_mode: object = False,
    count_include_pad: object = True,
) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.AvgPool{n}d", n=(2, 3))
def avg_pool_layer(
    kernel_size: object,
    stride: object = None,
    padding: object = 0,
    ceil_mode: object = False,
    count_include_pad: object = True,
    divisor_override: object = None,
) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.LPPool{n}d", n=DIMS)
def lp_pool_layer(
    norm_type: object, kernel_size: object, stride: object = None, ceil_mode: object = False
) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.MaxPool{n}d", n=DIMS)
def max_pool(
    input: Tensor,
    *,
    kernel_size: PerAxis,
    stride: Stride,
    padding: PerAxis,
    dilation: PerAxis,
    return_indices: bool,
    ceil_mode: Choice,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size'), twice with return_indices"""
    places = yield from pool(input, kernel_size, stride, padding, ceil_mode, n, dilation=dilation)
    return with_indices(places, return_indices)


@shape_rule("torch.nn.functional.max_pool{n}d", n=DIMS)
def functional_max_pool(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    dilation: PerAxis = (1,),
    ceil_mode: Choice = False,
    return_indices: bool = False,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size'), twice with return_indices"""
    places = yield from pool(input, kernel_size, stride, padding, ceil_mode, n, dilation=dilation)
    return with_indices(places, return_indices)


@shape_rule("torch.max_pool{n}d", "torch.quantized_max_pool{n}d", n=DIMS)
def torch_max_pool(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    dilation: PerAxis = (1,),
    ceil_mode: Choice = False,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    return (yield from pool(input, kernel_size, stride, padding, ceil_mode, n, dilation=dilation))


@shape_rule("torch.nn.functional.max_pool{n}d_with_indices", n=DIMS)
def max_pool_with_indices(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    dilation: PerAxis = (1,),
    ceil_mode: Choice = False,
    return_indices: object = False,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size') twice"""
    places = yield from pool(input, kernel_size, stride, padding, ceil_mode, n, dilation=dilation)
    return with_indices(places, True)


@shape_rule("torch.nn.AvgPool{n}d", n=DIMS)
def avg_pool(
    input: Tensor,
    *,
    kernel_size: PerAxis,
    stride: Stride,
    padding: PerAxis,
    ceil_mode: Choice,
    divisor_override: object = None,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    yield from _divisor(divisor_override)
    return (yield from pool(input, kernel_size, stride, padding, ceil_mode, n, inside=n == 3))


@shape_rule("torch.nn.functional.avg_pool{n}d", "torch.avg_pool{n}d", n=(1,))
def functional_avg_pool1d(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    ceil_mode: Choice = False,
    count_include_pad: object = True,
    *,
    n: int,
) -> Rule:
    """(n, c, l) -> (n, c, l')"""
    return (yield from pool(input, kernel_size, stride, padding, ceil_mode, n))


@shape_rule("torch.nn.functional.avg_pool{n}d", n=(2, 3))
def functional_avg_pool(
    input: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    ceil_mode: Choice = False,
    count_include_pad: object = True,
    divisor_override: object = None,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    yield from _divisor(divisor_override)
    return (yield from pool(input, kernel_size, stride, padding, ceil_mode, n, inside=n == 3))


@shape_rule("torch.nn.LPPool{n}d", n=DIMS)
def lp_pool(input: Tensor, *, kernel_size: PerAxis, stride: Stride, ceil_mode: Choice, n: int) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    shape = yield from pool(input, kernel_size, stride, (0,) * n, ceil_mode, n, inside=n == 3)
    return Result(shape, floating(input.dtype))


@shape_rule("torch.nn.functional.lp_pool{n}d", n=DIMS)
def functional_lp_pool(
    input: Tensor, norm_type: object, kernel_size: PerAxis, stride: Stride = None, ceil_mode: Choice = False, *, n: int
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    shape = yield from pool(input, kernel_size, stride, (0,) * n, ceil_mode, n, inside=n == 3)
    return Result(shape, floating(input.dtype))


def with_indices(shape: Shape, wanted: bool) -> Outcome:
    return Many((shape, Result(shape, "int64"))) if wanted else shape


def _divisor(divisor_override: object) -> Needs:
    if divisor_override == 0:
        yield never(ARGUMENT, "divisor_override is 0", actual=0)


def strides(kernel: PerAxis, stride: Stride) -> PerAxis:
    """torch's default stride is the kernel."""
    if isinstance(stride, Unknown):
        return tuple(fresh("stride", 1) for _ in kernel)
    return stride or kernel


def pool(
    x: Tensor,
    kernel: PerAxis,
    stride: Stride,
    padding: PerAxis,
    ceil_mode: Choice,
    n: int,
    *,
    dilation: PerAxis = (),
    inside: bool = False,
) -> Generator[Need | Derivation, None, Shape]:
    """One value for each place of the window; a place that starts behind the picture does not count.

    inside: the window must fit without padding too, as torch wants it for averages in three dimensions.
    """
    yield from unbatched_or_not(x, n)
    yield not_less(spatial(x, -n - 1), 1, WINDOW)
    steps, spread = strides(kernel, stride), dilation or (1,) * n
    for sizes, name, least in ((kernel, "kernel_size", 1), (steps, "stride", 1), (spread, "dilation", 1)):
        yield from at_least_each(sizes, least, name)
    yield from at_least_each(padding, 0, "padding")
    windows = [Pane(Window(*four), ceil_mode) for four in zip(kernel, steps, padding, spread, strict=True)]
    sizes_out: list[Size] = []
    said: set[tuple[Size, Pane]] = set()
    for pane, k in zip(windows, range(-n, 0), strict=True):
        found = spatial(x, k)
        need = pane.fits(x, k)
        if inside:
            yield Window(pane.window.kernel).fits(found)
        yield pane.half()
        yield need
        sizes_out.append(fresh() if need.verdict is NO else pane.places(found.size))
        if (found.size, pane) not in said and not isinstance(ceil_mode, Unknown):
            said.add((found.size, pane))
            yield Derivation(lambda p=pane, size=found.size: p.formula(size))  # type: ignore[misc]
    return x.shape.ending(n, *sizes_out)


@dataclass(frozen=True, slots=True)
class Pane:
    """A window that pools. With ceil_mode it may hang over the end, but starts inside the picture or its padding."""

    window: Window
    ceil_mode: Choice

    def half(self) -> Need:
        """torch pads by at most half the kernel."""
        kernel, padding = self.window.kernel, self.window.padding
        return holds(
            at_least(kernel, 2 * padding),
            PADDING,
            lambda: f"padding is {padding}, but may be at most half of kernel_size {kernel}",
            actual=padding,
        )

    def fits(self, x: Tensor, k: int) -> Need:
        """There is at least one place."""
        if self.ceil_mode is False:
            return self.window.fits(spatial(x, k))
        name, size = spatial(x, k).name, x.shape.sizes[k]
        verdict = at_least(self._ceiled(size), 1)
        return holds(
            verdict,
            WINDOW,
            lambda: f"{name} is {size}, but kernel_size is {self.window.kernel}",
            actual=size,
        )

    def _ceiled(self, size: Size) -> Size:
        """Places before those are left out that start behind the picture."""
        w = self.window
        return floordiv(size + 2 * w.padding - w.span + w.stride - 1, w.stride) + 1

    def _starts_inside(self, size: Size) -> Verdict:
        """Does the last place start inside the picture or its left padding?"""
        w = self.window
        if at_least(w.span, w.stride + w.padding) is YES:  # (places - 1)*stride < size + padding for every size
            return YES
        return at_least(size + w.padding - 1, (self._ceiled(size) - 1) * w.stride)

    def places(self, size: Size) -> Size:
        if self.ceil_mode is False:
            return self.window.steps(size)
        if isinstance(self.ceil_mode, Unknown):
            return fresh()
        verdict = self._starts_inside(size)
        return self._ceiled(size) if verdict is YES else self._ceiled(size) - 1 if verdict is NO else fresh()

    def formula(self, size: Size) -> str:
        """``ceil((28 + 2*0 - 3)/2) + 1 = 14``"""
        w = self.window
        if self.ceil_mode is False:
            return w.formula(size)
        inner = f"{size} + 2*{factor(w.padding)} - {w.span_words}"
        less = " - 1" if self._starts_inside(size) is NO else ""
        return f"ceil(({inner})/{factor(w.stride)}) + 1{less} = {self.places(size)}"
