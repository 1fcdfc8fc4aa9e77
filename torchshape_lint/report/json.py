"""Traces and findings as JSON, version 1 of the contract in ``docs/explain-json.md``.

A size is an int, a string when symbolic, null when unknown; a shape of unknown rank is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from torchshape_lint.diagnostics import Diagnostic, Entry, Fix, Place, Step, Trace
from torchshape_lint.dims import Size, symbols
from torchshape_lint.report.formats import Checked, Line, check_format, explain_format
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import Span

VERSION = 1


@explain_format("json")
def explained(trace: Trace, text: str) -> str:
    return trace_json(trace)


@check_format("json")
def checked(files: Iterable[Checked]) -> Iterator[Line]:
    yield (diagnostics_json(d for file in files for d in file.findings),)


def trace_json(trace: Trace) -> str:
    """The answer of ``explain``."""
    return _dumps(
        {
            "version": VERSION,
            "file": trace.path,
            "entries": [_entry(entry) for entry in trace.entries],
            "diagnostics": [_diagnostic(d) for d in trace.diagnostics],
        }
    )


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The answer of ``check``: the findings alone."""
    return _dumps({"version": VERSION, "diagnostics": [_diagnostic(d) for d in diagnostics]})


def _dumps(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _entry(entry: Entry) -> dict[str, Any]:
    inputs: dict[str, list[list[int | str | None] | None]] = {}
    for name, shape in entry.inputs:
        inputs.setdefault(name, []).append(_shape(shape))
    return {
        "name": entry.name,
        **_cell(entry.cell),
        "line": entry.line,
        "why": entry.why,
        "inputs": inputs,
        "steps": [_step(step) for step in entry.steps],
        "output": _shapes(entry.output),
        "params": entry.params,
        "assumed": [*entry.assumed, *([entry.fits] if entry.fits else [])],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "path": step.path,
        **_span(step.span),
        "source": step.source,
        "op": step.op,
        "in": _shapes(step.inputs),
        "out": _shapes(step.outputs),
        "formula": step.formula,
        "params": step.params,
        "depth": step.depth,
        "from": list(step.sources),
        "broken": step.broken,
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    notes = [diagnostic.story] if diagnostic.story and diagnostic.story not in diagnostic.message else []
    return {
        "code": diagnostic.code.id,
        "path": diagnostic.path,
        **_span(diagnostic.span),
        "message": diagnostic.message,
        "expected": _value(diagnostic.expected),
        "actual": _value(diagnostic.actual),
        "notes": [*diagnostic.notes, *notes],
        "fix": diagnostic.fix,
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
        "verdict": diagnostic.verdict,
        "hint": diagnostic.hint,
        "related": [_place(place) for place in diagnostic.related],
        "derivation": [_step(step) for step in diagnostic.derivation],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_span(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "note": fix.note, "edits": edits}


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, **_span(place.span), "label": place.label}


def _span(span: Span) -> dict[str, int]:
    ends = {"end_line": span.end_line, "end_column": span.end_column}
    return {**_cell(span.cell), "line": span.line, "column": span.column, **ends}


def _cell(number: int) -> dict[str, int]:
    """Of a notebook only."""
    return {"cell": number} if number else {}


def _shapes(shapes: Iterable[Shape | None]) -> list[list[int | str | None] | None]:
    return [_shape(shape) for shape in shapes]


def _shape(shape: Shape | None) -> list[int | str | None] | None:
    return None if shape is None or shape.is_open else [_size(size) for size in shape.sizes]


def _size(size: Size) -> int | str | None:
    if isinstance(size, int):
        return size
    return None if any(symbol.name.startswith("?") for symbol in symbols(size)) else str(size)


def _value(value: Size | str | None) -> int | str | None:
    return value if value is None or isinstance(value, str) else _size(value)
