"""A declared size as text (``4*h``, ``H/2``) to a size. Reads arithmetic only; nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Callable

from torchshape_lint.dims import Size, floordiv
from torchshape_lint.frontend.declared_sizes import parsed

_LONGEST = 60


def size_of_text(text: str, symbol: Callable[[str], Size]) -> Size | None:
    """The size that ``text`` writes down, names looked up with ``symbol``; None where it is no arithmetic."""
    tree = parsed(text) if len(text) <= _LONGEST else None
    try:
        return _size(tree, symbol) if tree is not None else None
    except (ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _size(node: ast.expr, symbol: Callable[[str], Size]) -> Size | None:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name):
            return symbol(name)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _size(left, symbol), _size(right, symbol)
            if a is None or b is None:
                return None
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.FloorDiv() | ast.Div():
                    return floordiv(a, b)
    return None
