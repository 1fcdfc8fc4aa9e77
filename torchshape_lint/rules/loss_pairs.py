"""Losses over pairs and triplets of embeddings: margin ranking, triplet margin, cosine embedding."""

from __future__ import annotations

from torchshape_lint.codes import TARGET
from torchshape_lint.rules import numbers
from torchshape_lint.rules.broadcasting import Steps, together
from torchshape_lint.rules.loss import reduced
from torchshape_lint.rules.needs import Constructing, Construction, Rule, holds, rank
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO


@layer("torch.nn.MarginRankingLoss", "torch.nn.CosineEmbeddingLoss")
def margin_layer(
    margin: object = 0.0, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.MarginRankingLoss")
def margin_ranking(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    *,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*), (*) -> () or (*)"""
    yield from _same_rank(input1, input2, target)
    shape = yield from together(input1, input2, target, code=TARGET)
    return (yield from reduced(shape, input1, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.margin_ranking_loss")
def functional_margin_ranking(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: object = 0,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*), (*) -> () or (*)"""
    yield from _same_rank(input1, input2, target)
    shape = yield from together(input1, input2, target, code=TARGET)
    return (yield from reduced(shape, input1, reduction, size_average, reduce))


def _same_rank(*operands: Tensor) -> Steps:
    known = {x.rank for x in operands if x.rank is not None}
    if len(known) > 1:
        shapes = ", ".join(f"{x.name} {x.shape}" for x in operands)
        yield holds(NO, TARGET, lambda: f"all must have the same number of axes: {shapes}")


@layer("torch.nn.TripletMarginLoss")
def triplet_layer(
    margin: object = 1.0,
    p: object = 2.0,
    eps: object = 1e-6,
    swap: object = False,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Constructing:
    """no parameters"""
    yield from numbers.positive("margin", margin)
    return Construction()


@shape_rule("torch.nn.TripletMarginLoss")
def triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*, d), (*, d), (*, d) -> () or (*)"""
    yield from _same_rank(anchor, positive, negative)
    shape = yield from together(anchor, positive, negative, code=TARGET)
    return (yield from reduced(_distances(shape), anchor, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.triplet_margin_loss")
def functional_triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: object = 1.0,
    p: object = 2,
    eps: object = 1e-6,
    swap: object = False,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*, d), (*, d), (*, d) -> () or (*)"""
    yield from numbers.positive("margin", margin)
    yield from _same_rank(anchor, positive, negative)
    shape = yield from together(anchor, positive, negative, code=TARGET)
    return (yield from reduced(_distances(shape), anchor, reduction, size_average, reduce))


def _distances(shape: Shape) -> Shape | None:
    return shape.ending(1) if shape.sizes else None


@layer("torch.nn.TripletMarginWithDistanceLoss")
def triplet_distance_layer(
    *,
    distance_function: object = None,
    margin: object = 1.0,
    swap: object = False,
    reduction: object = "mean",
) -> Constructing:
    """no parameters"""
    yield from numbers.positive("margin", margin)
    return Construction()


@shape_rule("torch.nn.TripletMarginWithDistanceLoss")
def triplet_distance(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*, d), (*, d), (*, d) -> () or (*); what another distance makes of them is not known"""
    yield from _same_rank(anchor, positive, negative)
    if distance_function is not None:
        return (yield from reduced(None, anchor, reduction))
    shape = yield from together(anchor, positive, negative, code=TARGET)
    return (yield from reduced(_distances(shape), anchor, reduction))


@shape_rule("torch.nn.functional.triplet_margin_with_distance_loss")
def functional_triplet_distance(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: object = None,
    margin: object = 1.0,
    swap: object = False,
    reduction: object = "mean",
) -> Rule:
    """(*, d), (*, d), (*, d) -> () or (*); what another distance makes of them is not known"""
    yield from numbers.positive("margin", margin)
    yield from _same_rank(anchor, positive, negative)
    if distance_function is not None:
        return (yield from reduced(None, anchor, reduction))
    shape = yield from together(anchor, positive, negative, code=TARGET)
    return (yield from reduced(_distances(shape), anchor, reduction))


@shape_rule("torch.nn.CosineEmbeddingLoss")
def cosine_embedding(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    *,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, d), (n, d), (n,) -> () or (n,), also without n"""
    shape = yield from _cosine(input1, input2, target)
    return (yield from reduced(shape, input1, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.cosine_embedding_loss")
def functional_cosine_embedding(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: object = 0,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, d), (n, d), (n,) -> () or (n,), also without n"""
    shape = yield from _cosine(input1, input2, target)
    return (yield from reduced(shape, input1, reduction, size_average, reduce))


def _cosine(input1: Tensor, input2: Tensor, target: Tensor):  # type: ignore[no-untyped-def]
    yield rank(target, 0, 1, code=TARGET)
    axes = (target.rank or 0) + 1
    yield rank(input1, axes, code=TARGET)
    yield rank(input2, axes, code=TARGET)
    pairs = (yield from together(input1, input2, code=TARGET)).ending(1)
    return (yield from together(Tensor(pairs, f"{input1.name} and {input2.name}", input1.facts), target, code=TARGET))
