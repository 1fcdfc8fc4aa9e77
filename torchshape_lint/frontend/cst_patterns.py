"""Patterns of ``match``: what they bind, and the literals that they are. Nothing else of them is followed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.cst_expressions import expression
from torchshape_lint.frontend.cst_origins import Origins
from torchshape_lint.frontend.literals import is_literal


def binds(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that a pattern binds, in order."""
    match pattern:
        case cst.MatchAs() | cst.MatchStar() | cst.MatchMapping():
            for child in pattern.children:
                yield from binds(child)
            name = pattern.rest if isinstance(pattern, cst.MatchMapping) else pattern.name
            if name is not None and name.value != "_":
                yield name.value
        case cst.MatchValue() | cst.MatchSingleton():
            return
        case _:
            for child in pattern.children:
                yield from binds(child)


def values(pattern: cst.MatchPattern, origins: Origins) -> tuple[ir.Expr, ...] | None:
    """The literals of a pattern that is one, or an alternative of some; otherwise None."""
    match pattern:
        case cst.MatchValue() | cst.MatchSingleton():
            value = expression(pattern.value, origins)
            return (value,) if is_literal(value) else None
        case cst.MatchOr():
            found: list[ir.Expr] = []
            for element in pattern.patterns:
                more = values(element.pattern, origins)
                if more is None:
                    return None
                found += more
            return tuple(found)
    return None


def always(pattern: cst.MatchPattern) -> bool:
    """A bare name or ``_``, with or without ``as``: it matches anything."""
    return isinstance(pattern, cst.MatchAs) and (pattern.pattern is None or always(pattern.pattern))
