"""Spans against those of Python's own ast, whose columns are bytes."""

from __future__ import annotations

import ast
import asyncio
import collections
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from tests.frontend.walk import nodes
from torchshape_lint import ir
from torchshape_lint.frontend.source import read

pytestmark = pytest.mark.usefixtures("either_reader")
KINDS = (
    "Call Attribute BinOp Name FunctionDef ClassDef Compare Subscript IfExp Lambda Assign Return If For With Try While"
    " Dict AugAssign AnnAssign UnaryOp".split()
)
ODD = {
    "tabs": "if x:\n\tif y:\n\t\tz = f(a,\n\t\t\tb)\n",
    "form feed": "\x0cx = f(1)\n\x0c\ndef g():\n    return h(2)\x0c\n",
    "crlf": "x = f(1,\r\n      2)\r\ndef g():\r\n    return h(2)\r\n",
    "cr": "x = f(1,\r      2)\ry = g(x)\r",
    "multibyte": 'é = f("ü😀", é.ß) + g(é)\n名 = h("""é\n😀""", 名)\n',
    "continued": "x = 1 + \\\n    f(2)\n",
    "blank before colon": "try:\n    x = f(1)\nexcept (A, B) :\n    y = g(2)\nz = h(3)\n",
    "no newline": "x = f(1)",
    "semicolons": "x = f(1); y = g(2);\nif x: y = f(1); z = 2\n",
    "parentheses": "x = ((f)((1), (2)))\ny = (a, b), (c for d in e), f(g for h in i), ((a))\n",
    "decorators": "@a.b\n# c\n@d(1)\nclass A(B, c=D):\n    @e\n    async def f(self): return 1\n\n\n# end\n",
    "mixed newlines": "x = f(1)\r\ny = g(2)\nz = h(3)\r\n",
    "separators": "x = '\x1c\u2028\x85'; y = f(1)\nz = g(2)\n",
}


def spans(source: str) -> tuple[dict[str, Counter[tuple[int, int, int, int]]], ...]:
    lines = [line.encode() for line in re.split(r"\r\n?|\n", source)]

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1][:offset].decode()) + 1

    wanted: dict[str, Counter[tuple[int, int, int, int]]] = {kind: collections.Counter() for kind in KINDS}
    found = {kind: Counter[tuple[int, int, int, int]]() for kind in KINDS}
    tree = ast.parse(source)
    dropped = {id(inner) for part in map(_not_lowered, ast.walk(tree)) for p in part for inner in ast.walk(p)}
    for node in ast.walk(tree):
        kind = type(node).__name__.removeprefix("Async")
        if kind in wanted and id(node) not in dropped and isinstance(node, (ast.expr, ast.stmt)):
            end_line, end = node.end_lineno or 0, node.end_col_offset or 0
            wanted[kind][node.lineno, column(node.lineno, node.col_offset), end_line, column(end_line, end)] += 1
    read_source = read(source, "x.py")
    strings = [one for one in nodes(read_source.program.body) if isinstance(one, ir.FString)]
    in_strings = {id(inner) for string in strings for inner in nodes(string)}
    for one in nodes(read_source.program.body):
        if type(one).__name__ in found and id(one) not in in_strings:
            span = read_source.span(one.at)
            found[type(one).__name__][span.line, span.column, span.end_line, span.end_column] += 1
    assert not read_source.program.unreadable
    return wanted, found


def _not_lowered(node: ast.AST) -> list[ast.AST]:
    """What ir leaves out, and f-strings, in which ast of old Pythons has no positions."""
    match node:
        case ast.JoinedStr() | ast.match_case():
            return [node] if isinstance(node, ast.JoinedStr) else [node.pattern]
        case ast.Assert(msg=ast.expr() as msg):
            return [msg]
        case ast.Raise(cause=ast.expr() as cause):
            return [cause]
    return []


@pytest.mark.parametrize("name", ODD)
def test_odd_texts(name: str) -> None:
    wanted, found = spans(ODD[name])
    assert found == wanted


@pytest.mark.parametrize("module", [ast, tokenize, collections, asyncio.tasks, __import__("webbrowser")])
def test_standard_library(module: object) -> None:
    path = Path(str(getattr(module, "__file__", "")))
    wanted, found = spans(path.read_bytes().decode())
    assert found == wanted


def test_bom_is_no_column() -> None:
    source = read("\ufeffx = f(1)\n", "x.py")
    (assign,) = source.program.body
    assert source.span(assign.at).column == 1


def test_text_is_one_line() -> None:
    source = read("x = f(  # why\n    'a # b',\n    2,\n)\n", "x.py")
    (assign,) = source.program.body
    assert isinstance(assign, ir.Assign)
    assert source.text(assign.value.at) == "f('a # b', 2,)"
    assert source.text(-1) == ""
    assert source.line(-1) == 1
