"""The command line. Exit codes: 0 nothing found, 1 findings, 2 could not do it; 130 after Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """The program; Ctrl-C is no traceback, not even while it is being imported."""
    try:
        from torchshape_lint.cli import program

        return program.main(argv)
    except KeyboardInterrupt:
        return 130
