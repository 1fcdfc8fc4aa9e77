"""Operators with index tensors and masks against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function


def L(*sizes: int) -> T:
    return T(*sizes, dtype="int64")


def B(*sizes: int) -> T:
    return T(*sizes, dtype="bool")


X = T(3, 4, 5)
BY_INDEX: list[tuple[str, tuple[Any, ...]]] = [
    ("gather", (X, 1, L(3, 9, 5))),
    ("gather", (X, 1, L(2, 9, 4))),
    ("gather", (X, 1, L(4, 4, 5))),
    ("gather", (X, -1, L(3, 4, 9))),
    ("gather", (X, 1, L(3, 5))),
    ("gather", (X, 3, L(3, 4, 5))),
    ("gather", (T(4), 0, L())),
    ("gather", (T(), 0, L(3))),
    ("gather", (X, 1, L(9, 0, 5))),
    ("scatter", (X, 1, L(3, 2, 5), T(3, 2, 5))),
    ("scatter", (X, 1, L(3, 2, 5), T(3, 9, 9))),
    ("scatter", (X, 1, L(3, 2, 5), T(3, 1, 5))),
    ("scatter", (X, 1, L(3, 9, 5), T(3, 9, 5))),
    ("scatter", (X, 1, L(4, 2, 5), T(4, 2, 5))),
    ("scatter", (X, 1, L(3, 2), T(3, 2))),
    ("scatter", (X, 1, L(3, 2, 5), 1.0)),
    ("scatter_add", (X, 1, L(3, 2, 5), T(3, 2, 5))),
    ("scatter_add", (X, 1, L(3, 2, 5), T(3, 2, 4))),
    ("index_select", (X, 1, L(7))),
    ("index_select", (X, -1, L(7))),
    ("index_select", (X, 1, L())),
    ("index_select", (X, 3, L(7))),
    ("index_select", (X, 1, L(2, 2))),
    ("index_add", (X, 1, L(2), T(3, 2, 5))),
    ("index_add", (X, 1, L(2), T(3, 3, 5))),
    ("index_add", (X, 1, L(2), T(2, 2, 5))),
    ("index_copy", (X, 1, L(2), T(3, 2, 5))),
    ("index_copy", (X, 1, L(2), T(3, 3, 5))),
    ("index_fill", (X, 1, L(2), 1.0)),
    ("index_fill", (X, 3, L(2), 1.0)),
    ("take", (X, L(2, 7))),
    ("take_along_dim", (X, L(3, 2, 5), 1)),
    ("take_along_dim", (X, L(1, 2, 5), 1)),
    ("take_along_dim", (X, L(2, 2, 5), 1)),
    ("take_along_dim", (X, L(2, 5), 1)),
    ("take_along_dim", (X, L(2, 7))),
]


@pytest.mark.parametrize(("name", "args"), BY_INDEX, ids=str)
def test_by_index(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")
    judge_function(f"torch.Tensor.{name}", args, device="cpu")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("masked_select", (X, B(3, 4, 5))),
        ("masked_select", (X, B(4, 1))),
        ("masked_select", (X, B(4, 4))),
        ("nonzero", (X,)),
        ("nonzero", (T(),)),
        ("argwhere", (X,)),
        ("unique", (X,)),
        ("unique", (X, True, True)),
        ("unique", (X, True, True, True, 1)),
        ("unique", (X, True, True, False, 3)),
        ("unique_consecutive", (X,)),
        ("unique_consecutive", (X, True, True)),
    ],
    ids=str,
)
def test_by_contents(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu", unknown=True)


def test_nonzero_as_tuple() -> None:
    judge_function("torch.nonzero", (X,), {"as_tuple": True}, device="cpu", unknown=True)
    judge_function("torch.nonzero", (T(),), {"as_tuple": True}, device="cpu", unknown=True)
