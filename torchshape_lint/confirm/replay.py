"""Asks real torch about findings. RUNS THE LINTED CODE, in the user's interpreter and a process of its own.

Every story is told once on the meta device, and on the CPU where meta tensors cannot tell. What is refuted was a false
alarm (``check`` drops it, ``explain`` says so); what cannot be repeated is undecided, and stays. What the process may
use and see is bounded here and in ``confined``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from torchshape_lint.diagnostics import Diagnostic, Story
from torchshape_lint.dims import Poly, Size, Sym, substitute, symbols
from torchshape_lint.frozen import dataclass
from torchshape_lint.options import Options
from torchshape_lint.shapes import Shape

CHILD = Path(__file__).with_name("child.py")
CONFINED = Path(__file__).with_name("confined.py")
MEMORY = 8 * 2**30  # bytes that the process may ask for
# All that the code sees of the environment: what Python and torch need to start and nothing that could be a secret.
VARIABLES = frozenset(
    """
    PATH HOME USER LOGNAME USERPROFILE LANG LANGUAGE TZ TMPDIR TEMP TMP SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT
    PYTHONPATH PYTHONHOME PYTHONUTF8 PYTHONHASHSEED VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH DYLD_LIBRARY_PATH
    OMP_NUM_THREADS MKL_NUM_THREADS KMP_DUPLICATE_LIB_OK CUDA_HOME CUDA_VISIBLE_DEVICES TORCH_HOME
    """.split()
)
SMALL = (3, 5, 7, 11, 13, 17, 19, 23)  # batches: cheap on the CPU, never 1
LARGE = (67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)  # anything else: room for a few poolings
PICTURE = (227, 229, 233, 239, 241, 251)


@dataclass(frozen=True)
class Answer:
    """What torch says: "confirmed", "refuted" or "undecided", why, and whether the CPU may know better."""

    verdict: str
    why: str = ""
    again: bool = False

    def __str__(self) -> str:
        return f"undecided: {self.why}" if self.verdict == "undecided" else self.verdict


def judged(text: str, path: str, found: Iterable[Diagnostic], options: Options) -> list[Diagnostic]:
    """The same findings, each with torch's verdict; of those that torch accepts anyway (5xx, 6xx) none is asked."""
    found = list(found)
    verdicts: dict[int, str] = {}
    stories: dict[Story, list[int]] = {}
    for k, diagnostic in enumerate(found):
        if not diagnostic.code.torch_raises:
            continue
        if diagnostic.origin is None or diagnostic.path != path:
            verdicts[k] = str(Answer("undecided", "this story cannot be repeated"))
        else:
            stories.setdefault(diagnostic.origin, []).append(k)
    for story, asked in stories.items():
        spans = [(found[k].span.line, found[k].span.end_line) for k in asked]
        answers = replay(text, path, story, spans, options)
        verdicts.update((k, str(answer)) for k, answer in zip(asked, answers, strict=True))
    return [replace(d, verdict=verdicts.get(k, d.verdict)) for k, d in enumerate(found)]


def replay(text: str, path: str, story: Story, spans: Sequence[tuple[int, int]], options: Options) -> list[Answer]:
    """One story, told by torch: an answer for each span of lines."""
    try:
        told = _plain(story)
    except _NotNumbers as error:
        return [Answer("undecided", str(error)) for _ in spans]
    end = time.monotonic() + options.confirm_seconds
    job = {"text": text, "path": str(Path(path).absolute()), "folder": os.getcwd(), "story": told, "spans": spans}
    answers = _run({**job, "device": "meta"}, options, end)
    if any(answer.again for answer in answers):
        second = _run({**job, "device": "cpu"}, options, end)
        answers = [new if old.again else old for old, new in zip(answers, second, strict=True)]
    return answers


def _run(job: dict[str, object], options: Options, end: float) -> list[Answer]:
    python = options.python or sys.executable
    spans = job["spans"]
    assert isinstance(spans, Sequence)
    with tempfile.TemporaryDirectory(prefix="torchshape-lint-") as folder:
        question, reply = Path(folder, "job.json"), Path(folder, "answer.json")
        question.write_text(json.dumps(job), "utf-8")
        limits = [str(options.confirm_seconds), str(MEMORY)]
        command = [python, str(CONFINED), *limits, str(CHILD), str(question), str(reply)]
        why = _wait(command, end, options.confirm_seconds)
        try:
            return [Answer(*answer) for answer in json.loads(reply.read_text("utf-8"))]
        except (OSError, ValueError):
            return [Answer("undecided", why) for _ in spans]


def _wait(command: list[str], end: float, limit: float) -> str:
    """Run to the end or the time limit; the words for a process that has left no answer."""
    quiet = subprocess.DEVNULL
    try:
        child = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, env=_environment()
        )
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror or error}"
    try:
        code = child.wait(max(end - time.monotonic(), 0.1))
        return f"the process ended with code {code}"
    except subprocess.TimeoutExpired:
        return f"not finished after {limit:g} s"
    finally:
        _end(child)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper() in VARIABLES or name.startswith("LC_")}


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing that the child has started outlives it."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)  # its own session: the group is the child and what it started
        else:
            child.kill()
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


# --- numbers for names --------------------------------------------------------------------------------------------


class _NotNumbers(Exception):
    """The story's shapes cannot be made concrete."""


def _plain(story: Story) -> dict[str, object]:
    """The story as JSON, every symbol bound to a prime of its own."""
    primes = _primes(story)
    return {
        "kind": story.kind,
        "name": story.name,
        "inputs": [[name, [_number(size, primes) for size in _closed(name, shape)]] for name, shape in story.inputs],
        "constructor": [[name, _argument(value, primes)] for name, value in story.constructor],
    }


def _closed(name: str, shape: Shape) -> tuple[Size, ...]:
    if shape.is_open:
        raise _NotNumbers(f"the rank of {name} is not known")
    return shape.sizes


def _primes(story: Story) -> dict[Sym, Size]:
    names: dict[Sym, None] = {}
    for size in _sizes(story):
        names.update(dict.fromkeys(sorted(symbols(size), key=lambda symbol: symbol.order)))
    left = {"small": iter(SMALL), "picture": iter(PICTURE), "large": iter(LARGE)}
    return {name: _prime(name, left) for name in names}


def _prime(name: Sym, left: dict[str, Iterator[int]]) -> int:
    kind = "small" if name.name.lower() in _BATCH else "picture" if name.name.lower() in _PICTURE else "large"
    for prime in left[kind]:
        if name.low is None or prime >= name.low:
            return prime
    raise _NotNumbers(f"no number for {name}")


_BATCH = {"n", "b", "batch", "batch_size", "bs"}
_PICTURE = {"h", "w", "height", "width"}


def _sizes(story: Story) -> Iterator[Size]:
    for _, shape in story.inputs:
        yield from shape.sizes
    for _, value in story.constructor:
        yield from _nested(value)


def _nested(value: object) -> Iterator[Size]:
    if isinstance(value, Poly):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nested(item)


def _argument(value: object, primes: dict[Sym, Size]) -> object:
    if isinstance(value, Poly):
        return _number(value, primes)
    if isinstance(value, tuple):
        return [_argument(item, primes) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise _NotNumbers(f"an argument that cannot be made up: {value}")


def _number(size: Size, primes: dict[Sym, Size]) -> int:
    number = substitute(size, primes)
    if not isinstance(number, int) or number < 0:
        raise _NotNumbers(f"no number for {size}")
    return number
