"""Spectra over time: stft and istft; the windows of torch.signal."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, WINDOW
from torchshape_lint.dims import Size, floordiv
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.create import sized
from torchshape_lint.rules.dtypes import asked, complex_numbers
from torchshape_lint.rules.given import clear_size, functions_and_methods
from torchshape_lint.rules.needs import Derivation, Result, Rule, Undetermined, holds, never, not_less, rank, same
from torchshape_lint.rules.numbers import not_negative, positive
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import External, Value
from torchshape_lint.verdicts import NO


@shape_rule(*functions_and_methods("stft"))
def stft(
    input: Tensor,
    n_fft: Size,
    hop_length: Size | None = None,
    win_length: Size | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: object = "reflect",
    normalized: object = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: object = None,
) -> Rule:
    """(n, l) -> (n, n_fft//2 + 1, 1 + l//hop_length); without the half (onesided=False) n_fft"""
    yield rank(input, 1, 2)
    hop = floordiv(n_fft, 4) if hop_length is None else hop_length
    yield from _window(window, n_fft if win_length is None else win_length)
    if at_least(hop, 1) is NO:
        yield never(ARGUMENT, f"hop_length is {hop}, but must be positive", actual=hop)
    if center and pad_mode == "reflect":
        yield not_less(input[-1], floordiv(n_fft, 2) + 1, WINDOW)
    length = input[-1].size + (2 * floordiv(n_fft, 2) if center else 0)
    yield holds(
        at_least(length, n_fft),
        WINDOW,
        lambda: f"{input[-1].name} is {length}{' with padding' if center else ''}, shorter than n_fft {n_fft}",
        expected=n_fft,
        actual=length,
        blocking=at_least(length, n_fft) is NO,
    )
    frames = 1 + floordiv(length - n_fft, hop)
    yield Derivation(lambda: f"1 + ({length} - {n_fft})//{hop} = {frames}")
    half = onesided if onesided is not None else _real(input, window)
    if half is None:
        return Undetermined("whether the values are complex is not known")
    rows = floordiv(n_fft, 2) + 1 if half else n_fft
    pair = (2,) if return_complex is False else ()
    return Result(input.shape.ending(1, rows, frames, *pair), None)


def _real(*tensors: Tensor | None) -> bool | None:
    """Is none of them complex?"""
    dtypes = [x.dtype for x in tensors if x is not None]
    if any(dtype is not None and dtype.startswith("complex") for dtype in dtypes):
        return False
    return None if None in dtypes else True


def _window(window: Tensor | None, length: Size) -> Steps:
    if window is not None:
        yield rank(window, 1)
        yield same(window[-1], Named(length, "win_length"), WINDOW)


@shape_rule(*functions_and_methods("istft"))
def istft(
    input: Tensor,
    n_fft: Size,
    hop_length: Size | None = None,
    win_length: Size | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: object = False,
    onesided: object = None,
    length: Size | None = None,
    return_complex: object = False,
) -> Rule:
    """(n, rows, frames) -> (n, l): length, or hop_length*(frames - 1) + n_fft without what center had added"""
    yield rank(input, 2, 3)
    yield from complex_numbers(input)
    half = Named(floordiv(n_fft, 2) + 1, "n_fft//2 + 1")
    if onesided is True or (onesided is None and equal(input[-2].size, n_fft) is NO):
        yield same(input[-2], half, WINDOW)
    elif onesided is False:
        yield same(input[-2], Named(n_fft, "n_fft"), WINDOW)
    yield from _window(window, n_fft if win_length is None else win_length)
    hop = floordiv(n_fft, 4) if hop_length is None else hop_length
    whole = n_fft + hop * (input[-1].size - 1)
    size = length if length is not None else whole - (2 * floordiv(n_fft, 2) if center else 0)
    return Result(input.shape.ending(2, clear_size(size)), None)


# --- windows --------------------------------------------------------------------------------------------------------

_STRIDED = External("torch.strided")
_PLAIN = ("bartlett", "blackman", "cosine", "hamming", "hann", "nuttall")


@shape_rule(*(f"torch.signal.windows.{name}" for name in _PLAIN))
def window(M: Size, *, sym: object = True, dtype: object = None, layout: object = _STRIDED) -> Rule:
    """M -> (M,)"""
    return (yield from _window_of(M, dtype, layout))


@shape_rule("torch.signal.windows.exponential")
def exponential(
    M: Size,
    *,
    center: object = None,
    tau: object = 1.0,
    sym: object = True,
    dtype: object = None,
    layout: object = _STRIDED,
) -> Rule:
    """M -> (M,)"""
    yield from positive("tau", tau)
    if sym is True and isinstance(center, (int, float)):
        yield never(ARGUMENT, "a symmetric window has its center in the middle: center must be None")
    return (yield from _window_of(M, dtype, layout))


@shape_rule("torch.signal.windows.gaussian")
def gaussian(
    M: Size, *, std: object = 1.0, sym: object = True, dtype: object = None, layout: object = _STRIDED
) -> Rule:
    """M -> (M,)"""
    yield from positive("std", std)
    return (yield from _window_of(M, dtype, layout))


@shape_rule("torch.signal.windows.kaiser")
def kaiser(
    M: Size, *, beta: object = 12.0, sym: object = True, dtype: object = None, layout: object = _STRIDED
) -> Rule:
    """M -> (M,)"""
    yield from not_negative("beta", beta)
    return (yield from _window_of(M, dtype, layout))


@shape_rule("torch.signal.windows.general_hamming")
def general_hamming(
    M: Size, *, alpha: object = 0.54, sym: object = True, dtype: object = None, layout: object = _STRIDED
) -> Rule:
    """M -> (M,)"""
    return (yield from _window_of(M, dtype, layout))


@shape_rule("torch.signal.windows.general_cosine")
def general_cosine(M: Size, *, a: object, sym: object = True, dtype: object = None, layout: object = _STRIDED) -> Rule:
    """M -> (M,)"""
    if a is None or sequence_items(a) == ():
        yield never(ARGUMENT, "a has no coefficients")
    return (yield from _window_of(M, dtype, layout))


def _window_of(length: Size, dtype: Value, layout: Value) -> Rule:
    wanted = asked(dtype, "float32")
    if wanted not in (None, "float32", "float64"):
        yield never(ARGUMENT, f"a window cannot be {wanted}, only float32 or float64")
    if isinstance(layout, External) and layout.path.startswith("torch.sparse"):
        yield never(ARGUMENT, "a window cannot be sparse")
    return (yield from sized((length,), wanted))
