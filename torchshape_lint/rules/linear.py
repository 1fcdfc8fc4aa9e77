"""Linear layers: the last axis against in_features."""

from __future__ import annotations

from torchshape_lint.codes import FEATURES, WEIGHT
from torchshape_lint.dims import Size
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Rule,
    broadcast,
    holds,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, reread, shape_rule
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.codes import ARGUMENT


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
def linear(input: Tensor, *, in_features: Named, out_features: Named) -> Rule:
    """(*, in_features) -> (*, out_features)"""
    yield rank_at_least(input, 1)
    yield same(input[-1], in_features, FEATURES)
    return input.shape.ending(1, out_features.size)


@shape_rule("torch.nn.functional.linear")
def functional_linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Rule:
    """(*, in), (out, in), (out,)? -> (*, out); a one-dimensional weight gives (*)"""
    yield rank(weight, 1, 2)
    yield rank_at_least(input, 1)
    yield same(input[-1], weight[-1], FEATURES)
    out: tuple[Size, ...] = weight.sizes[:-1]
    if bias is not None:
        yield holds(
            same_shape(bias.shape, Shape(out)) if bias.rank == 1 and out else same_shape(bias.shape, bias.shape),
            WEIGHT,
            lambda: f"bias is {bias.shape}, but weight gives {Shape(out)}",
        )
    return input.shape.ending(1, *out)
