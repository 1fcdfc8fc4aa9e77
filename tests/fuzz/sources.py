"""The programs that random ones are made of: every fixture, as text and as a tree."""

from __future__ import annotations

import ast
from functools import cache
from random import Random

from tests.harness import FIXTURES


@cache
def texts() -> tuple[str, ...]:
    """Every fixture, in an order of their own; what takes long on purpose is left out."""
    paths = sorted(path for path in FIXTURES.rglob("*.py") if "hostile" not in path.parts)
    return tuple(filter(None, (path.read_text("utf-8") for path in paths)))


@cache
def tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def some_text(random: Random) -> str:
    return random.choice(texts())
