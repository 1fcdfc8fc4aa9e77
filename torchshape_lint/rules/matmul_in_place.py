"""A product added to a tensor in place: the tensor has the shape of the product, nothing is broadcast."""

from __future__ import annotations

from torchshape_lint.codes import MATMUL
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.matmul import addmm, addmv, addr, baddbmm
from torchshape_lint.rules.needs import Outcome, Result, Rule, holds
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, same_shape


@shape_rule("torch.Tensor.addmm_")
def addmm_(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (n, k), (k, m) -> (n, m)"""
    yield from _exactly(input, (yield from addmm(input, mat1, mat2)))
    return Result(input.shape)


@shape_rule("torch.Tensor.baddbmm_")
def baddbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(b, n, m), (b, n, k), (b, k, m) -> (b, n, m)"""
    yield from _exactly(input, (yield from baddbmm(input, batch1, batch2)))
    return Result(input.shape)


@shape_rule("torch.addmv_", "torch.Tensor.addmv_")
def addmv_(input: Tensor, mat: Tensor, vec: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n,), (n, k), (k,) -> (n,)"""
    yield from _exactly(input, (yield from addmv(input, mat, vec)))
    return Result(input.shape)


@shape_rule("torch.Tensor.addr_")
def addr_(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (n,), (m,) -> (n, m)"""
    yield from _exactly(input, (yield from addr(input, vec1, vec2)))
    return Result(input.shape)


def _exactly(input: Tensor, added: Outcome) -> Steps:
    """In place there is nothing to broadcast."""
    if isinstance(added, Result):
        product = added.shape if isinstance(added.shape, Shape) else Shape(added.shape)
        yield holds(
            same_shape(input.shape, product),
            MATMUL,
            lambda: f"{input.name} is {input.shape}, but what is added in place is {product}",
            expected=str(product),
            actual=str(input.shape),
        )
