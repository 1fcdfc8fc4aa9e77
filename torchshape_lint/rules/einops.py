"""einops.rearrange, reduce, repeat and einsum, and the layers Rearrange and Reduce.

An axis that a composition leaves open is what the others leave of it, as a number or a formula. Of a tensor of unknown
rank an ellipsis covers what is not known. Packing is in `einops_packing`, EinMix in `einops_mix`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, EINSUM, FOLD, REDUCE
from torchshape_lint.dims import Size, fresh, product
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.dtypes import is_integer
from torchshape_lint.rules.einops_pattern import (
    ELLIPSIS,
    Anonymous,
    Axis,
    Group,
    Malformed,
    Side,
    read_pattern,
    read_side,
)
from torchshape_lint.rules.einsum import Labels, contracted
from torchshape_lint.rules.join import stack
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Need,
    Outcome,
    Result,
    Rule,
    Undetermined,
    divisible,
    holds,
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.numbers import floats
from torchshape_lint.rules.operands import Named, Tensor, Tensors
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.view import quotient
from torchshape_lint.shapes import Shape, open_shape, product_text
from torchshape_lint.values import DictValue, External, Function, Unknown, Value, is_size
from torchshape_lint.verdicts import NO

Lengths: TypeAlias = Mapping[str, Named]

# Functions that reduce a tensor over a tuple of axes just as their namesakes do.
_CALLABLE = {
    "torch.sum": "sum",
    "torch.mean": "mean",
    "torch.amax": "max",
    "torch.amin": "min",
    "torch.std": "mean",
    "torch.var": "mean",
}


@dataclass(slots=True)
class Bound:
    """What the axes of a left side are. ``front``: what the ellipsis covers, open where the rank is not known."""

    sizes: dict[Axis, Size] = field(default_factory=dict)
    front: Shape = field(default_factory=Shape)


@shape_rule("einops.rearrange", "einops.einops.rearrange", "torch.func.rearrange")
def rearrange(tensor: Tensor | Tensors, pattern: str, **axes_lengths: Named) -> Rule:
    """b (h p) c -> b h (p c): the same elements along other axes"""
    return (yield from _transformed(tensor, pattern, "rearrange", axes_lengths))


@shape_rule("einops.repeat", "einops.einops.repeat")
def repeat(tensor: Tensor | Tensors, pattern: str, **axes_lengths: Named) -> Rule:
    """h w -> h (w r): new axes, whose lengths are given"""
    return (yield from _transformed(tensor, pattern, "repeat", axes_lengths))


@shape_rule("einops.reduce", "einops.einops.reduce")
def reduce(tensor: Tensor | Tensors, pattern: str, reduction: object, **axes_lengths: Named) -> Rule:
    """b (h p) -> b h: the axes that are missing on the right are reduced"""
    return (yield from _transformed(tensor, pattern, reduction, axes_lengths))


@layer("einops.layers.torch.Rearrange")
def rearrange_layer(pattern: str, **axes_lengths: Named) -> Constructing:
    """Nothing to learn; the pattern alone is checked."""
    yield from well_formed(pattern, "rearrange", axes_lengths)
    return Construction()


@shape_rule("einops.layers.torch.Rearrange")
def rearrange_call(input: Tensor, *, pattern: str, axes_lengths: object) -> Rule:
    """as einops.rearrange"""
    return (yield from _transformed(input, pattern, "rearrange", kept_lengths(axes_lengths, input)))


@layer("einops.layers.torch.Reduce")
def reduce_layer(pattern: str, reduction: object, **axes_lengths: Named) -> Constructing:
    """Nothing to learn; the pattern alone is checked."""
    yield from well_formed(pattern, _operation(reduction), axes_lengths)
    return Construction()


@shape_rule("einops.layers.torch.Reduce")
def reduce_call(input: Tensor, *, pattern: str, reduction: object, axes_lengths: object) -> Rule:
    """as einops.reduce"""
    lengths = kept_lengths(axes_lengths, input)
    if _operation(reduction) in ("any", "all"):
        return Undetermined(f"the layer has no reduction {reduction!r}")
    return (yield from _transformed(input, pattern, reduction, lengths))


def well_formed(pattern: str, operation: str, lengths: Lengths) -> Steps:
    """What einops checks of a pattern before it sees a tensor."""
    try:
        read_pattern(pattern, operation, lengths)
    except Malformed as problem:
        yield never(ARGUMENT, f"pattern {pattern!r}: {problem}")


def kept_lengths(axes_lengths: Value, x: Tensor) -> Lengths:
    """The keywords that a layer was built with."""
    items = axes_lengths.fields if isinstance(axes_lengths, DictValue) else {}
    return {str(k): Named(x.facts.size(v), str(k)) for k, v in items.items() if is_size(v)}  # type: ignore[arg-type]


def _operation(reduction: Value) -> str:
    """The reduction's name, "" for a function and for what is not known."""
    if isinstance(reduction, External):
        return _CALLABLE.get(reduction.path, "")
    return reduction if isinstance(reduction, str) else ""


def _transformed(tensor: Tensor | Tensors, pattern: str, reduction: Value, lengths: Lengths) -> Rule:
    operation = _operation(reduction)
    yield from well_formed(pattern, operation, lengths)
    parsed = read_pattern(pattern, operation, lengths)  # what is malformed has stopped the rule
    left, right = parsed.left, parsed.right
    gone = [axis for axis in left.axes if axis not in right.axes]
    if gone and not operation or not isinstance(reduction, (str, External, Unknown, Function)):
        return Undetermined("the reduction is not known")
    if not isinstance(tensor, Tensor):
        tensor = yield from _stacked(tensor)
    bound = yield from bind(tensor, left, lengths)
    yield from _new_axes(left, right, lengths, bound)
    if any(axis not in bound.sizes for axis in right.axes if axis != ELLIPSIS):
        return Undetermined("the reduction is not known")
    if gone:
        yield from _reducible(tensor, gone, operation, bound)
    result = yield from composed(right, bound)
    return Result(result.shape, _dtype(tensor, operation if gone else ""), result.folded)


def _stacked(tensors: Tensors) -> Generator[Need | Derivation, None, Tensor]:
    """Several tensors are one with a new first axis."""
    outcome: Outcome = yield from stack(tensors)
    assert isinstance(outcome, Result)
    shape = outcome.shape if isinstance(outcome.shape, Shape) else Shape(outcome.shape)
    return Tensor(shape, "the stacked list", tensors[0].facts, outcome.dtype)


def bind(x: Tensor, left: Side, lengths: Lengths) -> Generator[Need | Derivation, None, Bound]:
    """Give each axis of the left side its size: as given, as the tensor has it, or what a composition leaves for it."""
    bound = Bound({name: length.size for name, length in lengths.items()})
    for axis in left.axes:
        if isinstance(axis, Anonymous):
            bound.sizes[axis] = axis.length
        elif axis in lengths and at_least(lengths[axis].size, 0) is NO:
            yield never(ARGUMENT, f"the length of {axis} is {lengths[axis].size}, but cannot be negative")
    dots = left.ellipsis
    if dots is None:
        yield rank(x, len(left.groups))
        for k, group in enumerate(left.groups):
            yield from _unfold(x[k], group, lengths, bound)
        return bound
    after = left.groups[dots + 1 :]
    yield rank_at_least(x, len(left.groups) - 1)
    if x.rank is None:
        for axis in (axis for group in left.groups[:dots] for axis in group):
            bound.sizes.setdefault(axis, fresh())
        known = x.shape.sizes[: len(x.shape.sizes) - len(after)]
        bound.front = open_shape() if dots else Shape(known, x.shape.lead)
    else:
        for k, group in enumerate(left.groups[:dots]):
            yield from _unfold(x[k], group, lengths, bound)
        bound.front = Shape(x.sizes[dots : x.rank - len(after)])
    for k, group in enumerate(after, -len(after)):
        yield from _unfold(x[k if x.rank is None else x.rank + k], group, lengths, bound)
    return bound


def _unfold(found: Named, group: Group, lengths: Lengths, bound: Bound) -> Steps:
    """One axis of the tensor against its composition: at most one length is left to be worked out."""
    known = [axis for axis in group if isinstance(axis, Anonymous) or axis in lengths]
    inferred = [axis for axis in group if axis not in known]
    if not known and inferred:
        bound.sizes[inferred[0]] = found.size
        return
    words = "*".join(map(str, known)) if known else "the axis in the pattern"
    by = Named(product(bound.sizes[axis] for axis in known), words, _source(known, lengths))
    if not inferred:
        yield same(found, by, FOLD)
        return
    need = divisible(found, by, FOLD)
    yield need
    size = fresh() if need.verdict is NO else quotient(found.size, by.size)
    bound.sizes[inferred[0]] = size
    yield Derivation(lambda: f"{inferred[0]} = {found.size}//{product_text((by.size,))} = {size}")


def _source(known: list[Axis], lengths: Lengths) -> int:
    return lengths[known[0]].source if len(known) == 1 and isinstance(known[0], str) else -1


def _new_axes(left: Side, right: Side, lengths: Lengths, bound: Bound) -> Steps:
    """The axes that only the right side has; einops hands their lengths to expand, which takes -1 for 1."""
    for axis in right.axes:
        if isinstance(axis, Anonymous):
            bound.sizes[axis] = axis.length
        elif axis not in left.axes and axis in lengths:
            size = lengths[axis].size
            if size == -1:
                bound.sizes[axis] = fresh()
            elif at_least(size, -1) is NO:
                yield never(ARGUMENT, f"the length of {axis} is {size}, but cannot be negative")


def _reducible(x: Tensor, gone: list[Axis], operation: str, bound: Bound) -> Steps:
    if operation == "mean":
        yield from floats(x)
    if operation in ("min", "max"):
        for axis in gone:
            for size in bound.front.sizes if axis == ELLIPSIS else (bound.sizes[axis],):
                words = f"axis {axis} is {size}: there is nothing to choose from"
                yield holds(~equal(size, 0), REDUCE, lambda words=words: words, actual=size)  # type: ignore[misc]


def composed(right: Side, bound: Bound) -> Generator[Derivation, None, Result]:
    """The axes of the right side, each the product of its group."""
    sizes: list[Size] = []
    folded: tuple[Size, ...] | None = None
    lead = None
    for k, group in enumerate(right.groups):
        if ELLIPSIS in group and not right.bracketed:
            front = bound.front
            if front.lead is not None and k:  # what stands before unknown axes has no place from the end
                front = open_shape(*front.sizes)
                sizes = []
            sizes.extend(front.sizes)
            lead = front.lead
            continue
        factors = tuple(size for axis in group for size in _sizes(axis, bound))
        open_group = ELLIPSIS in group and bound.front.lead is not None
        size = fresh() if open_group else product(factors)
        sizes.append(size)
        folded = factors if len(factors) > 1 and not open_group else None
        if folded:
            yield Derivation(lambda f=folded, s=size: f"{product_text(f)} = {s}")  # type: ignore[misc]
    return Result(Shape(tuple(sizes), lead), "", folded)


def _sizes(axis: Axis, bound: Bound) -> tuple[Size, ...]:
    return bound.front.sizes if axis == ELLIPSIS else (bound.sizes[axis],)


def _dtype(x: Tensor, operation: str) -> str | None:
    if operation in ("any", "all"):
        return "bool" if x.dtype not in (None, "uint8") else None
    if operation in ("sum", "prod") and (x.dtype == "bool" or is_integer(x.dtype)):
        return "int64"
    return x.dtype


@shape_rule("einops.einsum", "einops.einops.einsum")
def einsum(
    a: Tensor | str,
    b: Tensor | str | None = None,
    c: Tensor | str | None = None,
    d: Tensor | str | None = None,
    e: Tensor | str | None = None,
    f: Tensor | str | None = None,
    g: Tensor | str | None = None,
) -> Rule:
    """i j, j k -> i k: one name, one size (or 1); the pattern comes last"""
    *tensors, pattern = (x for x in (a, b, c, d, e, f, g) if x is not None)
    operands = [x for x in tensors if isinstance(x, Tensor)]
    if not operands or len(operands) < len(tensors) or not isinstance(pattern, str):
        return Undetermined("the pattern is not the last argument")
    try:
        inputs, output = _equation(pattern)
    except Malformed as problem:
        yield never(EINSUM, f"pattern {pattern!r}: {problem}")
        return None
    return (yield from contracted(inputs, output, operands))


def _equation(pattern: str) -> tuple[list[Labels], Labels]:
    sides = pattern.split("->")
    if len(sides) != 2:
        raise Malformed(f"there must be one arrow ->, not {len(sides) - 1}")
    inputs = [_labels(read_side(text, underscore=True, duplicates=True)) for text in sides[0].split(",")]
    output = _labels(read_side(sides[1], underscore=True))
    for label in output:
        if label != ELLIPSIS and all(label not in labels for labels in inputs):
            raise Malformed(f"axis {label} is on the right side only")
    return inputs, output


def _labels(side: Side) -> Labels:
    for group in side.groups:
        if len(group) != 1 or isinstance(group[0], Anonymous) or side.bracketed:
            raise Malformed("einsum has no brackets and no numbers")
    return tuple(str(axis) for axis in side.axes)
