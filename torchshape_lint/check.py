"""The single door: ``check`` finds, ``explain`` tells how. Everything that a shell shows comes from here."""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from torchshape_lint import codes
from torchshape_lint.asked import unrepeatable
from torchshape_lint.derivation import derivation
from torchshape_lint.diagnostics import Asked, Diagnostic, Entry, Linted, Place, Step, Story, Trace
from torchshape_lint.frontend.cells import cells
from torchshape_lint.frontend.source import Source, read, touches_torch
from torchshape_lint.inputs import BadInput, read_inputs
from torchshape_lint.interp import widths
from torchshape_lint.interp.apply_rule import tensors
from torchshape_lint.interp.entries import run_stories
from torchshape_lint.interp.evaluator import new_machine
from torchshape_lint.interp.findings import Finding, Site, Stepped
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.records import Plan, Record
from torchshape_lint.options import DEFAULT, Options
from torchshape_lint.silence import outside_regions, unused
from torchshape_lint.spans import NOWHERE, Span
from torchshape_lint.words import sentence

_RECURSION = 12_000
Seen = TypeVar("Seen")


def check(text: str, path: str, options: Options = DEFAULT, tree: ast.Module | None = None) -> list[Diagnostic]:
    """The findings in a file, in the order of their places. Never raises for what the file says.

    tree: of this text, where somebody has parsed it already.
    """
    if not touches_torch(text):
        return unused((), text, path, options.wants) if options.unused_suppressions else []

    def look(evaluation: _Evaluation) -> tuple[list[Diagnostic], list[Diagnostic] | None]:
        whole = options.unused_suppressions and evaluation.complete
        return evaluation.diagnostics(), evaluation.diagnostics(conditional=True) if whole else None

    certain, everything = _evaluated(look, text, path, options, tree=tree)
    heard = outside_regions(certain, text)
    found = [d for d in _judged(heard, text, path, options) if d.verdict != "refuted"]
    if len(found) < len(heard):
        unrepeatable()  # another torch may judge otherwise
    if everything is not None:
        found += unused(everything, text, path, options.wants)
    found.sort(key=_order)
    if not options.fixes or not found:
        return found
    from torchshape_lint.fixes.offer import with_fixes  # heavy

    return with_fixes(found, text, linter(path, options))


def linter(path: str, options: Options = DEFAULT) -> Callable[[str], Linted]:
    """Text -> all that is found if it were the file's, silenced or not; what fixes are judged by."""
    plain = replace(options, confirm=False, fixes=False, unused_suppressions=False)

    def lint(text: str) -> Linted:
        return _evaluated(lambda e: Linted(e.diagnostics(), e.complete), text, path, plain)

    return lint


def explain(
    text: str, path: str, options: Options = DEFAULT, *, name: str | None = None, inputs: Sequence[str] = ()
) -> Trace:
    """Every story of a file with its steps; ``name`` keeps the entries of one class or function.

    ``inputs`` declare what comes in, as ``x=(2, 1, 28, 28)`` or ``Net.forward:x=(...)``.
    """
    if name and inputs:
        inputs = [text if ":" in text.partition("=")[0] else f"{name}:{text}" for text in inputs]
    trace = _evaluated(lambda e: e.trace(name), text, path, options, tuple(inputs), explaining=True)
    how = "a class that is called has to be named, as in Net:x=(2, 3)"
    lost = (f"nothing here takes the declared {text} ({how})" for text in inputs if not _is_taken(text, trace))
    judged = tuple(_judged(list(trace.diagnostics), text, path, options))
    return replace(trace, diagnostics=judged, notes=(*trace.notes, *lost))


def _is_taken(declared: str, trace: Trace) -> bool:
    """Does a story begin with that input?"""
    name = declared.partition("=")[0].rpartition(":")[2].strip()
    stories = [entry for entry in trace.entries if entry.why.startswith("with the declared ")]
    if name[:1].isupper():
        return any(entry.name.partition(".")[0] == name for entry in stories)
    return any(f" {name}: " in entry.why for entry in stories) if name else bool(stories)


def _judged(found: list[Diagnostic], text: str, path: str, options: Options) -> list[Diagnostic]:
    """With ``confirm`` every finding gets torch's verdict (this runs the code)."""
    if not options.confirm or not found:
        return found
    from torchshape_lint.confirm.replay import judged

    return judged(text, path, found, options)


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """The interpreter recurses as the analysed code does."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _evaluated(look: Callable[[_Evaluation], Seen], *given: Any, **named: Any) -> Seen:
    """What ``look`` sees in an evaluation, which ends with it.

    What it makes lives until then: to look for garbage in between would take a fifth of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return look(_Evaluation(*given, **named))
    finally:
        if collecting:
            gc.enable()


class _Evaluation:
    """One file, evaluated; positions are looked up as they are needed."""

    def __init__(
        self,
        text: str,
        path: str,
        options: Options,
        inputs: tuple[str, ...] = (),
        explaining: bool = False,
        tree: ast.Module | None = None,
    ) -> None:
        self.text, self.path, self.options = text, path, options
        self.source: Source = read(text, path, tree=tree)
        self.machine: Machine = new_machine(options.seconds)
        self.machine.explaining = explaining
        self.machine.main = self.source.program
        self.machine.widths_hold = cache(partial(widths.hold, text, path))
        self.problems: list[str] = []
        try:
            wanted = read_inputs((*options.inputs, *inputs), path)
        except BadInput as problem:
            self.problems.append(str(problem))
            wanted = read_inputs((), path)
        self.records: list[Record] = []
        with _deep_recursion():
            try:
                self.records = run_stories(self.machine, self.source.program, wanted)
            except RecursionError:  # how deep is too deep hangs on who called us
                self.machine.budget.spent, self.machine.budget.late = "nested too deeply", True
                self.records = self.machine.records
        if self.machine.budget.late:
            unrepeatable()

    # --- findings -----------------------------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Was everything read and evaluated to its end?"""
        return not self.machine.budget.spent and not self.source.program.unreadable

    def diagnostics(self, conditional: bool = False) -> list[Diagnostic]:
        conditional = conditional or self.options.conditional
        found: dict[tuple[str, int], Diagnostic] = {}
        for problem in self.problems:
            found["TSL901", -1] = Diagnostic(codes.SETTING, self.path, NOWHERE, problem)
        ended: set[int] = set()  # calls in this file that raise in another one: what came after is no second bug
        for finding in sorted(self.machine.findings, key=lambda f: f.conditional):
            site = finding.site if finding.site.program is self.source.program else finding.via
            if site is None:
                continue
            key = (finding.code.id, site.at)
            if key in found or (finding.conditional and not conditional):
                continue
            if site is finding.via and finding.code.torch_raises:
                if site.at in ended:
                    continue
                ended.add(site.at)
            found[key] = self._diagnostic(finding, site)
        return sorted(found.values(), key=_order)

    def _diagnostic(self, finding: Finding, site: Site) -> Diagnostic:
        said = sentence(finding, self._text, self._where, self._elsewhere)
        need = finding.need
        notes = list(said.notes)
        if finding.conditional:
            notes.append("on some paths only")
        return Diagnostic(
            finding.code,
            self.path,
            self.source.span(site.at),
            said.message,
            finding.expected if need is None else need.expected,
            finding.actual if need is None else need.actual,
            tuple(notes),
            said.fix,
            finding.conditional,
            None,
            said.story,
            self._story(finding.origin, finding),
            said.headline,
            _label(finding),
            said.advice,
            said.fits,
            tuple(self._related(finding, site)),
            tuple(map(self._step, derivation(finding, self.records))),
            self._asked(finding),
        )

    def _asked(self, finding: Finding) -> Asked:
        found, wanted = getattr(finding.need, "found", None), getattr(finding.need, "wanted", None)
        return Asked(
            found.name if found else "",
            wanted.name if wanted else "",
            tuple(found.folded or ()) if found else (),
            self._span(finding.wanted),
            self._span(finding.built),
            self._span(finding.caller),
            finding.operands,
        )

    def _span(self, site: Site | None) -> Span | None:
        """Where a place of this file stands."""
        if site is None or site.program is not self.source.program:
            return None
        span = self.source.span(site.at)
        return None if span == NOWHERE else span

    def _related(self, finding: Finding, site: Site) -> Iterator[Place]:
        """The construction that chose the number, and the call that exposed it; in other files too."""
        if finding.site is not site:
            yield from self._place(finding.site, _label(finding))
        wanted = finding.need.wanted if finding.need is not None else None
        of_a_layer = finding.code.id.startswith("TSL1")  # its construction chose the number, wherever exactly
        chosen = finding.wanted or (finding.built if wanted is not None or of_a_layer else None)
        if chosen is not None and chosen != finding.site:
            yield from self._place(chosen, f"{wanted.name} is {wanted.size}" if wanted else "constructed here")
        if finding.caller is not None and finding.caller != site:
            yield from self._place(finding.caller, f"called with {finding.given}")
        elif finding.made is not None and finding.caller is None:
            yield from self._place(finding.made, "constructed here")

    def _place(self, site: Site, label: str) -> Iterator[Place]:
        own = site.program is self.source.program
        source = self.source if own else self.machine.sources.get(id(site.program))
        if source is not None and source.span(site.at) != NOWHERE:
            yield Place(self.path if own or site.program is None else site.program.path, source.span(site.at), label)

    def _elsewhere(self, site: Site | None) -> str:
        """``models/resnet.py:93`` for a place in another file."""
        source = self.machine.sources.get(id(site.program)) if site is not None else None
        if source is None or site is None or site.program is None:
            return ""
        return f"{'/'.join(Path(site.program.path).parts[-2:])}:{source.line(site.at)}"

    def _text(self, site: Site | None) -> str:
        return self.source.text(site.at) if site is not None and site.program is self.source.program else ""

    def _line(self, site: Site | None) -> int:
        return self.source.line(site.at) if site is not None and site.program is self.source.program else 0

    def _where(self, site: Site | None) -> str:
        """``line 93`` of this file, or of a cell of this notebook."""
        line = self._line(site)
        return cells(self.text).words(line) if line else ""

    def _story(self, plan: object, finding: Finding) -> Story | None:
        if not isinstance(plan, Plan) or plan.kind == "caller":
            return None  # told by another file: this one alone cannot repeat it
        line = self._line(finding.caller) or (self.source.line(plan.at) if plan.at >= 0 else 1)
        return Story(plan.kind, plan.name, line, plan.inputs, plan.constructor)  # type: ignore[arg-type]

    # --- explanations -------------------------------------------------------------------------------------------

    def trace(self, name: str | None) -> Trace:
        records = self.records
        if name is not None:
            short = name.rpartition("::")[2]
            records = [r for r in records if r.name in (short, short.partition(".")[0])]
        entries = tuple(self._entry(record) for record in records if record.steps or record.name == "<module>")
        notes = []
        if self.machine.budget.spent:
            notes.append(f"the evaluation ended early: {self.machine.budget.spent}")
        here = [(site, why) for why, site in self.machine.reasons.items() if site.program is self.source.program]
        notes += [f"{self._where(site)}: {why}" for site, why in here[:50]]
        lines = {}
        for (program, at), value in self.machine.lines.items():
            if program == id(self.source.program):
                shapes = [self.machine.facts.shape(t.shape) for t in tensors(value)]
                if shapes:
                    lines[self.source.line(at)] = shapes
        return Trace(self.path, entries, tuple(self.diagnostics()), tuple(notes), lines)

    def _entry(self, record: Record) -> Entry:
        assumed = [_assumption(need) for step in record.steps for need in step.assumed if need.equate]
        return Entry(
            record.name,
            self._line(record.site) or 1,
            record.why or f"called at {self._where(record.site)}",
            record.inputs,
            tuple(map(self._step, record.steps, record.sources())),
            record.output,
            record.params,
            tuple(dict.fromkeys(assumed)),
            record.fits,
        )

    def _step(self, step: Stepped, sources: tuple[int | str | None, ...] = ()) -> Step:
        here = step.site.program is self.source.program
        return Step(
            step.path,
            self.source.span(step.site.at) if here else NOWHERE,
            self.source.text(step.site.at) if here else "",
            step.op,
            step.inputs,
            step.outputs,
            step.formula,
            step.params,
            step.depth,
            "" if here else self._elsewhere(step.site),
            sources,
            step.broken,
            step.summary,
        )


def _order(diagnostic: Diagnostic) -> tuple[Span, str]:
    return diagnostic.span, diagnostic.code.id


def _label(finding: Finding) -> str:
    """What is wrong at the place itself: "last axis of x is 196"."""
    return re.split(r", (?:but|which) ", finding.words)[0]


def _assumption(need: object) -> str:
    found, wanted = getattr(need, "found", None), getattr(need, "wanted", None)
    if found is None or wanted is None:
        return "sizes agree"
    size = str(found.size)
    return f"{found.name} is {wanted.size}" if size == "?" else f"{found.name} ({size}) is {wanted.size}"
