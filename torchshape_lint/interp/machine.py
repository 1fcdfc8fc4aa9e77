"""The state of one evaluation: facts, journal, budgets, findings, and where in the modules we are.

Knows nothing of Python's statements or torch's operators; `interp.evaluator` plugs those in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchshape_lint import ir
from torchshape_lint.facts import Facts, unsure
from torchshape_lint.interp.findings import Finding, Site, Stepped
from torchshape_lint.interp.join import Joiner
from torchshape_lint.interp.journal import Journal
from torchshape_lint.interp.scope import Frame, Scope
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Entries, Function, ModuleValue, Namespace, Object, Tensor, Unknown, Value

if TYPE_CHECKING:
    from torchshape_lint.frontend.source import Source
    from torchshape_lint.interp.fits import Watched
    from torchshape_lint.interp.records import Record
    from torchshape_lint.interp.silent_bugs import Along


class StoryEnd(Exception):
    """The evaluation cannot go on (a budget is spent); what was found so far stands."""


class Raised(Exception):
    """The analysed code raises here for certain, for a reason of its own."""


STEPS_IN_A_SECOND = 150_000
LEAST = 1_000  # steps that every file may take
PATIENCE = 3  # times the seconds that were given


@dataclass(slots=True)
class Budget:
    """The work that one file may take, shared by its stories.

    Counted in steps, so that a slow or busy machine finds the same as any other: ``seconds`` are those of a machine
    that takes 150,000 steps in each. The clock only ends what takes three times as long, and ``late`` says so.
    """

    seconds: float
    depth: int = 48
    started: float = field(default_factory=time.thread_time)
    used: int = 0
    spent: str = ""
    late: bool = False
    steps: int = field(init=False)
    files: int = field(init=False)  # as `steps`, for the files that have to be read

    def __post_init__(self) -> None:
        self.steps = self.files = max(LEAST, int(self.seconds * STEPS_IN_A_SECOND))
        self.seconds *= PATIENCE

    def tick(self) -> None:
        self.used += 1
        if self.used > self.steps:
            self.spent = f"more than {self.steps:,} steps"
            raise StoryEnd(self.spent)
        if not self.used & 255 and time.thread_time() - self.started > self.seconds:
            self.spent, self.late = f"more than {self.seconds:.3g} seconds", True
            raise StoryEnd(self.spent)

    @contextmanager
    def share(self, part: float, least: int = 0) -> Iterator[None]:
        """Inside, only ``part`` of what is left may be used; whatever that leads to, the rest goes on.

        least: steps that may be used in any case; the clock is not shared then.
        """
        seconds, steps, files, passed = self.seconds, self.steps, self.files, time.thread_time() - self.started
        allowed = max(int((steps - self.used) * part), least)
        self.seconds = seconds if least else passed + (seconds - passed) * part
        self.steps = self.files = min(self.used + allowed, steps)
        try:
            yield
        finally:
            self.seconds, self.steps, self.files, self.spent = seconds, steps, files, ""

    @contextmanager
    def spell(self, part: float, least: int) -> Iterator[None]:
        """As `share`, for something short: the files that have to be read for it do not count."""
        files = self.files
        with self.share(part, least):
            self.files = files
            yield

    @contextmanager
    def file(self, part: float, least: int) -> Iterator[None]:
        """A share for a file that is read, of what is left outside any `spell`."""
        steps, used = self.steps, self.used
        self.steps = self.files
        try:
            with self.share(part, least):
                yield
        finally:
            self.steps = min(steps + self.used - used, self.files) if steps < self.files else steps


@dataclass(eq=False)
class Machine:
    """One evaluation. ``evaluate``, ``execute`` and ``call`` are set by `interp.evaluator`."""

    budget: Budget
    journal: Journal = field(default_factory=Journal)
    facts: Facts = field(default_factory=Facts)
    findings: list[Finding] = field(default_factory=list)
    steps: list[Stepped] = field(default_factory=list)
    lines: dict[tuple[int, int], Value] = field(default_factory=dict)  # (id of program, at of statement) -> value
    reasons: dict[str, Site] = field(default_factory=dict)  # why something became unknown, for explain
    doubts: int = 0  # undecided branches around us
    quiet: int = 0  # trial runs around us: nothing is reported
    widened: int = 0  # loops of unknown length around us
    path: list[str] = field(default_factory=list)  # names of the modules whose forward we are in
    frames: list[Frame] = field(default_factory=list)
    story: str = ""
    origin: object = None
    called: set[int] = field(default_factory=set)  # ids of functions and forwards that have run
    vague: set[int] = field(default_factory=set)  # ids of classes that were constructed with something unknown
    patched: set[str] = field(default_factory=set)  # what lies outside and was replaced by the analysed code
    modules: dict[str, ModuleValue] = field(default_factory=dict)  # other files, by path
    sources: dict[int, Source] = field(default_factory=dict)  # their sources, by id of their program
    calls: dict[int, dict[str, list[ir.Call]]] = field(default_factory=dict)  # in a file, by name, by id of its program
    lines_read: int = 0
    main: ir.Program | None = None  # the file that is linted
    widths_hold: Callable[[], bool] = unsure  # in the program that this file is, when it is run
    built: list[Object] = field(default_factory=list)  # module instances, in order of construction
    explaining: bool = False
    fitting_side: int | None = None  # of square pictures, as far as the last outermost call tells
    watched: Watched | None = None  # what a replay for fitting pictures meets
    suspects: dict[int, Tensor] = field(default_factory=dict)  # operands of reported operators, by id (kept alive)
    placed: dict[int, Tensor] = field(default_factory=dict)  # tensors whose axes have their places on purpose, by id
    along: dict[int, Along] = field(default_factory=dict)  # softmaxes and argmaxes, by id of what they gave
    disputed: dict[int, Tensor] = field(default_factory=dict)  # what was made of results of reported operators
    renewed: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)  # with what it was before more was known
    records: list[Record] = field(default_factory=list)
    reports: int = 0  # findings, those of trial runs among them
    cuts: list[int] = field(default_factory=list)  # of calls not followed, too many being around them: from which frame
    changing: dict[int, frozenset[str]] = field(default_factory=dict)  # names of what functions change, by id of node
    held: dict[Function, str] = field(default_factory=dict)  # functions that somebody may run, and why
    outside_reads: int = 0  # of what may be changed and was made outside the function that reads it
    remembered: dict[Hashable, Value] = field(default_factory=dict)  # what calls of plain functions gave
    evaluate: Callable[[Frame, ir.Expr], Value] = field(init=False)
    execute: Callable[[Frame, ir.Block], object] = field(init=False)
    call: Callable[..., Value] = field(init=False)

    def __post_init__(self) -> None:
        self.facts.write = self.journal.write
        self.join = Joiner(self.facts.symbols, self.facts.leads)
        self._bound: dict[int, tuple[frozenset[str], dict[str, str]]] = {}

    # --- writing ------------------------------------------------------------------------------------------------

    def bind(self, scope: Scope, name: str, value: Value) -> None:
        self.journal.write(scope.holder(name).vars, name, value)

    def store(self, target: Object, key: object, value: Value) -> None:
        """Set a slot of an object; MISSING deletes it."""
        own = type(target.fields) in (dict, Entries) and type(target) is not Namespace
        self.journal.write(target.fields, key, value, target.born if own else 0)

    # --- what is found --------------------------------------------------------------------------------------------

    @property
    def undecided(self) -> int:
        """Branches, trial runs and loops of unknown length around us: what is inside is run more than once."""
        return self.doubts + self.quiet + self.widened

    @property
    def is_conditional(self) -> bool:
        return self.doubts > 0 or any(frame.doubts for frame in self.frames)

    def report(self, finding: Finding) -> None:
        self.reports += 1
        if self.quiet:
            return
        if finding.site.program is not self.main:
            finding.via = self._way_in()
            inner = self.frames[-1]
            finding.inside = f"{inner.owner.name}.{inner.name}" if inner.owner is not None else inner.name
        finding.conditional = finding.conditional or self.is_conditional
        finding.story = finding.story or self.story
        finding.origin = finding.origin or self.origin
        self.findings.append(finding)

    def inherit(self, operand: Tensor, result: Tensor) -> None:
        """What is doubted of an operand is doubted of what is made of it."""
        for doubted in (self.suspects, self.disputed):
            if id(operand) in doubted:
                doubted[id(result)] = result

    def renew(self, tensor: Tensor, known: Tensor) -> None:
        """``known`` is ``tensor``, now that more is known of its shape."""
        if id(tensor) in self.suspects:
            self.suspects[id(known)] = known
        if self.explaining:
            self.renewed[id(known)] = known, tensor

    def as_made(self, tensor: Tensor) -> Tensor:
        """A tensor as the operator gave it, before more was known of it."""
        while id(tensor) in self.renewed:
            tensor = self.renewed[id(tensor)][1]
        return tensor

    def _way_in(self) -> Site | None:
        """The innermost call in the linted file on the way to where we are."""
        for caller, frame in zip(reversed(self.frames[:-1]), reversed(self.frames), strict=False):
            if caller.program is self.main and frame.at >= 0:
                return Site(caller.program, frame.at)
        return None

    def unknown(self, why: str, site: Site | None = None, data: bool = False, number: bool = False) -> Unknown:
        if site is not None and not self.quiet and len(self.reasons) < 500:
            self.reasons.setdefault(why, site)  # where it began; the same words travel on with the value
        return Unknown(why, data, number)

    @contextmanager
    def doubtful(self, certain: bool = False) -> Iterator[None]:
        """Inside, findings hold on some runs only (unless ``certain``: both outcomes do happen)."""
        self.doubts += not certain
        try:
            yield
        finally:
            self.doubts -= not certain

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A trial run."""
        self.quiet += 1
        try:
            yield
        finally:
            self.quiet -= 1

    # --- calls --------------------------------------------------------------------------------------------------

    def call_with(
        self, frame: Frame, function: Value, *args: Value, at: int = -1, keywords: Mapping[str, Value] | None = None
    ) -> Value:
        """Call a value with values."""
        return self.call(frame, function, CallArgs(args, dict(keywords or {})), at)
