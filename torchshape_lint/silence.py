"""``# noqa`` for the shells that flake8 does not stand behind: which line of text speaks for a finding."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

from torchshape_lint.diagnostics import Diagnostic

_FILE = re.compile(r"^[ \t]*# flake8[:=][ \t]*noqa[ \t]*$", re.I | re.M)


def audible(found: Iterable[Diagnostic], text: str, path: str) -> list[Diagnostic]:
    """The findings that no ``# noqa`` of this file silences."""
    found = list(found)
    if not found or "noqa" not in text.lower():
        return found
    if _FILE.search(text):
        return [d for d in found if d.path != path]
    from torchshape_lint.frontend.silence import silenced

    lines = _long_lines(text)
    return [d for d in found if d.path != path or not silenced(lines.get(d.span.line, ""), d.code.id)]


def _long_lines(text: str) -> dict[int, str]:
    """For each line what is searched for ``noqa``: a string over several lines is silenced from behind its end."""
    lines = dict(enumerate(io.StringIO(text), 1))
    joined = dict(lines)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            first, last = token.start[0], token.end[0]
            if last > first and token.type == tokenize.STRING:
                joined.update(dict.fromkeys(range(first, last + 1), "".join(lines[n] for n in range(first, last + 1))))
    except (tokenize.TokenError, SyntaxError):
        return lines
    return joined
