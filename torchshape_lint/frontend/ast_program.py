"""Python's own tree of a file -> `ir.Program`: most files are read so, for it is ten times quicker than libcst's."""

from __future__ import annotations

import ast
import warnings

from torchshape_lint import ir
from torchshape_lint.frontend.ast_positions import Places
from torchshape_lint.frontend.ast_statements import TooDeep, block
from torchshape_lint.frontend.lines import Lines
from torchshape_lint.frontend.literals import docstring
from torchshape_lint.frontend.nesting import room


def read_by_ast(text: str, path: str, module: str, tree: ast.Module | None = None) -> tuple[ir.Program, Places] | None:
    """None where the running Python cannot parse the text, or where it is nested too deep to follow."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of "\d" is none of our business
            tree = tree or ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    places = Places(Lines(text))
    try:
        with room():
            body = block(tree.body, places)
    except (TooDeep, RecursionError):
        return None
    return ir.Program(path, module, body, docstring(body)), places
