"""Attention and transformers against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.layers import build_layer
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Layer
from torchshape_lint.values import Tensor as TensorValue

N = "torch.nn."
MHA = N + "MultiheadAttention"

INPUTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((T(5, 2, 8),) * 3, {}),
    ((T(5, 8),) * 3, {}),
    ((T(5, 2, 8), T(7, 2, 8), T(7, 2, 8)), {}),
    ((T(5, 2, 8), T(7, 3, 8), T(7, 3, 8)), {}),
    ((T(5, 2, 8), T(7, 2, 8), T(6, 2, 8)), {}),
    ((T(5, 2, 9),) * 3, {}),
    ((T(5, 2, 8), T(5, 8), T(5, 8)), {}),
    ((T(5, 2, 3, 8),) * 3, {}),
    ((T(5, 2, 8),) * 3, {"need_weights": False}),
    ((T(5, 2, 8),) * 3, {"average_attn_weights": False}),
    ((T(5, 8),) * 3, {"average_attn_weights": False}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(5, 5)}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(5, 4)}),
    ((T(5, 2, 8), T(7, 2, 8), T(7, 2, 8)), {"attn_mask": T(5, 7)}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(8, 5, 5)}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(2, 5, 5)}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(2, 4, 5, 5)}),
    ((T(5, 8),) * 3, {"attn_mask": T(4, 5, 5)}),
    ((T(5, 8),) * 3, {"attn_mask": T(1, 5, 5)}),
    ((T(5, 2, 8),) * 3, {"key_padding_mask": T(2, 5, dtype="bool")}),
    ((T(5, 2, 8),) * 3, {"key_padding_mask": T(5, 2, dtype="bool")}),
    ((T(5, 8),) * 3, {"key_padding_mask": T(5, dtype="bool")}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(5, 5), "is_causal": True}),
    ((T(5, 2, 8),) * 3, {"attn_mask": T(3, 3), "is_causal": True, "need_weights": False}),
]


@pytest.mark.parametrize(("args", "kwargs"), INPUTS)
@pytest.mark.parametrize(
    "options", [{}, {"batch_first": True}, {"add_bias_kv": True, "add_zero_attn": True, "bias": False}]
)
def test_multihead(args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]) -> None:
    judge_layer(MHA, (8, 4), options, args, kwargs)
    judge_layer(MHA, (8, 4), options, args, kwargs, training=False, missed=True)


def test_multihead_construction() -> None:
    judge_layer(MHA, (8, 3), {}, [T(5, 2, 8)] * 3)
    judge_layer(MHA, (0, 1), {}, [T(5, 2, 8)] * 3)
    judge_layer(MHA, (8, 4), {"kdim": 6, "vdim": 3}, [T(5, 2, 8), T(7, 2, 6), T(7, 2, 3)])
    judge_layer(MHA, (8, 4), {"kdim": 6}, [T(5, 2, 8), T(7, 2, 6), T(7, 2, 6)])


SDPA: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 7, 3)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 9), T(2, 4, 7, 3)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 6, 9)), {}),
    ((T(2, 4, 5, 8), T(3, 4, 7, 8), T(3, 4, 7, 8)), {}),
    ((T(2, 4, 5, 8), T(2, 1, 7, 8), T(2, 1, 7, 8)), {}),
    ((T(5, 8), T(7, 8), T(7, 8)), {}),
    ((T(8), T(7, 8), T(7, 8)), {}),
    ((T(2, 4, 5, 8), T(4, 7, 8), T(7, 8)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 7, 8), T(5, 7)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 7, 8), T(7, 5)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 7, 8), T(2, 1, 1, 7)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 7, 8), T(2, 4, 7, 8), T(2, 1, 7)), {}),
    ((T(2, 4, 5, 8), T(2, 4, 5, 8), T(2, 4, 5, 8)), {"is_causal": True}),
    ((T(2, 4, 5, 8), T(2, 2, 7, 8), T(2, 2, 7, 8)), {"enable_gqa": True}),
    ((T(2, 4, 5, 8), T(2, 3, 7, 8), T(2, 3, 7, 8)), {"enable_gqa": True}),
    ((T(2, 4, 5, 8), T(2, 2, 7, 8), T(2, 2, 7, 8)), {}),
]


@pytest.mark.parametrize(("args", "kwargs"), SDPA)
def test_scaled_dot_product(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(N + "functional.scaled_dot_product_attention", args, kwargs, device="cpu")


LAYER_INPUTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((T(5, 2, 8),), {}),
    ((T(5, 8),), {}),
    ((T(5, 2, 9),), {}),
    ((T(8),), {}),
    ((T(5, 2, 8), T(5, 5)), {}),
    ((T(5, 2, 8), T(2, 2)), {}),
    ((T(5, 2, 8), T(4, 4)), {}),
    ((T(5, 2, 8),), {"src_key_padding_mask": T(2, 5, dtype="bool")}),
    ((T(5, 2, 8),), {"src_key_padding_mask": T(5, 2, dtype="bool")}),
]


@pytest.mark.parametrize(("args", "kwargs"), LAYER_INPUTS)
@pytest.mark.parametrize("options", [{}, {"batch_first": True, "norm_first": True}, {"bias": False}])
def test_encoder_layer(args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]) -> None:
    judge_layer(N + "TransformerEncoderLayer", (8, 4, 16), options, args, kwargs)


DECODED: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((T(5, 2, 8), T(7, 2, 8)), {}),
    ((T(5, 8), T(7, 8)), {}),
    ((T(5, 2, 8), T(7, 3, 8)), {}),
    ((T(5, 2, 8), T(7, 2, 9)), {}),
    ((T(5, 2, 8), T(7, 8)), {}),
    ((T(5, 2, 8), T(7, 2, 8), T(5, 5), T(5, 7)), {}),
    ((T(5, 2, 8), T(7, 2, 8), T(5, 5), T(7, 5)), {}),
    ((T(5, 2, 8), T(7, 2, 8)), {"memory_key_padding_mask": T(2, 7, dtype="bool")}),
    ((T(5, 2, 8), T(7, 2, 8)), {"memory_key_padding_mask": T(2, 5, dtype="bool")}),
]


@pytest.mark.parametrize(("args", "kwargs"), DECODED)
def test_decoder_layer(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_layer(N + "TransformerDecoderLayer", (8, 4, 16), {}, args, kwargs)


WHOLE: list[tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]] = [
    ((T(7, 2, 8), T(5, 2, 8)), {}, {}),
    ((T(7, 8), T(5, 8)), {}, {}),
    ((T(7, 2, 8), T(7, 5, 8)), {}, {"batch_first": True}),
    ((T(7, 2, 8), T(5, 3, 8)), {}, {}),
    ((T(7, 2, 8), T(5, 2, 6)), {}, {}),
    ((T(7, 2, 8), T(5, 2, 8)), {"tgt_mask": T(5, 5)}, {}),
    ((T(7, 2, 8), T(5, 2, 8)), {"tgt_mask": T(7, 7)}, {}),
    ((T(7, 2, 8), T(5, 2, 8)), {"src_mask": T(5, 5)}, {}),
]


@pytest.mark.parametrize(("args", "kwargs", "options"), WHOLE)
def test_transformer(args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]) -> None:
    judge_layer(N + "Transformer", (8, 4, 2, 1, 16), options, args, kwargs, device="cpu")


def test_transformer_heads() -> None:
    judge_layer(N + "Transformer", (8, 3), {}, [T(7, 2, 8), T(5, 2, 8)])
    judge_layer(N + "TransformerEncoderLayer", (8, 3), {}, [T(7, 2, 8)])


def build(name: str, *args: object) -> Layer:
    make = find_layer(N + name)
    assert make
    layer, _ = build_layer(make, CallArgs(list(args)), Facts())
    assert layer
    return layer


def test_stacks() -> None:
    one = build("TransformerEncoderLayer", 8, 4, 16)
    norm = build("LayerNorm", 8) if find_layer(N + "LayerNorm") else None
    stack = build("TransformerEncoder", one, 3, norm)
    assert len(stack.parameters) == 3 * 12 + (2 if norm else 0)
    call = find_rule(N + "TransformerEncoder")
    assert call
    for size, problems in ((8, 0), (9, 1)):
        applied = apply(call, CallArgs([TensorValue(Shape((5, 2, size)))]), Facts(), stack)
        assert len(applied.broken) == problems
        if not problems:
            assert isinstance(applied.value, TensorValue) and applied.value.shape.sizes == (5, 2, 8)
    decoder = build("TransformerDecoder", build("TransformerDecoderLayer", 8, 4, 16), 2)
    assert len(decoder.parameters) == 2 * 18
    call = find_rule(N + "TransformerDecoder")
    assert call
    inputs = [TensorValue(Shape((5, 2, 8))), TensorValue(Shape((7, 3, 8)))]
    assert [need.code.id for need in apply(call, CallArgs(inputs), Facts(), decoder).broken] == ["TSL204"]
