"""Our answers to torch's questions: each line goes through `explain` as a user's file does, and gets one of six marks.

RIGHT: every tensor has torch's shape. UNKNOWN: silent and no shape, or not all of it; DATA: the same, and torch agrees
that it depends on what is in the tensors. WRONG: another shape. FALSE_ALARM: a report where torch runs. CAUGHT and
MISSED: a report, or none, where torch refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from tests.samples.answers import depends_on_data
from tests.samples.questions import Question
from torchshape_lint.check import explain
from torchshape_lint.options import Options
from torchshape_lint.shapes import Shape

_LINES = 200  # of one file
_OPTIONS = Options(seconds=60)


class Mark(Enum):
    RIGHT = "right"
    DATA = "depends on data"
    UNKNOWN = "unknown"
    WRONG = "wrong"
    FALSE_ALARM = "false alarm"
    CAUGHT = "caught"
    MISSED = "missed"


@dataclass(frozen=True)
class Marked:
    """A question with what we made of it; ``why`` in words where it is not right."""

    question: Question
    mark: Mark
    why: str = ""


@dataclass(frozen=True)
class _Ours:
    """What we say to one line: the shapes (None: unknown), the reports, the reason."""

    shapes: Sequence[Shape] | None
    reports: Sequence[str]
    why: str = ""


def _asked(questions: Sequence[Question]) -> Iterator[_Ours]:
    """All the questions as one file, each in a function of its own: one mistake is told once in a function."""
    text = "import torch\n" + "".join(f"def ask(): {question.source}\nask()\n" for question in questions)
    trace = explain(text, "samples.py", _OPTIONS)
    reports: dict[int, list[str]] = {}
    for found in trace.diagnostics:
        if found.code.torch_raises:
            reports.setdefault(found.span.line, []).append(f"{found.code} {found.message}")
    why = "; ".join(note.partition(": ")[2] or note for note in trace.notes)
    for line in range(2, 2 * len(questions) + 2, 2):
        yield _Ours(trace.lines.get(line), reports.get(line, []), why)


def marked(questions: Sequence[Question]) -> list[Marked]:
    """Every question with its mark."""
    parts = [questions[k : k + _LINES] for k in range(0, len(questions), _LINES)]
    return [_mark(question, ours) for part in parts for question, ours in zip(part, _asked(part), strict=True)]


def _mark(question: Question, ours: _Ours) -> Marked:
    answer = question.answer
    if answer.refusal:
        return Marked(question, Mark.CAUGHT if ours.reports else Mark.MISSED, answer.refusal)
    if ours.reports:
        return Marked(question, Mark.FALSE_ALARM, "; ".join(ours.reports))
    if ours.shapes is None:
        why = next(_asked([question])).why  # asked alone, so that the reason is its own
        return Marked(question, *_silent(question, why))
    if not _agree(answer.shapes, ours.shapes):
        return Marked(question, Mark.WRONG, f"torch gives {answer.shapes}, not {', '.join(map(str, ours.shapes))}")
    if tuple(shape.sizes for shape in ours.shapes) != answer.shapes:
        return Marked(question, *_silent(question, f"only {', '.join(map(str, ours.shapes))} is known"))
    return Marked(question, Mark.RIGHT)


def _silent(question: Question, why: str) -> tuple[Mark, str]:
    if depends_on_data(question.source):
        return Mark.DATA, why
    return Mark.UNKNOWN, why or "no reason given"


def _agree(theirs: Sequence[tuple[int, ...]], ours: Sequence[Shape]) -> bool:
    """Does what we know hold? Unknown axes and sizes say nothing."""
    return len(theirs) == len(ours) and all(_holds(a, b) for a, b in zip(theirs, ours, strict=True))


def _holds(theirs: tuple[int, ...], ours: Shape) -> bool:
    if len(ours.sizes) > len(theirs) or (len(ours.sizes) < len(theirs) and not ours.is_open):
        return False
    pairs = zip(reversed(theirs), reversed(ours.sizes))
    return all(a == b for a, b in pairs if isinstance(b, int))
