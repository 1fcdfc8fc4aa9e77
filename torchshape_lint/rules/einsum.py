"""torch.einsum in every form: implicit output, ellipsis, repeated letters, the sublist format, size 1 against any."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from torchshape_lint.codes import EINSUM
from torchshape_lint.dims import Size
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.dtypes import promoted
from torchshape_lint.rules.needs import Result, Rule, Undetermined, never, rank, same
from torchshape_lint.rules.operands import Ints, Named, Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import broadcast_size
from torchshape_lint.verdicts import NO

_ELLIPSIS = "..."
_Argument: TypeAlias = Tensor | Ints | Tensors | None
Labels: TypeAlias = tuple[str, ...]


class _Malformed(Exception):
    """The equation cannot be one, whatever the operands are."""


@dataclass(slots=True)
class _Sizes:
    """What each letter stands for, and who said so; ``batch`` is what the ellipsis covers."""

    known: dict[str, tuple[Size, str]] = field(default_factory=dict)
    batch: tuple[Size, ...] = ()


@shape_rule("torch.einsum", "torch.functional.einsum")
def einsum(
    equation: str | Tensor,
    a: _Argument = None,
    b: _Argument = None,
    c: _Argument = None,
    d: _Argument = None,
    e: _Argument = None,
    f: _Argument = None,
    g: _Argument = None,
    h: _Argument = None,
) -> Rule:
    """ij,jk->ik: one letter, one size (or 1)"""
    given = [x for x in (a, b, c, d, e, f, g, h) if x is not None]
    try:
        inputs, output, operands = (
            _sublists(equation, given) if isinstance(equation, Tensor) else _text(equation, given)
        )
    except _Malformed as problem:
        yield never(EINSUM, str(problem))
        return None
    if operands is None:
        return Undetermined("the operands are not known")
    return (yield from contracted(inputs, output, operands))


def contracted(inputs: Sequence[Labels], output: Labels | None, operands: Sequence[Tensor]) -> Rule:
    """The result for labels that stand for axes; ``output`` None is the implicit one."""
    if len(inputs) != len(operands):
        yield never(EINSUM, f"the equation has {len(inputs)} operands, but {len(operands)} are given")
    sizes = _Sizes()
    for labels, x in zip(inputs, operands, strict=True):
        if x.rank is None and _ELLIPSIS in labels:
            return Undetermined(f"the rank of {x.name} is not known")
        if x.rank is None:
            yield rank(x, len(labels), code=EINSUM)
        yield from _bind(labels, x, sizes)
    wanted = _implicit(inputs) if output is None else output
    strange = [label for label in wanted if label != _ELLIPSIS and label not in sizes.known]
    if strange:
        yield never(EINSUM, f"{strange[0]} of the output stands for no axis of an operand")
    twice = [label for label, count in Counter(wanted).items() if count > 1]
    if twice:
        yield never(EINSUM, f"{twice[0]} appears twice in the output")
    shape: list[Size] = []
    for label in wanted:
        shape.extend(sizes.batch if label == _ELLIPSIS else (sizes.known[label][0],))
    return Result(tuple(shape), promoted(*operands))


_Read: TypeAlias = "tuple[list[Labels], Labels | None, tuple[Tensor, ...] | None]"


def _text(equation: str, given: Sequence[object]) -> _Read:
    """``ij,jk->ik`` with its operands, one by one or as one list."""
    if len(given) == 1 and isinstance(given[0], tuple):
        given = given[0]
    tensors = [x for x in given if isinstance(x, Tensor)]
    operands = tuple(tensors) if len(tensors) == len(given) else None
    left, arrow, right = equation.partition("->")
    return [_labels(part) for part in left.split(",")], _labels(right) if arrow else None, operands


def _labels(text: str) -> Labels:
    """The letters of one operand; the three dots are one label."""
    labels: list[str] = []
    for k, piece in enumerate(text.replace(" ", "").split(_ELLIPSIS)):
        if k:
            labels.append(_ELLIPSIS)
        labels.extend(piece)
    for label in labels:
        if label != _ELLIPSIS and not (label.isascii() and label.isalpha()):
            raise _Malformed(f"{label!r} in the equation is no letter")
    if labels.count(_ELLIPSIS) > 1:
        raise _Malformed("two ellipses for one operand")
    return tuple(labels)


def _sublists(first: Tensor, given: Sequence[object]) -> _Read:
    """``x, [0, 1], y, [1, 2], [0, 2]``: numbers stand for letters."""
    items = [first, *given]
    output = _numbered(items.pop()) if len(items) % 2 else None
    tensors = [x for x in items[::2] if isinstance(x, Tensor)]
    lists = [_numbered(x) for x in items[1::2]]
    operands = tuple(tensors) if len(tensors) == len(lists) else None
    return lists, output, operands


def _numbered(labels: object) -> Labels:
    numbers = [k for k in labels if isinstance(k, int)] if isinstance(labels, tuple) else []
    if not all(0 <= k < 52 for k in numbers):
        raise _Malformed("subscripts must lie within 0..51")
    return tuple(chr(ord("A") + k) if k < 26 else chr(ord("a") + k - 26) for k in numbers)


def _bind(labels: Labels, x: Tensor, sizes: _Sizes) -> Steps:
    """Give each letter the size of its axis; the same letter must mean the same size, or 1."""
    letters = [label for label in labels if label != _ELLIPSIS]
    covered = len(x.sizes) - len(letters)
    if covered < 0 or (covered and len(letters) == len(labels)):
        words = f"{x.name} has {len(x.sizes)} axes {x.shape}, but its subscripts are {_joined(labels)}"
        yield never(EINSUM, words, expected=len(letters), actual=len(x.sizes))
    here: dict[str, Named] = {}
    axis = 0
    for label in labels:
        if label == _ELLIPSIS:
            yield from _cover(x.sizes[axis : axis + covered], x, sizes)
            axis += covered
            continue
        size = dataclasses.replace(x[axis], name=f"{label} of {x.name}")
        if label in here:
            yield same(size, here[label], EINSUM)
        else:
            here[label] = size
        axis += 1
    for label, named in here.items():
        yield from _meet(label, named, x, sizes)


def _joined(labels: Labels) -> str:
    return ("" if all(len(label) == 1 or label == _ELLIPSIS for label in labels) else " ").join(labels)


def _meet(label: str, named: Named, x: Tensor, sizes: _Sizes) -> Steps:
    if label not in sizes.known:
        sizes.known[label] = (named.size, x.name)
        return
    before, name = sizes.known[label]
    verdict, joined = broadcast_size(before, named.size)
    there = Named(before, f"{label} of {name}")
    need = same(named, there, EINSUM)  # with its words; but 1 fits everything
    yield dataclasses.replace(need, verdict=verdict, equate=need.equate if verdict is NO else None)
    sizes.known[label] = (joined, x.name if joined == named.size else name)


def _cover(front: tuple[Size, ...], x: Tensor, sizes: _Sizes) -> Steps:
    """The axes under the ellipsis are broadcast from the end."""
    a, b = sizes.batch, front
    width = max(len(a), len(b))
    a, b = (1,) * (width - len(a)) + a, (1,) * (width - len(b)) + b
    joined: list[Size] = []
    for p, q in zip(a, b, strict=True):
        verdict, size = broadcast_size(p, q)
        need = same(Named(q, f"an axis of {x.name} under ..."), Named(p, "that of another operand"), EINSUM)
        yield dataclasses.replace(need, verdict=verdict, equate=None)
        joined.append(size)
    sizes.batch = tuple(joined)


def _implicit(inputs: Sequence[Labels]) -> Labels:
    """Without an arrow: what the ellipsis covers, then the letters that appear once, A..Z before a..z."""
    counts = Counter(label for labels in inputs for label in labels if label != _ELLIPSIS)
    once = sorted(label for label, count in counts.items() if count == 1)
    dots = (_ELLIPSIS,) if any(_ELLIPSIS in labels for labels in inputs) else ()
    return (*dots, *once)
