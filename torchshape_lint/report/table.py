"""``explain`` as plain text: a table for each story, its totals, then the findings in long form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchshape_lint.diagnostics import Entry, Step, Trace
from torchshape_lint.report.text import long_form
from torchshape_lint.shapes import Shape

HEADINGS = ("line", "source", "op", "formula", "output", "params")
SIDES = "><<<<>"
WIDEST = 56  # longer sources and formulas are cut; the JSON has them whole


def table(trace: Trace) -> str:
    """Everything in ``trace``, for people."""
    blocks = ["\n".join(_entry(entry, trace.path)) for entry in trace.entries]
    if trace.diagnostics:
        blocks.append("\n".join(text for d in trace.diagnostics for text in long_form(d)))
    if trace.notes:
        blocks.append("\n".join(f"note: {note}" for note in trace.notes))
    return "\n\n".join(blocks) or f"{trace.path}: nothing to explain: no torch code is reached"


def _entry(entry: Entry, path: str) -> Iterator[str]:
    yield f"{entry.name} (line {entry.line}): {entry.why}" if entry.why else f"{entry.name} (line {entry.line})"
    for name, shape in entry.inputs:
        yield f"  {name}: {_shape(shape)}"
    if entry.steps:
        yield from (f"  {row}" for row in _aligned([HEADINGS, *(_row(step, path) for step in entry.steps)]))
    yield f"  output: {_shapes(entry.output)}"
    if entry.params is not None:
        yield f"  parameters: {entry.params:,}"
    for text in entry.assumed:
        yield f"  assumed: {text}"
    if entry.fits:
        yield f"  {entry.fits}"


def _row(step: Step, path: str) -> tuple[str, ...]:
    place = str(step.span.line) if step.path in ("", path) else f"{step.path}:{step.span.line}"
    source = "  " * step.depth + " ".join(step.source.split())
    params = "" if not step.params else f"{step.params:,}"
    return place, _cut(source), step.op, _cut(step.formula), _shapes(step.outputs), params


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns two blanks apart, numbers to the right; a column with nothing but its heading is left out."""
    columns = [k for k in range(len(HEADINGS)) if any(row[k] for row in rows[1:])]
    widths = {k: max(len(row[k]) for row in rows) for k in columns}
    for row in rows:
        yield "  ".join(f"{row[k]:{SIDES[k]}{widths[k]}}" for k in columns).rstrip()


def _shapes(shapes: Iterable[Shape | None]) -> str:
    return " ".join(_shape(shape) for shape in shapes)


def _shape(shape: Shape | None) -> str:
    return "?" if shape is None else str(shape)
