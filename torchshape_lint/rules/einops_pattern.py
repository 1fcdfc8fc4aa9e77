"""The pattern language of einops: ``b (h p1) ... 1 -> b h (p1 ...)``. Knows names and brackets, no sizes.

Everything that einops refuses in a pattern alone is `Malformed`, with the reason in its text.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from torchshape_lint.frozen import dataclass

ELLIPSIS = "..."
REDUCTIONS = ("min", "max", "sum", "mean", "prod", "any", "all")
_DOTS = "…"  # the three dots as one character, so that they are one token


class Malformed(Exception):
    """A pattern that cannot be one, whatever the tensor is."""


@dataclass(frozen=True, eq=False)
class Anonymous:
    """An axis that is nothing but its length; no two are the same."""

    length: int

    def __str__(self) -> str:
        return str(self.length)


Axis: TypeAlias = str | Anonymous
Group: TypeAlias = tuple[Axis, ...]


@dataclass(frozen=True)
class Side:
    """One side of an arrow: a group of axes for each axis of the tensor, none for ``1``. The ellipsis is an axis."""

    groups: tuple[Group, ...]
    bracketed: bool = False  # the ellipsis stands within brackets

    @property
    def axes(self) -> list[Axis]:
        return [axis for group in self.groups for axis in group]

    @property
    def has_ellipsis(self) -> bool:
        return ELLIPSIS in self.axes

    @property
    def ellipsis(self) -> int | None:
        """The place of an ellipsis that stands for whole axes."""
        return self.groups.index((ELLIPSIS,)) if self.has_ellipsis and not self.bracketed else None


@dataclass(frozen=True)
class Pattern:
    left: Side
    right: Side


def read_side(text: str, *, underscore: bool = False, duplicates: bool = False) -> Side:
    """``b (h p1) ...``; ``underscore``: a lone ``_`` may be an axis, again and again."""
    if "." in text and (text.count(ELLIPSIS) != 1 or text.count(".") != 3):
        raise Malformed("dots may only stand in one ellipsis (...)")
    groups: list[Group] = []
    inside: list[Axis] | None = None
    bracketed = False
    seen: set[str] = set()
    for token in _tokens(text.replace(ELLIPSIS, _DOTS)):
        if token == "(":
            if inside is not None:
                raise Malformed("there are brackets inside brackets")
            inside = []
        elif token == ")":
            if inside is None:
                raise Malformed("a bracket is closed that was never opened")
            groups.append(tuple(inside))
            inside = None
        else:
            if token in seen and not duplicates and not (underscore and token == "_"):
                raise Malformed(f"axis {token} appears twice")
            seen |= set() if token.isdecimal() else {token}
            axes = _axes(token, underscore)
            bracketed |= token == _DOTS and inside is not None
            if inside is None:
                groups.append(axes)
            else:
                inside.extend(axes)
    if inside is not None:
        raise Malformed("a bracket is never closed")
    return Side(tuple(groups), bracketed)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    word = ""
    for char in f"{text} ":
        if char in "() ":
            tokens += [word] if word else []
            tokens += [char] if char != " " else []
            word = ""
        elif char.isalnum() or char in ("_", _DOTS):
            word += char
        else:
            raise Malformed(f"{char!r} has no meaning")
    return tokens


def _axes(token: str, underscore: bool) -> Group:
    if token == _DOTS:
        return (ELLIPSIS,)
    if token.isdecimal():
        if int(token) == 0:
            raise Malformed("an axis of length 0 cannot be written")
        return () if int(token) == 1 else (Anonymous(int(token)),)
    if not is_name(token) and not (underscore and token == "_"):
        raise Malformed(f"{token} is no name for an axis")
    return (token,)


def is_name(text: str) -> bool:
    return text.isidentifier() and not text.startswith("_") and not text.endswith("_")


def read_pattern(text: str, operation: str, given: Collection[str]) -> Pattern:
    """``left -> right`` for "rearrange", "repeat", a reduction, or "" for one that is not known.

    ``given``: the axes whose lengths are passed as keywords.
    """
    sides = text.split("->")
    if len(sides) != 2:
        raise Malformed(f"there must be one arrow ->, not {len(sides) - 1}")
    pattern = Pattern(read_side(sides[0]), read_side(sides[1]))
    left, right = pattern.left, pattern.right
    if right.has_ellipsis and not left.has_ellipsis:
        raise Malformed("the ellipsis stands on the right side only")
    if left.bracketed:
        raise Malformed("the ellipsis of the left side stands within brackets")
    _agree(pattern, operation, given)
    for name in given:
        if name not in left.axes and name not in right.axes:
            raise Malformed(f"axis {name} is given, but is not in the pattern")
        if not is_name(name):
            raise Malformed(f"{name} is no name for an axis")
    for group in left.groups:
        open_axes = [axis for axis in group if isinstance(axis, str) and axis not in given]
        if len(open_axes) > 1:
            raise Malformed(f"the lengths of {' and '.join(open_axes)} cannot both be worked out")
    return pattern


def _agree(pattern: Pattern, operation: str, given: Collection[str]) -> None:
    """New axes appear in repeat only, and axes disappear in a reduction only."""
    left, right = pattern.left.axes, pattern.right.axes
    gone = [axis for axis in left if axis not in right]
    new = [axis for axis in right if axis not in left]
    if operation == "rearrange":
        for axis in (*left, *right):
            if isinstance(axis, Anonymous):
                raise Malformed(f"rearrange has no numbers but 1, yet the pattern has {axis}")
        if gone or new:
            raise Malformed(f"axis {(gone + new)[0]} is on one side only")
    elif operation == "repeat":
        if gone:
            raise Malformed(f"axis {gone[0]} is missing on the right side")
        nameless = [axis for axis in new if isinstance(axis, str) and axis not in given]
        if nameless:
            raise Malformed(f"the length of the new axis {nameless[0]} is not given")
    elif operation in REDUCTIONS:
        if new:
            raise Malformed(f"axis {new[0]} is on the right side only")
    elif operation:
        raise Malformed(f"{operation!r} is no reduction: it must be one of {', '.join(REDUCTIONS)}")
