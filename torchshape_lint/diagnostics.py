"""What was found: data only. Rendering belongs to ``report``, positions and texts are filled in by ``check``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal, NamedTuple, TypeAlias

from torchshape_lint.codes import Code
from torchshape_lint.dims import Size
from torchshape_lint.frozen import dataclass
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import Span

Kind: TypeAlias = Literal["script", "function", "class", "declared", "factory"]


@dataclass(frozen=True, slots=True)
class Story:
    """Where evaluation started, so that ``confirm`` can start there too.

    kind: "script" (the file as ``__main__``), "function" (called without arguments), "class" (constructed, then
        called with tensors of ``inputs``), "declared" (the same, or a plain function, by its declared inputs) or
        "factory" (a function that is called without arguments, and what it returns as a class is).
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
    """One operator as it was evaluated: the row of an explanation.

    sources: what made each input: the number of a step, the name of an input of the entry; None: nothing of these.
    broken: torch raises here.
    summary: a call of a function of the analysed code; the operators in it stand before it.
    """

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
    sources: tuple[int | str | None, ...] = field(default=(), compare=False)
    broken: bool = False
    summary: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for in vain, as ``fixes`` needs to know it; spans are of the file that is linted.

    found, wanted: the two sides by name: "last axis of x", "in_features".
    folded: the sizes whose product is the found one.
    chosen: the argument that chose what is wanted; built: the construction of the layer.
    caller: the call from outside that exposed it.
    operands: what the operator was given.
    """

    found: str = ""
    wanted: str = ""
    folded: tuple[Size, ...] = ()
    chosen: Span | None = None
    built: Span | None = None
    caller: Span | None = None
    operands: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of the file and what is to stand there instead; the end of an insertion is its start."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that make one finding go away.

    safe: no saved weights stop fitting, and nothing that worked before changes; ``note`` says why it is not.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    note: str = ""

    def __str__(self) -> str:
        return f"{self.title} ({self.note})" if self.note else self.title


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    span: what to underline; ``label`` says what is wrong there, ``headline`` the whole in one sentence.
    message: the headline with hint, story and what would fit: what flake8 prints.
    expected, actual: what would be right, and what the code says (sizes or words).
    fix: the argument that would be right; advice: what else to do; fits: which inputs would be right.
    related: the construction that chose the number, and the call that exposed it.
    derivation: the operators that led to the offending shape, in their order.
    fixes: edits that put it right, the best first; only where they were asked for (`Options.fixes`).
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
    asked: Asked = field(default_factory=Asked)
    fixes: tuple[Fix, ...] = ()

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
    cell: int = 0  # of a notebook


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything ``explain`` knows about a file."""

    path: str
    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...] = ()  # what ended early, and why
    lines: Mapping[int, Sequence[Shape]] = field(default_factory=dict)  # what the statement on a line gave


@dataclass(frozen=True, slots=True)
class Mended:
    """A file after its fixes: which were made, in their order, and what is still found."""

    text: str
    made: tuple[tuple[Diagnostic, Fix], ...]
    left: tuple[Diagnostic, ...]


class Linted(NamedTuple):
    """What is found in a text, and whether it was read and evaluated to its end: only then silence means something."""

    found: Sequence[Diagnostic]
    complete: bool
