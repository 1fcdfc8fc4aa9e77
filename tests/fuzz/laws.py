"""What must hold of every text: no traceback, an answer in time, and the same one whenever and however often asked."""

from __future__ import annotations

import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from torchshape_lint.check import check, explain
from torchshape_lint.faults import DEBUG
from torchshape_lint.report.json import diagnostics_json, trace_json

PATH = str(Path(tempfile.gettempdir(), "nowhere", "net.py"))  # in no project, whose files may call what is in a program
SECONDS = 2.0 + 3.0  # of work: the budget, and what reading takes
PATIENCE = 30.0  # then it is stopped, and never mind how long it would have taken
SURE = 1.0  # who needs less never comes near the budget, and has no excuse for another answer


class Endless(BaseException):
    """No answer after a long time; no ``except Exception`` of ours may keep it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the linter said of a text; fault: what it should not have done; seconds of work for the slowest question."""

    said: str
    fault: str
    seconds: float


def ask(text: str, path: str = PATH) -> Answer:
    """Check a text, twice, and explain it."""
    os.environ[DEBUG] = "1"
    said: list[str] = []
    slowest = 0.0
    for question in (_checked, _explained, _checked):
        began = time.process_time()
        try:
            with _patience():
                said.append(question(text, path))
        except Endless:
            return Answer("", f"no end after {PATIENCE:g} s\n{traceback.format_exc(limit=-12)}", PATIENCE)
        except Exception as error:  # noqa: BLE001
            return Answer("", f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-8)}", 0.0)
        slowest = max(slowest, time.process_time() - began)
    fault = ""
    if slowest > SECONDS:
        fault = f"took {slowest:.1f} s"
    elif said[0] != said[2] and slowest < SURE:
        fault = f"says first {said[0]}\nand then {said[2]}"
    return Answer(said[0], fault, slowest)


def same(before: str, text: str, path: str = PATH) -> str:
    """The fault if the answer is another one now, after other texts."""
    now = _checked(text, path)
    return "" if now == before else f"said once {before}\nand later {now}"


def _checked(text: str, path: str) -> str:
    return diagnostics_json(check(text, path))


def _explained(text: str, path: str) -> str:
    return trace_json(explain(text, path))


@contextmanager
def _patience() -> Iterator[None]:
    """Ends what uses up far too much of the processor (where the system has such a timer)."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise Endless

    if not hasattr(signal, "SIGVTALRM"):
        yield
        return
    before: Callable[[int, FrameType | None], object] | int | None = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
