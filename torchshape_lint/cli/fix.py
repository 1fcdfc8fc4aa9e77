"""``torchshape-lint fix``: put right what can be put right."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchshape_lint import api
from torchshape_lint.cli.files import files
from torchshape_lint.cli.given import NAMES, Commands, add_settings, given
from torchshape_lint.cli.screen import Screen
from torchshape_lint.cli.trouble import complain
from torchshape_lint.diagnostics import Mended
from torchshape_lint.frontend.encoding import decode, encode
from torchshape_lint.frontend.notebook import NotebookError
from torchshape_lint.report.text import line
from torchshape_lint.spans import Span


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "fix",
        help="put right what can be put right",
        description="Put right what can be put right: the file is changed only where linting it again finds less, and "
        "nothing new. Without --unsafe no layer that has saved weights is resized.",
    )
    command.set_defaults(run=run)
    option = command.add_argument
    option("paths", nargs="*", default=["."], metavar="PATH", help="files, folders, globs, or - (default: .)")
    option("--diff", action="store_true", help="show what would be changed, and change nothing")
    option("--unsafe", action="store_true", help="also what changes saved weights or results")
    option("--select", metavar="CODES", help="only these codes, e.g. TSL1,TSL203")
    option("--ignore", metavar="CODES", help="all but these codes")
    option("--exclude", action="append", default=[], metavar="PATTERN", help="left out of folders, as in .gitignore")
    option("--force-exclude", action="store_true", help="leave it out where it is named, too (for pre-commit)")
    add_settings(command, "Net=(n, 1, 28, 28)")


def run(arguments: argparse.Namespace) -> int:
    """0 when nothing is left to be done, 1 when something is (with --diff: when something would be changed)."""
    settings = given(arguments, *(n for n in NAMES if n not in ("confirm", "python")), "select", "ignore")
    done = [
        _one(path, arguments, settings) for path in files(arguments.paths, arguments.exclude, arguments.force_exclude)
    ]
    made, left, more = map(sum, zip((0, 0, 0), *(_counts(d) for d in done if d is not None)))
    if not arguments.diff:
        hint = f", {more} of them with --unsafe" if more and not arguments.unsafe else ""
        Screen(sys.stderr).write((f"{made} fixed, {left} left{hint}",))
    return 2 if None in done else int(bool(made if arguments.diff else left))


def _counts(done: Mended) -> tuple[int, int, int]:
    return len(done.made), len(done.left), sum(bool(d.fixes) for d in done.left)


def _one(path: str, arguments: argparse.Namespace, settings: dict[str, Any]) -> Mended | None:
    """What was done in one file; None where it could not be read or written."""
    name = "stdin" if path == "-" else path
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        before = decode(data)
        done = api.fix(name, before, unsafe=arguments.unsafe, **settings)
        after = data if done.text == before else encode(done.text, data)
        if path != "-" and after != data and not arguments.diff:
            Path(path).write_bytes(after)
    except NotebookError as error:
        complain(error)
        return None
    except (OSError, UnicodeError) as error:
        complain(f"{name}: {getattr(error, 'strerror', None) or error}")
        return None
    if arguments.diff:
        sys.stdout.writelines(unified(name, before, done.text))
        return done
    if path == "-":
        _write(after)
    _report(name, done, Screen(sys.stderr if path == "-" else sys.stdout), arguments.unsafe)
    return done


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def unified(name: str, before: str, after: str) -> Iterator[str]:
    """As ``patch`` and ``git apply`` read it; a line keeps its end."""
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    place = name.lstrip("/")
    for text in difflib.unified_diff(old, new, f"a/{place}", f"b/{place}"):
        yield text if text.endswith("\n") else f"{text}\n\\ No newline at end of file\n"


def _report(name: str, done: Mended, out: Screen, unsafe: bool) -> None:
    for finding, fix in done.made:
        out.write(((f"{name}:{_line(finding.span)}: ", "bold"), (finding.code.id, "bold red"), f" fixed: {fix}"))
    for finding in done.left:
        out.write((line(finding),))
        if not unsafe and finding.fixes:
            out.write((f"    with --unsafe: {finding.fixes[0].title}",))


def _line(span: Span) -> str:
    return f"cell {span.cell}:{span.line}" if span.cell else str(span.line)
