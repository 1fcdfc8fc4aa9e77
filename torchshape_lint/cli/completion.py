"""``torchshape-lint completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
import sys

from torchshape_lint.cli.given import Commands
from torchshape_lint.cli.trouble import Unusable, require

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "completion",
        help="print a completion script",
        description='Print a completion script for a shell: eval "$(torchshape-lint completion bash)"',
    )
    command.set_defaults(run=run)
    command.add_argument("shell", choices=SHELLS)


def run(arguments: argparse.Namespace) -> int:
    require("shtab", "completion")
    import shtab

    from torchshape_lint.cli.program import parser

    if arguments.shell not in shtab.SUPPORTED_SHELLS:
        raise Unusable(f"this shtab does not know {arguments.shell}")
    sys.stdout.write(shtab.complete(parser(), arguments.shell) + "\n")
    return 0
