"""Where things are written: colours and progress with rich on a terminal, plain text elsewhere and without rich."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

from torchshape_lint.cli.trouble import Unusable, has
from torchshape_lint.report.formats import Line, plain

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
MANY = 8  # files that are checked before anybody can wonder


def console(stream: TextIO) -> Console | None:
    """A console of rich, where one is wanted: on a terminal or by FORCE_COLOR. NO_COLOR is rich's own matter."""
    if not has("rich") or not (stream.isatty() or os.environ.get("FORCE_COLOR")):
        return None
    from rich.console import Console

    return Console(file=stream, highlight=False, soft_wrap=True)


class Screen:
    """Standard output, or the file of ``--output-file``."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.console = console(stream)

    def write(self, line: Line) -> None:
        if self.console is None:
            self.stream.write(f"{plain(line)}\n")
            return
        from rich.text import Text

        self.console.print(Text.assemble(*line), soft_wrap=True)

    def progress(self, items: Iterable[T], total: int, wanted: bool = True) -> Iterator[T]:
        """The items as they come, with a bar while many are to come; only where somebody looks on."""
        looking = self.console if self.stream.isatty() else console(sys.stderr) if sys.stderr.isatty() else None
        if not wanted or looking is None or total < MANY or not looking.is_terminal:
            yield from items
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(
            *columns,
            console=looking,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=looking is not self.console,
        ) as bar:
            yield from bar.track(items, total=total, description="checking")


@contextmanager
def screen(path: str | None = None) -> Iterator[Screen]:
    """Standard output, or a file that is written anew."""
    if path is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")  # an odd locale must not end in a traceback
        yield Screen(sys.stdout)
        return
    try:
        stream = open(path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
    with stream:
        yield Screen(stream)
