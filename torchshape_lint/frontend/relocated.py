"""What was found in the Python text of a notebook, with its places told by cell, or as they are in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeAlias, TypeVar, cast

from torchshape_lint.diagnostics import Asked, Diagnostic, Edit, Entry, Fix, Place, Step, Trace
from torchshape_lint.frontend.cells import cells
from torchshape_lint.frontend.notebook import Notebook
from torchshape_lint.spans import NOWHERE, Span

T = TypeVar("T")
Where: TypeAlias = Callable[[Span], Span]
_PARTS = (Asked, Diagnostic, Edit, Entry, Fix, Place, Step, Trace)


def by_cell(found: T, path: str, python: str) -> T:
    """Lines are those of a cell."""
    return cast(T, _moved(found, path, cells(python).span))


def in_python(found: T, book: Notebook) -> T:
    """Back again: lines are those of the one Python text."""
    first = dict(zip(cells(book.python).numbers, cells(book.python).lines))

    def where(span: Span) -> Span:
        line = first.get(span.cell, 0)
        return Span(span.line + line, span.column, span.end_line + line, span.end_column)

    return cast(T, _moved(found, book.path, where))


def in_file(found: Diagnostic, book: Notebook) -> Diagnostic:
    """Lines are those of the JSON, which is what platforms show; the words say the cell, the edits are JSON too."""
    words = f"{found.message} ({found.span.words})" if found.span.cell else found.message
    moved = cast(Diagnostic, _moved(found, book.path, book.raw))
    fixes = tuple(
        replace(fix, edits=tuple(replace(e, text=book.raw_text(e.text)) for e in fix.edits)) for fix in moved.fixes
    )
    return replace(moved, message=words, fixes=fixes)


def _moved(value: Any, path: str, where: Where) -> Any:
    """With every span of the file ``path`` where ``where`` says."""
    if isinstance(value, Span):
        return value if value == NOWHERE else where(value)
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_moved(item, path, where) for item in value)
    if not isinstance(value, _PARTS) or isinstance(value, (Place, Diagnostic)) and value.path != path:
        return value
    parts = {f.name: _moved(getattr(value, f.name), path, where) for f in fields(value)}
    if isinstance(value, Entry):
        span = where(Span(value.line, 1, value.line, 2, value.cell))
        parts |= {"line": span.line, "cell": span.cell}
    return replace(value, **parts)
