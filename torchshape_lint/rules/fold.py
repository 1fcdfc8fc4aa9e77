"""Fold and unfold: every window of a picture as a column, and back."""

from __future__ import annotations

from torchshape_lint.codes import FOLD, WINDOW
from torchshape_lint.dims import floordiv, product
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Rule,
    divisible,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, PerAxis, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, Window, at_least_each, slide, unbatched_or_not
from torchshape_lint.shapes import product_text
from torchshape_lint.verdicts import NO


@layer("torch.nn.Unfold")
def unfold_layer(kernel_size: object, dilation: object = 1, padding: object = 0, stride: object = 1) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.Fold")
def fold_layer(
    output_size: object, kernel_size: object, dilation: object = 1, padding: object = 0, stride: object = 1
) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.Unfold", n=(2,))
def unfold_call(input: Tensor, *, kernel_size: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis) -> Rule:
    """(n, c, h, w) -> (n, c*kh*kw, places)"""
    return (yield from columns(input, kernel_size, dilation, padding, stride))


@shape_rule("torch.nn.functional.unfold", n=(2,))
def unfold(
    input: Tensor,
    kernel_size: PerAxis,
    dilation: PerAxis = (1,),
    padding: PerAxis = (0,),
    stride: PerAxis = (1,),
) -> Rule:
    """(n, c, h, w) -> (n, c*kh*kw, places)"""
    return (yield from columns(input, kernel_size, dilation, padding, stride))


def _arguments(kernel: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis) -> Needs:
    for sizes, name in ((kernel, "kernel_size"), (dilation, "dilation"), (stride, "stride")):
        yield from at_least_each(sizes, 1, name)
    yield from at_least_each(padding, 0, "padding")


def columns(x: Tensor, kernel: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis) -> Rule:
    yield from unbatched_or_not(x, 2)
    yield from _arguments(kernel, dilation, padding, stride)
    places = yield from slide(x, tuple(map(Window, kernel, stride, padding, dilation)))
    return x.shape.ending(3, x.shape.sizes[-3] * product(kernel), product(places))


@shape_rule("torch.nn.Fold", n=(2,))
def fold_call(
    input: Tensor,
    *,
    output_size: PerAxis,
    kernel_size: PerAxis,
    dilation: PerAxis,
    padding: PerAxis,
    stride: PerAxis,
) -> Rule:
    """(n, c*kh*kw, places) -> (n, c, *output_size)"""
    return (yield from picture(input, output_size, kernel_size, dilation, padding, stride))


@shape_rule("torch.nn.functional.fold", n=(2,))
def fold(
    input: Tensor,
    output_size: PerAxis,
    kernel_size: PerAxis,
    dilation: PerAxis = (1,),
    padding: PerAxis = (0,),
    stride: PerAxis = (1,),
) -> Rule:
    """(n, c*kh*kw, places) -> (n, c, *output_size)"""
    return (yield from picture(input, output_size, kernel_size, dilation, padding, stride))


def picture(
    x: Tensor, output_size: PerAxis, kernel: PerAxis, dilation: PerAxis, padding: PerAxis, stride: PerAxis
) -> Rule:
    if x.rank is None:
        yield rank_at_least(x, 2)
    else:
        yield rank(x, 2, 3)
    for k in (-2, -1):  # only the batch may be empty
        yield not_less(x[k], 1, WINDOW)
    yield from _arguments(kernel, dilation, padding, stride)
    window_size = product(kernel)
    yield divisible(x[-2], Named(window_size, "the window of"), FOLD)
    windows = tuple(map(Window, kernel, stride, padding, dilation))
    places = tuple(window.steps(size) for window, size in zip(windows, output_size, strict=True))
    for count in places:
        if at_least(count, 1) is NO:
            yield never(WINDOW, f"no window {kernel} fits into output_size {output_size}", actual=count)
    for window, size in dict.fromkeys(zip(windows, output_size, strict=True)):
        yield Derivation(lambda w=window, s=size: w.formula(s))  # type: ignore[misc]
    yield same(x[-1], Named(product(places), f"the number of windows {product_text(places)}"), WINDOW)
    return x.shape.ending(2, floordiv(x.shape.sizes[-2], window_size), *output_size)
