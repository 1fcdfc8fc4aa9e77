"""torchvision.ops on pictures: regions that are pooled, and what drops blocks. Its names are told here.

Where torchvision is installed its source is read instead.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, GROUPS, INDEX_SHAPE
from torchshape_lint.dims import Size, floordiv, fresh, total
from torchshape_lint.proofs import divides
from torchshape_lint.rules.broadcasting import Steps, unchanged
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Need,
    Rule,
    holds,
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, PerAxis, Tensor, Tensors
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO


def spelled(where: str, *names: str) -> tuple[str, ...]:
    """Each is known by its short name and by that of its file."""
    return tuple(f"torchvision.ops.{place}{name}" for name in names for place in ("", f"{where}."))


def _pooled(
    input: Tensor, boxes: Tensor | Tensors, output_size: tuple[Size, ...]
) -> Generator[Need | Derivation, None, tuple[Size, Size]]:
    """How many regions there are, and the channels of the input."""
    yield rank(input, 4)
    if isinstance(boxes, Tensor):
        yield rank(boxes, 2)
        yield same(boxes[1], Named(5, "the number of columns (index, x1, y1, x2, y2)"), INDEX_SHAPE)
        return boxes.sizes[0], input.sizes[1]
    for each in boxes:
        yield rank(each, 2)
        yield same(each[1], Named(4, "the number of columns (x1, y1, x2, y2)"), INDEX_SHAPE)
    return total(each.sizes[0] for each in boxes), input.sizes[1]


def _position_sensitive(
    input: Tensor, boxes: Tensor | Tensors, output_size: tuple[Size, ...]
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    """Each place of the output has channels of its own."""
    k, c = yield from _pooled(input, boxes, output_size)
    h, w = _both_edges(output_size)
    yield holds(
        divides(h * w, c),
        GROUPS,
        lambda: f"axis 1 of {input.name} is {c}, not divisible by the {h}*{w} places of the output",
        actual=c,
    )
    return k, (fresh() if divides(h * w, c) is NO else floordiv(c, h * w)), h, w


def _both_edges(size: tuple[Size, ...]) -> tuple[Size, Size]:
    return size[0], size[-1]


@shape_rule(*spelled("roi_align", "roi_align"), n=(2,))
def roi_align(
    input: Tensor,
    boxes: Tensor | Tensors,
    output_size: PerAxis,
    spatial_scale: object = 1.0,
    sampling_ratio: object = -1,
    aligned: object = False,
) -> Rule:
    """(n, c, h, w), (k, 5) -> (k, c, *output_size); or a list of boxes (., 4) for each picture"""
    k, c = yield from _pooled(input, boxes, output_size)
    return (k, c, *_both_edges(output_size))


@shape_rule(*spelled("roi_pool", "roi_pool"), n=(2,))
def roi_pool(input: Tensor, boxes: Tensor | Tensors, output_size: PerAxis, spatial_scale: object = 1.0) -> Rule:
    """(n, c, h, w), (k, 5) -> (k, c, *output_size)"""
    k, c = yield from _pooled(input, boxes, output_size)
    return (k, c, *_both_edges(output_size))


@shape_rule(*spelled("ps_roi_align", "ps_roi_align"), n=(2,))
def ps_roi_align(
    input: Tensor,
    boxes: Tensor | Tensors,
    output_size: PerAxis,
    spatial_scale: object = 1.0,
    sampling_ratio: object = -1,
) -> Rule:
    """(n, c*ph*pw, h, w), (k, 5) -> (k, c, ph, pw)"""
    return (yield from _position_sensitive(input, boxes, output_size))


@shape_rule(*spelled("ps_roi_pool", "ps_roi_pool"), n=(2,))
def ps_roi_pool(input: Tensor, boxes: Tensor | Tensors, output_size: PerAxis, spatial_scale: object = 1.0) -> Rule:
    """(n, c*ph*pw, h, w), (k, 5) -> (k, c, ph, pw)"""
    return (yield from _position_sensitive(input, boxes, output_size))


@layer(*spelled("roi_align", "RoIAlign"))
def roi_align_layer(
    output_size: object, spatial_scale: object, sampling_ratio: object, aligned: object = False
) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer(*spelled("ps_roi_align", "PSRoIAlign"))
def ps_roi_align_layer(output_size: object, spatial_scale: object, sampling_ratio: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer(*spelled("roi_pool", "RoIPool"), *spelled("ps_roi_pool", "PSRoIPool"))
def roi_pool_layer(output_size: object, spatial_scale: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule(*spelled("roi_align", "RoIAlign"), *spelled("roi_pool", "RoIPool"), n=(2,))
def roi_call(input: Tensor, rois: Tensor | Tensors, *, output_size: PerAxis) -> Rule:
    """(n, c, h, w), (k, 5) -> (k, c, *output_size)"""
    return (yield from roi_pool(input, rois, output_size))


@shape_rule(*spelled("ps_roi_align", "PSRoIAlign"), *spelled("ps_roi_pool", "PSRoIPool"), n=(2,))
def ps_roi_call(input: Tensor, rois: Tensor | Tensors, *, output_size: PerAxis) -> Rule:
    """(n, c*ph*pw, h, w), (k, 5) -> (k, c, ph, pw)"""
    return (yield from _position_sensitive(input, rois, output_size))


def _probability(p: Value) -> Steps:
    if isinstance(p, (int, float)) and not 0 <= p <= 1:
        yield never(ARGUMENT, f"p is {p}, but must be between 0 and 1")


@layer(*spelled("stochastic_depth", "StochasticDepth"))
def stochastic_depth_layer(p: object, mode: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule(*spelled("stochastic_depth", "stochastic_depth"))
def stochastic_depth(input: Tensor, p: object, mode: object, training: object = True) -> Rule:
    """(n, ...) -> same"""
    yield from _probability(p)
    if isinstance(mode, str) and mode not in ("batch", "row"):
        yield never(ARGUMENT, f"mode is {mode!r}, but must be batch or row")
    if mode == "row" and training is True and isinstance(p, float) and p > 0:
        yield rank_at_least(input, 1)
    return unchanged(input)


@shape_rule(*spelled("stochastic_depth", "StochasticDepth"))
def stochastic_depth_call(input: Tensor, *, p: object, mode: object, training: object = True) -> Rule:
    """(n, ...) -> same"""
    return (yield from stochastic_depth(input, p, mode, training))


@layer(*spelled("drop_block", "DropBlock2d", "DropBlock3d"))
def drop_block_layer(p: object, block_size: object, inplace: object = False, eps: object = 1e-06) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule(*spelled("drop_block", "drop_block2d"))
def drop_block2d(
    input: Tensor,
    p: object,
    block_size: object,
    inplace: object = False,
    eps: object = 1e-06,
    training: object = True,
) -> Rule:
    """(n, c, h, w) -> same"""
    return (yield from _blocks(input, 4, p, block_size, training))


@shape_rule(*spelled("drop_block", "drop_block3d"))
def drop_block3d(
    input: Tensor,
    p: object,
    block_size: object,
    inplace: object = False,
    eps: object = 1e-06,
    training: object = True,
) -> Rule:
    """(n, c, d, h, w) -> same"""
    return (yield from _blocks(input, 5, p, block_size, training))


@shape_rule(*spelled("drop_block", "DropBlock2d"))
def drop_block2d_call(input: Tensor, *, p: object, block_size: object, training: object = True) -> Rule:
    """(n, c, h, w) -> same"""
    return (yield from _blocks(input, 4, p, block_size, training))


@shape_rule(*spelled("drop_block", "DropBlock3d"))
def drop_block3d_call(input: Tensor, *, p: object, block_size: object, training: object = True) -> Rule:
    """(n, c, d, h, w) -> same"""
    return (yield from _blocks(input, 5, p, block_size, training))


def _blocks(input: Tensor, axes: int, p: Value, block_size: Value, training: Value) -> Rule:
    """The block is at most as large as the picture, and must be odd."""
    yield from _probability(p)
    yield rank(input, axes)
    edges = input.sizes[2:]
    if training is True and isinstance(p, float) and p > 0 and isinstance(block_size, int):
        if all(isinstance(size, int) for size in edges):
            least = min((block_size, *(size for size in edges if isinstance(size, int))))
            if least % 2 == 0:
                yield never(ARGUMENT, f"the block is {least} long, but must be odd", actual=least)
    return unchanged(input)
