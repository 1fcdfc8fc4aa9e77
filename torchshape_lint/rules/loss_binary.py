"""Losses with a yes or no, or a mean and a variance, for every element: binary cross entropy, multi-label, Gaussian."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import TARGET, WEIGHT
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps, broadcast_into, fits_into, together
from torchshape_lint.rules.loss import buffers, equal_sizes, reduced
from torchshape_lint.rules.needs import Construction, Derivation, Need, Rule, holds, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.verdicts import NO, every


@layer("torch.nn.BCELoss", "torch.nn.MultiLabelSoftMarginLoss")
def bce_layer(
    weight: Tensor | None = None, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Construction:
    """a buffer: weight"""
    return Construction(buffers=buffers(weight=weight))


@layer("torch.nn.BCEWithLogitsLoss")
def bce_logits_layer(
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    pos_weight: Tensor | None = None,
) -> Construction:
    """buffers: weight, pos_weight"""
    return Construction(buffers=buffers(weight=weight, pos_weight=pos_weight))


@shape_rule("torch.nn.BCELoss")
def bce(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from equal_sizes(target, input)
    yield from _broadcasts(input, weight)
    return (yield from reduced(input.shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.binary_cross_entropy")
def functional_bce(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from equal_sizes(target, input)
    yield from _broadcasts(input, weight)
    return (yield from reduced(input.shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.BCEWithLogitsLoss")
def bce_logits(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from equal_sizes(target, input)
    yield from _broadcasts(input, weight)
    yield from _broadcasts(input, pos_weight)
    return (yield from reduced(input.shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.binary_cross_entropy_with_logits")
def functional_bce_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    pos_weight: Tensor | None = None,
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from equal_sizes(target, input)
    yield from _broadcasts(input, weight)
    yield from _broadcasts(input, pos_weight)
    return (yield from reduced(input.shape, input, reduction, size_average, reduce))


def _broadcasts(input: Tensor, weight: Tensor | None) -> Steps:
    if weight is not None:
        yield from broadcast_into(input, weight, code=WEIGHT)


@shape_rule("torch.nn.MultiLabelSoftMarginLoss")
def multilabel_soft_margin(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*, c), (*, c) -> () or (*)"""
    shape = yield from _label_losses(input, target, weight)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.multilabel_soft_margin_loss")
def functional_multilabel_soft_margin(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*, c), (*, c) -> () or (*)"""
    shape = yield from _label_losses(input, target, weight)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


def _label_losses(
    input: Tensor, target: Tensor, weight: Tensor | None
) -> Generator[Need | Derivation, None, Shape | None]:
    """One loss for each sample: the mean over the last axis of ``input``, which broadcasting may have put elsewhere."""
    shape = yield from together(input, target, code=TARGET)
    if weight is not None:
        shape = yield from together(Tensor(shape, "the losses", input.facts), weight, code=WEIGHT)
    if input.rank is None or shape.rank is None:
        return shape.ending(1) if shape.lead == input.shape.lead and weight is None else None
    yield rank_at_least(input, 1)
    return Shape((*shape.sizes[: input.rank - 1], *shape.sizes[input.rank :]))


@layer("torch.nn.GaussianNLLLoss")
def gaussian_layer(*, full: object = False, eps: object = 1e-6, reduction: object = "mean") -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.GaussianNLLLoss")
def gaussian(input: Tensor, target: Tensor, var: Tensor | float, *, reduction: object = "mean") -> Rule:
    """(*), (*), (*) -> () or (*)"""
    shape = yield from together(input, target, code=TARGET)
    yield from _variance(input, var)
    return (yield from reduced(shape, input, reduction))


@shape_rule("torch.nn.functional.gaussian_nll_loss")
def functional_gaussian(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: object = False,
    eps: object = 1e-6,
    reduction: object = "mean",
) -> Rule:
    """(*), (*), (*) -> () or (*)"""
    shape = yield from together(input, target, code=TARGET)
    yield from _variance(input, var)
    return (yield from reduced(shape, input, reduction))


def _variance(input: Tensor, var: Tensor | float) -> Steps:
    """The shape of the input, with at most one axis reduced to 1, or without the last one."""
    if not isinstance(var, Tensor) or input.rank is None or var.rank is None or not input.rank:
        return
    fits = same_shape(var.shape, input.shape.ending(1))
    if var.rank == input.rank:
        pairs = list(zip(var.sizes, input.sizes, strict=True))
        several = [equal(a, b) for a, b in pairs].count(NO) > 1
        fits = NO if several else every(fits_into(a, b) for a, b in pairs)
    words = f"{var.name} is {var.shape}, but {input.name} is {input.shape}"
    yield holds(fits, TARGET, lambda: words, expected=str(input.shape), actual=str(var.shape))
