"""Fourier transforms: the axes that they go along keep their size, take ``n`` or ``s``, or are halved or doubled."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, AXIS, WINDOW
from torchshape_lint.dims import Size, floordiv, fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.broadcasting import has_axis
from torchshape_lint.rules.given import clear_size
from torchshape_lint.rules.needs import Derivation, Need, Result, Rule, axis, never, not_less, rank_at_least
from torchshape_lint.rules.operands import Ints, Named, Sizes, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.verdicts import NO

Transformed: TypeAlias = Generator[Need | Derivation, None, Shape]

_HALF = ("rfft", "ihfft")  # real input: only one half of the spectrum is kept
_WHOLE = ("irfft", "hfft")  # ... and made whole again


def _names(suffix: str, *kinds: str) -> tuple[str, ...]:
    return tuple(f"torch.fft.{kind}{suffix}" for kind in kinds)


def _dtype(dtype: str | None, whole: bool) -> str | None:
    """float32 and complex64 change places; what becomes of the others is left open."""
    if dtype == "float32":
        return dtype if whole else "complex64"
    if dtype == "complex64":
        return "float32" if whole else dtype
    return None


@shape_rule(*_names("", "fft", "ifft"))
def fft(input: Tensor, n: Size | None = None, dim: int = -1, norm: object = None) -> Rule:
    """(.., a, ..) -> (.., n or a, ..)"""
    return Result((yield from _along(input, n, dim, "")), _dtype(input.dtype, False))


@shape_rule(*_names("", *_HALF))
def rfft(input: Tensor, n: Size | None = None, dim: int = -1, norm: object = None) -> Rule:
    """(.., a, ..) -> (.., (n or a)//2 + 1, ..)"""
    return Result((yield from _along(input, n, dim, "half")), _dtype(input.dtype, False))


@shape_rule(*_names("", *_WHOLE))
def irfft(input: Tensor, n: Size | None = None, dim: int = -1, norm: object = None) -> Rule:
    """(.., a, ..) -> (.., n or 2*(a - 1), ..)"""
    return Result((yield from _along(input, n, dim, "whole")), _dtype(input.dtype, True))


def _along(x: Tensor, n: Size | None, dim: int, how: str) -> Transformed:
    if x.rank is None and dim >= 0:
        return open_shape(*x.shape.sizes[dim + 1 :])
    at = yield from axis(x, dim)
    return (yield from _transformed(x, (at,), (n,), how))


@shape_rule(*_names("2", "fft", "ifft"))
def fft2(input: Tensor, s: Sizes | None = None, dim: Ints = (-2, -1), norm: object = None) -> Rule:
    """(.., a, b) -> (.., s or (a, b))"""
    return Result((yield from _along_all(input, s, dim, "")), _dtype(input.dtype, False))


@shape_rule(*_names("2", *_HALF))
def rfft2(input: Tensor, s: Sizes | None = None, dim: Ints = (-2, -1), norm: object = None) -> Rule:
    """(.., a, b) -> (.., a, b//2 + 1)"""
    return Result((yield from _along_all(input, s, dim, "half")), _dtype(input.dtype, False))


@shape_rule(*_names("2", *_WHOLE))
def irfft2(input: Tensor, s: Sizes | None = None, dim: Ints = (-2, -1), norm: object = None) -> Rule:
    """(.., a, b) -> (.., a, 2*(b - 1))"""
    return Result((yield from _along_all(input, s, dim, "whole")), _dtype(input.dtype, True))


@shape_rule(*_names("n", "fft", "ifft"))
def fftn(input: Tensor, s: Sizes | None = None, dim: Ints | None = None, norm: object = None) -> Rule:
    """(.., a, b, c) -> (.., s or (a, b, c))"""
    return Result((yield from _along_all(input, s, dim, "")), _dtype(input.dtype, False))


@shape_rule(*_names("n", *_HALF))
def rfftn(input: Tensor, s: Sizes | None = None, dim: Ints | None = None, norm: object = None) -> Rule:
    """(.., a, b) -> (.., a, b//2 + 1)"""
    return Result((yield from _along_all(input, s, dim, "half")), _dtype(input.dtype, False))


@shape_rule(*_names("n", *_WHOLE))
def irfftn(input: Tensor, s: Sizes | None = None, dim: Ints | None = None, norm: object = None) -> Rule:
    """(.., a, b) -> (.., a, 2*(b - 1))"""
    return Result((yield from _along_all(input, s, dim, "whole")), _dtype(input.dtype, True))


def _along_all(x: Tensor, s: Sizes | None, dim: Ints | None, how: str) -> Transformed:
    if s is not None and dim is not None and len(s) != len(dim):
        yield never(ARGUMENT, f"s has {len(s)} sizes, but dim {len(dim)} axes", expected=len(dim), actual=len(s))
    if dim is None:
        if s is None and x.rank is None:
            return open_shape()
        dim = tuple(range(-(len(s) if s is not None else x.rank or 0), 0))
    if x.rank is None and max(dim, default=-1) >= 0:
        return open_shape()
    axes: list[int] = []
    for d in sorted(dim):  # the foremost first: an open shape then has all of them
        yield from axis(x, d)
    for d in dim:
        at = yield from axis(x, d)
        if at in axes:
            yield never(AXIS, f"dim {d} is named twice in {dim}")
        axes.append(at)
    sizes: tuple[Size | None, ...] = s if s is not None else (None,) * len(axes)
    return (yield from _transformed(x, tuple(axes), tuple(None if n == -1 else n for n in sizes), how))


def _transformed(x: Tensor, axes: tuple[int, ...], given: tuple[Size | None, ...], how: str) -> Transformed:
    if axes:
        yield rank_at_least(x, 1, AXIS)
    sizes = list(x.shape.sizes)
    for k, (at, n) in enumerate(zip(axes, given, strict=True)):
        last = how if k == len(axes) - 1 else ""
        size = n if n is not None else 2 * (sizes[at] - 1) if last == "whole" else sizes[at]
        found = Named(size, f"the number of points along {x[at].name}" if n is None else "n")
        yield not_less(found, 1, WINDOW)
        if at_least(size, 1) is NO:
            sizes[at] = fresh()
        elif last == "half":
            sizes[at] = floordiv(size, 2) + 1
            yield Derivation(lambda a=size, b=sizes[at]: f"{a}//2 + 1 = {b}")  # type: ignore[misc]
        else:
            sizes[at] = clear_size(size)
    return Shape(tuple(sizes), x.shape.lead)


@shape_rule("torch.fft.fftshift", "torch.fft.ifftshift")
def fftshift(input: Tensor, dim: Ints | None = None) -> Rule:
    """(*) -> (*)"""
    for d in dim or ():
        yield from has_axis(input, d)
    return input.shape


@shape_rule("torch.fft.fftfreq")
def fftfreq(n: Size, d: object = 1.0, *, dtype: object = None) -> Result:
    """n -> (n,)"""
    return Result((clear_size(n),), None)


@shape_rule("torch.fft.rfftfreq")
def rfftfreq(n: Size, d: object = 1.0, *, dtype: object = None) -> Result:
    """n -> (n//2 + 1,)"""
    return Result((clear_size(floordiv(n, 2) + 1),), None)
