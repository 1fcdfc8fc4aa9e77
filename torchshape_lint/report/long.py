"""Findings as a good compiler tells them: excerpts, what chose the number, the arithmetic, what would fit, the fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from torchshape_lint.diagnostics import Diagnostic, Place, Step
from torchshape_lint.report.changes import changes
from torchshape_lint.report.columns import padded, width
from torchshape_lint.report.excerpts import source_line
from torchshape_lint.report.fingerprint import portable
from torchshape_lint.report.formats import Checked, Line, Part, check_format
from torchshape_lint.report.table import short
from torchshape_lint.spans import NOWHERE, Span

MOST = 12  # operators of a derivation; the first of a longer one are left out
BAR, WRONG, OTHER, GOOD = "bold blue", "bold red", "bold blue", "green"


@check_format("long")
def lines(files: Iterable[Checked]) -> Iterator[Line]:
    """All that is known of each finding."""
    for checked in files:
        for diagnostic in checked.findings:
            yield from _finding(checked, diagnostic)
            yield ()


def _finding(checked: Checked, d: Diagnostic) -> Iterator[Line]:
    kind = "error" if d.code.torch_raises else "warning"
    verdict = f" [{d.verdict}]" if d.verdict else ""
    yield (f"{kind}[{d.code}]", WRONG), (f": {_one_line(d.headline or d.message)}{verdict}", "bold")
    places = [Place(d.path, d.span, d.label), *d.related]
    edge = " " * max(len(str(place.span.end_line)) for place in places)
    for k, place in enumerate(places):
        arrow = "-->" if k == 0 else ":::"
        name = place.path if place.path == checked.path else portable(place.path)
        yield (f"{edge}{arrow} ", BAR), f"{name}:{place.span}"
        yield from _excerpt(checked, place, edge, first=k == 0)
    for title, rows in _remarks(checked, d):
        head, *rest = rows
        yield (f"{edge} = ", BAR), (f"{title}:", "bold"), f" {head}".rstrip()
        yield from ((f"{edge}     ", row) for row in rest)


def _excerpt(checked: Checked, place: Place, edge: str, first: bool) -> Iterator[Line]:
    """The lines of a place, their numbers on the left, what is meant underlined."""
    span, style, sign = place.span, WRONG if first else OTHER, "^" if first else "-"
    rows = _rows(checked, place)
    if not rows:
        return
    yield ((f"{edge} |", BAR),)
    for number, text, mark in rows:
        yield (f"{number:>{len(edge)}} | ", BAR), text
        label = f" {_one_line(place.label)}".rstrip() if number == span.end_line else ""
        yield (f"{edge} | ", BAR), (f"{mark.replace('^', sign)}{label}", style)
    yield ((f"{edge} |", BAR),)


def _rows(checked: Checked, place: Place) -> list[tuple[int, str, str]]:
    """(number, text, underline) of the first and the last line of a place, or of all when they are few."""
    span = place.span
    numbers = range(span.line, span.end_line + 1)
    if len(numbers) > 4:
        numbers = [span.line, span.line + 1, span.end_line]  # type: ignore[assignment]
    rows = []
    for number in numbers:
        text = source_line(checked, number, place.path, span.cell)
        if text.strip() or number in (span.line, span.end_line) and text:
            rows.append((number, text.expandtabs(4), _underline(text, span, number)))
    return rows


def _underline(text: str, span: Span, number: int) -> str:
    start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(text.rstrip())
    marked = max(width(text[start:end].expandtabs(4)), 1)
    return " " * width(text[:start].expandtabs(4)) + "^" * marked


def _remarks(checked: Checked, d: Diagnostic) -> Iterator[tuple[str, Sequence[Part]]]:
    """What is said below the excerpts: a title and its lines."""
    if d.story and not any(place.label.startswith("called with") for place in d.related):
        yield "story", [_one_line(d.story)]
    if d.derivation:
        yield "derivation", ["", *_derivation(d.derivation)]
    if d.expected is not None and d.actual is not None and not d.advice:
        number = f"{d.asked.wanted} = " if d.asked.wanted else ""
        yield "expected", [f"{number}{d.expected}, found {d.actual}"]
    if d.fits:
        yield "input", [d.fits]
    yield from _ways(checked, d)
    for note in d.notes:
        if " is chosen at " not in note:  # its excerpt stands above
            yield "note", [_one_line(note)]
    yield "help", [f"torchshape-lint rule {d.code}"]


def _ways(checked: Checked, d: Diagnostic) -> Iterator[tuple[str, Sequence[Part]]]:
    """The fixes, the first with its lines; where there is none that holds, what would be right in words."""
    if d.advice or d.fix and not d.fixes:
        yield "hint", [d.advice or f"{d.fix} would fit"]
    if not d.fixes:
        return
    first, *others = d.fixes
    lines = list(changes(checked, first.edits))
    edge = max((len(str(change.line)) for change in lines), default=0)
    rows: list[Part] = []
    for change in lines:
        sign, style = ("+", GOOD) if change.comes else ("-", WRONG)
        rows.append((f"{change.line:>{edge}} {sign} {change.text.expandtabs(4)}".rstrip(), style))
    yield "fix", [str(first), *rows]
    yield from (("or", [str(other)]) for other in others)


def _derivation(steps: Sequence[Step]) -> Iterator[str]:
    """One row an operator: where, which, its arithmetic, its result. What leaves the shape as it is is left out."""
    told = [s for s in steps if s.formula or s.inputs != s.outputs]
    if len(told) > MOST:
        yield f"({len(told) - MOST} earlier operators are left out)"
        told = told[-MOST:]
    rows = [(_place(s), s.path, short(s.op), s.formula, " ".join(map(_shape, s.outputs))) for s in told]
    widths = [max(width(row[k]) for row in rows) for k in range(4)] if rows else []
    for row in rows:
        yield "  ".join((*(padded(cell, w) for cell, w in zip(row, widths, strict=False) if w), row[4])).rstrip()


def _place(step: Step) -> str:
    return step.span.words if step.span != NOWHERE else step.elsewhere or "?"


def _shape(shape: object) -> str:
    return "?" if shape is None else str(shape)


def _one_line(text: str) -> str:
    return " ".join(text.split())
