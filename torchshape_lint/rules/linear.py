"""Linear layers: the last axis against in_features. Knows Linear, Bilinear, Identity and the lazy form."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.codes import ARGUMENT, BATCH, FEATURES, WEIGHT
from torchshape_lint.dims import Size, fresh
from torchshape_lint.rules.broadcasting import fits_into
from torchshape_lint.rules.dtypes import same_dtype
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Plain,
    Rule,
    holds,
    never,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, reread, shape_rule
from torchshape_lint.shapes import Shape, same_shape


@layer("torch.nn.Linear")
def linear_layer(
    in_features: Named, out_features: Named, bias: bool = True, device: object = None, dtype: object = None
) -> Constructing:
    """weight: (out_features, in_features), bias: (out_features,)"""
    yield not_less(in_features, 0, ARGUMENT)
    yield not_less(out_features, 0, ARGUMENT)
    return Construction(
        {"weight": (out_features.size, in_features.size), "bias": (out_features.size,) if bias else None}
    )


@reread("torch.nn.Linear")
def linear_weight(parameters: dict[str, Shape]) -> dict[str, object]:
    weight = parameters["weight"]
    return {"in_features": weight.size(-1), "out_features": weight.size(-2)} if weight.rank == 2 else {}


@shape_rule("torch.nn.Linear")
def linear(input: Tensor, *, in_features: Named, out_features: Named, weight: Tensor | None = None) -> Rule:
    """(*, in_features) -> (*, out_features)"""
    yield rank_at_least(input, 1)
    if weight is not None:
        yield from same_dtype(weight, input)
        yield Derivation(lambda: f"weight {weight.shape}")
    yield same(input[-1], in_features, FEATURES)
    return input.shape.ending(1, out_features.size)


@shape_rule("torch.nn.functional.linear")
def functional_linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Rule:
    """(*, in), (out, in), (out,)? -> (*, out); a one-dimensional weight gives (*)"""
    yield rank(weight, 1, 2)
    yield rank_at_least(input, 1)
    yield from same_dtype(weight, input, bias)
    yield same(input[-1], weight[-1], FEATURES)
    out: tuple[Size, ...] = weight.sizes[:-1]
    if bias is not None and not out and (bias.shape.sizes or input.rank == 2):
        yield never(WEIGHT, f"{weight.name} has 1 axis {weight.shape}: with a bias it must be a matrix")
    if bias is not None and out and (last := bias.shape.size(-1)) is not None:
        # torch lets a bias of more axes broadcast
        yield holds(fits_into(last, out[0]), WEIGHT, lambda: f"bias is {bias.shape}, but weight gives {Shape(out)}")
    return input.shape.ending(1, *out)


@layer("torch.nn.LazyLinear")
def lazy_linear_layer(
    out_features: Named, bias: bool = True, device: object = None, dtype: object = None
) -> Constructing:
    """weight: (out_features, whatever comes first), bias: (out_features,)"""
    yield not_less(out_features, 0, ARGUMENT)
    return Construction(
        {"weight": (out_features.size, fresh("in_features")), "bias": (out_features.size,) if bias else None}
    )


@shape_rule("torch.nn.LazyLinear")
def lazy_linear(input: Tensor, *, out_features: Named, weight: Tensor | None = None) -> Rule:
    """(*, in_features) -> (*, out_features): the first input decides, which pins the fresh size down"""
    yield rank_at_least(input, 1)
    if weight is not None and weight.rank == 2:
        yield same(input[-1], replace(weight[-1], name="in_features"), FEATURES)
    return input.shape.ending(1, out_features.size)


@layer("torch.nn.Bilinear")
def bilinear_layer(
    in1_features: Named,
    in2_features: Named,
    out_features: Named,
    bias: bool = True,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (out_features, in1_features, in2_features), bias: (out_features,)"""
    yield not_less(in1_features, 1, ARGUMENT)
    out = out_features.size
    return Construction({"weight": (out, in1_features.size, in2_features.size), "bias": (out,) if bias else None})


@reread("torch.nn.Bilinear")
def bilinear_weight(parameters: dict[str, Shape]) -> dict[str, object]:
    weight = parameters["weight"]
    names = ("out_features", "in1_features", "in2_features")
    return dict(zip(names, weight.sizes, strict=True)) if weight.rank == 3 else {}


@shape_rule("torch.nn.Bilinear")
def bilinear(input1: Tensor, input2: Tensor, *, in1_features: Named, in2_features: Named, out_features: Named) -> Rule:
    """(*, in1_features), (*, in2_features) -> (*, out_features)"""
    yield from _paired(input1, input2, in1_features, in2_features)
    return input1.shape.ending(1, out_features.size)


@shape_rule("torch.nn.functional.bilinear", "torch.bilinear")
def functional_bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Rule:
    """(*, in1), (*, in2), (out, in1, in2), (out,)? -> (*, out)"""
    yield rank(weight, 3)
    yield from _paired(input1, input2, weight[1], weight[2])
    if bias is not None:
        yield rank(bias, 1)
        yield same(bias[0], weight[0], WEIGHT)
    return input1.shape.ending(1, weight.sizes[0])


def _paired(input1: Tensor, input2: Tensor, in1: Named, in2: Named) -> Rule:
    """All axes but the last are the same in both."""
    yield rank_at_least(input1, 1)
    yield rank_at_least(input2, 1)
    yield same(input1[-1], in1, FEATURES)
    yield same(input2[-1], in2, FEATURES)
    yield holds(
        same_shape(input1.shape.ending(1), input2.shape.ending(1)),
        BATCH,
        lambda: f"leading axes differ: {input1.name} is {input1.shape}, {input2.name} is {input2.shape}",
    )
    return None


@layer("torch.nn.Identity")
def identity_layer(*args: object, **kwargs: object) -> Construction:
    """takes anything"""
    return Construction()


@shape_rule("torch.nn.Identity")
def identity(input: object) -> Plain:
    """(*) -> (*)"""
    return Plain(input)
