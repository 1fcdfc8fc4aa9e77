"""Logical lines of a text, and those nested too deep to follow: libcst's parser overflows its stack on them.

Reads strings, comments and brackets only, so it is quick and has no opinion about syntax. A line that begins with
the keyword of a statement ends whatever bracket is still open, so that half-typed code does not swallow the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from torchshape_lint.frozen import dataclass

BRACKETS = 100  # CPython itself stops at 200
LINKS = 300  # operators in one chain
FRAMES = 20_000  # what a walk over a tree within these bounds may need, and much more
ELIFS = 1000  # in a whole file
CLAUSES = 100  # of one if: each elif is one level deeper

_STRING = r"""
    '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'''|\Z)
  | \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"\"\"|\Z)
  | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'?
  | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"?
"""
_LINE = re.compile(rf"(?P<string>{_STRING})|\#[^\r\n]*|\\(?:\r\n|.)|(?P<end>\r\n?|\n)|[(\[{{]|[)\]}}]", re.X | re.S)
_LINK = re.compile(
    rf"(?P<string>(?:\b[A-Za-z]{{1,2}})?(?:{_STRING}))|\#[^\r\n]*|(?P<open>[(\[{{])|(?P<close>[)\]}}])|[,;]"
    r"|(?P<link>[-+*/%@&|^~.<>:=]|\b(?:and|or|not|if|else|lambda|await|in|is|for)\b)",
    re.X | re.S,
)
_MARKS = b"-+*/%@&|^~.<>:=()[]{}\"'"
_STATEMENT = re.compile(
    r"[ \t\f]*(?:def|class|import|return|raise|while|with|try|assert|del|pass|break|continue|global|nonlocal|elif"
    r"|except|finally)\b(?!\s*=)"
)


@contextmanager
def room() -> Iterator[None]:
    """Lets Python recurse as deep as the bounds allow."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical line: offsets of its text, its lines (from 1, both inclusive), the deepest bracket in it."""

    start: int
    end: int
    first: int
    last: int
    depth: int


def logical_lines(text: str, start: int = 0) -> Iterator[Logical]:
    """From the offset ``start`` on, where a line begins; lines are counted from there."""
    depth = deepest = 0
    first = line = 1
    for match in _LINE.finditer(text, start):
        token = match.group()
        if match.lastgroup == "end":
            line += 1
            if depth == 0 or _STATEMENT.match(text, match.end()):
                yield Logical(start, match.start(), first, line - 1, deepest)
                start, first, depth, deepest = match.end(), line, 0, 0
        elif token in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in ")]}":
            depth = max(0, depth - 1)
        elif match.lastgroup == "string" or token[0] == "\\":
            line += len(re.findall(r"\r\n?|\n", token))
    yield Logical(start, len(text), first, line, deepest)


def too_deep(text: str) -> list[Logical]:
    """The logical lines that are left out: libcst's parser must not see them, and nobody could follow them."""
    if len(text) <= 2 * BRACKETS or _plain(text):
        return []
    return [
        line
        for line in logical_lines(text)
        if line.depth > BRACKETS or line.end - line.start > LINKS and _links(text[line.start : line.end]) > LINKS
    ]


def _plain(text: str) -> bool:
    """Too few brackets, operators and words to be too deep, however they are ordered."""
    if text.count("(") + text.count("[") + text.count("{") > BRACKETS:
        return False
    octets = text.encode()
    return len(octets) - len(octets.translate(None, _MARKS)) + len(text.split()) <= LINKS


def _links(text: str, field: bool = False) -> float:
    """The longest chain of operators, calls and strings side by side, brackets around it included.

    field: the text is that of an f-string, where only what stands in braces counts.
    """
    longest = outer = 0.0  # outer: the sum of all levels but the last
    levels = [0.0]
    for match in _LINK.finditer(text):
        kind = match.lastgroup
        nested = 0.0
        if kind == "open":
            outer += levels[-1] + 1
            levels.append(0.0)
        elif kind == "close" and len(levels) > 1:
            levels.pop()
            outer -= levels[-1] + 1
        if kind == "link" or kind == "close":
            levels[-1] += 1
        elif kind == "string":
            levels[-1] += 0.1
            nested = _nested(match.group())
        elif match.group() in ",;":
            levels[-1] = 0.0
        if field and len(levels) == 1:
            levels = [0.0]
        longest = max(longest, outer + levels[-1] + nested)
    return longest


def _nested(string: str) -> float:
    """The longest chain inside an f-string or a t-string."""
    prefix = string[: re.search("['\"]", string).start()].lower()  # type: ignore[union-attr]
    if not {"f", "t"} & set(prefix):
        return 0.0
    return _links(re.sub(r"\{\{|\}\}", "", string[len(prefix) :].strip("\"'")), field=True)
