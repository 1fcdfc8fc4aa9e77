"""Random questions for sequences of several lengths, and for the smaller families of torch.nn."""

from __future__ import annotations

from tests.rules.judge import P, T
from tests.rules.random_draws import Dice, Question, asks, call

_RNN = "nn.utils.rnn."


def lengths(d: Dice, count: int, longest: int) -> list[int]:
    """So many lengths, mostly the longest first."""
    drawn = sorted((d.number(1, longest) for _ in range(count)), reverse=True)
    drawn[0] = longest
    return d.shuffled(drawn) if d.chance(4) else drawn


@asks(f"{_RNN}pack_padded_sequence", cpu=True)
def pack_padded(d: Dice, name: str) -> Question:
    steps, batch = d.number(1, 5), d.number(1, 4)
    first = d.chance()
    front = (batch, steps) if first else (steps, batch)
    some = lengths(d, d.near(batch) or 1, steps)
    return call(T(*front, *d.ints(0, 2)), some, batch_first=first, enforce_sorted=d.chance())


def packed(d: Dice, features: list[int]) -> P:
    steps, batch = d.number(2, 5), d.number(1, 4)
    some = sorted((d.number(1, steps) for _ in range(batch)), reverse=True)
    return P(T(steps, batch, *features), some, enforce_sorted=d.chance())


@asks(f"{_RNN}pad_packed_sequence", cpu=True)
def pad_packed(d: Dice, name: str) -> Question:
    sequence = packed(d, d.ints(0, 2))
    longest = {"total_length": max(sequence.lengths) + d.number(-1, 3)} if d.chance() else {}
    return call(sequence, batch_first=d.chance(), **longest)


@asks(f"{_RNN}unpack_sequence", cpu=True, unknown=True, always=True)
def unpack_packed(d: Dice, name: str) -> Question:
    return call(packed(d, d.ints(0, 2)))


@asks(f"{_RNN}pad_sequence {_RNN}pack_sequence", cpu=True)
def packed_lists(d: Dice, name: str) -> Question:
    features = d.ints(0, 2)
    if d.chance(4):
        return call(T(d.size(), d.size(), *features))
    several = [d.alike(T(d.size(), *features), of=8) for _ in range(d.number(1, 3))]
    if name.endswith("pack_sequence"):
        several.sort(key=lambda x: x.sizes[:1], reverse=True)
        return call(several, enforce_sorted=d.chance())
    return call(several, batch_first=d.chance())


@asks(f"{_RNN}unpad_sequence", cpu=True, unknown=True)
def unpad(d: Dice, name: str) -> Question:
    x, first = d.tensor(2), d.chance()
    return call(x, T(d.near(x.sizes[0 if first else 1]), dtype="int64"), batch_first=first)


@asks(f"{_RNN}invert_permutation", cpu=True)
def inverted(d: Dice, name: str) -> Question:
    return call(d.mostly(T(1, dtype="int64"), T(1, 1, dtype="int64"), None, of=2))


@asks(f"{_RNN}PackedSequence", cpu=True, unknown=True, always=True)
def packed_by_hand(d: Dice, name: str) -> Question:
    return call(d.tensor(1), T(d.size(), dtype="int64"))


@asks("nn.init.calculate_gain")
def init_gain(d: Dice, name: str) -> Question:
    return call(d.one("relu", "tanh", "selu", "leaky_relu", "conv2d", "gelu", "linear"), *d.one((), (0.2,), (None,)))


@asks("nn.utils.fuse_conv_bn_weights nn.utils.fuse_linear_bn_weights")
def fused_norm(d: Dice, name: str) -> Question:
    linear = "linear" in name
    weight = d.tensor(2, 2) if linear else d.tensor(3, 5)
    turned = not linear and d.chance()
    features = weight.sizes[1 if turned else 0]
    vectors = [T(d.near(features, 20)) for _ in range(5)]
    bias, mean, variance, scale, shift = vectors
    rest = [scale, shift] if linear or d.chance() else [None, None]
    return call(weight, d.one(bias, None), mean, variance, 1e-5, *rest, *([] if linear else [turned]))


@asks("F.grouped_mm", cpu=True)
def grouped_mm(d: Dice, name: str) -> Question:
    groups, inner = d.number(1, 3), d.one(4, 8)  # rows of 16 bytes
    a, b = [d.size(), inner], [d.near(inner, 8) * 4 if d.chance(8) else inner, 4 * d.number(1, 3)]
    a = [d.near(groups, 8) or 1, *a] if d.chance() else a
    b = [d.near(groups, 8) or 1, *b] if d.chance() else b
    offs = T(groups, dtype="int32") if (len(a) == 2 or len(b) == 2) is not d.chance(8) else None
    return call(T(*a), T(*b), offs=offs)


@asks("nn.attention.flex_attention.flex_attention", cpu=True)
def flexible_attention(d: Dice, name: str) -> Question:
    n, heads, long, source, e, v = d.ints(6, 6, 1, 4)
    shared = d.chance()
    key_heads = d.number(1, 3)
    query = T(n, heads * key_heads if shared else heads, long, e)
    key = T(n, key_heads if shared else heads, source, e)
    value = T(*key.sizes[:3], v)
    options = {"enable_gqa": shared, "return_lse": d.chance()}
    return call(d.alike(query, of=3), key, value if shared else d.alike(value), **options)


@asks(
    "nn.attention.flex_attention.create_mask nn.Transformer.generate_square_subsequent_mask", unknown=True, always=True
)
def square_mask(d: Dice, name: str) -> Question:
    if "create" not in name:
        return call(d.size())
    return call(_causal, d.one(None, 2), d.one(None, 3), d.size(), d.size(), device="cpu")


def _causal(b: object, h: object, q: int, k: int) -> bool:
    return q >= k
