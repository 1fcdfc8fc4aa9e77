"""Operators in place, against torch: nothing is broadcast into the tensor that is changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function

X, M = T(2, 3), T(2, 3, dtype="int64")


@pytest.mark.parametrize("other", [X, T(3), T(2, 1), T(1, 3), T(4, 2, 3), T(2), 2], ids=str)
@pytest.mark.parametrize("name", "iadd isub imul itruediv ifloordiv imod ipow".split())
def test_augmented(name: str, other: Any) -> None:
    judge_function(f"operator.{name}", (X, other), device="cpu")


@pytest.mark.parametrize("other", [M, T(3, dtype="int64"), T(4, 2, 3, dtype="int64"), T(2, dtype="int64"), 2], ids=str)
@pytest.mark.parametrize("name", "iand ior ixor ilshift irshift".split())
def test_augmented_bits(name: str, other: Any) -> None:
    judge_function(f"operator.{name}", (M, other), device="cpu")


@pytest.mark.parametrize("small", [T(1, 5), T(5), T()], ids=str)
def test_smaller_than_what_is_added(small: T) -> None:
    judge_function("operator.imul", (T(1, 5), T(4, 1)))
    judge_function("torch.Tensor.addmm_", (small, T(4, 3), T(3, 5)), device="cpu")
    judge_function("torch.Tensor.addr_", (small, T(4), T(5)), device="cpu")
    judge_function("torch.Tensor.baddbmm_", (small, T(2, 4, 3), T(2, 3, 5)), device="cpu")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("addmm_", (T(4, 5), T(4, 3), T(3, 5))),
        ("addmm_", (T(4, 5), T(4, 3), T(2, 5))),
        ("addr_", (T(4, 5), T(4), T(5))),
        ("baddbmm_", (T(2, 4, 5), T(2, 4, 3), T(2, 3, 5))),
        ("baddbmm_", (T(2, 4, 5), T(1, 4, 3), T(2, 3, 5))),
        ("addmv_", (T(4), T(4, 3), T(3))),
        ("addmv_", (T(1), T(4, 3), T(3))),
        ("addbmm_", (T(4, 5), T(2, 4, 3), T(2, 3, 5))),
    ],
    ids=str,
)
def test_products(name: str, args: tuple[T, ...]) -> None:
    judge_function(f"torch.Tensor.{name}", args, device="cpu")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("normal_", (X,)),
        ("normal_", (X, 0.0, 0.0)),
        ("normal_", (X, 0.0, -1.0)),
        ("log_normal_", (X, 0, 0)),
        ("cauchy_", (X, 0, 1)),
        ("cauchy_", (X, 0, 0)),
        ("exponential_", (X, 2.0)),
        ("exponential_", (X, 0)),
        ("geometric_", (X, 0.5)),
        ("geometric_", (X, 1.5)),
        ("geometric_", (X, 1)),
        ("geometric_", (X, 0)),
        ("uniform_", (X,)),
        ("uniform_", (X, -1, 1)),
        ("uniform_", (X, 2)),
        ("uniform_", (X, 3, -1)),
        ("uniform_", (X, 1, 1)),
    ],
    ids=str,
)
def test_random_numbers(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.Tensor.{name}", args, device="cpu")


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_condition(dtype: str) -> None:
    judge_function("torch.where", (T(2, 3, dtype=dtype), X, X), device="cpu")
    judge_function("torch.Tensor.where", (X, T(2, 3, dtype=dtype), X), device="cpu")
