"""torchvision.ops on boxes (..., 4), and its focal loss. Which boxes survive a suppression is never known."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, BATCH, INDEX_SHAPE
from torchshape_lint.dims import fresh
from torchshape_lint.proofs import divides
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.needs import (
    Result,
    Rule,
    Undetermined,
    broadcast,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.torchvision_ops import spelled
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.verdicts import decided

_FORMATS = {"xyxy": 4, "xywh": 4, "cxcywh": 4, "xywhr": 5, "cxcywhr": 5, "xyxyxyxy": 8}


@shape_rule(*spelled("boxes", "nms"))
def nms(boxes: Tensor, scores: Tensor, iou_threshold: object) -> Rule:
    """(n, 4), (n) -> (?): as many as are kept"""
    yield rank(boxes, 2)
    yield rank(scores, 1)
    yield same(boxes[1], Named(4, "the number of columns (x1, y1, x2, y2)"), INDEX_SHAPE)
    yield same(scores[0], boxes[0], BATCH)
    return Result((fresh("kept"),), "int64")


@shape_rule(*spelled("boxes", "batched_nms"))
def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: object) -> Rule:
    """(n, 4), (n), (n) -> (?): as many as are kept"""
    if boxes.shape.numel == 0:
        return Result((0,), "int64")
    return (yield from nms(boxes, scores, iou_threshold))


@shape_rule(*spelled("boxes", "remove_small_boxes"))
def remove_small_boxes(boxes: Tensor, min_size: object) -> Rule:
    """(n, 4) -> (?): as many as are large enough"""
    yield rank_at_least(boxes, 1)
    return Result((fresh("kept"),), "int64")


@shape_rule(*spelled("boxes", "clip_boxes_to_image"))
def clip_boxes_to_image(boxes: Tensor, size: object) -> Rule:
    """(..., 4) -> same"""
    yield rank_at_least(boxes, 1)
    even = holds(divides(2, boxes[-1].size), INDEX_SHAPE, lambda: f"{boxes[-1].name} is {boxes[-1].size}, which is odd")
    yield even
    return boxes.shape


@shape_rule(*spelled("boxes", "box_convert"))
def box_convert(boxes: Tensor, in_fmt: object, out_fmt: object) -> Rule:
    """(..., 4) -> (..., 4); rotated boxes have 5 numbers, corners 8"""
    for fmt in (in_fmt, out_fmt):
        if isinstance(fmt, str) and fmt not in _FORMATS:
            yield never(ARGUMENT, f"{fmt!r} is no format of boxes: {', '.join(_FORMATS)}")
    if not isinstance(in_fmt, str) or not isinstance(out_fmt, str):
        return boxes.shape.ending(1, fresh())
    if in_fmt == out_fmt:
        return boxes.shape
    if (_FORMATS[in_fmt] == 4) != (_FORMATS[out_fmt] == 4):
        yield never(ARGUMENT, f"boxes {in_fmt} cannot be converted to {out_fmt}")
    yield from _columns(boxes, _FORMATS[in_fmt])
    return Result(boxes.shape.ending(1, _FORMATS[out_fmt]), "" if _FORMATS[in_fmt] == 4 else None)


def _columns(boxes: Tensor, count: int) -> Steps:
    yield rank_at_least(boxes, 1)
    yield same(boxes[-1], Named(count, "the numbers that make a box"), INDEX_SHAPE)


@shape_rule(*spelled("boxes", "box_area"))
def box_area(boxes: Tensor, fmt: object = "xyxy") -> Rule:
    """(..., 4) -> (...)"""
    yield rank_at_least(boxes, 1)
    yield not_less(boxes[-1], 4, ARGUMENT)
    return Result(boxes.shape.ending(1), None)


@shape_rule(*spelled("boxes", "box_iou"))
def box_iou(boxes1: Tensor, boxes2: Tensor, fmt: object = "xyxy") -> Rule:
    """(..., n, 4), (..., m, 4) -> (..., n, m)"""
    return (yield from _each_with_each(boxes1, boxes2))


@shape_rule(*spelled("boxes", "generalized_box_iou"))
def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Rule:
    """(..., n, 4), (..., m, 4) -> (..., n, m)"""
    return (yield from _each_with_each(boxes1, boxes2))


@shape_rule(*spelled("boxes", "complete_box_iou", "distance_box_iou"))
def distance_box_iou(boxes1: Tensor, boxes2: Tensor, eps: object = 1e-7) -> Rule:
    """(..., n, 4), (..., m, 4) -> (..., n, m)"""
    return (yield from _each_with_each(boxes1, boxes2))


def _each_with_each(boxes1: Tensor, boxes2: Tensor) -> Rule:
    """How many numbers make a box depends on the format, and too many are not always noticed: four there must be."""
    for boxes in (boxes1, boxes2):
        yield rank_at_least(boxes, 2)
        yield not_less(boxes[-1], 4, ARGUMENT)
    n, m = boxes1.shape.sizes[-2], boxes2.shape.sizes[-2]
    if boxes1.shape.is_open or boxes2.shape.is_open:
        return Result(open_shape(n, m), None)
    fronts = [Tensor(Shape(x.sizes[:-2]), f"the front of {x.name}", x.facts) for x in (boxes1, boxes2)]
    front = yield from broadcast(*fronts)
    return Result(front.ending(0, n, m), None)


@shape_rule(*spelled("boxes", "masks_to_boxes"))
def masks_to_boxes(masks: Tensor) -> Rule:
    """(n, h, w) -> (n, 4)"""
    if masks.shape.numel == 0:
        return Result((0, 4), "float32")
    yield rank(masks, 3)
    return Result((masks.sizes[0], 4), None)


@shape_rule(*spelled("focal_loss", "sigmoid_focal_loss"))
def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: object = 0.25, gamma: object = 2, reduction: object = "none"
) -> Rule:
    """(*), (*) -> (*), or () when it is reduced"""
    if inputs.rank is not None and targets.rank is not None:
        words = f"{targets.name} has the shape {targets.shape}, but {inputs.name} has {inputs.shape}"
        yield holds(decided(inputs.rank == targets.rank), BATCH, lambda: words)
        for k in range(min(inputs.rank, targets.rank)):
            yield same(targets[k], inputs[k], BATCH)
    if reduction not in ("none", "mean", "sum"):
        if isinstance(reduction, str):
            yield never(ARGUMENT, f"{reduction!r} is no reduction: it must be none, mean or sum")
        return Undetermined("the reduction is not known")
    return inputs.shape if reduction == "none" else ()
