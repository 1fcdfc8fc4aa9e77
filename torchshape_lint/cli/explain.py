"""``torchshape-lint explain``: the shape after every step, and why."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from torchshape_lint import api
from torchshape_lint.cli.files import read
from torchshape_lint.cli.given import NAMES, Commands, add_settings, given
from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.codes import CODES
from torchshape_lint.report.formats import explaining


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "explain", help="show the shape after every step", description="Show the shape after every step, and why."
    )
    command.set_defaults(run=run)
    command.add_argument("target", metavar="FILE[::NAME]", help="a file (- for standard input), and what in it")
    command.add_argument("--format", choices=sorted(explaining()), default="table")
    add_settings(command, "x=(2, 1, 28, 28)")


def run(arguments: argparse.Namespace) -> int:
    file, _, name = arguments.target.partition("::")
    if file.upper() in CODES and not Path(file).exists():
        raise Unusable(f"{file} is a code, not a file; its page: torchshape-lint rule {file.upper()}")
    path, text = "stdin" if file == "-" else file, read(file)
    settings = given(arguments, *(n for n in NAMES if n != "input"))
    trace = api.explain(path, name or None, text, arguments.input or (), **settings)
    if name and not trace.entries:
        raise Unusable(f"{path}: nothing named {name} is evaluated")
    sys.stdout.write(explaining()[arguments.format](trace, text) + "\n")
    return 0
