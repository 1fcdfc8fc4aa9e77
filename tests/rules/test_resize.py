"""Interpolation, shuffles and grids against torch on the CPU."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.judge import T, judge_function, judge_layer

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Upsample", (), {"scale_factor": 2}, (1, 3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2}, (3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2}, (4, 5)),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}, (1, 3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear", "align_corners": True}, (3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2, "mode": "linear"}, (3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2, "mode": "linear"}, (1, 3, 4, 5)),
    ("Upsample", (), {"scale_factor": 0.3}, (1, 3, 10, 20)),
    ("Upsample", (), {"scale_factor": 0.1}, (1, 3, 4, 20)),
    ("Upsample", (), {"scale_factor": (2, 0.5)}, (1, 3, 4, 5)),
    ("Upsample", ((7, 9),), {}, (1, 3, 4, 5)),
    ("Upsample", (7,), {"mode": "trilinear"}, (1, 3, 4, 5, 6)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (1, 3, 4, 5)),
    ("UpsamplingNearest2d", ((3, 4),), {}, (1, 3, 4, 5)),
    ("UpsamplingBilinear2d", (), {"scale_factor": 2}, (1, 3, 4, 5)),
    ("UpsamplingBilinear2d", (), {"scale_factor": 2}, (3, 4, 5)),
    ("PixelShuffle", (2,), {}, (1, 8, 3, 4)),
    ("PixelShuffle", (2,), {}, (8, 3, 4)),
    ("PixelShuffle", (2,), {}, (2, 2, 8, 3, 4)),
    ("PixelShuffle", (2,), {}, (1, 9, 3, 4)),
    ("PixelShuffle", (2,), {}, (3, 4)),
    ("PixelUnshuffle", (2,), {}, (1, 2, 4, 6)),
    ("PixelUnshuffle", (2,), {}, (1, 2, 5, 6)),
    ("ChannelShuffle", (2,), {}, (1, 4, 5, 6)),
    ("ChannelShuffle", (3,), {}, (1, 4, 5, 6)),
    ("ChannelShuffle", (2,), {}, (4, 6)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]) -> None:
    judge_layer(f"torch.nn.{name}", args, kwargs, [shape], device="cpu")


PICTURE = T(3, 4, 5, 6)
FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("interpolate", (PICTURE, 2), {}),
    ("interpolate", (PICTURE, (2, 3)), {"mode": "bicubic"}),
    ("interpolate", (PICTURE, (2, 3, 4)), {}),
    ("interpolate", (PICTURE, [2, 3]), {"mode": "area"}),
    ("interpolate", (T(3, 4, 5), 2), {"mode": "area"}),
    ("interpolate", (PICTURE,), {"size": (2, 3), "mode": "trilinear"}),
    ("interpolate", (PICTURE,), {"size": (2, 3), "mode": "nearest-exact"}),
    ("interpolate", (PICTURE,), {"scale_factor": 2.0, "mode": "bilinear", "align_corners": False}),
    ("interpolate", (PICTURE,), {"scale_factor": [2, 3]}),
    ("interpolate", (PICTURE,), {"scale_factor": (2, 3, 4)}),
    ("interpolate", (PICTURE, 2, 2), {}),
    ("interpolate", (PICTURE,), {}),
    ("interpolate", (PICTURE, 2), {"align_corners": False}),
    ("interpolate", (PICTURE,), {"scale_factor": 1.7, "recompute_scale_factor": True, "mode": "bilinear"}),
    ("interpolate", (PICTURE, 4), {"recompute_scale_factor": True}),
    ("interpolate", (PICTURE, 0), {}),
    ("interpolate", (T(3, 4, 5, 5, 2, 2), 4), {}),
    ("upsample", (PICTURE,), {"scale_factor": 2}),
    ("upsample_nearest", (PICTURE,), {"scale_factor": 2}),
    ("upsample_bilinear", (PICTURE, (2, 3)), {}),
    ("pixel_shuffle", (T(1, 9, 2, 2), 3), {}),
    ("pixel_shuffle", (T(1, 9, 2, 2), 0), {}),
    ("pixel_unshuffle", (T(1, 2, 4, 6), 2), {}),
    ("channel_shuffle", (T(1, 4, 2, 2), 2), {}),
    ("grid_sample", (T(1, 3, 4, 5), T(1, 7, 8, 2)), {}),
    ("grid_sample", (T(1, 3, 4, 5, 6), T(1, 7, 8, 9, 3)), {}),
    ("grid_sample", (T(2, 3, 4, 5), T(1, 7, 8, 2)), {}),
    ("grid_sample", (T(2, 3, 4, 5), T(2, 7, 8, 3)), {}),
    ("grid_sample", (T(2, 3, 4, 5), T(2, 7, 2)), {}),
    ("grid_sample", (T(2, 3, 0, 5), T(2, 7, 7, 2)), {}),
    ("grid_sample", (T(1, 3, 4, 5, 6), T(1, 7, 8, 9, 3)), {"mode": "bicubic"}),
    ("affine_grid", (T(2, 2, 3), (2, 3, 4, 5)), {}),
    ("affine_grid", (T(2, 3, 4), (2, 3, 4, 5, 6)), {}),
    ("affine_grid", (T(2, 3, 4), (2, 3, 4, 5)), {}),
    ("affine_grid", (T(3, 2, 3), (2, 3, 4, 5)), {}),
    ("affine_grid", (T(2, 2, 3), (2, 3, 4)), {}),
    ("affine_grid", (T(2, 2, 3), (2, 3, 0, 5)), {}),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "args", "kwargs"), FUNCTIONS)
def test_functions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(f"torch.nn.functional.{name}", args, kwargs, device="cpu")


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 60), factor=st.floats(0.05, 4) | st.sampled_from([0.5, 1.5, 2.0, 0.25, 1 / 3]))
def test_any_factor(size: int, factor: float) -> None:
    judge_function("torch.nn.functional.interpolate", (T(1, 1, size),), {"scale_factor": factor}, device="cpu")
