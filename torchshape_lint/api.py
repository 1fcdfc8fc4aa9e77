"""What other programs may rely on: ``check`` and ``explain``, as the command line does them.

    from torchshape_lint.api import check

    for finding in check("net.py", select="TSL1"):
        print(finding.span.line, finding.code, finding.headline, finding.expected, finding.actual, finding.hint)

Settings are those of ``[tool.torchshape-lint]``, with ``_`` for ``-``; the nearest pyproject.toml counts, and what is
given here is stronger. Nothing of the code is run unless ``confirm`` is set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from torchshape_lint import silences
from torchshape_lint.codes import Code
from torchshape_lint.config import SettingError, options_for, setting
from torchshape_lint.diagnostics import Diagnostic, Edit, Entry, Fix, Mended, Place, Step, Trace
from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frontend.notebook import NotebookError, is_notebook, notebook
from torchshape_lint.frontend.relocated import by_cell
from torchshape_lint.options import Options
from torchshape_lint.shapes import Shape
from torchshape_lint.silence import audible, outside_regions
from torchshape_lint.spans import Span

__all__ = [
    "Code", "Diagnostic", "Edit", "Entry", "Fix", "Mended", "NotebookError", "Place", "SettingError", "Shape", "Span",
    "Step", "Trace",
    "check", "explain", "fix",
]  # fmt: skip


def check(path: str | os.PathLike[str], text: str | None = None, **settings: object) -> list[Diagnostic]:
    """The findings in a file that no comment silences, in the order of their places.

    text: what to check instead of what the file holds; ``path`` then only says where it would be.
    Raises OSError when the file cannot be read and SettingError for a setting that makes no sense; never for the code.
    """
    name = os.fspath(path)
    options = settled(name, settings)
    return checked(name, _text(name) if text is None else text, options)


def settled(name: str, settings: Mapping[str, object]) -> Options:
    """The settings for one file: those of its pyproject.toml, and what is given. For `checked`."""
    return options_for(name, dict(setting(key, value) for key, value in settings.items()))


def is_of_interest(text: str, options: Options) -> bool:
    """Can anything be found in this text? Nearly for nothing, and mostly not."""
    return "torch" in text or (options.unused_suppressions and "TSL" in text)


def checked(name: str, text: str, options: Options) -> list[Diagnostic]:
    """`check` where the settings are known; no pyproject.toml is read."""
    if not is_of_interest(text, options):
        return []
    if silences.is_silent(name, text, options):
        return []
    book = notebook(text, name) if is_notebook(name) else None
    python = book.python if book else text

    def find() -> list[Diagnostic]:
        from torchshape_lint.check import check as found  # heavy, and most files do not need it

        return [d for d in found(python, name, options) if options.wants(d.code.id)]

    heard = audible(silences.kept(name, text, options, find), python, name)
    return [by_cell(d, name, python) for d in heard] if book else heard


def fix(path: str | os.PathLike[str], text: str | None = None, *, unsafe: bool = False, **settings: object) -> Mended:
    """The text of a file with its findings put right as far as that goes; the file itself is not written.

    After each fix the text is linted again, and only what brings nothing new is done. unsafe: also what changes saved
    weights or results. Raises as `check` does.
    """
    name = os.fspath(path)
    options = settled(name, settings)
    text = _text(name) if text is None else text
    if "torch" not in text:
        return Mended(text, (), ())
    from torchshape_lint.check import linter
    from torchshape_lint.fixes.edits import applied
    from torchshape_lint.fixes.offer import mended

    def heard(text: str, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        return [d for d in audible(outside_regions(found, text), text, name) if options.wants(d.code.id)]

    if not is_notebook(name):
        return mended(text, linter(name, options), heard, unsafe)
    book = notebook(text, name)
    done = mended(book.python, linter(name, options), heard, unsafe)
    made, python = [], book.python
    for way in done.made:
        made.append(by_cell(way, name, python))
        python = applied(python, way[1].edits)
    left = tuple(by_cell(d, name, done.text) for d in done.left)
    return Mended(book.changed(done.text), tuple(made), left)


def explain(
    path: str | os.PathLike[str],
    name: str | None = None,
    text: str | None = None,
    inputs: Sequence[str] = (),
    **settings: object,
) -> Trace:
    """Every story of a file with the shape after each step; ``name`` keeps those of one class or function.

    inputs: what comes in, as ``x=(2, 1, 28, 28)``. Raises as `check` does.
    """
    file = os.fspath(path)
    options = settled(file, settings)
    if inputs:
        setting("input", list(inputs))  # is each of the right form?
    from torchshape_lint.check import explain as trace

    text = _text(file) if text is None else text
    if not is_notebook(file):
        return trace(text, file, options, name=name, inputs=tuple(inputs))
    book = notebook(text, file)
    told = by_cell(trace(book.python, file, options, name=name, inputs=tuple(inputs)), file, book.python)
    notes = (f"cell {number} is left out: {why}" for number, why in book.left_out.items())
    return replace(told, notes=(*told.notes, *notes))


def _text(path: str) -> str:
    return decode(Path(path).read_bytes())
