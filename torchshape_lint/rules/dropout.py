"""Dropout: the shape stays. Knows which ranks the channel-wise forms refuse (most of them only warn)."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT
from torchshape_lint.rules.broadcasting import Steps, may_be_empty, unchanged
from torchshape_lint.rules.needs import Constructing, Construction, Result, Rule, holds, rank, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.verdicts import decided

_PLAIN = ("torch.nn.Dropout", "torch.nn.AlphaDropout")
_BY_CHANNEL = ("torch.nn.Dropout2d", "torch.nn.FeatureAlphaDropout")


@layer(*_PLAIN, *_BY_CHANNEL, "torch.nn.Dropout1d", "torch.nn.Dropout3d")
def dropout_layer(p: object = 0.5, inplace: object = False) -> Constructing:
    """no parameters"""
    yield from _probability(p)
    return Construction()


def _probability(p: object) -> Steps:
    if isinstance(p, (int, float)):
        yield holds(decided(0 <= p <= 1), ARGUMENT, lambda: f"p is {p}, but must be between 0 and 1")


def _has_features(x: Tensor, p: object, training: object, least: int) -> Steps:
    """Whole channels are dropped: there must be some, if anything is dropped at all."""
    if training is True and isinstance(p, (int, float)) and 0 < p < 1 and not may_be_empty(x):
        yield rank_at_least(x, least)


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
    yield from _has_features(input, p, training, 2)
    return unchanged(input)


@shape_rule("torch.nn.Dropout3d")
def dropout_3d_module(input: Tensor, *, training: object = True, p: object = 0.5) -> Rule:
    """(n, c, d, h, w) -> same; torch puts an axis in front of anything else"""
    yield from _has_features(input, p, training, 1)
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout")
def dropout(input: Tensor, p: object = 0.5, training: object = True, inplace: object = False) -> Rule:
    """(*) -> (*)"""
    yield from _probability(p)
    return unchanged(input)


@shape_rule("torch.nn.functional.alpha_dropout")
def alpha_dropout(input: Tensor, p: object = 0.5, training: object = False, inplace: object = False) -> Rule:
    """(*) -> (*)"""
    yield from _probability(p)
    return unchanged(input)


@shape_rule("torch.nn.functional.feature_alpha_dropout")
def feature_alpha_dropout(input: Tensor, p: object = 0.5, training: object = False, inplace: object = False) -> Rule:
    """(n, c, *) -> (n, c, *)"""
    yield from _probability(p)
    yield from _has_features(input, p, training, 2)
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout1d")
def dropout_1d(input: Tensor, p: object = 0.5, training: object = True, inplace: object = False) -> Rule:
    """(n, c, l) -> (n, c, l), also without n"""
    yield from _probability(p)
    yield rank(input, 2, 3)
    return unchanged(input)


@shape_rule("torch.nn.functional.dropout{n}d", n=(2, 3))
def dropout_channel(
    input: Tensor, p: object = 0.5, training: object = True, inplace: object = False, *, n: int
) -> Rule:
    """(n, c, *) -> (n, c, *)"""
    yield from _probability(p)
    yield from _has_features(input, p, training, 4 - n)
    return unchanged(input)


@shape_rule(*(f"torch.{name}" for kind in ("dropout", "alpha_dropout") for name in (kind, f"{kind}_")))
def dropout_in_torch(input: Tensor, p: object, train: object) -> Rule:
    """(*) -> (*)"""
    yield from _probability(p)
    return unchanged(input)


@shape_rule(*(f"torch.{name}" for kind in ("feature_dropout", "feature_alpha_dropout") for name in (kind, f"{kind}_")))
def feature_dropout_in_torch(input: Tensor, p: object, train: object) -> Rule:
    """(n, c, *) -> (n, c, *)"""
    yield from _probability(p)
    yield from _has_features(input, p, train, 2)
    return unchanged(input)
