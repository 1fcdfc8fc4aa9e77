"""torchvision's functional transforms on tensors, v1 and v2, against torchvision where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import GUISES, T, judge_function
from tests.rules.torchvision_ready import require_torchvision

require_torchvision()

IMAGE, COLOUR = T(2, 3, 12, 20), T(3, 20, 12)
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("resize", (IMAGE, [6, 7]), {}),
    ("resize", (IMAGE, 6), {}),
    ("resize", (COLOUR, 7), {}),
    ("resize", (COLOUR, [7]), {}),
    ("resize", (T(3, 9, 9), 7), {}),
    ("resize", (COLOUR, (7, 8, 9)), {}),
    ("resize", (COLOUR, 7), {"max_size": 10}),
    ("resize", (COLOUR, 7), {"max_size": 30}),
    ("resize", (COLOUR, (7, 8)), {"max_size": 30}),
    ("resized_crop", (IMAGE, 1, 1, 5, 10, 3), {}),
    ("resized_crop", (IMAGE, 1, 1, 5, 10, [3, 4]), {}),
    ("crop", (IMAGE, 1, 2, 5, 6), {}),
    ("crop", (IMAGE, 10, 18, 5, 6), {}),
    ("crop", (IMAGE, -2, -2, 5, 6), {}),
    ("center_crop", (IMAGE, 8), {}),
    ("center_crop", (IMAGE, [8]), {}),
    ("center_crop", (IMAGE, (7, 9)), {}),
    ("center_crop", (IMAGE, (30, 9)), {}),
    ("center_crop", (IMAGE, (31, 41)), {}),
    ("five_crop", (IMAGE, 8), {}),
    ("five_crop", (IMAGE, (8, 30)), {}),
    ("ten_crop", (IMAGE, (8, 5)), {}),
    ("pad", (IMAGE, 2), {}),
    ("pad", (IMAGE, [2, 3]), {}),
    ("pad", (COLOUR, [1, 2, 3, 4]), {}),
    ("pad", (COLOUR, [1, 2, 3]), {}),
    ("hflip", (IMAGE,), {}),
    ("vflip", (COLOUR,), {}),
    ("normalize", (COLOUR, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), {}),
    ("normalize", (COLOUR, [0.5], [0.5]), {}),
    ("normalize", (COLOUR, [0.5, 0.5], [0.5, 0.5]), {}),
    ("normalize", (T(1, 28, 28), [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), {}),
    ("normalize", (T(28, 28), [0.5], [0.5]), {}),
    ("normalize", (T(3, 28, 28, dtype="uint8"), [0.5], [0.5]), {}),
    ("rgb_to_grayscale", (IMAGE,), {}),
    ("rgb_to_grayscale", (IMAGE, 3), {}),
    ("rgb_to_grayscale", (IMAGE, 2), {}),
    ("rgb_to_grayscale", (T(1, 5, 5), 3), {}),
    ("rgb_to_grayscale", (T(4, 5, 5),), {}),
    ("rgb_to_grayscale", (T(5, 5),), {}),
    ("rotate", (IMAGE, 30.0), {}),
    ("adjust_brightness", (IMAGE, 0.5), {}),
    ("adjust_contrast", (IMAGE, 0.5), {}),
    ("adjust_saturation", (COLOUR, 0.5), {}),
    ("adjust_hue", (COLOUR, 0.1), {}),
    ("adjust_gamma", (COLOUR, 2), {}),
    ("gaussian_blur", (IMAGE, [3, 3]), {}),
    ("invert", (IMAGE,), {}),
    ("get_dimensions", (IMAGE,), {}),
    ("get_dimensions", (T(5, 6),), {}),
]


@pytest.mark.parametrize("where", ["transforms.functional", "transforms.v2.functional"])
@pytest.mark.parametrize(("name", "args", "kwargs"), CASES)
def test_functional(where: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(f"torchvision.{where}.{name}", args, kwargs, device="cpu", guises=GUISES)


def test_only_in_v1() -> None:
    judge_function("torchvision.transforms.functional.adjust_hue", (T(4, 5, 5), 0.1), device="cpu")
    judge_function("torchvision.transforms.functional.get_image_size", (IMAGE,), device="cpu")


def test_unknown_expansion() -> None:
    judge_function(
        "torchvision.transforms.functional.rotate", (IMAGE, 30.0), {"expand": True}, device="cpu", unknown=True
    )
