"""Recurrent layers and cells against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_layer

N = "torch.nn."
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "bias": False},
    {"batch_first": True},
]
STATES = [(4, 2, 5), (1, 2, 5), (2, 2, 5), (2, 3, 5), (1, 7, 5), (1, 5), (2, 5), (1, 2, 4)]


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("options", OPTIONS)
def test_sequences(name: str, options: dict[str, Any]) -> None:
    for x in [(7, 2, 3), (7, 3), (7, 2, 4), (3,), (7, 2, 2, 3)]:
        judge_layer(N + name, (3, 5), options, [T(*x)])
        for h in STATES:
            state: Any = (T(*h), T(*h)) if name == "LSTM" else T(*h)
            judge_layer(N + name, (3, 5), options, [T(*x), state], parameters=False)


def test_projection() -> None:
    options = {"proj_size": 2, "num_layers": 2, "bidirectional": True}
    judge_layer(N + "LSTM", (3, 5), options, [T(7, 2, 3)])
    judge_layer(N + "LSTM", (3, 5), options, [T(7, 2, 3), (T(4, 2, 2), T(4, 2, 5))])
    judge_layer(N + "LSTM", (3, 5), options, [T(7, 2, 3), (T(4, 2, 5), T(4, 2, 5))])
    judge_layer(N + "LSTM", (3, 5, 2), {}, [T(7, 2, 3), T(2, 2, 5)], missed=True)
    judge_layer(N + "LSTM", (3, 5, 1), {}, [T(7, 2, 3), T(1, 2, 5)])


CONSTRUCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("RNN", (3, 0), {}),
    ("RNN", (3, 5, 0), {}),
    ("RNN", (3, 5, 1, "relu"), {}),
    ("RNN", (3, 5, 1, "selu"), {}),
    ("RNN", (3, 5), {"dropout": 1.5}),
    ("RNN", (3, 5), {"proj_size": 2}),
    ("GRU", (3, 5), {"proj_size": 2}),
    ("LSTM", (3, 5), {"proj_size": 5}),
    ("LSTM", (3, 5, 1, True, True, 0.0, True, 2), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), CONSTRUCTIONS)
def test_construction(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_layer(N + name, args, kwargs, [T(7, 2, 3)])


@pytest.mark.parametrize("name", ["RNNCell", "GRUCell", "LSTMCell"])
def test_cells(name: str) -> None:
    for x in [(2, 3), (3,), (2, 4), (7, 2, 3)]:
        judge_layer(N + name, (3, 5), {}, [T(*x)])
        judge_layer(N + name, (3, 5), {"bias": False}, [T(*x)])
        for h in [(2, 5), (5,), (3, 5), (2, 4), (1, 5)]:
            state: Any = (T(*h), T(*h)) if name == "LSTMCell" else T(*h)
            judge_layer(N + name, (3, 5), {}, [T(*x), state])
