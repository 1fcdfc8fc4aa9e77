"""Sizes and axes as people hand them over: one by one, as one tuple or list, or as another tensor's torch.Size.

Knows nothing of what they are used for. A size that is not known becomes a fresh one that may be negative.
"""

from __future__ import annotations

from torchshape_lint.dims import Poly, Size, fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import ListValue, Unknown, Value
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import YES


def functions_and_methods(*names: str) -> tuple[str, ...]:
    """``torch.x`` and ``torch.Tensor.x`` for each name."""
    return tuple(f"{where}.{name}" for name in names for where in ("torch", "torch.Tensor"))


def given_sizes(given: tuple[Value, ...], x: Tensor | None = None) -> Shape | None:
    """The sizes in ``*given``, open for the size of a tensor of unknown rank; None when they cannot be read.

    With ``x`` they are read through its story's facts.
    """
    if len(given) == 1:
        (only,) = given
        if isinstance(only, Unknown):  # one number, or all of them
            return None
        if isinstance(only, Shape):
            return x.facts.shape(only) if x else only
        if isinstance(only, (tuple, ListValue)):
            items = sequence_items(only)
            if items is None:
                return None
            given = items
    sizes = tuple(size_of(item, x) for item in given)
    known = tuple(size for size in sizes if size is not None)
    return Shape(known) if len(known) == len(sizes) else None


def size_of(value: Value, x: Tensor | None = None) -> Size | None:
    """One size; None for what is none."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, Poly):
        return x.facts.size(value) if x else value
    if isinstance(value, (Unknown, TensorValue, Tensor)):  # a tensor of one whole number will do
        return fresh("?", None)
    return None


def given_axes(given: tuple[Value, ...], x: Tensor) -> tuple[int, ...] | None:
    """The axes in ``*given``, None unless all are known."""
    shape = given_sizes(given, x)
    if shape is None or shape.is_open:
        return None
    axes = tuple(size for size in shape.sizes if isinstance(size, int))
    return axes if len(axes) == len(shape.sizes) else None


def clear_size(size: Size) -> Size:
    """``size`` as the size of an axis that exists: what may be negative becomes a fresh one that may not."""
    return size if at_least(size, 0) is YES else fresh()


def behind(x: Tensor, count: int) -> Shape:
    """Of a tensor of unknown rank: the known axes that stand behind the first ``count``, whatever the rank is."""
    return open_shape(*x.shape.sizes[count:])
