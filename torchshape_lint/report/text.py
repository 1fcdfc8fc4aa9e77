"""One finding on one line, as flake8 prints it, and in long form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.report.formats import Checked, Line, check_format


@check_format("text")
def lines(files: Iterable[Checked]) -> Iterator[Line]:
    """As flake8 prints them."""
    for checked in files:
        for d in checked.findings:
            yield (d.path, "bold"), (f":{d.span}: ", "cyan"), (d.code.id, "bold red"), f" {sentence(d)}"


def line(diagnostic: Diagnostic) -> str:
    """``net.py:19:16: TSL101 fc: ...``"""
    return f"{diagnostic.path}:{diagnostic.span}: {diagnostic.code} {sentence(diagnostic)}"


def sentence(diagnostic: Diagnostic) -> str:
    """The message with its story and what torch said, on one line."""
    text = diagnostic.message
    if diagnostic.story and diagnostic.story not in text:
        text += f" ({diagnostic.story})"
    if diagnostic.verdict:
        text += f" [{diagnostic.verdict}]"
    return " ".join(text.split())


def long_form(diagnostic: Diagnostic) -> Iterator[str]:
    """The line, then all that is known beside it."""
    yield line(diagnostic)
    if diagnostic.expected is not None and diagnostic.actual is not None:
        yield f"    expected {diagnostic.expected}, found {diagnostic.actual}"
    for note in diagnostic.notes:
        yield f"    {note}"
    if diagnostic.fix:
        yield f"    fix: {diagnostic.fix}"
    if diagnostic.conditional:
        yield "    only on a branch that may not be taken"
    if diagnostic.verdict == "refuted":
        yield "    torch ran past this line without an error: dropped"
