"""The command line: ``check`` and ``explain``. Exit codes: 0 nothing found, 1 findings, 2 could not do it."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torchshape_lint.config import SettingError, options_for, setting
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.faults import DEBUG, debugging

SKIPPED = {"__pycache__", "node_modules", "site-packages"}


class Unusable(Exception):
    """Something the user must put right; its text goes to standard error."""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except (Unusable, SettingError) as error:
        print(f"torchshape-lint: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="torchshape-lint", description="Find tensor-shape bugs in PyTorch code without running it."
    )
    parser.add_argument("--version", action="version", version=f"torchshape-lint {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="report what cannot work", description="Report what cannot work.")
    check.set_defaults(run=_check)
    check.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files, folders, or - (default: .)")
    check.add_argument("--select", metavar="CODES", help="only these codes, e.g. TSL1,TSL203")
    check.add_argument("--ignore", metavar="CODES", help="all but these codes")
    check.add_argument("--format", choices=("text", "json"), default="text")
    explain = commands.add_parser(
        "explain", help="show the shape after every step", description="Show the shape after every step, and why."
    )
    explain.set_defaults(run=_explain)
    explain.add_argument("target", metavar="FILE[::NAME]", help="a file (- for standard input), and what in it")
    explain.add_argument("--format", choices=("table", "json"), default="table")
    for command, example in ((check, "Net=(n, 1, 28, 28)"), (explain, "x=(2, 1, 28, 28)")):
        command.add_argument("--input", action="append", metavar="NAME=SHAPE", help=f'declare an input: "{example}"')
        flag = argparse.BooleanOptionalAction
        command.add_argument("--conditional", action=flag, help="also what holds on undecided branches only")
        command.add_argument("--confirm", action=flag, help="replay findings in real torch; this RUNS the code")
        command.add_argument("--python", metavar="PATH", help="the Python that has torch, for --confirm")
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("torchshape-lint")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    values = {name: getattr(arguments, name) for name in names}
    return dict(setting(name, value) for name, value in values.items() if value is not None)


def _check(arguments: argparse.Namespace) -> int:
    from torchshape_lint.report.json import diagnostics_json
    from torchshape_lint.report.text import line

    given = _given(arguments, "input", "conditional", "confirm", "python", "select", "ignore")
    found: list[Diagnostic] = []
    unreadable = False
    for path in _files(arguments.paths):
        try:
            diagnostics = _findings(path, given)
        except Unusable as error:
            print(f"torchshape-lint: {error}", file=sys.stderr)
            unreadable = True
            continue
        if arguments.format == "text":
            for diagnostic in diagnostics:
                print(line(diagnostic))
        found += diagnostics
    if arguments.format == "json":
        print(diagnostics_json(found))
    return 2 if unreadable else int(bool(found))


def _findings(path: str, given: dict[str, Any]) -> list[Diagnostic]:
    data = _read(path)
    if b"torch" not in data:
        return []
    from torchshape_lint.check import check
    from torchshape_lint.frontend.encoding import decode
    from torchshape_lint.silence import audible

    name = "stdin" if path == "-" else path
    options = options_for(name, given)
    text = decode(data)
    try:
        found = check(text, name, options)
    except Exception as error:
        if debugging():
            raise
        raise Unusable(f"{name}: internal error: {error!r} (set {DEBUG}=1 to see where)") from error
    return [d for d in audible(found, text, name) if options.wants(d.code.id)]


def _explain(arguments: argparse.Namespace) -> int:
    from torchshape_lint.check import explain
    from torchshape_lint.frontend.encoding import decode
    from torchshape_lint.report.json import trace_json
    from torchshape_lint.report.table import table

    file, _, name = arguments.target.partition("::")
    path = "stdin" if file == "-" else file
    options = options_for(path, _given(arguments, "conditional", "confirm", "python"))
    _given(arguments, "input")  # is each of the form x=(2, 1, 28, 28)?
    trace = explain(decode(_read(file)), path, options, name=name or None, inputs=tuple(arguments.input or ()))
    if name and not trace.entries:
        raise Unusable(f"{path}: nothing named {name} is evaluated")
    print(trace_json(trace) if arguments.format == "json" else table(trace))
    return 0


def _files(paths: Sequence[str]) -> Iterator[str]:
    """Files as given, and every Python file below a folder, hidden ones and environments left out."""
    for path in dict.fromkeys(paths):
        if path == "-" or not Path(path).is_dir():
            yield path
            continue
        for folder, below, files in os.walk(path):
            below[:] = sorted(d for d in below if d not in SKIPPED and d[0] != "." and not _is_venv(Path(folder, d)))
            yield from (str(Path(folder, file)) for file in sorted(files) if file.endswith(".py"))


def _is_venv(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def _read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
