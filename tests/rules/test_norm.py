"""Norms against torch on the CPU."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("BatchNorm1d", (3,), {}, (2, 3)),
    ("BatchNorm1d", (3,), {}, (2, 3, 4)),
    ("BatchNorm1d", (3,), {}, (2, 3, 4, 5)),
    ("BatchNorm1d", (3,), {}, (3,)),
    ("BatchNorm1d", (3,), {}, (1, 3)),
    ("BatchNorm1d", (3,), {}, (1, 3, 1)),
    ("BatchNorm1d", (3,), {}, (0, 3)),
    ("BatchNorm2d", (3,), {}, (1, 3, 8, 8)),
    ("BatchNorm2d", (3,), {}, (3, 8, 8)),
    ("BatchNorm2d", (8,), {}, (1, 3, 8, 8)),
    ("BatchNorm2d", (8,), {"affine": False}, (1, 3, 8, 8)),
    ("BatchNorm2d", (8,), {"track_running_stats": False}, (1, 3, 8, 8)),
    ("BatchNorm2d", (8,), {"affine": False, "track_running_stats": False}, (1, 3, 8, 8)),
    ("BatchNorm2d", (8,), {"bias": False}, (1, 8, 8, 8)),
    ("BatchNorm2d", (-1,), {}, (1, 8, 8, 8)),
    ("BatchNorm2d", (3,), {}, (1, 3, 1, 1)),
    ("BatchNorm3d", (3,), {}, (1, 3, 2, 8, 8)),
    ("BatchNorm3d", (3,), {}, (1, 3, 8, 8)),
    ("LazyBatchNorm2d", (), {}, (1, 3, 8, 8)),
    ("LazyBatchNorm1d", (), {"affine": False}, (2, 3)),
    ("SyncBatchNorm", (3,), {}, (2, 3, 4)),
    ("SyncBatchNorm", (3,), {}, (2,)),
    ("SyncBatchNorm", (3,), {}, (2, 4)),
    ("InstanceNorm2d", (3,), {}, (2, 3, 8, 8)),
    ("InstanceNorm2d", (3,), {}, (3, 8, 8)),
    ("InstanceNorm2d", (8,), {}, (1, 3, 8, 8)),
    ("InstanceNorm2d", (8,), {"affine": True}, (1, 3, 8, 8)),
    ("InstanceNorm2d", (8,), {"track_running_stats": True}, (1, 3, 8, 8)),
    ("InstanceNorm2d", (3,), {"affine": True}, (3, 8, 8)),
    ("InstanceNorm2d", (3,), {}, (2, 3, 1, 1)),
    ("InstanceNorm1d", (3,), {}, (3, 8)),
    ("InstanceNorm1d", (3,), {}, (4, 3, 8, 8)),
    ("InstanceNorm3d", (3,), {}, (4, 3, 2, 2, 2)),
    ("LazyInstanceNorm2d", (), {}, (4, 3, 2, 2)),
    ("LayerNorm", (4,), {}, (2, 3, 4)),
    ("LayerNorm", (4,), {}, (4,)),
    ("LayerNorm", (5,), {}, (2, 3, 4)),
    ("LayerNorm", ((3, 4),), {}, (2, 3, 4)),
    ("LayerNorm", ([3, 4],), {"bias": False}, (2, 3, 4)),
    ("LayerNorm", ((3, 4),), {}, (2, 4, 4)),
    ("LayerNorm", ((3, 4),), {}, (4,)),
    ("LayerNorm", ((4,),), {"elementwise_affine": False}, (2, 4)),
    ("LayerNorm", ((),), {}, (2, 4)),
    ("RMSNorm", (4,), {}, (2, 3, 4)),
    ("RMSNorm", ((3, 4),), {}, (2, 4, 4)),
    ("GroupNorm", (2, 6), {}, (2, 6, 4)),
    ("GroupNorm", (2, 6), {}, (2, 6)),
    ("GroupNorm", (4, 6), {}, (2, 6)),
    ("GroupNorm", (2, 6), {}, (6,)),
    ("GroupNorm", (2, 6), {}, (2, 4, 4)),
    ("GroupNorm", (2, 6), {"affine": False}, (2, 4, 4)),
    ("GroupNorm", (2, 6), {"affine": False}, (2, 5, 4)),
    ("GroupNorm", (6, 6), {}, (1, 6)),
    ("GroupNorm", (6, 6), {}, (2, 6)),
    ("GroupNorm", (3, 6), {"bias": False}, (1, 6, 2, 2)),
    ("LocalResponseNorm", (2,), {}, (2, 4, 4)),
    ("LocalResponseNorm", (2,), {}, (2, 4)),
    ("LocalResponseNorm", (0,), {}, (2, 4, 4)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
@pytest.mark.parametrize("training", [True, False])
def test_layers(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...], training: bool
) -> None:
    if name == "LazyBatchNorm2d" and not training:
        return  # torch itself refuses to run statistics that were never initialised
    judge_layer(f"torch.nn.{name}", args, kwargs, [shape], training=training, device="cpu")


FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("batch_norm", (T(2, 3, 4), T(3), T(3)), {}),
    ("batch_norm", (T(2, 3, 4), T(3), T(4)), {}),
    ("batch_norm", (T(2, 3, 4), None, None), {}),
    ("batch_norm", (T(2, 3, 4), None, None), {"training": True}),
    ("batch_norm", (T(2, 3, 4), None, None, T(4)), {"training": True}),
    ("batch_norm", (T(1, 3, 1), T(3), T(3)), {"training": True}),
    ("instance_norm", (T(4, 3, 8),), {}),
    ("instance_norm", (T(4, 3),), {}),
    ("instance_norm", (T(4, 3, 8),), {"weight": T(4)}),
    ("instance_norm", (T(4, 3, 8), T(4), T(4)), {}),
    ("instance_norm", (T(4, 3, 8),), {"use_input_stats": False}),
    ("layer_norm", (T(2, 4), (4,)), {}),
    ("layer_norm", (T(2, 4), (4,), T(5)), {}),
    ("layer_norm", (T(2, 4), (4,), T(4), T(1, 4)), {}),
    ("layer_norm", (T(2, 3, 4), [3, 4], T(3, 4)), {}),
    ("rms_norm", (T(2, 4), (4,), T(4)), {}),
    ("rms_norm", (T(2, 4), (3,)), {}),
    ("group_norm", (T(2, 6, 5), 2), {}),
    ("group_norm", (T(2, 6, 5), 4), {}),
    ("group_norm", (T(2, 6, 5), 2, T(5)), {}),
    ("normalize", (T(2, 4),), {}),
    ("normalize", (T(2),), {}),
    ("normalize", (T(2),), {"dim": 0}),
    ("normalize", (T(2, 3, 4),), {"dim": (1, -1)}),
    ("local_response_norm", (T(2, 3, 4), 2), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), FUNCTIONS)
def test_functions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(f"torch.nn.functional.{name}", args, kwargs, device="cpu")


def test_words() -> None:
    applied = judge_layer("torch.nn.BatchNorm2d", (8,), {}, [(1, 3, 8, 8)])
    assert [need.words() for need in applied.broken] == ["axis 1 of input is 3, but num_features is 8"]
    applied = judge_layer("torch.nn.LayerNorm", (5,), {}, [(2, 4)])
    assert [need.words() for need in applied.broken] == ["last axis of input is 4, but normalized_shape is 5"]
