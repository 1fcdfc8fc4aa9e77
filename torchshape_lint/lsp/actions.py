"""What can be done about a finding: the fixes that there are, and a comment that silences it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types as lsp

from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.lsp.findings import diagnostic
from torchshape_lint.lsp.places import Text
from torchshape_lint.spans import Span

_NOQA = re.compile(r"#\s*noqa\b(?P<codes>\s*:\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?", re.I)


def touched(found: Sequence[Diagnostic], text: Text, within: lsp.Range) -> list[Diagnostic]:
    """The findings that touch a range."""
    return [d for d in found if text.holds(d.span.line) and _touches(text.range(d.span), within)]


def actions(found: Sequence[Diagnostic], text: Text) -> list[lsp.CodeAction]:
    """For findings with their fixes: the fixes, then the comments."""
    return [
        *(action for d in found for action in _fixes(d, text)),
        *(action for d in found for action in _silencing(d, text)),
    ]


def _touches(one: lsp.Range, other: lsp.Range) -> bool:
    def key(position: lsp.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)


def _fixes(found: Diagnostic, text: Text) -> Iterator[lsp.CodeAction]:
    """The first safe one is what "fix it" means; one that is not safe says why."""
    preferred = next((fix for fix in found.fixes if fix.safe), None)
    for fix in found.fixes:
        yield _action(_title(fix), fix.edits, found, text, preferred=fix is preferred)


def _title(fix: Fix) -> str:
    return str(fix) if fix.safe or fix.note else f"{fix} (unsafe)"


def _silencing(found: Diagnostic, text: Text) -> Iterator[lsp.CodeAction]:
    """``# noqa: TSL101`` behind the line; where the finding ends in a string of several lines there is no place."""
    code = found.code.id
    line = text.line(found.span.line)
    if not line.strip() or line.rstrip().endswith("\\"):
        return
    noqa = _NOQA.search(line)
    if noqa is not None and not noqa["codes"]:
        return
    column = noqa.end() + 1 if noqa else len(line.rstrip()) + 1
    comment = f",{code}" if noqa else f"  # noqa: {code}"
    edit = Edit(Span(found.span.line, column, found.span.line, column), comment)
    yield _action(f"Silence {code} on this line", [edit], found, text)


def _action(
    title: str, edits: Iterable[Edit], found: Diagnostic, text: Text, *, preferred: bool = False
) -> lsp.CodeAction:
    changes: dict[str, list[lsp.TextEdit]] = {}
    for edit in edits:
        changes.setdefault(text.uri(edit.span.line), []).append(lsp.TextEdit(text.range(edit.span), edit.text))
    return lsp.CodeAction(
        title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(found, text)],
        is_preferred=preferred or None,
        edit=lsp.WorkspaceEdit(changes=changes),
    )
