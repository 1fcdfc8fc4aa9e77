"""Settings that are given on the command line."""

from __future__ import annotations

import argparse
from typing import Any, TypeAlias

from torchshape_lint.config import setting

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
NAMES = ("input", "conditional", "confirm", "python")


def add_settings(command: argparse.ArgumentParser, example: str) -> None:
    """The options that ``check`` and ``explain`` share."""
    flag = argparse.BooleanOptionalAction
    command.add_argument("--input", action="append", metavar="NAME=SHAPE", help=f'declare an input: "{example}"')
    command.add_argument("--conditional", action=flag, help="also what holds on undecided branches only")
    command.add_argument("--confirm", action=flag, help="replay findings in real torch; this RUNS the code")
    command.add_argument("--python", metavar="PATH", help="the Python that has torch, for --confirm")


def given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Those that were given, as they were typed; SettingError for one that makes no sense."""
    values = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    for name, value in values.items():
        setting(name, value)
    return values
