"""``torchshape-lint rule``: the page of a code, or the list of all."""

from __future__ import annotations

import argparse
import difflib
import sys

from torchshape_lint.cli.given import Commands
from torchshape_lint.cli.screen import console
from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.codes import CODES
from torchshape_lint.report import pages


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "rule", help="print the page of a code", description="Print the page of a code; without one, list them all."
    )
    command.set_defaults(run=run)
    command.add_argument("code", nargs="?", metavar="CODE", help="TSL101, or its name: features")


def run(arguments: argparse.Namespace) -> int:
    if arguments.code is None:
        for code in CODES.values():
            sys.stdout.write(f"{code.id}  {code.name:<16}  {code.summary}\n")
        return 0
    text = page(arguments.code)
    looking = console(sys.stdout)
    if looking is None or not looking.is_terminal:
        sys.stdout.write(text)
    else:
        from rich.markdown import Markdown

        looking.print(Markdown(text), soft_wrap=False)
    return 0


def page(wanted: str) -> str:
    """The page of a code, by number or name."""
    names = {name: id for id, code in CODES.items() for name in (id, id.removeprefix("TSL"), code.name)}
    id = names.get(wanted.upper()) or names.get(wanted.lower())
    if id is None:
        near = difflib.get_close_matches(wanted.lower(), [name.lower() for name in names], 3)
        meant = f"; did you mean {' or '.join(n.upper() if n.upper() in CODES else n for n in near)}?" if near else ""
        raise Unusable(f"{wanted} is not a code{meant}")
    text = pages.page(id)
    if text is None:
        raise Unusable(f"the page of {id} is not installed")
    return text
