"""SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from torchshape_lint.codes import CODES, Code
from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.report.fingerprint import fingerprints, portable
from torchshape_lint.report.formats import Checked, Line, check_format
from torchshape_lint.report.pages import alone, gist, page
from torchshape_lint.report.text import sentence
from torchshape_lint.spans import Span

try:
    _PROGRAM = {"name": "torchshape-lint", "version": metadata.version("torchshape-lint")}
except metadata.PackageNotFoundError:  # run from a clone
    _PROGRAM = {"name": "torchshape-lint"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@check_format("sarif")
def log(files: Iterable[Checked]) -> Iterator[Line]:
    files = list(map(Checked.in_file, files))
    codes = list(CODES.values())
    found = {d.code for file in files for d in file.findings}
    problems = [file for file in files if file.problem]
    run: dict[str, Any] = {
        "tool": {"driver": {**_PROGRAM, "rules": [_rule(code, whole=code in found) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not problems,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": file.problem}, "locations": [_place(file.path)]}
                    for file in problems
                ],
            }
        ],
        "results": [_result(d, codes, mark) for _, d, mark in fingerprints(files)],
    }
    yield (json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False),)


def _rule(code: Code, whole: bool) -> dict[str, Any]:
    """``whole``: with its page, for code scanning to show beside an alert."""
    text = page(code.id) or ""
    return {
        "id": code.id,
        "name": code.name.title().replace("-", ""),
        "shortDescription": {"text": code.summary},
        "fullDescription": {"text": gist(text) or code.summary},
        "help": {"text": f"torchshape-lint rule {code.id}", **({"markdown": alone(text)} if whole and text else {})},
        "defaultConfiguration": {"level": _level(code)},
        "properties": {
            "tags": ["correctness", "pytorch"],
            "precision": "very-high" if code.torch_raises else "medium",
            "problem.severity": _level(code),
        },
    }


def _level(code: Code) -> str:
    return "error" if code.torch_raises else "warning"


def _result(d: Diagnostic, codes: list[Code], fingerprint: str) -> dict[str, Any]:
    related = [_place(p.path, p.span, p.label) | {"id": k} for k, p in enumerate(d.related, 1)]
    return {
        "ruleId": d.code.id,
        "ruleIndex": codes.index(d.code),
        "level": _level(d.code),
        "message": {"text": sentence(d)},
        "locations": [_place(d.path, d.span)],
        "partialFingerprints": {"sourceLine/v1": fingerprint},
        **({"relatedLocations": related} if related else {}),
        **({"fixes": [_fix(d.path, fix) for fix in d.fixes]} if d.fixes else {}),
    }


def _fix(path: str, fix: Fix) -> dict[str, Any]:
    edits = [{"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits]
    change = {"artifactLocation": {"uri": _uri(path)}, "replacements": edits}
    return {"description": {"text": str(fix)}, "artifactChanges": [change]}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _place(path: str, span: Span | None = None, label: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if span is not None:
        physical["region"] = _region(span)
    return {"physicalLocation": physical, **({"message": {"text": label}} if label else {})}


def _uri(path: str) -> str:
    """Relative to the current folder where it can be: that is where CI runs."""
    name = portable(path)
    return Path(name).as_uri() if PurePath(name).is_absolute() else quote(name)
