"""Distances and similarities between vectors: cdist, pairwise_distance, cosine_similarity, pdist."""

from __future__ import annotations

from torchshape_lint.codes import BATCH, MATMUL
from torchshape_lint.rules.broadcasting import together
from torchshape_lint.rules.dtypes import floating, promoted
from torchshape_lint.rules.needs import Construction, Derivation, Result, Rule, axis, rank, rank_at_least, same
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape


@layer("torch.nn.PairwiseDistance")
def pairwise_layer(p: object = 2.0, eps: object = 1e-6, keepdim: object = False) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.PairwiseDistance")
def pairwise_module(x1: Tensor, x2: Tensor, *, keepdim: bool = False) -> Rule:
    """(*, d), (*, d) -> (*), or (*, 1) with keepdim"""
    return (yield from _pairwise(x1, x2, keepdim))


@shape_rule("torch.nn.functional.pairwise_distance", "torch.pairwise_distance")
def pairwise(x1: Tensor, x2: Tensor, p: object = 2.0, eps: object = 1e-6, keepdim: bool = False) -> Rule:
    """(*, d), (*, d) -> (*), or (*, 1) with keepdim"""
    return (yield from _pairwise(x1, x2, keepdim))


def _pairwise(x1: Tensor, x2: Tensor, keepdim: bool) -> Rule:
    shape = yield from together(x1, x2)
    if not shape.sizes and shape.rank is not None:
        return Result(())
    return Result(shape.ending(1, *((1,) if keepdim else ())), floating(promoted(x1, x2)))


@layer("torch.nn.CosineSimilarity")
def cosine_layer(dim: object = 1, eps: object = 1e-8) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.CosineSimilarity")
def cosine_module(x1: Tensor, x2: Tensor, *, dim: int = 1) -> Rule:
    """(.., d, ..), (.., d, ..) -> (.., ..)"""
    return (yield from _cosine(x1, x2, dim))


@shape_rule("torch.nn.functional.cosine_similarity", "torch.cosine_similarity")
def cosine(x1: Tensor, x2: Tensor, dim: int = 1, eps: object = 1e-8) -> Rule:
    """(.., d, ..), (.., d, ..) -> (.., ..)"""
    return (yield from _cosine(x1, x2, dim))


def _cosine(x1: Tensor, x2: Tensor, dim: int) -> Rule:
    shape = yield from together(x1, x2)
    both = Tensor(shape, f"{x1.name} and {x2.name}", x1.facts)
    along = yield from axis(both, dim)
    sizes, lead = both.shape.sizes, both.shape.lead
    at = along % max(len(sizes), 1)
    return Result(Shape((*sizes[:at], *sizes[at + 1 :]), lead), floating(promoted(x1, x2)))


@shape_rule("torch.cdist")
def cdist(x1: Tensor, x2: Tensor, p: object = 2.0, compute_mode: object = None) -> Rule:
    """(.., n, d), (.., m, d) -> (.., n, m)"""
    yield rank_at_least(x1, 2)
    yield rank_at_least(x2, 2)
    yield same(x1[-1], x2[-1], MATMUL)
    heads = [Tensor(x.shape.ending(2), x.name, x.facts) for x in (x1, x2)]
    batch = yield from together(*heads, code=BATCH)
    ends = (x1.shape.sizes[-2], x2.shape.sizes[-2])
    return Result(Shape((*batch.sizes, *ends), batch.lead), floating(promoted(x1, x2)))


@shape_rule("torch.pdist", "torch.nn.functional.pdist")
def pdist(input: Tensor, p: object = 2) -> Rule:
    """(n, d) -> (n*(n - 1)//2,)"""
    yield rank(input, 2)
    n = input.sizes[0]
    yield Derivation(lambda: f"{n}*({n} - 1)//2 = {n * (n - 1) // 2}")
    return Result((n * (n - 1) // 2,))
