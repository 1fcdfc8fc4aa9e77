"""Undoing max pooling: the indices tell where, output_size tells which of the possible sizes it was."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, WINDOW
from torchshape_lint.dims import Size
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.needs import Construction, Derivation, Need, Rule, holds, never, rank, same
from torchshape_lint.rules.operands import PerAxis, Sizes, Tensor
from torchshape_lint.rules.pool import DIMS, Stride, strides
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import factor, unbatched_or_not
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO


@layer("torch.nn.MaxUnpool{n}d", n=DIMS)
def max_unpool_layer(kernel_size: PerAxis, stride: Stride = None, padding: PerAxis = (0,)) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.MaxUnpool{n}d", n=DIMS)
def max_unpool(
    input: Tensor,
    indices: Tensor,
    output_size: Sizes | None = None,
    *,
    kernel_size: PerAxis,
    stride: Stride,
    padding: PerAxis,
    n: int,
) -> Rule:
    """(n, c, *size), (n, c, *size) -> (n, c, *size')"""
    return (yield from unpool(input, indices, kernel_size, stride, padding, output_size, n))


@shape_rule("torch.nn.functional.max_unpool{n}d", n=DIMS)
def functional_max_unpool(
    input: Tensor,
    indices: Tensor,
    kernel_size: PerAxis,
    stride: Stride = None,
    padding: PerAxis = (0,),
    output_size: Sizes | None = None,
    *,
    n: int,
) -> Rule:
    """(n, c, *size), (n, c, *size) -> (n, c, *size')"""
    return (yield from unpool(input, indices, kernel_size, stride, padding, output_size, n))


def unpool(
    x: Tensor,
    indices: Tensor,
    kernel: PerAxis,
    stride: Stride,
    padding: PerAxis,
    output_size: Sizes | None,
    n: int,
) -> Generator[Need | Derivation, None, Shape]:
    """The values go back to where the indices say."""
    yield from unbatched_or_not(x, n)
    if indices.dtype is not None and indices.dtype != "int64":
        yield never(ARGUMENT, f"indices are {indices.dtype}, but must be int64")
    if x.rank is not None:
        yield rank(indices, x.rank)
        for k in range(x.rank):
            yield same(indices[k], x[k], WINDOW)
    steps = strides(kernel, stride)
    sizes = x.shape.sizes[-n:]
    each = list(zip(sizes, steps, kernel, padding, strict=True))
    plain = tuple((h - 1) * s + k - 2 * p for h, s, k, p in each)
    if output_size is not None:
        wanted = yield from _asked(output_size, plain, steps)
        return x.shape.ending(n, *wanted)
    for size in plain:
        if at_least(size, 0) is NO:
            yield never(WINDOW, f"the output size would be {size}", actual=size)
    for four, size in dict(zip(each, plain, strict=True)).items():
        yield _formula(four, size)
    return x.shape.ending(n, *plain)


def _formula(four: tuple[Size, Size, Size, Size], size: Size) -> Derivation:
    h, s, k, p = map(factor, four)
    return Derivation(lambda: f"({h} - 1)*{s} + {k} - 2*{p} = {size}")


def _asked(
    output_size: Sizes, plain: tuple[Size, ...], steps: PerAxis
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    """output_size is within one stride of what the pooled size gives."""
    n = len(plain)
    if len(output_size) not in (n, n + 2):
        words = f"output_size has {len(output_size)} sizes, but {n} or {n + 2} are needed"
        yield never(ARGUMENT, words, actual=len(output_size))
    wanted = output_size[-n:]
    for size, default, step in zip(wanted, plain, steps, strict=True):
        low, high = default - step + 1, default + step - 1
        for verdict in (at_least(size, low), at_least(high, size)):
            yield holds(
                verdict,
                ARGUMENT,
                lambda a=low, b=high, size=size: f"output_size is {size}, but only {a} to {b} can be had",  # type: ignore[misc]
                actual=size,
            )
    return wanted
