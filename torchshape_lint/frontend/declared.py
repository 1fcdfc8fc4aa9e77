"""Shapes that the author wrote down, in comments and annotations: `ir.Declared`. Docstrings: `declared_docstring`.

Comments in the wild are sloppy, stale or about something else: only ``# name: (...)``, a bare shape, and ``# -> (...)``
count. Which names are parameters is for `comments` to say.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from torchshape_lint import ir
from torchshape_lint.frontend.declared_annotation import from_annotation, is_no_tensor
from torchshape_lint.frontend.declared_docstring import from_docstring
from torchshape_lint.frontend.declared_sizes import Group, group, times

RETURN = "return"
__all__ = ["RETURN", "from_annotation", "from_comment", "from_docstring", "is_no_tensor"]
_NAMED = re.compile(
    r"""[`'"]?(?P<name>[^\W\d]\w*)[`'"]?
    (?: (?:\.shape|\.size\(\)|(?:'s)?\s+shape) \s*(?::|==?|is\b)?
      | \s*:(?!=) (?:\s*(?:\w+\s+)?tensor\b)? (?:\s*(?:with\s+|of\s+|has\s+)?shape\s*(?:of\b|[:=]|is\b)?)?
    )\s*""",
    re.X | re.I,
)
_ARROW = re.compile(r"\s*(?:->|→|=>)\s*")
# what follows a shape and makes it one of several, or a piece of code
_DOUBT = re.compile(r"\s*,?\s*(?:(?:or|if|when|unless|else|otherwise|after|for|except)\b|[/|*+@=.]\s*\w|[\[(])", re.I)
_SIZE = re.compile(r"(?:torch\.)?Size\((\[[^\[\]]*\])\)")


def from_comment(text: str, at: int) -> list[ir.Declared]:
    """The shapes that a comment declares: of names, of "the tensor here" (None), of the result ("return")."""
    text = _SIZE.sub(r"\1", text.lstrip("#").split("#")[0].strip())
    if _ARROW.match(text):
        return list(_result(text, 0, at))
    return list(_named(text, at)) or list(_bare(text, at))


def _named(text: str, at: int) -> Iterator[ir.Declared]:
    start = 0
    while (match := _NAMED.match(text, start)) is not None and not keyword.iskeyword(match["name"]):
        found = group(text, match.end()) or times(text, match.end())
        if found is None:
            return
        problem = found.problem
        if not problem and (not found.plausible or _DOUBT.match(text, found.end)):
            return
        yield ir.Declared(at, match["name"], None if problem else found.shape, "comment", found.text, problem)
        yield from _result(text, found.end, at)
        separator = re.compile(r"\s*(?:[,;]\s*(?:and\s+)?|\band\s+|\s)").match(text, found.end)
        if separator is None:
            return
        start = separator.end()


def _bare(text: str, at: int) -> Iterator[ir.Declared]:
    found = group(text, 0) or times(text, 0)
    if found is not None and found.unmistakable and _alone(text, found):
        yield ir.Declared(at, None, found.shape, "comment", found.text)
        yield from _result(text, found.end, at)


def _alone(text: str, found: Group) -> bool:
    rest = text[found.end :].strip()
    return not rest.strip(".,:;") or _ARROW.match(rest) is not None


def _result(text: str, start: int, at: int) -> Iterator[ir.Declared]:
    arrow = _ARROW.match(text, start)
    if arrow is None:
        return
    found = group(text, arrow.end()) or times(text, arrow.end())
    if found is not None and found.plausible and not text[found.end :].strip(" .;:"):
        yield ir.Declared(at, RETURN, found.shape, "comment", found.text)
