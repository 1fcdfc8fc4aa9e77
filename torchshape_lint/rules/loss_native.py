"""Losses as torch's own code calls them (torch.kl_div, ..): torch.nn.functional's with ``reduction`` as a number."""

from __future__ import annotations

from torchshape_lint.codes import TARGET
from torchshape_lint.rules.broadcasting import broadcast_into, together
from torchshape_lint.rules.loss import functional_hinge, functional_kl_div, functional_poisson, reduced
from torchshape_lint.rules.loss_pairs import (
    functional_cosine_embedding,
    functional_triplet,
)
from torchshape_lint.rules.loss_target import functional_ctc
from torchshape_lint.rules.needs import Rule
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import Value

_NONE = 0  # torch declares the mean, but what reads defaults for Python makes 0 of "at::Reduction::Mean"


def _in_words(reduction: Value) -> Value:
    """0, 1 and 2 are what at::Reduction counts; every other number leaves the losses as they are."""
    return {1: "mean", 2: "sum"}.get(reduction, "none") if isinstance(reduction, int) else reduction


@shape_rule("torch.binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: object = _NONE,
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from broadcast_into(target, input, code=TARGET)  # torch.nn.functional asks for more
    shape = yield from together(target, weight, pos_weight, code=TARGET)
    return (yield from reduced(shape, input, _in_words(reduction)))


@shape_rule("torch.kl_div")
def kl_div(input: Tensor, target: Tensor, reduction: object = _NONE, *, log_target: object = False) -> Rule:
    """(*), (*) -> () or (*)"""
    return (yield from functional_kl_div(input, target, reduction=_in_words(reduction)))


@shape_rule("torch.poisson_nll_loss")
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: object, full: object, eps: object, reduction: object
) -> Rule:
    """(*), (*) -> () or (*)"""
    return (yield from functional_poisson(input, target, reduction=_in_words(reduction)))


@shape_rule("torch.hinge_embedding_loss")
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: object = 1.0, reduction: object = _NONE) -> Rule:
    """(*), (*) -> () or (*)"""
    return (yield from functional_hinge(input, target, reduction=_in_words(reduction)))


@shape_rule("torch.margin_ranking_loss")
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: object = 0.0, reduction: object = _NONE
) -> Rule:
    """(*), (*), (*) -> () or (*)"""
    shape = yield from together(input1, input2, target, code=TARGET)  # of any ranks, unlike in torch.nn.functional
    return (yield from reduced(shape, input1, _in_words(reduction)))


@shape_rule("torch.cosine_embedding_loss")
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: object = 0.0, reduction: object = _NONE
) -> Rule:
    """(n, d), (n, d), (n,) -> () or (n,), also without n"""
    return (yield from functional_cosine_embedding(input1, input2, target, reduction=_in_words(reduction)))


@shape_rule("torch.triplet_margin_loss")
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: object = 1.0,
    p: object = 2.0,
    eps: object = 1e-6,
    swap: object = False,
    reduction: object = _NONE,
) -> Rule:
    """(*, d), (*, d), (*, d) -> () or (*)"""
    return (yield from functional_triplet(anchor, positive, negative, reduction=_in_words(reduction)))


@shape_rule("torch.ctc_loss")
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: object,
    target_lengths: object,
    blank: object = 0,
    reduction: object = _NONE,
    zero_infinity: object = False,
) -> Rule:
    """(t, n, c), (n, s) or (all,) -> () or (n,)"""
    words = _in_words(reduction)
    return (yield from functional_ctc(log_probs, targets, input_lengths, target_lengths, reduction=words))
