"""Linear algebra that torch's own samples leave out: low-rank factorisations, and losses with their own layers."""

from __future__ import annotations

import pytest

from tests.rules.judge import T, judge_function, judge_layer


@pytest.mark.parametrize("name", ["torch.svd_lowrank", "torch.pca_lowrank"])
def test_lowrank(name: str) -> None:
    judge_function(name, [T(10, 8)], device="cpu")
    judge_function(name, [T(3, 10, 8), 5], device="cpu")
    judge_function(name, [T(10, 8), 9], device="cpu")


def test_adaptive_log_softmax() -> None:
    name = "torch.nn.AdaptiveLogSoftmaxWithLoss"
    numbers = {"call": [(5, 8), T(5, dtype="int64")], "device": "cpu"}
    judge_layer(name, [8, 20, [5, 10]], **numbers)  # type: ignore[arg-type]
    judge_layer(name, [8, 20, [5, 10]], call=[(8,), T(dtype="int64")], device="cpu")
    judge_layer(name, [8, 20, [5, 10]], call=[(5, 7), T(5, dtype="int64")], device="cpu")
    judge_layer(name, [8, 20, [5, 10]], call=[(5, 8), T(6, dtype="int64")], device="cpu")
    judge_layer(name, [8, 20, [5, 20]], **numbers)  # type: ignore[arg-type]
    judge_layer(name, [8, 20, [10, 5]], **numbers)  # type: ignore[arg-type]


def test_linear_needs_floats() -> None:
    judge_layer("torch.nn.Linear", [8, 4], call=[T(5, 8, dtype="int64")], device="cpu")
    judge_function("torch.nn.functional.linear", [T(5, 8), T(4, 8, dtype="int64")], device="cpu")
    judge_layer("torch.nn.Conv1d", [8, 4, 3], call=[T(5, 8, 9, dtype="bool")], device="cpu")


def test_truth_values_are_not_subtracted() -> None:
    judge_function("operator.sub", [1, T(3, dtype="bool")], device="cpu")
    judge_function("operator.sub", [T(3), T(3, dtype="bool")], device="cpu")
    judge_function("operator.neg", [T(3, dtype="bool")], device="cpu")
    judge_function("operator.sub", [T(3, dtype="int64"), T(3)])


def test_one_tensor_is_no_sequence() -> None:
    judge_function("torch.cat", [T(2, 3)])
    judge_function("torch.stack", [T(2, 3)])
    judge_function("torch.cat", [(T(2, 3), None)])
