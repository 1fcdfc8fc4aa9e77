"""What was found: data only. Rendering belongs to ``report``, positions and texts are filled in by ``check``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from torchshape_lint.codes import Code
from torchshape_lint.dims import Size
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import Span

Kind: TypeAlias = Literal["script", "function", "class", "declared"]


@dataclass(frozen=True, slots=True)
class Story:
    """Where evaluation started, so that ``confirm`` can start there too.

    kind: "script" (the file as ``__main__``), "function" (called without arguments), "class" (constructed, then
        called with tensors of ``inputs``) or "declared" (the same, or a plain function, by its declared inputs).
    name: "" for a script, else what is called, dotted: ``main``, ``Net``, ``Net.encode``, ``Outer.Net``.
    line: of the call or definition that the story starts from.
    inputs: parameter and shape; symbols become different primes.
    constructor: parameter and value (int, float, str, bool, None, a symbolic size, or tuples of these).
    """

    kind: Kind
    name: str = ""
    line: int = 1
    inputs: tuple[tuple[str, Shape], ...] = ()
    constructor: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Another place that a finding is about, and what stands there: "in_features is 256"."""

    path: str
    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operator as it was evaluated: the row of an explanation."""

    path: str
    span: Span
    source: str
    op: str
    inputs: tuple[Shape | None, ...]
    outputs: tuple[Shape | None, ...]  # of every tensor in the result, in order; None: nothing is known
    formula: str
    params: int | None
    depth: int
    elsewhere: str = ""  # "models/resnet.py:93", where the span is not of this file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    span: what to underline; ``label`` says what is wrong there, ``headline`` the whole in one sentence.
    message: the headline with hint, story and what would fit: what flake8 prints.
    expected, actual: what would be right, and what the code says (sizes or words).
    fix: the argument that would be right; advice: what else to do; fits: which inputs would be right.
    related: the construction that chose the number, and the call that exposed it.
    derivation: the operators that led to the offending shape, in their order.
    """

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
    origin: Story | None = None  # the same, for ``confirm`` to repeat
    headline: str = ""
    label: str = ""
    advice: str = ""
    fits: str = ""
    related: tuple[Place, ...] = ()
    derivation: tuple[Step, ...] = ()

    @property
    def hint(self) -> str | None:
        """What would put it right, in words; None when nobody can tell."""
        fits = self.fits if self.fits != "no picture fits" else ""
        ways = (self.advice, f"{self.fix} would fit" if self.fix else "", fits)
        return "; or ".join(filter(None, ways)) or None


@dataclass(frozen=True, slots=True)
class Entry:
    """One story: where evaluation started, why, with what, and what came of it."""

    name: str
    line: int
    why: str
    inputs: tuple[tuple[str, Shape | None], ...]
    steps: tuple[Step, ...]
    output: tuple[Shape | None, ...]
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
    lines: Mapping[int, Sequence[Shape]] = field(default_factory=dict)  # what the statement on a line gave
