"""What stands in the fields of f-strings, put in its right place: before 3.12 ``ast`` only says something near it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

from torchshape_lint.frontend.lines import Lines
from torchshape_lint.frozen import dataclass

_QUOTED = r"""(?P<quote>'{3}|"{3}|'|")(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"""
_PIECE = re.compile(rf"(?P<prefix>[A-Za-z]*){_QUOTED}|\#[^\r\n]*|.", re.S)  # of strings side by side
_TEXT = re.compile(r"\{\{|\}\}|\\N\{[^{}]*\}|\\[^{]|[^{}]", re.S)
_RAW_TEXT = re.compile(r"\{\{|\}\}|[^{}]", re.S)
_CODE = re.compile(rf"{_QUOTED}|[!=<>]=|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<ends>[!:=])|.", re.S)


@dataclass(frozen=True, slots=True)
class _Field:
    """Offsets: of its braces, and of the code in it."""

    start: int
    code: int
    code_end: int
    end: int


def settle(string: ast.JoinedStr, lines: Lines) -> None:
    """Corrects the positions of all nodes in an f-string whose own is right."""
    start = lines.offset(string.lineno, string.col_offset)
    end = lines.offset(string.end_lineno or 0, string.end_col_offset or 0)
    found: list[_Field] = []
    for piece in _PIECE.finditer(lines.text, start, end):
        prefix = (piece["prefix"] or "").lower()
        if "f" in prefix:
            _scan(lines.text, *piece.span("text"), _RAW_TEXT if "r" in prefix else _TEXT, found)
    nodes = list(_nodes(string))
    for node, field in zip(nodes, found) if len(nodes) == len(found) else ():
        _place(node, field.start, field.end, lines)
        _settle_code(node.value, field, lines)


def _nodes(string: ast.JoinedStr) -> Iterator[ast.FormattedValue]:
    for part in string.values:
        if isinstance(part, ast.FormattedValue):
            yield part
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _nodes(part.format_spec)


def _scan(text: str, k: int, end: int, plain: re.Pattern[str], found: list[_Field], in_spec: bool = False) -> int:
    """The fields of an f-string, or of the specification of one of its fields, in the order of `_nodes`."""
    while k < end:
        if text[k] == "}" and in_spec:
            return k
        literal = plain.match(text, k, end)
        if literal is not None and not (in_spec and literal.group() in ("{{", "}}")):
            k = literal.end()
        elif text[k] == "{":
            k = _scan_field(text, k, end, plain, found)
        else:
            k += 1
    return k


def _scan_field(text: str, start: int, end: int, plain: re.Pattern[str], found: list[_Field]) -> int:
    k, depth, ends = start + 1, 0, end
    while k < end:
        token = _CODE.match(text, k, end)
        assert token is not None
        if depth == 0 and (token["ends"] or token.group() == "}"):
            ends = k
            break
        depth += (token["open"] is not None) - (token["close"] is not None)
        k = token.end()
    place = len(found)
    while k < end and text[k] not in ":}":  # past "=" and "!r"
        k += 1
    if k < end and text[k] == ":":
        k = _scan(text, k + 1, end, plain, found, in_spec=True)
    found.insert(place, _Field(start, start + 1, ends, k + 1))
    return k + 1


def _settle_code(node: ast.expr, field: _Field, lines: Lines) -> None:
    """Reads the code of a field once more: what ``ast`` says of it alone is right."""
    code = lines.text[field.code : field.code_end]
    first, last = len(code) - len(code.lstrip()), len(code.rstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = ast.parse(f"({code})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    its_lines = Lines(f"({code})")
    for mine, other in zip(ast.walk(node), ast.walk(again)):
        if isinstance(other, (ast.expr, ast.arg, ast.keyword)):
            start = its_lines.offset(other.lineno, other.col_offset) - 1
            end = its_lines.offset(other.end_lineno or 0, other.end_col_offset or 0) - 1
            start, end = max(start, first), min(end, last)  # the parentheses are ours
            _place(mine, field.code + start, field.code + end, lines)
    for mine in ast.walk(node):
        if isinstance(mine, ast.JoinedStr):
            settle(mine, lines)


def _place(node: Any, start: int, end: int, lines: Lines) -> None:
    node.lineno, node.col_offset = lines.place(start)
    node.end_lineno, node.end_col_offset = lines.place(end)
