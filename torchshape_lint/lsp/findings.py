"""Findings as the client underlines them."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp
from pygls.uris import from_fs_path

from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.lsp.places import Text
from torchshape_lint.report.text import sentence
from torchshape_lint.spans import NOWHERE

SOURCE = "torchshape-lint"


def diagnostic(found: Diagnostic, text: Text) -> lsp.Diagnostic:
    """One finding, with the places and the arithmetic that explain it."""
    wrong = found.code.torch_raises and not found.conditional
    return lsp.Diagnostic(
        range=text.range(found.span),
        message="\n".join((sentence(found), *_more(found))),
        severity=lsp.DiagnosticSeverity.Error if wrong else lsp.DiagnosticSeverity.Warning,
        code=found.code.id,
        source=SOURCE,
        related_information=list(_related(found, text)) or None,
    )


def _more(found: Diagnostic) -> Iterator[str]:
    for note in found.notes:
        if " is chosen at " not in note:  # a related place says so
            yield " ".join(note.split())
    if found.fix and found.fix.partition("=")[2] not in found.message:
        yield f"{found.fix} would fit"


def _related(found: Diagnostic, text: Text) -> Iterator[lsp.DiagnosticRelatedInformation]:
    for place in found.related:
        here = place.path == found.path
        if here and place.span != NOWHERE:
            yield lsp.DiagnosticRelatedInformation(text.location(place.span), place.label)
        elif not here and (other := from_fs_path(place.path)):
            line = lsp.Position(place.span.line - 1, 0)  # of a text that is not at hand: its columns cannot be counted
            yield lsp.DiagnosticRelatedInformation(lsp.Location(other, lsp.Range(line, line)), place.label)
