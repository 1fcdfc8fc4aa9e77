"""Padding, as layer and function. Sides come from the last axis backwards, as torch wants them."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, PADDING, RANK
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.conv import pad_mode_fits
from torchshape_lint.rules.needs import Construction, Derivation, Need, Rule, holds, never, rank_at_least
from torchshape_lint.rules.operands import PerSide, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import bracketed, spatial, unbatched_or_not
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO, YES

DIMS = (1, 2, 3)


@layer("torch.nn.ConstantPad{n}d", n=DIMS)
def constant_pad_layer(padding: PerSide, value: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.ZeroPad{n}d", "torch.nn.ReflectionPad{n}d", "torch.nn.ReplicationPad{n}d", n=DIMS)
@layer("torch.nn.CircularPad{n}d", n=DIMS)
def pad_layer(padding: PerSide) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.ZeroPad{n}d", "torch.nn.ConstantPad{n}d", n=DIMS)
def constant_pad(input: Tensor, *, padding: PerSide) -> Rule:
    """(*, size..) -> (*, size + before + after..)"""
    return (yield from padded(input, padding, "constant"))


@shape_rule("torch.nn.ReflectionPad{n}d", n=DIMS)
def reflection_pad(input: Tensor, *, padding: PerSide) -> Rule:
    """(n, c, *size) -> (n, c, *size + before + after)"""
    return (yield from padded(input, padding, "reflect"))


@shape_rule("torch.nn.ReplicationPad{n}d", n=DIMS)
def replication_pad(input: Tensor, *, padding: PerSide) -> Rule:
    """(n, c, *size) -> (n, c, *size + before + after)"""
    return (yield from padded(input, padding, "replicate"))


@shape_rule("torch.nn.CircularPad{n}d", n=DIMS)
def circular_pad(input: Tensor, *, padding: PerSide) -> Rule:
    """(n, c, *size) -> (n, c, *size + before + after)"""
    return (yield from padded(input, padding, "circular"))


@shape_rule("torch.nn.functional.pad")
def functional_pad(input: Tensor, pad: Sizes, mode: object = "constant", value: object = None) -> Rule:
    """(*, size..) -> (*, size + before + after..)"""
    if len(pad) % 2:
        yield never(ARGUMENT, f"pad has {len(pad)} sizes, but needs two for each axis", actual=len(pad))
    return (yield from padded(input, pad, mode))


@shape_rule("torch.constant_pad_nd")
def constant_pad_nd(input: Tensor, pad: Sizes, value: object = 0) -> Rule:
    """(*, size..) -> (*, size + before + after..)"""
    return (yield from functional_pad(input, pad, "constant"))


def padded(x: Tensor, pad: tuple[Size, ...], mode: object) -> Generator[Need | Derivation, None, Shape]:
    """The first two sides are the last axis's. Only a constant can be put around any axis."""
    count = len(pad) // 2
    if mode == "constant" or not isinstance(mode, str):
        yield rank_at_least(x, count)
    elif count in (1, 2, 3):
        yield from unbatched_or_not(x, count)
    else:
        yield never(RANK, f"pad has {len(pad)} sides, but mode {mode!r} pads 1 to 3 axes")
    sizes: list[Size] = []
    least = 1 if count == 1 and mode in ("reflect", "replicate") else 0  # of more axes torch wants only one not empty
    for k in range(-count, 0):
        found, (before, after) = spatial(x, k), pad[-2 * k - 2 : -2 * k]
        yield from pad_mode_fits(found, before, after, mode)
        size = found.size + before + after
        need = holds(
            at_least(size, least),
            PADDING,
            lambda f=found, b=before, a=after: f"{f.name} is {f.size}, too short to be padded by {b} and {a}",  # type: ignore[misc]
            actual=found.size,
        )
        yield need
        sizes.append(fresh() if need.verdict is NO else size)
        if equal(before, 0) is not YES or equal(after, 0) is not YES:
            words = f"{found.size} + {bracketed(before)} + {bracketed(after)} = {size}"
            yield Derivation(lambda words=words: words)  # type: ignore[misc]
    if count > 1 and mode in ("reflect", "replicate") and all(equal(size, 0) is YES for size in sizes):
        yield never(PADDING, f"nothing is left of {x.name} {x.shape} with padding {Shape(pad)}")
    return x.shape.ending(count, *sizes)
