"""torch.nn.init: tensors are filled in place and keep their shape; some fills need a certain number of axes."""

from __future__ import annotations

from torchshape_lint.codes import RANK
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.needs import Result, Rule, holds, rank, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.verdicts import NO, decided


@shape_rule(*(f"torch.nn.init.{name}_" for name in ("constant", "normal", "ones", "trunc_normal", "uniform", "zeros")))
def fill(tensor: Tensor, *numbers: object, **options: object) -> Result:
    """(*) -> (*)"""
    return unchanged(tensor)


@shape_rule(*(f"torch.nn.init.{name}_" for name in ("xavier_normal", "xavier_uniform", "orthogonal")))
def by_fans(tensor: Tensor, gain: object = 1.0, generator: object = None) -> Rule:
    """(out, in, *) -> (out, in, *)"""
    yield rank_at_least(tensor, 2)
    return unchanged(tensor)


@shape_rule("torch.nn.init.kaiming_normal_", "torch.nn.init.kaiming_uniform_")
def kaiming(
    tensor: Tensor,
    a: object = 0,
    mode: object = "fan_in",
    nonlinearity: object = "leaky_relu",
    generator: object = None,
) -> Rule:
    """(out, in, *) -> (out, in, *); an empty tensor may have any rank"""
    if tensor.rank is not None and all(equal(size, 0) is NO for size in tensor.sizes):
        yield holds(
            decided(tensor.rank >= 2), RANK, lambda: f"{tensor.name} has {tensor.rank} axes, but at least 2 are needed"
        )
    return unchanged(tensor)


@shape_rule("torch.nn.init.eye_")
def eye(tensor: Tensor) -> Rule:
    """(a, b) -> (a, b)"""
    yield rank(tensor, 2)
    return unchanged(tensor)


@shape_rule("torch.nn.init.sparse_")
def sparse(tensor: Tensor, sparsity: object, std: object = 0.01, generator: object = None) -> Rule:
    """(a, b) -> (a, b)"""
    yield rank(tensor, 2)
    return unchanged(tensor)


@shape_rule("torch.nn.init.dirac_")
def dirac(tensor: Tensor, groups: object = 1) -> Rule:
    """(out, in, *) -> (out, in, *)"""
    yield rank(tensor, 3, 4, 5)
    return unchanged(tensor)
