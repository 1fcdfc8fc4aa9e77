"""What a rule is given: tensors and sizes that carry their own names, so that every message has its words for free."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from torchshape_lint.dims import Size
from torchshape_lint.facts import Facts
from torchshape_lint.frozen import dataclass
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Packed

_ORDINALS = {-1: "last axis", -2: "second-last axis"}


@dataclass(frozen=True, slots=True)
class Named:
    """A size together with what a person would call it. ``source`` is the ordinal of the expression, -1 if none."""

    size: Size
    name: str
    source: int = -1
    folded: tuple[Size, ...] | None = None


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor operand. ``shape`` is read through the story's facts, so it sharpens while a rule runs."""

    raw: Shape
    name: str
    facts: Facts
    dtype: str | None = None
    folded: tuple[Size, ...] | None = None
    parameter: bool = False

    @property
    def shape(self) -> Shape:
        return self.facts.shape(self.raw)

    @property
    def rank(self) -> int | None:
        return self.shape.rank

    @property
    def sizes(self) -> tuple[Size, ...]:
        """All sizes, for rules that have asked for the rank."""
        shape = self.shape
        if shape.lead is not None:
            raise RankNotAsked(self.name)
        return shape.sizes

    def __getitem__(self, axis: int) -> Named:
        """The size of one axis, called ``axis 1 of x`` or ``last axis of x``. The axis must have been asked for."""
        shape = self.shape
        size = shape.size(axis)
        if size is None:
            raise RankNotAsked(self.name)
        from_end = axis if axis < 0 or shape.rank is None else axis - shape.rank
        folded = self.folded if from_end == -1 else None
        words = _ORDINALS.get(axis, f"axis {axis}")
        return Named(size, f"{words} of {self.name}", folded=folded)


@dataclass(frozen=True, slots=True)
class PackedSequence:
    """An operand that is a packed sequence: the padded sequences that it stands for, and its own fields."""

    padded: Tensor
    packed: Packed


class RankNotAsked(Exception):
    """A rule touched an axis before it asked for the rank: the driver makes the result unknown."""


# How a rule's parameters are to be read (the driver converts by annotation):
Sizes: TypeAlias = Annotated[tuple[Size, ...], "sizes"]  # a size or a sequence of sizes
PerAxis: TypeAlias = Annotated[tuple[Size, ...], "per axis"]  # one for all spatial axes, or one each
PerSide: TypeAlias = Annotated[tuple[Size, ...], "per side"]  # one for all sides, or two for each spatial axis
Ints: TypeAlias = Annotated[tuple[int, ...], "ints"]  # an int or a sequence of ints, all known
Tensors: TypeAlias = Annotated[tuple[Tensor, ...], "tensors"]  # a sequence of tensors
Dtype: TypeAlias = Annotated[str | None, "dtype"]  # "float32", None where not given or not known
