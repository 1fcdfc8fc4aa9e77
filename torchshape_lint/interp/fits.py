"""Which square pictures would fit: the outermost call is played again with one name for height and width."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchshape_lint import codes
from torchshape_lint.dims import Size, Sym, as_symbol, fresh, ranges, substitute, symbols
from torchshape_lint.interp.findings import Finding
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Instance, Tensor

LARGEST = 1024
MOST = 64  # candidates that are tried out one by one


@dataclass(slots=True)
class Watched:
    """What a silent replay met: sizes that linear layers compare, and how many needs were broken."""

    pairs: list[tuple[Size, Size]] = field(default_factory=list)
    broken: int = 0


def picture_fits(m: Machine, frame: Frame, module: Instance, args: CallArgs, at: int, before: int) -> None:
    """After the outermost call of a module: put the sizes that fit into its findings about features."""
    new = [f for f in m.findings[before:] if f.code in (codes.FEATURES, codes.NO_INPUT)]
    if not new and not m.explaining:
        return
    picture = args.positional[0] if args.positional else None
    if not isinstance(picture, Tensor) or m.watched is not None:
        return
    shape = m.facts.shape(picture.shape)
    if shape.is_open or len(shape.sizes) not in (3, 4):
        return
    text = _fitting(m, frame, module, args, shape, at)
    for finding in new:
        _tell(finding, text)
    if text and text != NONE:
        m.fits.append(text)


NONE = "none"


def _tell(finding: Finding, text: str) -> None:
    if text == NONE and finding.code is codes.FEATURES:
        finding.code = codes.NO_INPUT
        finding.fits = "no picture fits"
    elif text and text != NONE:
        finding.fits = f"square pictures of {text} fit"


def _replay(
    m: Machine, frame: Frame, module: Instance, args: CallArgs, shape: Shape, side: Size, at: int
) -> Watched:
    """One silent call with pictures of ``side`` by ``side``."""
    watched = Watched()
    picture = Tensor(Shape((*shape.sizes[:-2], side, side)), "float32")
    mark = m.journal.mark()
    m.watched = watched
    m.path.append("")
    try:
        with m.silent():
            m.call(frame, module, CallArgs((picture, *args.positional[1:]), args.keywords, args.words), at)
    except Raised:
        watched.broken += 1
    finally:
        m.path.pop()
        m.watched = None
        m.journal.undo(mark)
    return watched


def _fitting(m: Machine, frame: Frame, module: Instance, args: CallArgs, shape: Shape, at: int) -> str:
    """The sides that fit in words, NONE when a need can never hold, "" when nothing can be said."""
    side = fresh("s", 1)
    name = as_symbol(side)
    assert name is not None
    watched = _replay(m, frame, module, args, shape, side, at)
    pairs = [(a, b) for a, b in watched.pairs if not isinstance(a, int)]
    if not pairs or any(_free(a, name) or not isinstance(b, int) for a, b in pairs):
        return ""
    candidates = [s for s in range(1, LARGEST + 1) if all(substitute(a, {name: s}) == b for a, b in pairs)]
    if len(candidates) > MOST:
        return ""
    fitting = [s for s in candidates if _works(m, frame, module, args, shape, s, at)]
    return ranges(fitting) if fitting else NONE


def _free(size: Size, name: Sym) -> bool:
    """Is there anything but ``name`` in it?"""
    return symbols(size) != {name}


def _works(m: Machine, frame: Frame, module: Instance, args: CallArgs, shape: Shape, side: int, at: int) -> bool:
    return _replay(m, frame, module, args, shape, side, at).broken == 0
