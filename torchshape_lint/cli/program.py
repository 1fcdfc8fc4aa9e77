"""The program: its commands, and how it ends."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Sequence

from torchshape_lint.cli import check, completion, coverage, explain, fix, init, lsp, rule
from torchshape_lint.cli.trouble import Unusable, complain
from torchshape_lint.config import SettingError
from torchshape_lint.frontend.notebook import NotebookError

COMMANDS = (check, fix, explain, rule, coverage, init, lsp, completion)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except (Unusable, SettingError, NotebookError) as error:
        complain(error)
        return 2
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def parser() -> argparse.ArgumentParser:
    """The whole command line; completion reads it too."""
    top = argparse.ArgumentParser(
        prog="torchshape-lint", description="Find tensor-shape bugs in PyTorch code without running it."
    )
    top.add_argument("--version", action="version", version=f"torchshape-lint {_version()}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top


def _version() -> str:
    try:
        return importlib.metadata.version("torchshape-lint")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
