"""reviewdog's diagnostic format. Its columns count bytes of UTF-8, from 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.report.excerpts import source_line
from torchshape_lint.report.fingerprint import portable
from torchshape_lint.report.formats import Checked, Line, check_format
from torchshape_lint.report.text import line, sentence
from torchshape_lint.spans import Span


@check_format("rdjson")
def result(files: Iterable[Checked]) -> Iterator[Line]:
    found = [_diagnostic(checked, d) for checked in map(Checked.in_file, files) for d in checked.findings]
    answer = {"source": {"name": "torchshape-lint"}, "severity": "ERROR", "diagnostics": found}
    yield (json.dumps(answer, indent=2, ensure_ascii=False),)


def _diagnostic(checked: Checked, d: Diagnostic) -> dict[str, Any]:
    suggestions = [{"range": _range(checked, d.path, e.span), "text": e.text} for e in _suggested(d.fixes)]
    return {
        "message": sentence(d),
        "location": {"path": portable(d.path), "range": _range(checked, d.path, d.span)},
        "severity": "ERROR" if d.code.torch_raises else "WARNING",
        "code": {"value": d.code.id},
        **({"suggestions": suggestions} if suggestions else {}),
        "original_output": line(d),
        "related_locations": [
            {"message": p.label, "location": {"path": portable(p.path), "range": _range(checked, p.path, p.span)}}
            for p in d.related
        ],
    }


def _suggested(fixes: tuple[Fix, ...]) -> tuple[Edit, ...]:
    """reviewdog takes each suggestion for an answer of its own: the best fix, where it is a single edit."""
    return fixes[0].edits if fixes and len(fixes[0].edits) == 1 else ()


def _range(checked: Checked, path: str, span: Span) -> dict[str, Any]:
    def position(number: int, column: int) -> dict[str, int]:
        before = source_line(checked, number, path)[: column - 1]
        return {"line": number, "column": len(before.encode("utf-8", "surrogatepass")) + 1}

    return {"start": position(span.line, span.column), "end": position(span.end_line, span.end_column)}
