"""Packed and padded sequences against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import P, T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape

R = "torch.nn.utils.rnn."
CPU: dict[str, Any] = {"device": "cpu"}


@pytest.mark.parametrize("lengths", [(7, 5, 3, 2), (7, 7, 7, 7), (8, 5, 3, 2), (3, 5, 3, 2), (3, 5, 3, 0), (7, 5, 3)])
@pytest.mark.parametrize("options", [{}, {"batch_first": True}, {"enforce_sorted": False}])
def test_packing(lengths: tuple[int, ...], options: dict[str, bool]) -> None:

    def longer(sizes: tuple[int, ...]) -> bool:  # than what is there: torch cuts them short in its own way
        return len(sizes) > 1 and max(lengths) > sizes[1 if options.get("batch_first") else 0]

    shapes = [(7, 4, 5), (4, 7, 5), (4, 4), (7, 4), (4, 7, 5, 2), (4,)]
    for sizes in shapes:
        judge_function(R + "pack_padded_sequence", [T(*sizes), [*lengths]], options, unknown=longer(sizes), **CPU)


SEQUENCES: list[list[T]] = [
    [T(5, 2), T(3, 2)],
    [T(3, 2), T(5, 2)],
    [T(3, 2), T(5, 3)],
    [T(3, 2), T(5, 1)],
    [T(3, 1), T(5, 2)],
    [T(3, 2), T(5)],
    [T(3, 5), T(5)],
    [T(5), T(3)],
    [T(5, 2, 3), T(3, 2, 3), T(3, 2, 3)],
    [T(5, 2, 3), T(3, 2)],
    [T(), T()],
    [],
]


@pytest.mark.parametrize("sequences", SEQUENCES)
def test_lists(sequences: list[T]) -> None:
    for options in ({}, {"batch_first": True}, {"padding_side": "left"}, {"padding_side": "up"}):
        judge_function(R + "pad_sequence", [sequences], options, **CPU)
        judge_function(R + "pad_sequence", [tuple(sequences)], options, **CPU)
    for sorted_ in (True, False):
        judge_function(R + "pack_sequence", [sequences], {"enforce_sorted": sorted_}, **CPU)


def test_rows() -> None:
    """One tensor is taken for the list of its rows."""
    for sizes in [(3, 4, 2), (3, 4), (3,)]:
        judge_function(R + "pad_sequence", [T(*sizes)], **CPU)
        judge_function(R + "pack_sequence", [T(*sizes)], **CPU)


PACKED = [
    P(T(7, 4, 5), [6, 5, 3, 2]),
    P(T(4, 7, 5), [5, 6, 3, 2], batch_first=True, enforce_sorted=False),
    P(T(7, 4), [6, 5, 3, 2]),
    P(T(7, 4, 5, 2), [6, 5, 3, 2]),
]


@pytest.mark.parametrize("packed", PACKED, ids=repr)
def test_unpacking(packed: P) -> None:
    for options in ({}, {"batch_first": True}, {"total_length": 6}, {"total_length": 9}, {"total_length": 5}):
        judge_function(R + "pad_packed_sequence", [packed], options, **CPU)
    judge_function(R + "unpack_sequence", [packed], unknown=True, **CPU)


def test_unpadding() -> None:
    for n, lengths in ((4, T(4, dtype="int64")), (4, T(3, dtype="int64"))):
        judge_function(R + "unpad_sequence", [T(n, 7, 5), lengths, True], unknown=True, **CPU)
        judge_function(R + "unpad_sequence", [T(7, n, 5), lengths], unknown=True, **CPU)
    judge_function(R + "unpad_sequence", [T(4), T(4, dtype="int64"), True], **CPU)
    judge_function(R + "invert_permutation", [T(1, dtype="int64")], **CPU)
    judge_function(R + "invert_permutation", [None])
    judge_function(R + "invert_permutation", [T(4, 2, dtype="int64")], **CPU)


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"batch_first": True}])
def test_recurrent(name: str, options: dict[str, Any]) -> None:
    for packed in PACKED[:3]:
        judge_layer(f"torch.nn.{name}", (5, 6), options, [packed], **CPU)
        judge_layer(f"torch.nn.{name}", (4, 6), options, [packed], **CPU)
        if packed is PACKED[2]:
            continue
        for h in [(1, 4, 6), (4, 4, 6), (1, 3, 6), (4, 4, 5)]:
            state: Any = (T(*h), T(*h)) if name == "LSTM" else T(*h)
            judge_layer(f"torch.nn.{name}", (5, 6), options, [packed, state], parameters=False, **CPU)
    if name == "LSTM":
        judge_layer("torch.nn.LSTM", (5, 6), {"proj_size": 2}, [PACKED[0]], **CPU)
        judge_layer("torch.nn.LSTM", (5, 6), {}, [PACKED[0], (T(1, 4, 6), T(1, 1, 6))], **CPU)  # torch lets c spread


def _apply(name: str, *args: object, **keywords: object) -> Applied:
    rule = find_rule(R + name)
    assert rule
    return apply(rule, CallArgs(list(args), keywords), Facts())


def test_unknown_rank() -> None:
    """The features stay known though nobody knows what stands in front of them."""
    packed = _apply("pack_padded_sequence", values.Tensor(open_shape(5)), values.Unknown("lengths"), True).value
    assert isinstance(packed, values.Packed)
    rule = find_rule("torch.nn.GRU")
    assert rule
    layer = values.Layer(
        {"input_size": 4, "hidden_size": 6, "num_layers": 1, "bidirectional": False, "batch_first": True},
        op="torch.nn.GRU",
    )
    assert [need.code.id for need in apply(rule, CallArgs([packed]), Facts(), layer).broken] == ["TSL107"]
    layer.fields["input_size"] = 5
    results = apply(rule, CallArgs([packed]), Facts(), layer).value
    assert isinstance(results, tuple)
    assert isinstance(results[0], values.Packed) and results[0].padded.sizes[2:] == (6,)


def test_made_by_hand() -> None:
    data, sizes, order = (
        values.Tensor(Shape(s), d) for s, d in (((9, 5), "float32"), ((4,), "int64"), ((3,), "int64"))
    )
    packed = _apply("PackedSequence", data, sizes, order).value
    assert isinstance(packed, values.Packed) and packed.padded == Shape((4, 3, 5))
    assert packed == (data, sizes, order, order)
    assert isinstance(_apply("PackedSequence", data).value, values.Unknown)
    assert isinstance(
        _apply("pack_padded_sequence", data, values.Unknown("?"), values.Unknown("?")).value, values.Unknown
    )
