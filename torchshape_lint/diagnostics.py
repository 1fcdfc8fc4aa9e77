"""What was found: data only. Rendering belongs to ``report``, positions and texts are filled in by ``check``."""

from __future__ import annotations

from dataclasses import dataclass

from torchshape_lint.codes import Code
from torchshape_lint.dims import Size
from torchshape_lint.spans import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``expected`` is what would be right, ``actual`` what the code says (sizes or words)."""

    code: Code
    path: str
    span: Span
    message: str
    expected: Size | str | None = None
    actual: Size | str | None = None
    notes: tuple[str, ...] = ()
    fix: str | None = None
    conditional: bool = False
    verdict: str | None = None  # of --confirm: "confirmed", "refuted" or "undecided: why"
    story: str = ""  # how evaluation came here, in words


@dataclass(frozen=True, slots=True)
class Step:
    """One operator as it was evaluated: the row of an explanation."""

    path: str
    span: Span
    source: str
    op: str
    inputs: tuple[object, ...]  # shapes
    outputs: tuple[object, ...]
    formula: str
    params: int | None
    depth: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One story: where evaluation started, why, with what, and what came of it."""

    name: str
    line: int
    why: str
    inputs: tuple[tuple[str, object], ...]
    steps: tuple[Step, ...]
    output: tuple[object, ...]
    params: int | None
    assumed: tuple[str, ...] = ()
    fits: str = ""  # "square pictures of 28..31 fit"


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything ``explain`` knows about a file."""

    path: str
    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...] = ()  # what ended early, and why
