"""Workflow commands: what GitHub Actions shows on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchshape_lint.report.fingerprint import portable
from torchshape_lint.report.formats import Checked, Line, check_format
from torchshape_lint.report.text import sentence


@check_format("github")
def commands(files: Iterable[Checked]) -> Iterator[Line]:
    for checked in map(Checked.in_file, files):
        for d in checked.findings:
            kind = "error" if d.code.torch_raises else "warning"
            values: dict[str, object] = {"title": f"torchshape-lint ({d.code})", "file": portable(d.path)}
            values |= {"line": d.span.line, "endLine": d.span.end_line}
            if d.span.line == d.span.end_line:  # columns of several lines are refused
                values |= {"col": d.span.column, "endColumn": d.span.end_column}
            given = ",".join(f"{key}={_value(str(value))}" for key, value in values.items())
            yield (f"::{kind} {given}::{_text(f'{d.code} {sentence(d)}')}",)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
