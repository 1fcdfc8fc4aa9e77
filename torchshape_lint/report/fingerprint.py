"""What makes a finding the same finding tomorrow: its file, its code and its line of source, not the line's number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.report.excerpts import source_line
from torchshape_lint.report.formats import Checked


def portable(path: str) -> str:
    """The path with forward slashes, below the current folder where it is."""
    file = PurePath(path)
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return file.as_posix()


def source(checked: Checked, diagnostic: Diagnostic) -> str:
    """The line of the finding without the blanks around it."""
    return " ".join(source_line(checked, diagnostic.span.line, cell=diagnostic.span.cell).split())


def fingerprints(files: Iterable[Checked]) -> Iterator[tuple[Checked, Diagnostic, str]]:
    """Every finding with its fingerprint; those of equal lines are counted."""
    seen: Counter[tuple[str, ...]] = Counter()
    for checked in files:
        for diagnostic in checked.findings:
            key = (portable(diagnostic.path), diagnostic.code.id, source(checked, diagnostic))
            seen[key] += 1
            text = "\0".join((*key, str(seen[key])))
            yield checked, diagnostic, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
