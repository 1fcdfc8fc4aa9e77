"""torchvision.ops against torchvision as far as its Python half goes; by hand what only the compiled half knows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from tests.rules.torchvision_ready import require_torchvision
from torchshape_lint import values
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import ListValue, Unknown

CASES: list[tuple[str, tuple[Any, ...]]] = [
    ("box_iou", (T(5, 4), T(7, 4))),
    ("box_iou", (T(2, 5, 4), T(7, 4))),
    ("box_iou", (T(2, 5, 4), T(3, 7, 4))),
    ("generalized_box_iou", (T(5, 4), T(7, 4))),
    ("distance_box_iou", (T(5, 4), T(7, 4))),
    ("complete_box_iou", (T(5, 4), T(7, 4))),
    ("box_area", (T(5, 4),)),
    ("box_convert", (T(5, 4), "xyxy", "cxcywh")),
    ("box_convert", (T(5, 4), "xyxy", "xyxy")),
    ("box_convert", (T(2, 5, 4), "xywh", "xyxy")),
    ("box_convert", (T(5, 5), "xywh", "xyxy")),
    ("box_convert", (T(5, 4), "xywh", "yxyx")),
    ("box_convert", (T(5, 4), "xywh", "xywhr")),
    ("box_convert", (T(5, 5), "xywhr", "xyxyxyxy")),
    ("clip_boxes_to_image", (T(5, 4), (10, 10))),
    ("clip_boxes_to_image", (T(5, 5), (10, 10))),
    ("masks_to_boxes", (T(0, 5, 5),)),
    ("sigmoid_focal_loss", (T(5, 3), T(5, 3))),
    ("sigmoid_focal_loss", (T(5, 3), T(5, 3), 0.5, 2, "mean")),
    ("sigmoid_focal_loss", (T(5, 3), T(5, 4))),
    ("sigmoid_focal_loss", (T(5, 3), T(5))),
    ("sigmoid_focal_loss", (T(5, 3), T(5, 3), 0.5, 2, "max")),
    ("stochastic_depth", (T(2, 3, 4, 4), 0.5, "row")),
    ("stochastic_depth", (T(2, 3), 0.5, "batch")),
    ("stochastic_depth", (T(2, 3), 0.5, "column")),
    ("stochastic_depth", (T(2, 3), 1.5, "row")),
    ("drop_block2d", (T(2, 3, 9, 9), 0.5, 3)),
    ("drop_block2d", (T(2, 3, 9, 9), 0.5, 4)),
    ("drop_block2d", (T(2, 3, 2, 9), 0.5, 3)),
    ("drop_block2d", (T(3, 9, 9), 0.5, 3)),
    ("drop_block3d", (T(2, 3, 9, 9, 9), 0.5, 3)),
]
LAYERS: list[tuple[str, list[Any], T]] = [
    ("FrozenBatchNorm2d", [8], T(2, 8, 4, 4)),
    ("FrozenBatchNorm2d", [8], T(2, 6, 4, 4)),
    ("FrozenBatchNorm2d", [8], T(8, 4, 4)),
    ("FrozenBatchNorm2d", [8], T(2, 1, 4, 4)),
    ("Permute", [[0, 2, 3, 1]], T(2, 3, 4, 5)),
    ("Permute", [[0, 2, 1]], T(2, 3, 4, 5)),
    ("SqueezeExcitation", [8, 2], T(2, 8, 4, 4)),
    ("SqueezeExcitation", [8, 2], T(2, 6, 4, 4)),
    ("SqueezeExcitation", [8, 2], T(8, 4, 4)),
    ("MLP", [8, [16, 4]], T(2, 5, 8)),
    ("MLP", [8, [16, 4]], T(2, 5, 9)),
    ("StochasticDepth", [0.2, "row"], T(2, 5, 9)),
    ("DropBlock2d", [0.2, 3], T(2, 5, 9, 9)),
    ("DropBlock2d", [0.2, 3], T(5, 9, 9)),
    ("DropBlock3d", [0.2, 3], T(2, 5, 9, 9, 9)),
]


@pytest.fixture(scope="module")
def _torchvision() -> None:
    require_torchvision()


@pytest.mark.usefixtures("_torchvision")
@pytest.mark.parametrize(("name", "args"), CASES)
def test_functions(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torchvision.ops.{name}", args, device="cpu")


@pytest.mark.usefixtures("_torchvision")
@pytest.mark.parametrize(("name", "arguments", "x"), LAYERS)
def test_layers(name: str, arguments: list[Any], x: T) -> None:
    judge_layer(f"torchvision.ops.{name}", arguments, {}, [x], device="cpu", parameters=name not in ("MLP", "Permute"))


@pytest.mark.usefixtures("_torchvision")
@pytest.mark.parametrize("boxes", [T(5, 5), [T(2, 4), T(3, 4)], T(5, 4), [T(2, 5), T(3, 4)]])
def test_roi_align(boxes: Any) -> None:
    judge_function("torchvision.ops.roi_align", (T(2, 3, 16, 16), boxes, (7, 6)), {"sampling_ratio": 2}, device="cpu")


def _asked(name: str, *args: Any) -> Applied:
    rule = find_rule(f"torchvision.ops.{name}")
    assert rule
    return apply(rule, CallArgs([_value(a) for a in args]), Facts())


def _value(argument: Any) -> Any:
    if isinstance(argument, T):
        return values.Tensor(Shape(argument.sizes), argument.dtype)
    return ListValue({"items": tuple(map(_value, argument))}) if isinstance(argument, list) else argument


@pytest.mark.parametrize(
    ("name", "args", "sizes"),
    [
        ("roi_pool", (T(2, 3, 16, 16), T(5, 5), 7), (5, 3, 7, 7)),
        ("roi_pool", (T(2, 3, 16, 16), [T(2, 4), T(3, 4)], (7, 6)), (5, 3, 7, 6)),
        ("roi_pool", (T(2, 3, 16, 16), T(5, 4), 7), None),
        ("ps_roi_align", (T(2, 12, 16, 16), T(5, 5), 2), (5, 3, 2, 2)),
        ("ps_roi_pool", (T(2, 13, 16, 16), T(5, 5), 2), None),
        ("deform_conv2d", (T(4, 3, 10, 10), T(4, 18, 8, 8), T(5, 3, 3, 3)), (4, 5, 8, 8)),
        ("deform_conv2d", (T(4, 3, 10, 10), T(4, 18, 10, 10), T(5, 3, 3, 3)), None),
        ("deform_conv2d", (T(4, 3, 10, 10), T(4, 17, 8, 8), T(5, 3, 3, 3)), None),
        ("nms", (T(5, 4), T(6), 0.5), None),
        ("nms", (T(5, 5), T(5), 0.5), None),
    ],
)
def test_compiled(name: str, args: tuple[Any, ...], sizes: tuple[int, ...] | None) -> None:
    applied = _asked(name, *args)
    if sizes is None:
        assert applied.broken and all(need.words() for need in applied.broken)
    else:
        assert not applied.broken and isinstance(applied.value, values.Tensor)
        assert applied.value.shape == Shape(sizes)


def test_what_is_kept_depends_on_the_boxes() -> None:
    applied = _asked("nms", T(5, 4), T(5), 0.5)
    assert isinstance(applied.value, values.Tensor) and not isinstance(applied.value.shape.sizes[0], int)
    assert isinstance(_asked("box_iou", Unknown("?"), T(3, 4)).value, Unknown)
