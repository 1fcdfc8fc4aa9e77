"""Embedding tables and one_hot against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer

N, F = "torch.nn.", "torch.nn.functional."


def I(*sizes: int) -> T:  # noqa: E743
    return T(*sizes, dtype="int64")


@pytest.mark.parametrize("x", [I(2), I(2, 3), I(), I(0), T(2, dtype="int32"), T(2), T(2, dtype="bool")])
def test_embedding(x: T) -> None:
    judge_layer(N + "Embedding", (5, 3), call=[x])
    judge_function(F + "embedding", [x, T(5, 3)])


def test_tables() -> None:
    judge_layer(N + "Embedding", (5, 3), {"padding_idx": 4}, [I(2)])
    judge_layer(N + "Embedding", (5, 3), {"padding_idx": -5}, [I(2)], parameters=False)
    judge_layer(N + "Embedding", (5, 3), {"padding_idx": 5}, [I(2)])
    judge_layer(N + "Embedding", (5, 3), {"padding_idx": -6}, [I(2)])
    judge_layer(N + "Embedding", (5, -3), {}, [I(2)])
    judge_layer(N + "Embedding", (5, 3), {"_weight": T(5, 3)}, [I(2)])
    judge_layer(N + "Embedding", (5, 3), {"_weight": T(5, 4)}, [I(2)])
    judge_function(F + "embedding", [I(2), T(5)])


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((I(4, 6),), {}),
        ((I(6), I(3)), {}),
        ((T(4, 6),), {}),
        ((I(4, 6, 2),), {}),
        ((I(4, 6),), {"per_sample_weights": T(4, 6)}),
        ((I(4, 6),), {"per_sample_weights": T(4, 5)}),
    ],
)
def test_bags(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_layer(N + "EmbeddingBag", (9, 3), {"mode": "sum"}, args, kwargs)
    judge_function(F + "embedding_bag", [args[0], T(9, 3), *args[1:]], {**kwargs, "mode": "sum"})


def test_old_order() -> None:
    judge_function(F + "embedding_bag", [T(9, 3), I(4, 6)], {"mode": "sum"})


def test_last_offset() -> None:
    judge_layer(N + "EmbeddingBag", (9, 3), {"include_last_offset": True}, [I(6), I(4)])


def test_one_hot() -> None:
    judge_function(F + "one_hot", [I(2, 3), 7])
    judge_function(F + "one_hot", [I(), 7])
    judge_function(F + "one_hot", [I(2, 3)], device="cpu", unknown=True)
    judge_function(F + "one_hot", [T(2, 3), 7])
