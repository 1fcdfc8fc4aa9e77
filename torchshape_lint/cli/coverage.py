"""``torchshape-lint coverage``: which operators of torch are known."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from torchshape_lint.cli.given import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "coverage",
        help="say which operators are known",
        description="Say which operators are known, and what they do to shapes. Exit code 1: none of that name is.",
    )
    command.set_defaults(run=run)
    command.add_argument(
        "words", nargs="*", metavar="WORD", help="only names that have all of these: conv, linalg norm"
    )


def run(arguments: argparse.Namespace) -> int:
    words = [word.lower() for word in arguments.words]
    rows = [(name, signature) for name, signature in known() if all(word in name.lower() for word in words)]
    width = min(max((len(name) for name, _ in rows), default=0), 48)
    for name, signature in rows:
        sys.stdout.write(f"{name:<{width}}  {signature}".rstrip() + "\n")
    sys.stderr.write(f"{len(rows)} operator{'' if len(rows) == 1 else 's'} known{' of this name' if words else ''}\n")
    return 0 if rows else 1


def known() -> Iterator[tuple[str, str]]:
    """Every operator with a rule and every layer with a construction, and the first line about it."""
    from torchshape_lint.rules.registry import find_layer, find_rule
    from torchshape_lint.rules.registry import known as names

    for name in sorted(set().union(*names())):
        rule = find_rule(name) or find_layer(name)
        lines = ((rule.function.__doc__ if rule else "") or "").strip().splitlines()
        yield name, lines[0] if lines else ""
