"""What an author silences: ``# noqa`` by line (where flake8 does not do it), ``# tsl: off`` by region.

Knows too which of these silence nothing.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.spans import Span

_FILE = re.compile(r"^[ \t]*# flake8[:=][ \t]*noqa[ \t]*$", re.I | re.M)
_CODE = re.compile(r"\bTSL\d{0,3}\b")
_OFF = "tsl:"


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


def outside_regions(found: Iterable[Diagnostic], text: str) -> list[Diagnostic]:
    """The findings that stand outside ``# tsl: off`` ... ``# tsl: on``."""
    found = list(found)
    if not found or _OFF not in text.lower():
        return found
    return [d for d in found if not any(first <= d.span.line <= last for first, last in _regions(text))]


def unused(
    found: Iterable[Diagnostic], text: str, path: str, wants: Callable[[str], bool] = lambda code: True
) -> list[Diagnostic]:
    """What this file silences in vain, given all that was found; a code that nobody wants to hear of is left alone."""
    found = list(found)
    if "TSL" not in text and _OFF not in text.lower():
        return []
    said = [
        *((span, f"no finding begins with {code} here") for code, span in _idle_codes(found, text, wants)),
        *((span, "nothing is found between here and the next # tsl: on") for span in _idle_regions(found, text)),
    ]
    return [
        Diagnostic(codes.UNUSED, path, span, f"unused suppression: {why}", headline=why, label="silences nothing")
        for span, why in sorted(said)
    ]


def _idle_codes(found: Iterable[Diagnostic], text: str, wants: Callable[[str], bool]) -> Iterator[tuple[str, Span]]:
    from torchshape_lint.frontend.silence import silenced

    for comment, lines in _comments(text):
        row, column = comment.start
        for match in _CODE.finditer(comment.string):
            code = match[0]
            known = [c for c in codes.CODES if c.startswith(code) and c != codes.UNUSED.id]
            if not silenced(comment.string, code) or code == codes.UNUSED.id or (known and not any(map(wants, known))):
                continue
            if not any(d.code.id.startswith(code) and d.span.line in lines for d in found):
                yield code, Span(row, column + match.start() + 1, row, column + match.end() + 1)


def _idle_regions(found: Iterable[Diagnostic], text: str) -> Iterator[Span]:
    lines = text.splitlines()
    for first, last in _regions(text):
        if not any(first <= d.span.line <= last for d in found):
            line = lines[first - 1] if first <= len(lines) else ""
            yield Span(first, len(line) - len(line.lstrip()) + 1, first, len(line.rstrip()) + 1)


def _regions(text: str) -> list[tuple[int, int]]:
    if _OFF not in text.lower():
        return []
    from torchshape_lint.frontend.silence import regions

    return regions(text)


def _comments(text: str) -> Iterator[tuple[tokenize.TokenInfo, range]]:
    """Each comment, and the lines that it speaks for."""
    string = range(0)
    for token in _tokens(text):
        first, last = token.start[0], token.end[0]
        if token.type == tokenize.STRING and last > first:
            string = range(first, last + 1)
        elif token.type == tokenize.COMMENT:
            yield token, string if first in string else range(first, first + 1)


def _long_lines(text: str) -> dict[int, str]:
    """For each line what is searched for ``noqa``: a string over several lines is silenced from behind its end."""
    lines = dict(enumerate(io.StringIO(text), 1))
    joined = dict(lines)
    for token in _tokens(text):
        first, last = token.start[0], token.end[0]
        if last > first and token.type == tokenize.STRING:
            joined.update(dict.fromkeys(range(first, last + 1), "".join(lines[n] for n in range(first, last + 1))))
    return joined


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    """None at all where the text is no Python."""
    try:
        return list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
