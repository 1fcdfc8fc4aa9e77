"""Losses that compare prediction and target element by element; what all losses share: reduction.

Knows which of them broadcast (silently wrong more often than not), and which insist on equal sizes.
Losses over class numbers are in loss_target.py, losses over pairs in loss_pairs.py.
"""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, LOSS_BROADCAST, TARGET, WEIGHT
from torchshape_lint.dims import Size
from torchshape_lint.rules.broadcasting import Steps, together
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Need,
    Outcome,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    same,
)
from torchshape_lint.rules.numbers import a_number, positive
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape, same_shape, too_short
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO


def reduced(
    shape: Shape | None,
    input: Tensor,
    reduction: Value,
    size_average: Value = None,
    reduce: Value = None,
    also: str = "mean",
) -> Generator[Need | Derivation, None, Outcome]:
    """What is left of the losses in ``shape`` (None: not known); the other two are its old spellings."""
    dtype = floating(input.dtype)
    if size_average is not None or reduce is not None:
        keeps: Value = reduce is False if reduce is None or isinstance(reduce, bool) else None
    else:
        if isinstance(reduction, str) and reduction not in ("none", "mean", "sum", also):
            yield never(ARGUMENT, f"reduction is {reduction!r}, but must be 'none', 'mean' or 'sum'")
        keeps = reduction == "none" if isinstance(reduction, str) else None
    if keeps is False:
        return Result((), dtype)
    if keeps is None or shape is None:
        return Undetermined("the reduction is not known" if keeps is None else "the shape is not known")
    return Result(shape, dtype)


def buffers(**weights: Tensor | None) -> dict[str, tuple[Size, ...] | None]:
    """Weights that a loss keeps, by name."""
    return {name: x.sizes if x is not None and x.rank is not None else None for name, x in weights.items()}


def equal_sizes(target: Tensor, input: Tensor) -> Steps:
    """``target`` must have the sizes of ``input``; of open shapes the last axes are compared."""
    a, b = target.shape, input.shape
    if too_short(a, b) or too_short(b, a):
        words = f"{target.name} {_extent(a)}, but {input.name} {_extent(b)}: both must have the same shape"
        yield never(TARGET, words, expected=str(b), actual=str(a))
    for k in range(1, min(len(a.sizes), len(b.sizes)) + 1):
        axis = -k if a.rank is None or b.rank is None else a.rank - k
        yield same(target[axis], input[axis], TARGET)


def _extent(shape: Shape) -> str:
    return f"has at most {shape.most} axes" if shape.is_open and shape.most is not None else f"is {shape}"


def broadcast_warning(input: Tensor, target: Tensor, shape: Shape) -> Steps:
    """Torch warns when the sizes differ; a single number against a tensor is what somebody meant."""
    a, b = input.shape, target.shape
    meant = all(size == 1 for size in a.sizes) or all(size == 1 for size in b.sizes)
    if not meant and same_shape(a, b) is NO:
        words = f"{input.name} is {a}, but {target.name} is {b}: the loss compares them as {shape}"
        yield holds(NO, LOSS_BROADCAST, lambda: words, expected=str(a), actual=str(b))


def _weighted(weight: Tensor | None, input: Tensor) -> Steps:
    if weight is not None and same_shape(weight.shape, input.shape) is NO:
        words = f"weight is {weight.shape}, but {input.name} is {input.shape}"
        yield holds(NO, WEIGHT, lambda: words, expected=str(input.shape), actual=str(weight.shape))


def _compared(input: Tensor, target: Tensor, warned: bool) -> Generator[Need | Derivation, None, Shape]:
    fits = True
    shape: Shape = Shape()
    steps = together(input, target, code=TARGET)
    while True:
        try:
            need = next(steps)
        except StopIteration as stop:
            shape = stop.value
            break
        fits = fits and not (isinstance(need, Need) and need.verdict is NO)
        yield need
    if warned and fits:
        yield from broadcast_warning(input, target, shape)
    return shape


@layer("torch.nn.MSELoss", "torch.nn.L1Loss", "torch.nn.SoftMarginLoss", "torch.nn.MultiLabelMarginLoss")
def plain_loss_layer(size_average: object = None, reduce: object = None, reduction: object = "mean") -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.SmoothL1Loss")
def smooth_l1_layer(
    size_average: object = None, reduce: object = None, reduction: object = "mean", beta: object = 1.0
) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.HuberLoss")
def huber_layer(reduction: object = "mean", delta: object = 1.0) -> Constructing:
    """no parameters"""
    yield from a_number("delta", delta)
    return Construction()


@layer("torch.nn.KLDivLoss")
def kl_div_layer(
    size_average: object = None, reduce: object = None, reduction: object = "mean", log_target: object = False
) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.PoissonNLLLoss")
def poisson_layer(
    log_input: object = True,
    full: object = False,
    size_average: object = None,
    eps: object = 1e-8,
    reduce: object = None,
    reduction: object = "mean",
) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.HingeEmbeddingLoss")
def hinge_layer(
    margin: object = 1.0, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.MSELoss", "torch.nn.L1Loss", "torch.nn.SmoothL1Loss", "torch.nn.HuberLoss")
def warning_loss(
    input: Tensor, target: Tensor, *, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=True)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.mse_loss", "torch.nn.functional.l1_loss")
def functional_mse(
    input: Tensor,
    target: Tensor,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    weight: Tensor | None = None,
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=True)
    yield from _weighted(weight, input)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.smooth_l1_loss")
def functional_smooth_l1(
    input: Tensor,
    target: Tensor,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    beta: object = 1.0,
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=True)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.huber_loss")
def functional_huber(
    input: Tensor,
    target: Tensor,
    reduction: object = "mean",
    delta: object = 1.0,
    weight: Tensor | None = None,
) -> Rule:
    """(*), (*) -> () or (*)"""
    yield from positive("delta", delta)
    shape = yield from _compared(input, target, warned=True)
    yield from _weighted(weight, input)
    return (yield from reduced(shape, input, reduction))


@shape_rule("torch.nn.SoftMarginLoss", "torch.nn.HingeEmbeddingLoss", "torch.nn.KLDivLoss")
def broadcasting_loss(
    input: Tensor, target: Tensor, *, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce, "batchmean"))


@shape_rule("torch.nn.PoissonNLLLoss")
def poisson(
    log_input: Tensor, target: Tensor, *, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(log_input, target, warned=False)
    return (yield from reduced(shape, log_input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.soft_margin_loss")
def functional_soft_margin(
    input: Tensor, target: Tensor, size_average: object = None, reduce: object = None, reduction: object = "mean"
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.kl_div")
def functional_kl_div(
    input: Tensor,
    target: Tensor,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
    log_target: object = False,
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce, "batchmean"))


@shape_rule("torch.nn.functional.hinge_embedding_loss")
def functional_hinge(
    input: Tensor,
    target: Tensor,
    margin: object = 1.0,
    size_average: object = None,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce))


@shape_rule("torch.nn.functional.poisson_nll_loss")
def functional_poisson(
    input: Tensor,
    target: Tensor,
    log_input: object = True,
    full: object = False,
    size_average: object = None,
    eps: object = 1e-8,
    reduce: object = None,
    reduction: object = "mean",
) -> Rule:
    """(*), (*) -> () or (*)"""
    shape = yield from _compared(input, target, warned=False)
    return (yield from reduced(shape, input, reduction, size_average, reduce))
