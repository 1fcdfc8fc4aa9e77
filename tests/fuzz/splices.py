"""Real files with parts of each other: an expression, a statement, an argument in the place of another of its sort.

The results are Python and full of what the linter knows, in places where nobody would have put it.
"""

from __future__ import annotations

import ast
import copy
from random import Random

from tests.fuzz.sources import some_text, texts, tree

_NUMBERS = (0, 1, -1, 2, 3, 5, 7, 64, 10**9, 10**30, None, True, 1.5, float("inf"), "", "same", b"", ..., 2j)


def splices(random: Random) -> str:
    found = None
    while found is None:
        found = tree(some_text(random))
    module = copy.deepcopy(found)
    for _ in range(random.randint(1, 8)):
        _changed(random, module)
    return _text(module) or random.choice(texts())


def _changed(random: Random, module: ast.Module) -> None:
    """One random change somewhere in the tree."""
    nodes = [node for node in ast.walk(module) if not isinstance(node, ast.expr_context | ast.operator)]
    node = random.choice(nodes)
    name = random.choice([*node._fields, ""])
    value = getattr(node, name, None)
    if isinstance(node, ast.Constant) and name == "value":
        node.value = random.choice(_NUMBERS)
    elif isinstance(node, ast.BinOp):
        node.op = random.choice([ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow, ast.Div, ast.MatMult])()
    elif isinstance(value, ast.expr):
        setattr(node, name, _other(random, value))
    elif isinstance(value, list) and value:
        _change_list(random, value)


def _change_list(random: Random, items: list[ast.AST]) -> None:
    k, other = random.randrange(len(items)), random.randrange(len(items))
    match random.randrange(4):
        case 0 if len(items) > 1:
            del items[k]
        case 1:
            items.insert(k, copy.deepcopy(items[other]))
        case 2:
            items[k], items[other] = items[other], items[k]
        case _:
            items[k] = _other(random, items[k])


def _other(random: Random, node: ast.AST) -> ast.AST:
    """A part of another program that may stand where ``node`` does; where there is none, ``node``."""
    sort = next((sort for sort in (ast.expr, ast.stmt) if isinstance(node, sort)), type(node))
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return node
    found = tree(some_text(random))
    fitting = [n for n in ast.walk(found) if isinstance(n, sort) and n is not node] if found else []
    fitting = [n for n in fitting if not isinstance(getattr(n, "ctx", None), ast.Store | ast.Del)]
    return copy.deepcopy(random.choice(fitting)) if fitting else node


def _text(module: ast.Module) -> str | None:
    try:
        return ast.unparse(ast.fix_missing_locations(module)) + "\n"
    except (ValueError, AttributeError, TypeError, RecursionError):  # a tree that no text has
        return None
