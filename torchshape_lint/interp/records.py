"""What is kept of a story for explanations: entries and the plan that would repeat it."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchshape_lint.interp.findings import Site, Stepped
from torchshape_lint.shapes import Shape


@dataclass(frozen=True, slots=True)
class Plan:
    """How to come here again. ``kind`` as in `diagnostics.Story`."""

    kind: str
    name: str = ""
    at: int = -1
    inputs: tuple[tuple[str, Shape], ...] = ()
    constructor: tuple[tuple[str, object], ...] = ()


@dataclass(slots=True)
class Record:
    """One row group of an explanation: an outermost call of a module, or the code around such calls."""

    name: str
    site: Site
    why: str
    inputs: tuple[tuple[str, Shape | None], ...] = ()
    steps: list[Stepped] = field(default_factory=list)
    output: tuple[Shape | None, ...] = ()
    params: int | None = None
    fits: str = ""
