"""Files -> what was found in each: in this process or in several, always in the order of the files."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from typing import Any

from torchshape_lint import api
from torchshape_lint.asked import hold_still
from torchshape_lint.cli.files import read
from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.config import SettingError
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.faults import DEBUG, debugging
from torchshape_lint.frontend.notebook import NotebookError
from torchshape_lint.frozen import dataclass
from torchshape_lint.report.formats import Checked

FEW = 16  # files for which more processes only cost time


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be checked; ``text`` where it is no file (standard input)."""

    path: str
    text: str | None = None

    @property
    def name(self) -> str:
        return "stdin" if self.path == "-" else self.path


def examined(task: Task, settings: dict[str, Any]) -> Checked:
    """What is found in one file of this machine."""

    def find(name: str) -> tuple[str, list[Diagnostic]]:
        text = read(task.path) if task.text is None else task.text
        return text, api.check(name, text, **settings)

    return concluded(task.name, find)


def concluded(name: str, find: Callable[[str], tuple[str, list[Diagnostic]]]) -> Checked:
    """What is found in one file. A bad setting is the user's, and ends the run; anything else is said of the file."""
    try:
        text, found = find(name)
    except SettingError:
        raise
    except (Unusable, NotebookError) as error:
        return Checked(name, "", (), str(error))
    except Exception as error:  # a fault of ours in one file: the others are checked all the same
        if debugging():
            raise
        return Checked(name, "", (), f"{name}: internal error: {error!r} (set {DEBUG}=1 to see where)")
    return Checked(name, text if found else "", tuple(found))


@contextmanager
def workers(tasks: Sequence[Task], settings: dict[str, Any], jobs: int) -> Iterator[Iterable[Checked]]:
    """The results, in the order of the tasks. ``jobs`` 0: as many processes as pay."""
    count = min(jobs or (_cores() if len(tasks) >= FEW else 1), max(len(tasks), 1))
    work = partial(examined, settings=settings)
    if count == 1:
        yield map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads of the progress bar
    with ProcessPoolExecutor(count, mp_context=context, initializer=_begin) as pool:
        try:
            yield _results(pool, work, tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _results(pool: ProcessPoolExecutor, work: partial[Checked], tasks: Sequence[Task]) -> Iterator[Checked]:
    with _deaf():
        results = pool.map(work, tasks, chunksize=max(1, min(8, len(tasks) // 64)))  # starts the processes
    try:
        yield from results
    except BrokenProcessPool as error:
        raise Unusable(
            "a process of --jobs ended before its work was done (was memory short?); try --jobs 1"
        ) from error


@contextmanager
def _deaf() -> Iterator[None]:
    """A process that is started inside does not hear Ctrl-C, not even while it is imported. We hear it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # as it starts, it lets signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """A process of its own: Ctrl-C is for the one that the user started."""
    hold_still()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
