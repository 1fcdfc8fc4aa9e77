"""Patterns of ``match``: what they bind, and the literals that they are. Nothing else of them is followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from torchshape_lint import ir
from torchshape_lint.frontend.ast_expressions import expression
from torchshape_lint.frontend.ast_positions import Places
from torchshape_lint.frontend.literals import is_literal


def binds(pattern: ast.pattern) -> Iterator[str]:
    """The names that a pattern binds, in order."""
    for child in ast.iter_child_nodes(pattern):
        if isinstance(child, ast.pattern):
            yield from binds(child)
    match pattern:
        case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
            yield name


def values(pattern: ast.pattern, places: Places) -> tuple[ir.Expr, ...] | None:
    """The literals of a pattern that is one, or an alternative of some; otherwise None."""
    match pattern:
        case ast.MatchSingleton(value):
            return (ir.Const(places.at(pattern), value),)
        case ast.MatchValue(value):
            found = expression(value, places)
            return (found,) if is_literal(found) else None
        case ast.MatchOr(patterns):
            each = [values(one, places) for one in patterns]
            return None if None in each else tuple([value for one in each if one is not None for value in one])
    return None


def always(pattern: ast.pattern) -> bool:
    """A bare name or ``_``, with or without ``as``: it matches anything."""
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or always(pattern.pattern))
