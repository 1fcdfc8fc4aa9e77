"""The values of literals as Python reads them: numbers, strings, the text between the fields of an f-string."""

from __future__ import annotations

import ast
import warnings

from torchshape_lint import ir

QUOTES = ('"""', "'''", '"', "'")


def number(text: str) -> int | float | complex | None:
    """None where Python refuses the literal (007, or more digits than it converts)."""
    try:
        value = int(text) if text.isdecimal() and text[0] != "0" else _evaluated(text)
    except ValueError:
        return None
    return value if isinstance(value, (int, float, complex)) else None


def string(text: str) -> str | bytes | None:
    """None where Python refuses the literal, such as a broken escape."""
    if "\\" not in text and text[0] in "\"'" and "\r" not in text:
        quote = _quote(text)
        return text[len(quote) : -len(quote)]
    value = _evaluated(text)
    return value if isinstance(value, (str, bytes)) else None


def formatted_text(text: str, start: str, end: str) -> str:
    """The text between two fields of the f-string that begins with ``start`` (prefix and quote)."""
    text = text.replace("{{", "{").replace("}}", "}")
    if "\\" not in text or "r" in start.lower():
        return text
    value = _evaluated(end + text + end)
    return value if isinstance(value, str) else text


def docstring(body: ir.Block) -> str | None:
    match body:
        case (ir.ExprStmt(value=ir.Const(value=str() as text)), *_):
            return text
    return None


def is_literal(value: ir.Expr) -> bool:
    match value:
        case ir.Const() | ir.UnaryOp(op="-", operand=ir.Const()):
            return True
    return False


def _quote(text: str) -> str:
    return next(quote for quote in QUOTES if text.startswith(quote))


def _evaluated(text: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" is a warning of Python's, and none of our business
            return ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
