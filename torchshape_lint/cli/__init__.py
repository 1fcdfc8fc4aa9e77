"""The command line. Exit codes: 0 nothing found, 1 findings, 2 could not do it."""

from __future__ import annotations

from torchshape_lint.cli.program import main

__all__ = ["main"]
