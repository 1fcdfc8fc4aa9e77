"""torch.nn.init: tensors are filled in place and keep their shape; some fills need a certain number of axes."""

from __future__ import annotations

import math

from torchshape_lint.codes import GROUPS
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.needs import Plain, Result, Rule, divisible, rank, rank_at_least
from torchshape_lint.rules.numbers import one_of
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO


def _names(*names: str) -> list[str]:
    """``uniform_`` and the old ``uniform``."""
    return [f"torch.nn.init.{name}{end}" for name in names for end in ("_", "")]


@shape_rule(
    *_names("constant", "normal", "uniform"), *(f"torch.nn.init.{name}_" for name in ("ones", "trunc_normal", "zeros"))
)
def fill(tensor: Tensor, *numbers: object, **options: object) -> Result:
    """(*) -> (*)"""
    return unchanged(tensor)


@shape_rule(*_names("xavier_normal", "xavier_uniform", "orthogonal"))
def by_fans(tensor: Tensor, gain: object = 1.0, generator: object = None) -> Rule:
    """(out, in, *) -> (out, in, *)"""
    yield rank_at_least(tensor, 2)
    return unchanged(tensor)


@shape_rule(*_names("kaiming_normal", "kaiming_uniform"))
def kaiming(
    tensor: Tensor,
    a: object = 0,
    mode: object = "fan_in",
    nonlinearity: object = "leaky_relu",
    generator: object = None,
) -> Rule:
    """(out, in, *) -> (out, in, *); an empty tensor may have any rank"""
    if tensor.rank is not None and all(equal(size, 0) is NO for size in tensor.sizes):
        yield rank_at_least(tensor, 2)
    return unchanged(tensor)


@shape_rule(*_names("eye"))
def eye(tensor: Tensor) -> Rule:
    """(a, b) -> (a, b)"""
    yield rank(tensor, 2)
    return unchanged(tensor)


@shape_rule(*_names("sparse"))
def sparse(tensor: Tensor, sparsity: object, std: object = 0.01, generator: object = None) -> Rule:
    """(a, b) -> (a, b)"""
    yield rank(tensor, 2)
    return unchanged(tensor)


@shape_rule(*_names("dirac"))
def dirac(tensor: Tensor, groups: object = 1) -> Rule:
    """(out, in, *) -> (out, in, *)"""
    yield rank(tensor, 3, 4, 5)
    if isinstance(groups, int):
        yield divisible(tensor[0], Named(groups, "groups"), GROUPS)
    return unchanged(tensor)


# The gains of torch.nn.init.calculate_gain that do not depend on a parameter.
_GAINS = {
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4,
    **dict.fromkeys(("linear", "sigmoid"), 1),
    **{f"conv{kind}{n}d": 1 for kind in ("", "_transpose") for n in (1, 2, 3)},
}


@shape_rule("torch.nn.init.calculate_gain")
def calculate_gain(nonlinearity: object, param: object = None) -> Rule:
    """A number"""
    yield from one_of("nonlinearity", nonlinearity, *_GAINS, "leaky_relu")
    if isinstance(nonlinearity, str) and nonlinearity in _GAINS:
        return Plain(_GAINS[nonlinearity])
    if param is None or (isinstance(param, (int, float)) and not isinstance(param, bool)):
        slope = 0.01 if param is None else param
        return Plain(math.sqrt(2.0 / (1 + slope**2)) if isinstance(nonlinearity, str) else _SOME_GAIN)
    return Plain(_SOME_GAIN)


_SOME_GAIN = Unknown("a gain that is not known", number=True)
