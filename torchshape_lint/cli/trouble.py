"""What the user must put right, in words."""

from __future__ import annotations

import importlib.util
import sys


class Unusable(Exception):
    """Something the user must put right; its text goes to standard error."""


def complain(text: object) -> None:
    """Say it where it does not mix with the findings."""
    print(f"torchshape-lint: {text}", file=sys.stderr)


def has(library: str) -> bool:
    """Is a library of an extra installed?"""
    try:
        return importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):
        return False


def require(library: str, what: str, extra: str = "cli") -> None:
    """Without an extra some things cannot be done; say which and why."""
    if not has(library):
        raise Unusable(f"{what} needs {library}: pip install 'torchshape-lint[{extra}]'")
