"""Joining tensors: cat and stack."""

from __future__ import annotations

from torchshape_lint.codes import JOIN
from torchshape_lint.dims import total
from torchshape_lint.rules.needs import Rule, axis, rank, rank_at_least, same
from torchshape_lint.rules.operands import Tensors
from torchshape_lint.rules.registry import shape_rule


@shape_rule("torch.cat", "torch.concat", "torch.concatenate")
def cat(tensors: Tensors, dim: int = 0) -> Rule:
    """(a.., k1, b..), (a.., k2, b..), .. -> (a.., k1 + k2 + .., b..)"""
    parts = [t for t in tensors if t.shape.sizes != (0,)]  # torch lets a bare (0,) join anything
    if not parts:
        return (0,)
    head, *others = parts
    yield rank_at_least(head, 1)
    along = yield from axis(head, dim)
    for part in others:
        yield rank(part, len(head.sizes))
        for k in range(len(head.sizes)):
            if k != along:
                yield same(part[k], head[k], JOIN)
    return (*head.sizes[:along], total(p.sizes[along] for p in parts), *head.sizes[along + 1 :])
