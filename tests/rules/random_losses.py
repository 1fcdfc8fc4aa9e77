"""Random questions for losses and distances."""

from __future__ import annotations

from typing import Any

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


def reduction(d: Dice) -> dict[str, Any]:
    return {"reduction": d.one("mean", "sum", "none")} if d.chance() else {}


def posed(name: str, inputs: list[Any], made: dict[str, Any]) -> Question:
    """The layer or the function of this name."""
    return call(**made).on(*inputs) if name.rpartition(".")[2][0].isupper() else call(*inputs, **made)


@asks(
    """
    nn.MSELoss nn.L1Loss nn.SmoothL1Loss nn.HuberLoss nn.KLDivLoss nn.SoftMarginLoss nn.HingeEmbeddingLoss
    F.mse_loss F.l1_loss F.smooth_l1_loss F.huber_loss F.kl_div F.soft_margin_loss F.hinge_embedding_loss
    nn.PoissonNLLLoss F.poisson_nll_loss
    """,
)
def loss(d: Dice, name: str) -> Question:
    x = d.tensor()
    return posed(name, [x, d.broadcast(x)], reduction(d))


@asks(
    """
    nn.BCELoss nn.BCEWithLogitsLoss F.binary_cross_entropy F.binary_cross_entropy_with_logits
    nn.MultiLabelSoftMarginLoss F.multilabel_soft_margin_loss
    """,
    cpu=True,
)
def binary_loss(d: Dice, name: str) -> Question:
    x = d.tensor()
    made = reduction(d)
    if d.chance(3):
        made["weight"] = d.broadcast(x)
    return posed(name, [x, d.alike(x)], made)


@asks("nn.GaussianNLLLoss F.gaussian_nll_loss", cpu=True)
def gaussian_loss(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    variance = d.one(d.alike(x), T(*x.sizes[:-1], 1), T(*x.sizes[:-1]))
    return posed(name, [x, d.alike(x), variance], reduction(d))


@asks("nn.CrossEntropyLoss nn.NLLLoss F.cross_entropy F.nll_loss", cpu=True)
def class_loss(d: Dice, name: str) -> Question:
    x = d.tensor(0, 4)
    target = T(*x.sizes[:1], *x.sizes[2:]) if len(x.sizes) > 1 else T()
    target = d.alike(target, dtype=d.mostly("int64", "float32", of=8))
    if d.chance(4):
        target = d.alike(x)
    made = reduction(d)
    if d.chance(4):
        made["weight"] = T(d.near(x.sizes[min(1, len(x.sizes) - 1)] if x.sizes else 1))
    return posed(name, [x, target], made)


@asks("nn.MultiMarginLoss F.multi_margin_loss nn.MultiLabelMarginLoss F.multilabel_margin_loss", cpu=True)
def margin_loss(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2) if not d.chance(6) else d.tensor()
    target = T(*x.sizes) if "abel" in name else T(*x.sizes[:-1])
    return posed(name, [x, d.alike(target, dtype="int64")], reduction(d))


@asks("nn.CTCLoss F.ctc_loss", cpu=True, missed=True)
def ctc(d: Dice, name: str) -> Question:
    t, n, c, s = d.number(1, 4), d.number(1, 3), d.number(2, 4), d.number(1, 3)
    lengths = [T(d.near(n, 8), dtype="int64") for _ in range(2)]
    target = d.one(T(n, s, dtype="int64"), T(n * s, dtype="int64"))
    return posed(name, [d.alike(T(t, n, c), 8), target, *lengths], reduction(d))


@asks("nn.CosineEmbeddingLoss F.cosine_embedding_loss", cpu=True)
def cosine_loss(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2) if not d.chance(6) else d.tensor()
    return posed(name, [x, d.alike(x), d.alike(T(*x.sizes[:-1]))], reduction(d))


@asks("nn.MarginRankingLoss F.margin_ranking_loss")
def ranking_loss(d: Dice, name: str) -> Question:
    x = d.tensor()
    return posed(name, [x, d.broadcast(x), d.broadcast(x)], reduction(d))


@asks("nn.TripletMarginLoss F.triplet_margin_loss nn.TripletMarginWithDistanceLoss F.triplet_margin_with_distance_loss")
def triplet_loss(d: Dice, name: str) -> Question:
    x = d.tensor(2, 4)
    swap = {"swap": d.chance()}
    return posed(name, [x, d.broadcast(x), d.broadcast(x)], reduction(d) | swap)


@asks("nn.LinearCrossEntropyLoss F.linear_cross_entropy", cpu=True)
def linear_loss(d: Dice, name: str) -> Question:
    features, classes = d.number(1, 4), d.number(1, 4)
    x = T(*d.ints(0, 2, 1, 3), d.near(features, 8))
    target = d.alike(T(*x.sizes[:-1]), dtype="int64")
    if "Linear" in name:
        return call(features, classes, **reduction(d)).on(x, target)
    return call(x, T(classes, features), target, **reduction(d))


@asks("nn.AdaptiveLogSoftmaxWithLoss", cpu=True)
def adaptive_softmax(d: Dice, name: str) -> Question:
    features, classes = d.number(4, 6), d.number(4, 8)
    batch = T(*d.mostly((d.number(1, 3),), (), (2, 2)))
    x = T(*batch.sizes, d.near(features, 6))
    return call(features, classes, d.mostly([2], [2, 3], [classes], of=3), div_value=2.0).on(
        x, d.alike(batch, 6, dtype="int64")
    )


@asks("cdist", cpu=True)
def cdist(d: Dice, name: str) -> Question:
    front = d.tensor(0, 2, 1, 3)
    m = d.size()
    return call(T(*front.sizes, d.size(), m), T(*d.broadcast(front).sizes, d.size(), d.near(m)))


@asks("F.pdist pdist", cpu=True)
def pdist(d: Dice, name: str) -> Question:
    return call(d.tensor(2, 2) if not d.chance(4) else d.tensor(0, 3))


@asks("F.cosine_similarity nn.CosineSimilarity cosine_similarity")
def cosine(d: Dice, name: str) -> Question:
    x = d.tensor()
    dim = d.dim(x)
    other = d.broadcast(x)
    return call(dim).on(x, other) if "Cos" in name else call(x, other, dim)


@asks("F.pairwise_distance pairwise_distance nn.PairwiseDistance")
def pairwise(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    keep = {"keepdim": d.chance()}
    return call(**keep).on(x, d.broadcast(x)) if "Pair" in name else call(x, d.broadcast(x), **keep)
