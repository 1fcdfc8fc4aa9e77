"""einops.layers.torch.EinMix: a product with a weight whose axes have names. The weight's sizes are all given."""

from __future__ import annotations

import dataclasses

from torchshape_lint.codes import ARGUMENT, EINSUM, WEIGHT
from torchshape_lint.dims import Size
from torchshape_lint.rules.broadcasting import fits_into
from torchshape_lint.rules.einops import Bound, Lengths, bind, composed, kept_lengths
from torchshape_lint.rules.einops_pattern import (
    ELLIPSIS,
    Anonymous,
    Axis,
    Malformed,
    Pattern,
    Side,
    read_pattern,
    read_side,
)
from torchshape_lint.rules.needs import Constructing, Construction, Rule, holds, never, same
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import broadcast_size


@layer("einops.layers.torch.EinMix")
def einmix_layer(pattern: str, weight_shape: str, bias_shape: str | None = None, **axes_lengths: Named) -> Constructing:
    """weight: the sizes of its axes; bias: those of the output's axes, 1 for those that it does not have"""
    try:
        parsed, weight = _read(pattern, weight_shape, axes_lengths)
        bias = None if bias_shape is None else _bias_axes(parsed.right, bias_shape, axes_lengths)
    except Malformed as problem:
        yield never(ARGUMENT, f"pattern {pattern!r}: {problem}")
        return Construction()
    sizes = {name: length.size for name, length in axes_lengths.items()}
    return Construction(
        {
            "weight": tuple(sizes[str(axis)] for axis in weight.axes),
            "bias": None if bias is None else tuple(1 if axis is None else sizes[axis] for axis in bias),
        }
    )


@shape_rule("einops.layers.torch.EinMix")
def einmix(input: Tensor, *, pattern: str, weight_shape: str, bias_shape: str | None, axes_lengths: object) -> Rule:
    """t b (h c) -> t b (h d), by a weight h c d"""
    lengths = kept_lengths(axes_lengths, input)
    parsed, weight = _read(pattern, weight_shape, lengths)  # the construction has checked it
    left, right = parsed.left, parsed.right
    taken_apart = any(len(group) != 1 for group in left.groups)
    bound = yield from bind(input, left, {k: v for k, v in lengths.items() if taken_apart and k in left.axes})
    for axis in weight.axes:
        yield from _weighed(input, axis, lengths[str(axis)], bound)
    if bias_shape is not None:
        names = [name for name in _bias_axes(right, bias_shape, lengths) if name is not None]
        for name in names:
            size, wanted = lengths[name].size, bound.sizes[name]
            words = f"axis {name} of the bias is {size}, but of the result it is {wanted}"
            yield holds(fits_into(size, wanted), WEIGHT, lambda words=words: words)  # type: ignore[misc]
    return (yield from composed(right, bound))


def _weighed(x: Tensor, axis: Axis, length: Named, bound: Bound) -> Rule:
    """An axis that input and weight share has one size in both, or 1 in one."""
    have: Size | None = bound.sizes.get(axis)
    if have is None:
        bound.sizes[axis] = length.size
        return None
    verdict, bound.sizes[axis] = broadcast_size(have, length.size)
    need = same(Named(have, f"axis {axis} of {x.name}"), length, EINSUM)
    yield dataclasses.replace(need, verdict=verdict, equate=None)
    return None


def _read(pattern: str, weight_shape: str, lengths: Lengths) -> tuple[Pattern, Side]:
    """The pattern and the weight's axes, where einops takes them."""
    sides = pattern.split("->")
    if len(sides) != 2:
        raise Malformed(f"there must be one arrow ->, not {len(sides) - 1}")
    left, right, weight = read_side(sides[0]), read_side(sides[1]), read_side(weight_shape)
    named = {*left.axes, *weight.axes}
    if any(isinstance(axis, Anonymous) for axis in (*named, *right.axes)):
        raise Malformed("EinMix has no numbers but 1")
    if strange := [axis for axis in right.axes if axis not in named]:
        raise Malformed(f"axis {strange[0]} is on the right side only")
    if left.has_ellipsis != right.has_ellipsis or left.bracketed:
        raise Malformed("the ellipsis must be on both sides, and without brackets on the left")
    if weight.has_ellipsis or any(len(group) != 1 for group in weight.groups) or "(" in weight_shape:
        raise Malformed("the weight's axes must be single names")
    if any(len(group) != 1 for group in left.groups):  # the input is taken apart before it is multiplied
        whole = " ".join(map(str, left.axes))
        read_pattern(f"{sides[0]}->{whole}", "rearrange", [name for name in lengths if name in left.axes])
    if missing := [axis for axis in weight.axes if axis not in lengths]:
        raise Malformed(f"the length of axis {missing[0]} of the weight is not given")
    if unused := [name for name in lengths if name not in named]:
        raise Malformed(f"axis {unused[0]} is given, but is not in the pattern")
    if idle := [axis for axis in weight.axes if axis not in left.axes and axis not in right.axes]:
        raise Malformed(f"axis {idle[0]} of the weight is in neither side")
    return Pattern(left, right), weight


def _bias_axes(right: Side, bias_shape: str, lengths: Lengths) -> list[str | None]:
    """For each axis of the result behind the ellipsis: its name where the bias has it, else None."""
    bias = read_side(bias_shape)
    for axis in bias.axes:
        if axis not in right.axes:
            raise Malformed(f"axis {axis} of the bias is not in the result")
        if axis not in lengths:
            raise Malformed(f"the length of axis {axis} of the bias is not given")
    names: list[str | None] = []
    for axis in right.axes:
        if axis == ELLIPSIS:
            if any(names):
                raise Malformed("the bias has an axis in front of the ellipsis")
        else:
            names.append(str(axis) if axis in bias.axes else None)
    return names
