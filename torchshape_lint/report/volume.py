"""A tensor as a box: as long as it has channels or features, as tall and deep as its pictures; in SVG.

Lengths grow with the square root of a size: 3 channels and 2048 are to be seen in one picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from torchshape_lint.dims import Size
from torchshape_lint.frozen import dataclass
from torchshape_lint.shapes import Shape

LONGEST, TALLEST, DEEPEST = 100.0, 44.0, 26.0
WIDTH, HEIGHT = 128, 64
_LEAST = 4.0


@dataclass(frozen=True, slots=True)
class Extent:
    """Channels, height and width of a tensor; None where a size is not a number."""

    channels: int | None = 1
    height: int | None = 1
    width: int | None = 1

    @property
    def flat(self) -> bool:
        return self.height == 1 and self.width == 1


@dataclass(frozen=True, slots=True)
class Scale:
    """The greatest sizes of a story: what is as large as that fills the room. Flat tensors have their own."""

    channels: int
    features: int
    side: int


def extent(shape: Shape | None, op: str = "") -> Extent | None:
    """None: nothing is known of it. ``op`` tells channels from positions where three axes could be either."""
    if shape is None or shape.is_open:
        return None
    sizes: list[int | None] = [_number(size) for size in shape.sizes]
    name = op.lower()
    if len(sizes) >= 4:
        return Extent(sizes[1], sizes[-2], sizes[-1])
    if len(sizes) == 3:
        if "2d" in name:
            return Extent(*sizes)
        return Extent(sizes[1], sizes[2]) if "1d" in name else Extent(sizes[2], sizes[1])
    return Extent(sizes[-1]) if sizes else Extent()


def scale(extents: Iterable[Extent | None]) -> Scale:
    known = [e for e in extents if e is not None]
    channels, features = ([e.channels or 1 for e in known if e.flat is flat] for flat in (False, True))
    sides = [side or 1 for e in known for side in (e.height, e.width)]
    return Scale(max([1, *channels]), max([1, *features]), max([1, *sides]))


def volume(e: Extent | None, s: Scale, x: float = 0, y: float = 0) -> str:
    """The three visible faces, in a room of WIDTH x HEIGHT at (x, y)."""
    e = e or Extent(None, None, None)
    length = _length(e.channels, s.features if e.flat else s.channels, LONGEST)
    tall, deep = _length(e.height, s.side, TALLEST), _length(e.width, s.side, DEEPEST)
    dx, dy = deep * 0.8, deep * 0.6
    left, top = x + (WIDTH - length - dx) / 2, y + (HEIGHT - tall - dy) / 2 + dy
    right, bottom = left + length, top + tall
    vague = ' stroke-dasharray="3 2"' if None in (e.channels, e.height, e.width) else ""
    faces = (
        ("front", ((left, top), (right, top), (right, bottom), (left, bottom))),
        ("top", ((left, top), (left + dx, top - dy), (right + dx, top - dy), (right, top))),
        ("side", ((right, top), (right + dx, top - dy), (right + dx, bottom - dy), (right, bottom))),
    )
    return "".join(f'<polygon class="{name}"{vague} points="{_points(points)}"/>' for name, points in faces)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in points)


def _length(size: int | None, largest: int, room: float) -> float:
    return max(_LEAST, room * (sqrt(size / largest) if size is not None else 0.5))


def _number(size: Size) -> int | None:
    return size if isinstance(size, int) else None
