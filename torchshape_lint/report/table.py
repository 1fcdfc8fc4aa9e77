"""``explain`` as plain text: a table for each story, its totals, then the findings in long form.

What is said once is not said again: a row that a loop repeats, a story that went just like an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchshape_lint.diagnostics import Entry, Step, Trace
from torchshape_lint.report.columns import padded, width
from torchshape_lint.report.formats import explain_format
from torchshape_lint.report.text import long_form
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import Span

HEADINGS = ("line", "path", "source", "op", "formula", "output", "params")
SIDES = "><<<<<>"
WIDEST = 56  # longer sources and formulas are cut; the JSON has them whole
SHORT = {"torch.nn.functional.": "F.", "torch.nn.": "nn.", "torch.Tensor.": "Tensor."}


@explain_format("table")
def explained(trace: Trace, text: str) -> str:
    return table(trace)


def table(trace: Trace) -> str:
    """Everything in ``trace``, for people."""
    blocks = ["\n".join(lines) for lines in _entries(trace.entries)]
    if trace.diagnostics:
        blocks.append("\n".join(text for d in trace.diagnostics for text in long_form(d)))
    if trace.notes:
        blocks.append("\n".join(f"note: {note}" for note in trace.notes))
    return "\n\n".join(blocks) or f"{trace.path}: nothing to explain: no torch code is reached"


def _entries(entries: Iterable[Entry]) -> Iterator[list[str]]:
    shown: dict[tuple[str, ...], str] = {}
    for entry in entries:
        title, body = _title(entry), tuple(_body(entry))
        if body in shown:
            yield [title, f"  the same as {shown[body]}"]
        elif body or entry.name != "<module>":
            shown[body] = title
            yield [title, *body]


def _title(entry: Entry) -> str:
    place = Span(entry.line, 1, entry.line, 1, entry.cell).words
    title = entry.name if place in entry.why else f"{entry.name} ({place})"
    return f"{title}: {entry.why}" if entry.why else title


def _body(entry: Entry) -> Iterator[str]:
    for name, shape in entry.inputs:
        yield f"  {name}: {_shape(shape)}"
    if entry.steps:
        steps = list(dict.fromkeys(entry.steps)) if entry.name == "<module>" else entry.steps
        yield from (f"  {row}" for row in _aligned([HEADINGS, *map(_row, steps)]))
    if entry.output:
        yield f"  output: {_shapes(entry.output)}"
    if entry.params is not None:
        yield f"  parameters: {entry.params:,}"
    for text in entry.assumed:
        yield f"  assumed: {text}"
    if entry.fits:
        yield f"  {entry.fits}"


def _row(step: Step) -> tuple[str, ...]:
    source, params = " ".join(step.source.split()), "" if not step.params else f"{step.params:,}"
    formula, output = _cut(step.formula), _shapes(step.outputs)
    line = f"{step.span.cell}:{step.span.line}" if step.span.cell else str(step.span.line)
    return line, step.path, _cut(source), short(step.op), formula, output, params


def short(op: str) -> str:
    """``torch.nn.functional.relu`` as people write it: ``F.relu``."""
    prefix = next((prefix for prefix in SHORT if op.startswith(prefix)), "")
    return SHORT.get(prefix, "") + op.removeprefix(prefix)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns two blanks apart, numbers to the right; a column with nothing but its heading is left out."""
    columns = [k for k in range(len(HEADINGS)) if any(row[k] for row in rows[1:])]
    widths = {k: max(width(row[k]) for row in rows) for k in columns}
    for row in rows:
        yield "  ".join(padded(row[k], widths[k], SIDES[k]) for k in columns).rstrip()


def _shapes(shapes: Iterable[Shape | None]) -> str:
    return " ".join(_shape(shape) for shape in shapes)


def _shape(shape: Shape | None) -> str:
    return "?" if shape is None else str(shape)
