"""Lines of source: of the file that was checked, and of others that a finding is about."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frontend.notebook import notebook
from torchshape_lint.report.formats import Checked

_NEWLINE = re.compile(r"\r\n?|\n")  # not str.splitlines, which also breaks at form feeds


def source_line(checked: Checked, line: int, path: str = "", cell: int = 0) -> str:
    """A line, from 1; empty where there is none."""
    if cell:
        return notebook(checked.text, checked.path).line(cell, line)
    lines = _cut(checked.text) if path in ("", checked.path) else _lines(path)
    return lines[line - 1] if 0 < line <= len(lines) else ""


@cache
def _lines(path: str) -> list[str]:
    try:
        return _cut(decode(Path(path).read_bytes()))
    except OSError:
        return []


@cache
def _cut(text: str) -> list[str]:
    return _NEWLINE.split(text)
