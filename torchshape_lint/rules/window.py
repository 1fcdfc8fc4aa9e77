"""Windows that slide over pictures: what convolutions and poolings share. Knows sizes, not layers."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from math import floor, isfinite

from torchshape_lint.codes import ARGUMENT, RANK, WINDOW, Code
from torchshape_lint.dims import Poly, Size, floordiv, fresh
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.needs import Derivation, Need, holds, never, rank, rank_at_least
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO

Needs = Generator[Need | Derivation, None, None]


def unbatched_or_not(x: Tensor, n: int, code: Code = RANK) -> Needs:
    """``x`` has n spatial axes, channels and perhaps a batch. Where that stays open, the axes from the end count."""
    need = rank(x, n + 1, n + 2, code=code)
    yield replace(need, blocking=need.verdict is NO)
    yield rank_at_least(x, n + 1)


def at_least_each(sizes: Iterable[Size], least: int, name: str) -> Needs:
    """An argument that torch refuses below ``least``."""
    for size in sizes:
        if at_least(size, least) is NO:
            yield never(ARGUMENT, f"{name} is {size}, but must be at least {least}", actual=size)


@dataclass(frozen=True, slots=True)
class Window:
    """A window along one axis. ``words`` is what the author calls its size."""

    kernel: Size
    stride: Size = 1
    padding: Size = 0
    dilation: Size = 1
    words: str = "kernel_size"

    @property
    def span(self) -> Size:
        """How much it covers."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def span_words(self) -> str:
        if self.dilation == 1:
            return f"{bracketed(self.kernel)}"
        return f"{factor(self.dilation)}*({self.kernel} - 1) - 1"

    def fits(self, found: Named) -> Need:
        """The padded axis is as long as the window, or longer."""
        padded = found.size + 2 * self.padding
        grown = "" if self.padding == 0 else f" ({padded} with padding)"
        dilated = "" if self.dilation == 1 else f" ({self.span} with dilation)"
        return holds(
            at_least(padded, self.span),
            WINDOW,
            lambda: f"{found.name} is {found.size}{grown}, but {self.words} is {self.kernel}{dilated}",
            expected=f"at least {self.span - 2 * self.padding}",
            actual=found.size,
        )

    def steps(self, size: Size) -> Size:
        """How many places it has in an axis of ``size``."""
        return floordiv(size + 2 * self.padding - self.span, self.stride) + 1

    def formula(self, size: Size) -> str:
        """``(28 + 2*1 - 3)//1 + 1 = 28``"""
        padding = f"2*{factor(self.padding)}"
        return f"({size} + {padding} - {self.span_words})//{factor(self.stride)} + 1 = {self.steps(size)}"


def slide(x: Tensor, windows: tuple[Window, ...]) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    """The sizes of the last axes after each window has slid along its own; explained once where they are alike."""
    sizes: list[Size] = []
    said: set[tuple[Size, Window]] = set()
    for window, k in zip(windows, range(-len(windows), 0), strict=True):
        found = spatial(x, k)
        need = window.fits(found)
        yield need
        sizes.append(fresh() if need.verdict is NO else window.steps(found.size))
        if (found.size, window) not in said:
            said.add((found.size, window))
            yield Derivation(lambda w=window, size=found.size: w.formula(size))  # type: ignore[misc]
    return tuple(sizes)


def spatial(x: Tensor, k: int) -> Named:
    """The axis ``k`` from the end, counted from the front where the rank is known: people count h as axis 2."""
    return x[k if x.rank is None else x.rank + k]


def bracketed(size: Size) -> str:
    return f"({size})" if isinstance(size, Poly) and len(size.terms) > 1 else str(size)


def factor(size: Size) -> str:
    """As a factor or divisor: brackets around sums and negative numbers."""
    return f"({size})" if isinstance(size, int) and size < 0 else bracketed(size)


def scaled(size: Size, by: object) -> Size:
    """``floor(size * by)`` as torch computes it, in double precision; fresh where that is not exact for every size."""
    if isinstance(by, int):
        return size * by
    if isinstance(by, float) and isfinite(by):
        if isinstance(size, int):
            return floor(size * by)
        top, bottom = by.as_integer_ratio()
        if abs(top) <= 1 << 16 and bottom <= 1 << 16:  # a short ratio: no rounding below sizes of 2**37
            return floordiv(size * top, bottom)
    return fresh()


def optional_parameter(name: str, wanted: object, *sizes: Size) -> dict[str, tuple[Size, ...] | None]:
    """The parameter ``name``, there when ``wanted`` says so; left out when that is not known."""
    if isinstance(wanted, (Unknown, Poly)):
        return {}
    return {name: sizes if wanted else None}
