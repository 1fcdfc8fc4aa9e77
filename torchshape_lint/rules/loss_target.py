"""Losses whose target holds class numbers: cross entropy, NLL, multi-class margins, CTC.

Class scores have their classes in axis 1, (n, c, d1, ..), and class numbers are (n, d1, ..). Cross entropy also takes
probabilities, of the same shape as the scores. Values of targets are not looked at.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, TARGET, WEIGHT
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.dtypes import is_floating, is_integer, same_dtype
from torchshape_lint.rules.loss import buffers, equal_sizes, reduced
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Need,
    Rule,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO, YES

Shaped = Generator[Need | Derivation, None, Shape | None]


@layer("torch.nn.CrossEntropyLoss")
def cross_entropy_layer(
    weight: Tensor | None = None,
    size_average: object = None,
    ignore_index: object = -100,
    reduce: object = None,
    reduction: object = "mean",
    label_smoothing: object = 0.0,
) -> Construction:
    """a buffer: weight"""
    return Construction(buffers=buffers(weight=weight))


@layer("torch.nn.NLLLoss", "torch.nn.NLLLoss2d")
def nll_layer(
    weight: Tensor | None = None,
    size_average: object = None,
    ignore_index: object = -100,
    reduce: object = None,
    reduction: object = "mean",
) -> Construction:
    """a buffer: weight"""
    return Construction(buffers=buffers(weight=weight))


@shape_rule("torch.nn.CrossEntropyLoss")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    ignore_index: object = -100,
    label_smoothing: object = 0.0,
) -> Rule:
    """(n, c, d..), (n, d..) or (n, c, d..) -> () or (n, d..)"""
    yield from _soft_arguments(input, target, ignore_index, label_smoothing)
    shape = yield from scored(input, target, weight, soft=True)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.cross_entropy")
def functional_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: object = None,
    ignore_index: object = -100,
    reduce: object = None,
    reduction: object = "mean",
    label_smoothing: object = 0.0,
) -> Rule:
    """(n, c, d..), (n, d..) or (n, c, d..) -> () or (n, d..)"""
    yield from _soft_arguments(input, target, ignore_index, label_smoothing)
    shape = yield from scored(input, target, weight, soft=True)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


def _soft_arguments(input: Tensor, target: Tensor, ignore_index: object, label_smoothing: object) -> Steps:
    """What only class numbers, or only probabilities, may be given."""
    probabilities = target.shape == input.shape and is_floating(target.dtype)
    if probabilities and isinstance(ignore_index, int) and ignore_index >= 0:
        yield never(ARGUMENT, f"{target.name} holds probabilities: ignore_index cannot be given")
    if isinstance(label_smoothing, (int, float)) and not 0 <= label_smoothing <= 1:
        yield never(ARGUMENT, f"label_smoothing is {label_smoothing}, but must lie between 0 and 1")


@shape_rule("torch.nn.NLLLoss", "torch.nn.NLLLoss2d")
def nll(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, c, d..), (n, d..) -> () or (n, d..)"""
    shape = yield from scored(input, target, weight, soft=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.nll_loss")
def functional_nll(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: object = None,
    ignore_index: object = -100,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, c, d..), (n, d..) -> () or (n, d..)"""
    shape = yield from scored(input, target, weight, soft=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


def scored(input: Tensor, target: Tensor, weight: Tensor | None, soft: bool) -> Shaped:
    """The shape of the losses; None where it is not known."""
    if input.rank is None or target.rank is None:
        return None
    yield rank_at_least(input, 1, TARGET)
    classes = input[min(input.rank - 1, 1)]
    if weight is not None:
        yield rank(weight, 1, code=WEIGHT)
        yield same(weight[0], Named(classes.size, f"the number of classes ({classes.name})"), WEIGHT)
        if not is_floating(target.dtype):  # probabilities are multiplied with the weights, whatever type they have
            yield from same_dtype(input, weight)
    if input.rank == 1:
        return (yield from _single(input, target, soft))
    if target.rank == input.rank - 1:
        yield from _class_numbers(input, target)
        return target.shape
    if target.rank == input.rank and soft and not is_integer(target.dtype):
        yield from equal_sizes(target, input)
        return Shape((input.sizes[0], *input.sizes[2:]))
    yield _refused(input, target)
    return None


def _single(input: Tensor, target: Tensor, soft: bool) -> Shaped:
    """(c,) scores: one class number, () or (1,), or probabilities (c,)."""
    if target.rank == 0:
        yield from _numbers(input, target)
        return Shape()
    if target.rank != 1:
        yield _refused(input, target)
    size = target[0]
    if soft and is_integer(target.dtype) and equal(size.size, input.sizes[0]) is YES:
        yield _refused(input, target)  # torch takes them for probabilities
    fits = soft and equal(size.size, input.sizes[0]) is not NO and not is_integer(target.dtype)
    if not fits:
        if equal(size.size, 1) is NO:
            yield _refused(input, target)
        yield from _numbers(input, target)
    return Shape()


def _class_numbers(input: Tensor, target: Tensor) -> Steps:
    yield from _numbers(input, target)
    batch = Named(input.sizes[0], f"the batch size of {input.name}")
    yield same(Named(target.sizes[0], f"the batch size of {target.name}"), batch, TARGET)
    for k in range(1, target.rank or 1):
        scores = input[k + 1]
        there = Named(scores.size, f"{scores.name} (whose classes are axis 1)", scores.source)
        yield same(target[k], there, TARGET)


def _numbers(input: Tensor, target: Tensor) -> Steps:
    if is_floating(target.dtype):
        words = f"{target.name} is {target.dtype} {target.shape}, but class numbers must be int64"
        yield holds(NO, TARGET, lambda: words, expected="int64", actual=target.dtype)


def _refused(input: Tensor, target: Tensor) -> Need:
    wanted = Shape((*input.sizes[:1], *input.sizes[2:])) if input.rank != 1 else Shape()
    words = f"{input.name} is {input.shape}, so class numbers must be {wanted}, but {target.name} is {target.shape}"
    return never(TARGET, words, expected=str(wanted), actual=str(target.shape))


@layer("torch.nn.MultiMarginLoss")
def multi_margin_layer(
    p: object = 1,
    margin: object = 1.0,
    weight: Tensor | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Construction:
    """a buffer: weight"""
    return Construction(buffers=buffers(weight=weight))


@shape_rule("torch.nn.MultiMarginLoss")
def multi_margin(
    input: Tensor,
    target: Tensor,
    *,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, c), (n,) -> () or (n,)"""
    yield from _one_class(input, target)
    return (yield from reduced(target.shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.multi_margin_loss")
def functional_multi_margin(
    input: Tensor,
    target: Tensor,
    p: object = 1,
    margin: object = 1.0,
    weight: object = None,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(n, c), (n,) -> () or (n,)"""
    yield from _one_class(input, target)
    return (yield from reduced(target.shape, input, reduction, size_average, reduce))


def _one_class(input: Tensor, target: Tensor) -> Steps:
    yield rank(input, 0, 1, 2, code=TARGET)
    yield from _has_classes(input)
    yield rank(target, 0, 1, code=TARGET)
    yield from _numbers(input, target)
    batch = Named(input.sizes[0], f"the batch size of {input.name}") if input.rank == 2 else Named(1, "one sample")
    found = Named(target.sizes[0] if target.sizes else 1, f"the batch size of {target.name}")
    yield same(found, batch, TARGET)


def _labels(input: Tensor, target: Tensor) -> Steps:
    """A label for each class; a scalar stands for one."""
    yield rank(input, 0, 1, 2, code=TARGET)
    yield from _has_classes(input)
    if input.rank == 2 or target.rank not in (0, 1):
        yield from equal_sizes(target, input)
    else:
        labels, classes = (Named(x.sizes[0] if x.sizes else 1, f"the size of {x.name}") for x in (target, input))
        yield same(labels, classes, TARGET)


def _has_classes(x: Tensor) -> Steps:
    """Only the batch may be empty."""
    if x.rank in (1, 2):
        yield not_less(x[-1], 1, TARGET)


@shape_rule("torch.nn.MultiLabelMarginLoss")
def multilabel_margin(
    input: Tensor, target: Tensor, *, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(n, c), (n, c) -> () or (n,)"""
    yield from _labels(input, target)
    batch = input.shape.ending(1) if input.rank else Shape()
    return (yield from reduced(batch, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.multilabel_margin_loss")
def functional_multilabel_margin(
    input: Tensor, target: Tensor, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(n, c), (n, c) -> () or (n,)"""
    yield from _labels(input, target)
    batch = input.shape.ending(1) if input.rank else Shape()
    return (yield from reduced(batch, input, reduction, size_average, reduce))


@layer("torch.nn.CTCLoss")
def ctc_layer(blank: object = 0, reduction: object = "mean", zero_infinity: object = False) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.CTCLoss")
def ctc(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: object,
    target_lengths: object,
    *,
    reduction: object = "mean",
) -> Rule:
    """(t, n, c), (n, s) or (all,) -> () or (n,)"""
    batch = yield from _ctc_batch(log_probs, targets)
    return (yield from reduced(batch, log_probs, reduction))


@shape_rule("torch.nn.functional.ctc_loss")
def functional_ctc(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: object,
    target_lengths: object,
    blank: object = 0,
    reduction: object = "mean",
    zero_infinity: object = False,
) -> Rule:
    """(t, n, c), (n, s) or (all,) -> () or (n,)"""
    batch = yield from _ctc_batch(log_probs, targets)
    return (yield from reduced(batch, log_probs, reduction))


def _ctc_batch(log_probs: Tensor, targets: Tensor) -> Shaped:
    yield rank(log_probs, 2, 3, code=TARGET)
    if log_probs.rank == 2:
        return Shape()
    if targets.rank == 2:
        yield same(targets[0], Named(log_probs.sizes[1], f"the batch size (axis 1) of {log_probs.name}"), TARGET)
    return Shape((log_probs.sizes[1],))
