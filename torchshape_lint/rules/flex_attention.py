"""torch.nn.attention.flex_attention: attention whose scores a function changes, and the masks for it."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.codes import BATCH, HEADS, MATMUL
from torchshape_lint.dims import Size
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import fits_into, together
from torchshape_lint.rules.given import size_of
from torchshape_lint.rules.needs import Many, Outcome, Result, Rule, Undetermined, divisible, holds, rank, same
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Value
from torchshape_lint.verdicts import YES

_FLEX = "torch.nn.attention.flex_attention."


@shape_rule(f"{_FLEX}flex_attention")
def flex_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    score_mod: object = None,
    block_mask: object = None,
    scale: object = None,
    enable_gqa: object = False,
    return_lse: object = False,
    kernel_options: object = None,
    *,
    return_aux: object = None,
) -> Rule:
    """(n, h, l, e), (n, h, s, e), (n, h, s, v) -> (n, h, l, v)"""
    for x in (query, key, value):
        yield rank(x, 4)
    if block_mask is None:
        yield same(key[0], query[0], BATCH)
    if enable_gqa is True:
        yield divisible(query[1], Named(key[1].size, "the heads of key,"), HEADS)
    elif enable_gqa is False:
        yield same(key[1], query[1], BATCH)
    yield same(key[3], query[3], MATMUL)
    yield same(value[2], key[2], MATMUL)
    yield holds(
        fits_into(value.sizes[0], query.sizes[0]), BATCH, lambda: f"value is {value.shape}, query {query.shape}"
    )
    heads: Size = query.sizes[1]
    if enable_gqa is False:
        (heads,) = (yield from together(_heads(query), _heads(value), code=BATCH)).sizes
    elif equal(value.sizes[1], key.sizes[1]) is not YES:
        return Undetermined("how the heads of value are shared is not known")
    output = Result((query.sizes[0], heads, query.sizes[2], value.sizes[3]))
    if return_aux is not None or not isinstance(return_lse, bool):
        return Undetermined("which results it gives is not known")
    return Many((output, Result(query.sizes[:3], "float32"))) if return_lse else output


def _heads(x: Tensor) -> Tensor:
    return replace(x, raw=Shape((x.sizes[1],)))


@shape_rule(f"{_FLEX}create_mask")
def create_mask(mod_fn: object, B: object, H: object, Q_LEN: Size, KV_LEN: Size, device: object = None) -> Outcome:
    """(B or 1, H or 1, Q_LEN, KV_LEN)"""
    front = (_or_one(B), _or_one(H))
    if front[0] is None or front[1] is None:
        return Undetermined("how many masks there are is not known")
    return Result((front[0], front[1], Q_LEN, KV_LEN), "bool")


def _or_one(count: Value) -> Size | None:
    return 1 if count is None else size_of(count)
