"""einops.pack, unpack, parse_shape and asnumpy: patterns of single names, with a ``*`` for what is packed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, FOLD, JOIN, RANK, SPLIT
from torchshape_lint.dims import Size, fresh, product, total
from torchshape_lint.proofs import at_least, divides, equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import promoted
from torchshape_lint.rules.einops_pattern import ELLIPSIS, Anonymous, Malformed, is_name, read_side
from torchshape_lint.rules.given import size_of
from torchshape_lint.rules.needs import (
    Derivation,
    Many,
    Need,
    Outcome,
    Plain,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.operands import Named, Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.view import quotient
from torchshape_lint.shapes import Shape
from torchshape_lint.values import DictValue, ListValue, Unknown, Value
from torchshape_lint.verdicts import MAYBE, NO, YES, some

_Parts: TypeAlias = Generator[Need | Derivation, None, Sequence[tuple[Size, ...]]]


def _star(pattern: str) -> tuple[int, int]:
    """How many axes stand before and after the ``*``."""
    names = pattern.split()
    if len(set(names)) < len(names):
        raise Malformed("an axis appears twice")
    if "*" not in names:
        raise Malformed("there is no * for what is packed")
    for name in names:
        if name != "*" and not is_name(name):
            raise Malformed(f"{name} is no name for an axis")
    return names.index("*"), len(names) - names.index("*") - 1


def _starred(pattern: str) -> Steps:
    try:
        _star(pattern)
    except Malformed as problem:
        yield never(ARGUMENT, f"pattern {pattern!r}: {problem}")


@shape_rule("einops.pack", "einops.packing.pack")
def pack(tensors: Tensors, pattern: str) -> Rule:
    """(a, b.., c), (a, d.., c), .. -> (a, prod(b) + prod(d) + .., c) and the packed shapes"""
    yield from _starred(pattern)
    if not tensors:
        yield never(ARGUMENT, "there is nothing to pack")
    before, after = _star(pattern)
    for x in tensors:
        yield rank_at_least(x, before + after)
    head = next((x for x in tensors if x.rank is not None), tensors[0])
    middles: list[tuple[Size, ...] | None] = []
    for x in tensors:
        middles.append(None if x.rank is None else x.sizes[before : x.rank - after])
        for k in range(before if x.rank is not None else 0):
            yield same(x[k], head[k], JOIN)
        for k in range(-after, 0):
            yield same(x[k], head[k], JOIN)
    size = total(fresh() if middle is None else product(middle) for middle in middles)
    front = (fresh(),) * before if head.rank is None else head.sizes[:before]
    packed: tuple[Value, ...] = tuple(Unknown("its rank is not known") if m is None else Shape(m) for m in middles)
    words = " + ".join("?" if m is None else str(product(m)) for m in middles)
    yield Derivation(lambda: f"{words} = {size}")
    sizes = (*front, size, *(head[k].size for k in range(-after, 0)))
    return Many((Result(sizes, promoted(*tensors)), Plain(ListValue({"items": packed}))))


@shape_rule("einops.unpack", "einops.packing.unpack")
def unpack(tensor: Tensor, packed_shapes: object, pattern: str) -> Rule:
    """(a, n, c), [shape, ..] -> [(a, *shape, c), ..]: the shapes have n elements together"""
    yield from _starred(pattern)
    before, after = _star(pattern)
    yield rank(tensor, before + 1 + after)
    shapes = _shapes(packed_shapes, tensor)
    if shapes is None:
        return Undetermined("the packed shapes are not known")
    found = tensor[before]
    parts = yield from _parts(found, shapes, (*tensor.sizes[:before], *tensor.sizes[before + 1 :]))
    front, back = tensor.sizes[:before], tensor.sizes[before + 1 :]
    return Many(tuple((*front, *part, *back) for part in parts), kind="list")


def _shapes(packed: Value, x: Tensor) -> list[tuple[Size, ...]] | None:
    items = sequence_items(packed)
    if items is None:
        return None
    shapes: list[tuple[Size, ...]] = []
    for item in items:
        sizes = [size_of(size, x) for size in sequence_items(item) or ()]
        if sequence_items(item) is None or None in sizes:
            return None
        shapes.append(tuple(size for size in sizes if size is not None))
    return shapes


def _parts(found: Named, shapes: list[tuple[Size, ...]], others: tuple[Size, ...]) -> _Parts:
    """The shapes with their -1 worked out."""
    if any(equal(size, -1) is MAYBE for shape in shapes for size in shape):
        return [tuple(size if equal(size, -1) is NO else fresh() for size in shape) for shape in shapes]
    open_parts = [k for k, shape in enumerate(shapes) if -1 in shape]
    if len(open_parts) > 1 or any(shape.count(-1) > 1 for shape in shapes):
        yield never(ARGUMENT, "only one of the packed sizes can be -1")
    known = [product(shape) for shape in shapes if -1 not in shape]
    if not open_parts:
        words = " + ".join(map(str, known))
        yield holds(
            some((equal(total(known), found.size), equal(product(others), 0))) if shapes else YES,
            SPLIT,
            lambda: f"{found.name} is {found.size}, but the packed shapes have {words} = {total(known)}",
            expected=found.size,
            actual=total(known),
        )
        return shapes
    left = found.size - total(known)
    part = shapes[open_parts[0]]
    rest = product(size for size in part if size != -1)
    verdict = divides(rest, left)
    inferred: Size = fresh()
    if at_least(left, 0) is NO:  # einops slices backwards: mostly it raises, sometimes it does not
        verdict = MAYBE
    elif verdict is not NO:
        inferred = quotient(left, rest)
    yield holds(
        MAYBE if verdict is NO and equal(product(others), 0) is not NO else verdict,
        SPLIT,
        lambda: f"{left} of {found.name} are left for {Shape(part)}: no multiple of {rest}",
        actual=left,
    )
    filled = tuple(inferred if size == -1 else size for size in part)
    return [filled if k == open_parts[0] else shape for k, shape in enumerate(shapes)]


@shape_rule("einops.parse_shape", "einops.einops.parse_shape")
def parse_shape(x: Tensor, pattern: str) -> Rule:
    """(2, 3, 5), "b _ h" -> {"b": 2, "h": 5}"""
    try:
        side = read_side(pattern, underscore=True)
    except Malformed as problem:
        yield never(ARGUMENT, f"pattern {pattern!r}: {problem}")
        return None
    if any(len(group) > 1 for group in side.groups) or side.bracketed:
        yield never(ARGUMENT, f"pattern {pattern!r}: the sizes of compositions are not told")
    dots = side.ellipsis
    count = len(side.groups)
    yield rank_at_least(x, count - 1) if dots is not None else rank(x, count, code=RANK)
    sizes: dict[object, Value] = {}
    for k, group in enumerate(side.groups):
        if group == (ELLIPSIS,):
            continue
        behind = dots is not None and k > dots
        if x.rank is None and not behind:
            sizes.update(dict.fromkeys(group, fresh()))
            continue
        at = k if not behind else k - count + (x.rank or 0)
        yield from _told(x[at], group[0] if group else None, sizes)
    sizes.pop("_", None)
    return Plain(DictValue(sizes))


def _told(found: Named, axis: object, sizes: dict[object, Value]) -> Steps:
    if axis is None or isinstance(axis, Anonymous):
        yield same(found, Named(1 if axis is None else axis.length, "the axis in the pattern"), FOLD)
    else:
        sizes[axis] = found.size


@shape_rule("einops.asnumpy", "einops.einops.asnumpy")
def asnumpy(tensor: Tensor) -> Outcome:
    """no tensor any more"""
    return Undetermined("numpy arrays are not followed")
