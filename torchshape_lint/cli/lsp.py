"""``torchshape-lint lsp``: the language server, for an editor to start."""

from __future__ import annotations

import argparse

from torchshape_lint.cli.given import Commands
from torchshape_lint.cli.trouble import Unusable, has


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "lsp",
        help="serve an editor over standard input and output",
        description="The language server: findings, shapes and fixes in an editor. It speaks LSP over standard "
        "input and output; an editor starts it.",
    )
    command.set_defaults(run=run)
    command.add_argument("--stdio", action="store_true", help="the default, for editors that insist on saying it")


def run(arguments: argparse.Namespace) -> int:
    if not has("pygls"):
        raise Unusable("the language server needs pygls: pip install 'torchshape-lint[lsp]'")
    from torchshape_lint.lsp.features import serve

    return serve()
