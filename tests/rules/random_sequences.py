"""Random questions for attention, transformers and recurrent layers."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


@asks("F.scaled_dot_product_attention", cpu=True)
def scaled_dot_product(d: Dice, name: str) -> Question:
    front = d.tensor(0, 2, 1, 3)
    target, source, features, out = d.ints(4, 4)
    query, key = T(*front.sizes, target, features), T(*d.alike(front, 8).sizes, source, d.near(features, 8))
    short = source if len(front.sizes) > 1 else d.near(source, 8)  # a fused kernel reads beyond what is too short
    value = T(*front.sizes, short, out)
    mask = {"attn_mask": T(*d.one((), front.sizes), target, d.near(source))} if d.chance(3) else {}
    return call(query, key, value, **mask)


@asks("nn.MultiheadAttention", cpu=True)
def multihead(d: Dice, name: str) -> Question:
    heads = d.number(1, 3)
    features = d.near(heads * d.number(1, 3), 8)
    n, target, source = d.ints(3, 3, 1, 4)
    first = d.chance()
    batch = d.mostly((n,), ())

    def shaped(length: int, size: int) -> T:
        return T(*((*batch, length) if first else (length, *batch)), size)

    made: dict[str, Any] = {"batch_first": first, "bias": d.chance()}
    key_size = value_size = features
    if d.chance(3):
        made["kdim"], made["vdim"] = key_size, value_size = d.size(), d.size()
    query, key = shaped(target, d.near(features, 8)), shaped(source, d.near(key_size, 8))
    value = shaped(d.near(source, 8), value_size)
    extra: dict[str, Any] = {"need_weights": d.chance()}
    if d.chance(4):
        extra["attn_mask"] = T(target, d.near(source), dtype=d.one("bool", "float32"))
    if d.chance(4):
        extra["key_padding_mask"] = T(*batch, d.near(source), dtype=d.one("bool", "float32"))
    return call(features, heads, **made).on(query, key, value, **extra)


@asks("F.multi_head_attention_forward", cpu=True)
def functional_multihead(d: Dice, name: str) -> Question:
    heads = d.number(1, 3)
    e = heads * d.number(1, 3)
    n, target, source = d.ints(3, 3, 1, 4)
    key = T(source, n, e)
    weights = [T(3 * e, e), T(3 * e), None, None, False, 0.0, T(e, e), T(e)]
    return call(T(target, n, e), key, T(source, n, e), d.near(e, 8), d.near(heads, 8), *weights)


@asks("nn.TransformerEncoderLayer nn.TransformerDecoderLayer nn.Transformer", cpu=True)
def transformer(d: Dice, name: str) -> Question:
    heads = d.number(1, 2)
    features = d.near(heads * d.number(1, 3), 10)
    n, target, source = d.ints(3, 3, 1, 4)
    first = d.chance()
    made: dict[str, Any] = {"dim_feedforward": 5, "batch_first": first}
    if name.endswith("Transformer"):
        made |= {"num_encoder_layers": 1, "num_decoder_layers": 1}

    def shaped(length: int, batch: int) -> T:
        return T(*((batch, length) if first else (length, batch)), d.near(features, 10))

    x, other = shaped(target, n), shaped(source, d.near(n, 8))
    question = call(features, heads, **made).on(*([x] if "Encoder" in name else [x, other]))
    question.training = d.chance()
    return question


@asks("nn.RNN nn.GRU nn.LSTM", cpu=True)
def recurrent(d: Dice, name: str) -> Question:
    i, h, layers = d.number(1, 4), d.number(2, 4), d.number(1, 2)
    ways: dict[str, Any] = {"bidirectional": d.chance(), "batch_first": d.chance(), "bias": d.chance()}
    out = h
    if "LSTM" in name and d.chance(4):
        ways["proj_size"] = out = 1
    n, length = d.number(1, 3), d.number(1, 4)
    batch = d.mostly((n,), (), (n, n))
    sizes = (*batch, length) if ways["batch_first"] else (length, *batch)
    state: list[Any] = []
    if d.chance():
        stacked = d.near(layers * (1 + ways["bidirectional"]), 6)
        hidden = T(stacked, *batch, d.near(out, 8))
        state = [(hidden, T(stacked, *batch, h)) if "LSTM" in name else hidden]
    return call(i, h, layers, **ways).on(T(*sizes, d.near(i)), *state)


@asks("nn.RNNCell nn.GRUCell nn.LSTMCell", cpu=True)
def recurrent_cell(d: Dice, name: str) -> Question:
    i, h = d.number(1, 4), d.number(1, 4)
    batch = d.mostly((d.number(1, 3),), (), (2, 2))
    state: list[Any] = []
    if d.chance():
        hidden = T(*(d.near(size, 8) for size in (*batch, h)))  # of other ranks torch takes some, and crashes for some
        state = [(hidden, T(*batch, h)) if "LSTM" in name else hidden]
    return call(i, h, bias=d.chance()).on(T(*batch, d.near(i)), *state)
