"""Checking a file on another machine, whatever brings it there: what is sent, and what is done with it.

A worker sees the files that were sent and nothing of its own disk, so that it finds what is found at home. Where that
is not enough, it says so instead of guessing, and the file is checked at home.
"""

from __future__ import annotations

import hashlib
import platform
import threading
import traceback
from dataclasses import dataclass
from functools import cache, partial, reduce
from pathlib import Path
from typing import Any, TypeAlias

from torchshape_lint import api, opened, project
from torchshape_lint.asked import Question, held_still
from torchshape_lint.cli.files import read
from torchshape_lint.cli.packing import around
from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.cli.work import Task, concluded
from torchshape_lint.config import SettingError
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.options import Options
from torchshape_lint.report.formats import Checked
from torchshape_lint.snapshot import Outside, Snapshot

Answer: TypeAlias = "Checked | SettingError | Unusable | None"
"""None: that must be checked at home."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file with its settings. ``version``: of the package that sends it."""

    name: str
    text: str
    options: Options
    version: str


def packed(task: Task, settings: dict[str, Any]) -> tuple[Job, tuple[Snapshot, ...]] | None:
    """What is to be sent; None: the file is checked at home, with less effort or because something is wrong."""
    try:
        options = api.settled(task.name, settings)
        text = read(task.path) if task.text is None else task.text
    except (SettingError, Unusable):
        return None
    if options.confirm or not api.is_of_interest(text, options):
        return None
    disks = around(task.name)
    return None if disks is None else (Job(task.name, text, options, version()), disks)


@dataclass(frozen=True, slots=True)
class _Disk:
    """What was sent, put together, with the answers to what was asked of it."""

    digests: tuple[str, ...]
    all: Snapshot
    known: dict[Question, Any]


_alone = threading.Lock()  # there is one disk for the whole process
_last: _Disk | None = None


def answer(job: Job, *parts: Snapshot) -> Answer:
    """What a worker says. Never raises."""
    if job.version != version():
        return Unusable(f"a worker has another torchshape-lint or Python: {version()}, not {job.version}")
    with _alone:
        disk = _disk(parts)
        project.forget()
        try:
            with opened.instead(disk.all), held_still(disk.known):
                return concluded(job.name, partial(_found, job))
        except SettingError as error:
            return error
        except Outside:
            return None
        except Exception:  # noqa: BLE001 - as it is asked for by TORCHSHAPE_LINT_DEBUG; not every exception travels
            return Unusable(traceback.format_exc())
        finally:
            project.forget()


def _disk(parts: tuple[Snapshot, ...]) -> _Disk:
    global _last
    digests = tuple(part.digest for part in parts)
    if _last is None or _last.digests != digests:
        _last = _Disk(digests, reduce(Snapshot.beside, parts), {})
    return _last


def _found(job: Job, name: str) -> tuple[str, list[Diagnostic]]:
    return job.text, api.checked(name, job.text, job.options)


@cache
def version() -> str:
    """Of this package, by its content, and of the Python that reads the linted code."""
    package = Path(opened.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return f"{digest.hexdigest()[:12]} on Python {'.'.join(platform.python_version_tuple()[:2])}"
