"""Which square pictures would fit: the outermost call is played again with one name for height and width."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchshape_lint import codes
from torchshape_lint.dims import Size, Sym, as_symbol, fresh, substitute, symbols
from torchshape_lint.interp.findings import Finding, Site, Stepped
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.proofs import equal, ranges
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Instance, Layer, Tensor
from torchshape_lint.verdicts import NO

LARGEST = 1024
MOST = 64  # candidates that are tried out one by one


@dataclass(slots=True)
class Watched:
    """What a silent replay met: sizes that linear layers compare, and how many needs were broken."""

    pairs: list[tuple[Site, Size, Size]] = field(default_factory=list)
    broken: int = 0


def picture_fits(
    m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, at: int, findings: int, steps: int
) -> str:
    """After the outermost call of a module: which pictures fit, in words; its findings about features get it too.

    findings, steps: how many there were before the call.
    """
    new = [f for f in m.findings[findings:] if f.code in (codes.FEATURES, codes.NO_INPUT)]
    if not new and not (m.explaining and any(map(_may_ask_for_a_side, m.steps[steps:]))):
        return ""
    picture = args.positional[0] if args.positional else None
    if not isinstance(picture, Tensor) or m.watched is not None:
        return ""
    shape = m.facts.shape(picture.shape)
    if shape.is_open or len(shape.sizes) not in (3, 4):
        return ""
    fitting = _fitting(m, frame, module, args, shape, at)
    for finding in new:
        _tell(finding, fitting)
    m.fitting_side = fitting.candidate
    return f"square pictures of {fitting.sides} fit" if fitting.sides else ""


def _may_ask_for_a_side(step: Stepped) -> bool:
    """A linear layer behind a mean or a pool to 1 by 1 does not; one behind a flatten does, or one along a row."""
    if any(result.folded for result in step.results):
        return True
    if not step.op.lower().endswith("linear") or not step.inputs:
        return False
    given = step.inputs[0]
    return given is None or given.is_open or len(given.sizes) > 2


@dataclass(slots=True)
class Fitting:
    """``sides`` in words ("28..31"), "" where nothing can be said; the places whose features depend on the sides."""

    sides: str = ""
    candidate: int | None = None  # a side that the linear layers take, whatever else may be wrong
    never: bool = False
    sites: list[Site] = field(default_factory=list)


def _tell(finding: Finding, fitting: Fitting) -> None:
    need = finding.need
    if finding.site not in fitting.sites or need is None or need.found is None or not need.found.folded:
        return
    if fitting.never:
        finding.fits = "no picture fits"
    elif fitting.sides:
        finding.fits = f"square pictures of {fitting.sides} fit"


def _replay(
    m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, shape: Shape, side: Size, at: int
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


def _fitting(m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, shape: Shape, at: int) -> Fitting:
    """The sides for which every linear layer gets what it wants; those few are tried out one by one."""
    side = fresh("s", 1)
    name = as_symbol(side)
    assert name is not None
    watched = _replay(m, frame, module, args, shape, side, at)
    pairs = [(a, b) for _, a, b in watched.pairs if not isinstance(a, int)]
    fitting = Fitting(sites=[site for site, a, _ in watched.pairs if not isinstance(a, int)])
    if not pairs or any(_free(a, name) or not isinstance(b, int) for a, b in pairs):
        return fitting
    fitting.never = any(equal(a, b) is NO for a, b in pairs)
    candidates = [s for s in range(1, LARGEST + 1) if all(substitute(a, {name: s}) == b for a, b in pairs)]
    fitting.candidate = candidates[-1] if candidates else None
    if len(candidates) <= MOST:
        fitting.sides = ranges(s for s in candidates if _works(m, frame, module, args, shape, s, at))
    return fitting


def _free(size: Size, name: Sym) -> bool:
    """Is there anything but ``name`` in it?"""
    return symbols(size) != {name}


def _works(
    m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, shape: Shape, side: int, at: int
) -> bool:
    return _replay(m, frame, module, args, shape, side, at).broken == 0
