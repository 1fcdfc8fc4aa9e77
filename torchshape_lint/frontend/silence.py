"""What an author silences: ``# noqa`` as flake8 reads it, and ``# tsl: off`` ... ``# tsl: on`` around some lines."""

from __future__ import annotations

import re

from torchshape_lint.frontend.lines import NEWLINE

# flake8's own expression, copied: a shell that checks on every key stroke should not import flake8
_NOQA = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.I)
_REGION = re.compile(r"[ \t\f]*#\s*tsl:\s*(?P<what>on|off)\b", re.I)


def silenced(line: str, code: str) -> bool:
    """Does the comment on this line silence the code? A listed code silences all codes that begin with it."""
    match = _NOQA.search(line)
    if match is None:
        return False
    codes = match["codes"]
    return codes is None or code.startswith(tuple(filter(None, re.split(r"[,\s]+", codes))))


def regions(text: str) -> list[tuple[int, int]]:
    """Lines (from 1, both inclusive) from a comment line ``# tsl: off`` to the next ``# tsl: on`` or the end."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    lines = NEWLINE.split(text)
    for number, line in enumerate(lines, 1):
        match = _REGION.match(line)
        if match is None:
            continue
        off = match["what"].lower() == "off"
        if off and start is None:
            start = number
        elif not off and start is not None:
            found.append((start, number))
            start = None
    return found if start is None else [*found, (start, len(lines))]
