"""What element-wise rules share: a result that must keep the first operand's shape, and axes named by ``dim``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from torchshape_lint.codes import AXIS, BROADCAST, Code
from torchshape_lint.dims import Size
from torchshape_lint.proofs import equal
from torchshape_lint.rules.needs import Derivation, Need, Result, axis, broadcast, holds, rank_at_least
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, Verdict, decided, some

Steps = Generator[Need | Derivation, None, None]


def unchanged(x: Tensor, dtype: str | None = "") -> Result:
    """``x`` with other contents: the shape, and what its last axis was folded from."""
    return Result(x.shape, dtype, x.folded)


def fits_into(size: Size, wanted: Size) -> Verdict:
    """Can ``size`` be expanded to ``wanted``?"""
    return some((equal(size, wanted), equal(size, 1)))


def broadcast_into(x: Tensor, *others: Tensor, code: Code = BROADCAST) -> Steps:
    """Each of ``others`` must be expandable to exactly the shape of ``x``, as an in-place operator needs it."""
    for other in others:
        a, b = x.shape, other.shape
        if a == b:
            continue
        words = _not_into(x, other)
        if a.rank is not None and len(b.sizes) > a.rank:
            yield holds(decided(False), code, words, expected=str(a), actual=str(b))
            continue
        for size, wanted in zip(reversed(b.sizes), reversed(a.sizes)):
            need = holds(fits_into(size, wanted), code, words, expected=wanted, actual=size)
            yield replace(need, equate=(size, wanted) if equal(size, 1) is NO else None)


def _not_into(x: Tensor, other: Tensor) -> Callable[[], str]:
    return lambda: f"{other.name} is {other.shape}, which cannot be broadcast to the shape of {x.name}, {x.shape}"


def together(*operands: Value, code: Code = BROADCAST) -> Generator[Need | Derivation, None, Shape]:
    """The shape of the operands broadcast together; numbers have none."""
    tensors = [x for x in operands if isinstance(x, Tensor)]
    if not tensors:
        return Shape()
    if all(x.shape == tensors[0].shape for x in tensors):
        return tensors[0].shape
    return (yield from broadcast(*tensors, code=code))


def may_be_empty(x: Tensor) -> bool:
    """One of its axes may be 0: torch often returns early for a tensor without elements, and checks nothing."""
    return x.rank is None or any(equal(size, 0) is not NO for size in x.shape.sizes)


def has_axis(x: Tensor, dim: Value) -> Steps:
    """``dim`` must exist, where it is known; for rules that keep the shape and so do not need it."""
    if isinstance(dim, bool) or not isinstance(dim, int):
        return
    if x.rank is not None:
        yield from axis(x, dim)
    elif dim < -1 or dim > 0:  # a scalar has the axes 0 and -1
        yield rank_at_least(x, -dim if dim < 0 else dim + 1, AXIS)
