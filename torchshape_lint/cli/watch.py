"""``check --watch``: once now, and again whenever a file changes, each time in a process that remembers nothing."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

from torchshape_lint.cli.screen import console
from torchshape_lint.cli.trouble import Unusable, complain, require
from torchshape_lint.config import SettingError


def run(arguments: argparse.Namespace) -> int:
    """Until Ctrl-C, which is no mistake."""
    require("watchfiles", "--watch")
    from watchfiles import PythonFilter, watch

    for path in arguments.paths:
        if not Path(path).exists():
            raise Unusable(f"--watch: {path} is neither a file nor a folder")
    try:
        _once(arguments)
        for _ in watch(
            *arguments.paths, watch_filter=PythonFilter(extra_extensions=(".ipynb", ".toml")), raise_interrupt=True
        ):
            screen = console(sys.stdout)
            if screen is not None and screen.is_terminal:
                screen.clear()
            _once(arguments)
    except KeyboardInterrupt:
        return 0
    return 0


def _once(arguments: argparse.Namespace) -> None:
    again = argparse.Namespace(**{**vars(arguments), "watch": False})
    process = multiprocessing.get_context("spawn").Process(target=_check, args=(again,))
    process.start()
    process.join()
    sys.stderr.write("watching; Ctrl-C ends\n")
    sys.stderr.flush()


def _check(arguments: argparse.Namespace) -> None:
    try:
        code = arguments.run(arguments)
    except (Unusable, SettingError) as error:
        complain(error)
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
