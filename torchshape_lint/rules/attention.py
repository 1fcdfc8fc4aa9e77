"""Attention: MultiheadAttention and scaled_dot_product_attention.

Knows batch_first, unbatched inputs, other key and value sizes, masks, and the two extra positions of add_bias_kv and
add_zero_attn. Masks are not judged in eval mode with batch_first, where torch's fast path has its own rules.
"""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, BATCH, HEADS, INPUT_SIZE, MASK, MATMUL
from torchshape_lint.dims import Size
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, together
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Many,
    Outcome,
    Result,
    Rule,
    Undetermined,
    divisible,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, YES


def attention_weights(
    embed: Size, bias: bool, kdim: Size | None = None, vdim: Size | None = None, prefix: str = "", kv: bool = False
) -> dict[str, tuple[Size, ...] | None]:
    """The parameters of one multi-head attention, in torch's order."""
    weights: dict[str, tuple[Size, ...] | None] = {}
    k, v = embed if kdim is None else kdim, embed if vdim is None else vdim
    if k == embed and v == embed:
        weights["in_proj_weight"] = (embed * 3, embed)
    else:
        weights |= {"q_proj_weight": (embed, embed), "k_proj_weight": (embed, k), "v_proj_weight": (embed, v)}
    weights["in_proj_bias"] = (embed * 3,) if bias else None
    if kv:
        weights |= {"bias_k": (1, 1, embed), "bias_v": (1, 1, embed)}
    weights |= {"out_proj.weight": (embed, embed), "out_proj.bias": (embed,) if bias else None}
    return {f"{prefix}{name}": shape for name, shape in weights.items()}


@layer("torch.nn.MultiheadAttention")
def multihead_layer(
    embed_dim: Named,
    num_heads: Named,
    dropout: object = 0.0,
    bias: bool = True,
    add_bias_kv: bool = False,
    add_zero_attn: object = False,
    kdim: Size | None = None,
    vdim: Size | None = None,
    batch_first: object = False,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """in_proj_weight: (3*embed_dim, embed_dim), out_proj.weight: (embed_dim, embed_dim), .."""
    yield from heads_fit(embed_dim, num_heads)
    return Construction(attention_weights(embed_dim.size, bias, kdim, vdim, kv=add_bias_kv))


def heads_fit(embed_dim: Named, num_heads: Named) -> Steps:
    yield not_less(embed_dim, 1, ARGUMENT)
    yield not_less(num_heads, 1, ARGUMENT)
    yield divisible(embed_dim, num_heads, HEADS)


@dataclass(frozen=True, slots=True)
class Attention:
    """One attention: what its query, key and value must end in, its heads, and the masks of this call."""

    query_size: Named
    heads: Size
    batch_first: Value
    key_size: Named | None = None
    value_size: Named | None = None
    mask: Tensor | None = None
    padding_mask: Tensor | None = None

    def needs(self, query: Tensor, key: Tensor, value: Tensor) -> Steps:
        """What the operands must be like; afterwards their rank is known if it can be."""
        ends = [(query, self.query_size)]
        ends += [(x, size or self.query_size) for x, size in ((key, self.key_size), (value, self.value_size))]
        for k, (x, size) in enumerate(ends):
            if any(x is other for other, _ in ends[:k]):
                continue
            yield rank_at_least(x, 2)
            yield same(x[-1], size, INPUT_SIZE)
        known = next((x.rank for x in (query, key, value) if x.rank is not None), None)
        if known is None:
            return
        for x in (query, key, value):
            yield rank(x, *((2, 3) if x.rank == known else (known,)))
        if query.rank == 2:
            yield _paired(value, key, 0, "sequence length")
            yield from self._masks(query.sizes[0], key.sizes[0], ())
        elif isinstance(self.batch_first, bool):
            n, length = (0, 1) if self.batch_first else (1, 0)
            yield _paired(key, query, n, "batch size")
            yield _paired(value, key, n, "batch size")
            yield _paired(value, key, length, "sequence length")
            yield from self._masks(query.sizes[length], key.sizes[length], (query.sizes[n],))

    def _masks(self, target: Size, source: Size, batch: tuple[Size, ...]) -> Steps:
        mask, padding = self.mask, self.padding_mask
        if mask is not None:
            yield rank(mask, 2, 3, code=MASK)
            stacked = (*batch, 1)[0] * self.heads
            wanted = (target, source) if mask.rank == 2 else (stacked, target, source)
            yield from _masked(mask, wanted)
        if padding is not None:
            yield rank(padding, len(batch) + 1, code=MASK)
            yield from _masked(padding, (*batch, source))


def _paired(x: Tensor, y: Tensor, axis: int, what: str):  # type: ignore[no-untyped-def]
    size, other = x[axis], y[axis]
    return same(
        Named(size.size, f"the {what} of {x.name} (axis {axis})"), Named(other.size, f"that of {y.name}"), BATCH
    )


def _masked(mask: Tensor, wanted: tuple[Size, ...]) -> Steps:
    for axis, size in enumerate(wanted):
        yield same(mask[axis], Named(size, f"axis {axis} of what it masks, {Shape(wanted)},"), MASK)


@shape_rule("torch.nn.MultiheadAttention")
def multihead(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None = None,
    need_weights: object = True,
    attn_mask: Tensor | None = None,
    average_attn_weights: object = True,
    is_causal: object = False,
    *,
    embed_dim: Named,
    num_heads: Size,
    kdim: Named | None = None,
    vdim: Named | None = None,
    batch_first: object = False,
    add_bias_kv: object = False,
    add_zero_attn: object = False,
    training: object = True,
) -> Rule:
    """(l, n, e), (s, n, k), (s, n, v) -> (l, n, e), (n, l, s)"""
    judged = training is True or batch_first is False
    counts = is_causal is False or need_weights is True  # otherwise torch may ignore the mask
    attention = Attention(
        embed_dim,
        num_heads,
        batch_first,
        kdim,
        vdim,
        attn_mask if judged and counts else None,
        key_padding_mask if judged else None,
    )
    yield from attention.needs(query, key, value)
    output = Result(query.shape.ending(1, embed_dim.size))
    if need_weights is False:
        return Many((output, None))
    extra = (add_bias_kv, add_zero_attn)
    flags = (need_weights, average_attn_weights, *extra)
    if query.rank is None or key.rank is None or not all(isinstance(flag, bool) for flag in flags):
        return Many((output, Undetermined("the attention weights are not known")))
    if query.rank == 3 and not isinstance(batch_first, bool):
        return Many((output, Undetermined("batch_first is not known")))
    length = 1 if query.rank == 3 and batch_first else 0
    pair = (query.sizes[length], key.sizes[length] + extra.count(True))
    batch = (query.sizes[1 - length],) if query.rank == 3 else ()
    heads = () if average_attn_weights else (num_heads,)
    weights: Outcome = Result((*batch, *heads, *pair))
    return Many((output, weights))


@shape_rule("torch.nn.functional.multi_head_attention_forward")
def functional_multihead(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: Named,
    num_heads: Named,
    in_proj_weight: object,
    in_proj_bias: object,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: object,
    out_proj_weight: Tensor,
    out_proj_bias: object,
    training: object = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: object = False,
    q_proj_weight: object = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: object = False,
) -> Rule:
    """(l, n, e), (s, n, k), (s, n, v) -> (l, n, e), (n, l, s)"""
    yield rank(query, 2, 3)
    yield rank(key, query.rank or 3)
    yield same(query[-1], embed_dim_to_check, INPUT_SIZE)
    yield divisible(embed_dim_to_check, num_heads, HEADS)
    yield rank(out_proj_weight, 2)
    output = Result(query.shape.ending(1, out_proj_weight.sizes[0]))
    if not need_weights:
        return Many((output, None))
    source = key.sizes[0] + (bias_k is not None)
    if static_k is not None:
        yield rank(static_k, 3)
        source = static_k.sizes[1]
    pair = (query.sizes[0], source + add_zero_attn)
    heads = () if average_attn_weights else (num_heads.size,)
    return Many((output, Result((*query.sizes[1:-1], *heads, *pair))))


@shape_rule("torch.nn.functional.scaled_dot_product_attention")
def scaled_dot_product(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: object = 0.0,
    is_causal: object = False,
    scale: object = None,
    enable_gqa: object = False,
) -> Rule:
    """(.., l, e), (.., s, e), (.., s, v) -> (.., l, v)"""
    for x in (query, key, value):
        yield rank_at_least(x, 2)
    counted = (query[-2], key[-2], value[-2], value[-1])
    if any(equal(x.size, 0) is YES for x in counted):  # torch looks no further, and gives zeros
        return Result(query.shape.ending(1, value.shape.sizes[-1]))
    if all(equal(x.size, 0) is NO for x in counted):
        yield same(key[-1], query[-1], MATMUL)
        yield same(value[-2], key[-2], MATMUL)
    queries = Tensor(query.shape.ending(2), query.name, query.facts)
    if enable_gqa is False:
        heads = [Tensor(x.shape.ending(2), x.name, x.facts) for x in (key, value)]
        front = yield from together(queries, *heads, code=BATCH)
    else:
        front = queries.shape
        if enable_gqa is True:
            for x in (key, value):
                yield rank_at_least(query, 3)
                yield rank_at_least(x, 3)
                yield divisible(query[-3], Named(x[-3].size, f"the heads of {x.name},"), HEADS)
    if attn_mask is not None:
        scores = Shape((*front.sizes, query.shape.sizes[-2], key.shape.sizes[-2]), front.lead)
        yield from broadcast_into(Tensor(scores, "the scores", query.facts), attn_mask, code=MASK)
    return Result(Shape((*front.sizes, query.shape.sizes[-2], value.shape.sizes[-1]), front.lead))
