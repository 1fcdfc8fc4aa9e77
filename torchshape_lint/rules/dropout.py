"""Dropout: the shape stays. Knows which ranks the channel-wise forms refuse (most of them only warn)."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.needs import Constructing, Construction, Result, Rule, holds, rank, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.verdicts import decided

_PLAIN = ("torch.nn.Dropout", "torch.nn.AlphaDropout")
_BY_CHANNEL = ("torch.nn.Dropout2d", "torch.nn.Dropout3d", "torch.nn.FeatureAlphaDropout")


@layer(*_PLAIN, *_BY_CHANNEL, "torch.nn.Dropout1d")
def dropout_layer(p: object = 0.5, inplace: object = False) -> Constructing:
    """no parameters"""
    if isinstance(p, (int, float)):
        yield holds(decided(0 <= p <= 1), ARGUMENT, lambda: f"p is {p}, but must be between 0 and 1")
    return Construction()


@shape_rule(*_PLAIN)
def dropout_module(input: Tensor) -> Result:
    """(*) -> (*)"""
    return unchanged(input)


@shape_rule("torch.nn.Dropout1d")
def dropout_1d_module(input: Tensor) -> Rule:
    """(n, c, l) -> (n, c, l), also without n"""
    yield rank(input, 2, 3)
    return unchanged(input)


@shape_rule(*_BY_CHANNEL)
def dropout_channel_module(input: Tensor, *, training: object = True, p: object = 0.5) -> Rule:
    """(n, c, *) -> (n, c, *)"""
    if training is True and isinstance(p, float) and p > 0:
        yield rank_at_least(input, 2)
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout")
def dropout(input: Tensor, p: object = 0.5, training: object = True, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input)


@shape_rule("torch.nn.functional.alpha_dropout", "torch.nn.functional.feature_alpha_dropout")
def alpha_dropout(input: Tensor, p: object = 0.5, training: object = False, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout1d")
def dropout_1d(input: Tensor, p: object = 0.5, training: object = True, inplace: object = False) -> Rule:
    """(n, c, l) -> (n, c, l), also without n"""
    yield rank(input, 2, 3)
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout2d", "torch.nn.functional.dropout3d")
def dropout_channel(input: Tensor, p: object = 0.5, training: object = True, inplace: object = False) -> Rule:
    """(n, c, *) -> (n, c, *)"""
    if training is True and isinstance(p, float) and p > 0:
        yield rank_at_least(input, 2)
    return unchanged(input)


@shape_rule(
    *(
        f"torch.{name}"
        for kind in ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout")
        for name in (kind, f"{kind}_")
    )
)
def dropout_in_torch(input: Tensor, p: object, train: object) -> Result:
    """(*) -> (*)"""
    return unchanged(input)
