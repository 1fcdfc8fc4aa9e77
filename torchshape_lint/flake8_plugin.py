"""The flake8 plugin: hands lines in, findings out. Everything heavy is imported when a file mentions torch."""

from __future__ import annotations

import argparse
import ast
import gc
import logging
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, ClassVar

from flake8.exceptions import ExecutionError
from flake8.options.manager import OptionManager

from torchshape_lint import silences
from torchshape_lint.asked import hold_still
from torchshape_lint.config import SettingError, options_for, setting
from torchshape_lint.faults import debugging
from torchshape_lint.options import Options

LOG = logging.getLogger("flake8.torchshape_lint")

SETTINGS = ("input", "conditional", "confirm", "python", "unused_suppressions", "cache")


@cache
def _load() -> None:
    """Import what evaluates a file, with all its rules. It stays: nobody needs to look for garbage in it."""
    from torchshape_lint import check  # noqa: F401
    from torchshape_lint.rules.registry import load

    load()
    gc.freeze()


class Append(argparse.Action):
    """``append`` onto what flake8 read from its configuration, which is one text."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        before = getattr(namespace, self.dest, None) or []
        setattr(namespace, self.dest, [*([before] if isinstance(before, str) else before), values])


class Plugin:
    """What flake8 registers as TSL."""

    given: ClassVar[dict[str, Any]] = {}

    def __init__(self, tree: ast.AST, lines: list[str], filename: str) -> None:
        self.tree = tree if isinstance(tree, ast.Module) else None
        self.lines = lines
        self.filename = filename

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        def flag(name: str, words: str) -> None:
            manager.add_option(
                name, action=argparse.BooleanOptionalAction, default=None, parse_from_config=True, help=words
            )

        manager.add_option(
            "--tsl-input",
            action=Append,
            default=None,
            metavar="NAME=SHAPE",
            parse_from_config=True,
            help="declare an input: Net=(n, 1, 28, 28) or model.py::Net.forward:x=(n, 1, 28, 28); "
            "may be repeated (in a configuration: one a line, or parted by ;)",
        )
        flag("--tsl-conditional", "also report mistakes on branches that may not be taken")
        flag("--tsl-confirm", "replay each finding in real torch; this RUNS the linted code")
        manager.add_option(
            "--tsl-python",
            default=None,
            metavar="PATH",
            parse_from_config=True,
            help="the Python that has torch, for --tsl-confirm",
        )
        flag("--tsl-unused-suppressions", "also report comments that silence no finding of this plugin")
        flag(
            "--tsl-cache",
            "keep on the disk in which files nothing is found, and do not evaluate those again (default: yes)",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        hold_still()
        values = {name: getattr(options, f"tsl_{name}") for name in SETTINGS}
        try:
            cls.given = dict(setting(f"tsl-{name}", value) for name, value in values.items() if value is not None)
        except SettingError as error:
            raise ExecutionError(str(error)) from error

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        words = ("torch", "TSL") if self.given.get("unused_suppressions") else ("torch",)
        text = "".join(self.lines)
        if not any(word in text for word in words):
            return
        try:
            found = self.found()
        except Exception:
            if debugging():
                raise
            LOG.exception("%s: internal error", self.filename)
            return
        for line, column, message in found:
            yield line, column, message, type(self)

    def found(self) -> list[tuple[int, int, str]]:
        """(line, column from 0, message) of each finding in this file."""
        try:
            options = options_for(self.filename, self.given)
        except SettingError as error:
            return [(1, 0, f"TSL901 {error}")]
        text = "".join(self.lines)
        if silences.is_silent(self.filename, text, options):
            return []
        return silences.kept(self.filename, text, options, lambda: self.evaluated(text, options))

    def evaluated(self, text: str, options: Options) -> list[tuple[int, int, str]]:
        """The findings, where they are not known to be none."""
        _load()
        from torchshape_lint.check import check
        from torchshape_lint.report.text import sentence

        found = [d for d in check(text, self.filename, options, self.tree) if options.wants(d.code.id)]
        return [(*d.span.flake8, f"{d.code} {sentence(d)}") for d in found if d.path == self.filename]
