"""``torchshape-lint check``: report what cannot work."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from torchshape_lint.asked import held_still
from torchshape_lint.cli import baseline, changed, watch
from torchshape_lint.cli.engines import ENGINES
from torchshape_lint.cli.files import files, read
from torchshape_lint.cli.given import NAMES, Commands, add_settings, given
from torchshape_lint.cli.screen import Screen, screen
from torchshape_lint.cli.trouble import Unusable, complain
from torchshape_lint.cli.work import Task, workers
from torchshape_lint.codes import CODES
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.report.formats import Checked, Line, checking

Keep: TypeAlias = Callable[[Checked, Diagnostic], bool]
FOR_PEOPLE = ("text", "long")
WITH_FIXES = ("json", "long", "rdjson", "sarif")


def add(commands: Commands) -> None:
    command = commands.add_parser("check", help="report what cannot work", description="Report what cannot work.")
    command.set_defaults(run=run)
    option = command.add_argument
    option("paths", nargs="*", default=["."], metavar="PATH", help="files, folders, globs, or - (default: .)")
    option("--select", metavar="CODES", help="only these codes, e.g. TSL1,TSL203")
    option("--ignore", metavar="CODES", help="all but these codes")
    option("--exclude", action="append", default=[], metavar="PATTERN", help="left out of folders, as in .gitignore")
    option("--force-exclude", action="store_true", help="leave it out where it is named, too (for pre-commit)")
    option("--format", choices=sorted(checking()), default="text")
    option("--output-file", metavar="FILE", help="write there instead of to standard output")
    option("--jobs", "-j", type=_jobs, default=0, metavar="N", help="processes; auto (the default): one a core")
    option("--engine", choices=sorted(ENGINES), help="check on many machines")
    option("--scheduler", metavar="ADDRESS", help="of the engine, e.g. tcp://10.0.0.1:8786")
    option("--baseline", metavar="FILE", help="leave out the findings that this file knows")
    option("--write-baseline", action="store_true", help="write all findings to --baseline instead of reporting them")
    option("--diff", metavar="BASE", help="only findings about lines that changed since this commit of git")
    option("--statistics", action="store_true", help="count the findings by code")
    option("--watch", action="store_true", help="check again whenever a file changes")
    option("--quiet", "-q", action="store_true", help="no summary")
    flag = argparse.BooleanOptionalAction
    option("--unused-suppressions", action=flag, help="also report comments that silence nothing")
    option("--cache", action=flag, help="remember files in which nothing is found (default: yes)")
    option("--fixes", action=flag, help=f"work out fixes (default: with {', '.join(WITH_FIXES)}; takes a while)")
    add_settings(command, "Net=(n, 1, 28, 28)")


def _jobs(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a positive number nor auto")
    return int(text)


@dataclass
class _Tally:
    """What went by."""

    files: int = 0
    problems: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    hit: int = 0

    def count(self, checked: Iterable[Checked]) -> Iterator[Checked]:
        for file in checked:
            self.files += 1
            self.hit += bool(file.findings)
            self.codes.update(d.code.id for d in file.findings)
            if file.problem:
                self.problems += 1
                complain(file.problem)
            yield file

    @property
    def summary(self) -> str:
        found = self.codes.total()
        what = f"{_plural(found, 'finding')} in {_plural(self.hit, 'file')}" if found else "no findings"
        unread = f", {_plural(self.problems, 'file')} could not be checked" if self.problems else ""
        return f"{what} ({_plural(self.files, 'file')} looked at{unread})"

    @property
    def exit_code(self) -> int:
        return 2 if self.problems else int(bool(self.codes))


def run(arguments: argparse.Namespace) -> int:
    settings = given(arguments, *NAMES, "select", "ignore", "unused_suppressions", "fixes", "cache")
    if arguments.format in WITH_FIXES and arguments.fixes is None:
        settings["fixes"] = True
    if arguments.write_baseline and arguments.baseline is None:
        raise Unusable("--write-baseline needs to know where: --baseline FILE")
    if arguments.watch:
        return watch.run(arguments)
    tasks = [
        Task(path, read(path) if path == "-" else None)
        for path in files(arguments.paths, arguments.exclude, arguments.force_exclude)
    ]
    tally = _Tally()
    with held_still(), _work(arguments, tasks, settings) as results:
        if arguments.write_baseline:
            return _write_baseline(arguments, tally.count(results), tally)
        checked = tally.count(_filtered(results, list(_filters(arguments))))
        with screen(arguments.output_file) as out:
            for line in checking()[arguments.format](out.progress(checked, len(tasks), not arguments.quiet)):
                out.write(line)
            if arguments.statistics and out.stream is sys.stdout and arguments.format in FOR_PEOPLE:
                _statistics(out, tally)
    if arguments.statistics and (arguments.output_file or arguments.format not in FOR_PEOPLE):
        _statistics(Screen(sys.stderr), tally)
    if not arguments.quiet:
        Screen(sys.stderr).write(((tally.summary, "bold red" if tally.codes else "bold green"),))
    return tally.exit_code


def _work(
    arguments: argparse.Namespace, tasks: list[Task], settings: dict[str, Any]
) -> AbstractContextManager[Iterable[Checked]]:
    """On this machine, or on those of an engine."""
    if arguments.engine is None and arguments.scheduler is None:
        return workers(tasks, settings, arguments.jobs)
    if arguments.engine is None or arguments.scheduler is None:
        raise Unusable("--engine and --scheduler go together")
    if arguments.jobs:
        raise Unusable("--jobs is for this machine, --engine for others")
    return ENGINES[arguments.engine](tasks, settings, arguments.scheduler)


def _filters(arguments: argparse.Namespace) -> Iterator[Keep]:
    if arguments.baseline is not None:
        yield baseline.unknown(arguments.baseline)
    if arguments.diff is not None:
        yield changed.touched(arguments.diff)


def _filtered(results: Iterable[Checked], filters: list[Keep]) -> Iterator[Checked]:
    for file in results:
        kept = tuple(d for d in file.findings if all(keep(file, d) for keep in filters))
        yield file if kept == file.findings else replace(file, findings=kept)


def _write_baseline(arguments: argparse.Namespace, results: Iterable[Checked], tally: _Tally) -> int:
    baseline.write(arguments.baseline, results)
    if not arguments.quiet:
        sys.stderr.write(f"{_plural(tally.codes.total(), 'finding')} written to {arguments.baseline}\n")
    return 2 if tally.problems else 0


def _statistics(out: Screen, tally: _Tally) -> None:
    width = len(str(max(tally.codes.values(), default=0)))
    for code, count in sorted(tally.codes.items(), key=lambda item: (-item[1], item[0])):
        line: Line = (f"{count:>{width}}  ", (code, "bold red"), f"  {CODES[code].name}: {CODES[code].summary}")
        out.write(line)


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
