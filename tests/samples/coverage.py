"""``python -m tests.samples.coverage`` rewrites docs/coverage.md and counts.json: what of torch we know."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import torch

from tests.rules.unknown_names import NN, TORCH
from tests.samples.questions import MOST, Database, databases
from tests.samples.table import Mark, Marked, marked

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
COUNTS = Path(__file__).with_name("counts.json")
_FINE = (Mark.RIGHT, Mark.CAUGHT)
Counts = dict[str, dict[str, int]]


@cache
def tables() -> list[tuple[Database, list[Marked]]]:
    """All questions with their marks."""
    return [(db, marked(db.questions)) for db in databases()]


def counts() -> Counts:
    """How many questions of each table got which mark."""
    return {db.name: {m.value: n for m, n in Counter(x.mark for x in rows).items()} for db, rows in tables()}


def page() -> str:
    """docs/coverage.md"""
    return "\n".join([*_head(), *(line for db, rows in tables() for line in _section(db, rows)), *_unknown()]) + "\n"


def _head() -> Iterator[str]:
    yield "# Coverage"
    yield ""
    yield (
        f"Torch {torch.__version__.partition('+')[0]} ships the samples with which it tests its own layers and "
        "operators. Each that can be written as a line of source is put to torch and to us; torch's answer counts. "
        f"At most {MOST} samples, evenly chosen, are asked of one form (function, method, in place, Python operator) "
        "of an operator. Tensors keep shape, dtype and layout; their contents are zeros, or ones, random numbers or "
        "their own where torch refuses zeros. What torch refuses with all of these is asked among the errors."
    )
    yield ""
    yield "This page is written by `python -m tests.samples.coverage`; a test keeps every number from getting worse."
    yield ""
    yield "| | asked of | questions | right | depends on data | unknown | wrong | false alarms |"
    yield "|---|---|---|---|---|---|---|---|"
    for db, rows in tables():
        if not _refused(rows):
            n = Counter(row.mark for row in rows)
            marks = (Mark.RIGHT, Mark.DATA, Mark.UNKNOWN, Mark.WRONG, Mark.FALSE_ALARM)
            yield f"| {db.name} | {_operators(rows)} | {len(rows)} | {' | '.join(str(n[m]) for m in marks)} |"
    yield ""
    yield "| what torch refuses | asked of | questions | caught | missed |"
    yield "|---|---|---|---|---|"
    for db, rows in tables():
        if _refused(rows):
            n = Counter(row.mark for row in rows)
            yield f"| {db.name} | {_operators(rows)} | {len(rows)} | {n[Mark.CAUGHT]} | {n[Mark.MISSED]} |"
    yield ""
    yield ("Not asked is what torch refuses only for what is in the tensors: with ones or random numbers it would not.")
    yield ""


def _operators(rows: Sequence[Marked]) -> int:
    return len({row.question.operator for row in rows})


def _refused(rows: Sequence[Marked]) -> bool:
    return bool(rows and rows[0].question.answer.refusal)


def _section(db: Database, rows: Sequence[Marked]) -> Iterator[str]:
    yield f"## {db.name[0].upper()}{db.name[1:]}"
    yield ""
    by_operator: dict[str, list[Marked]] = {}
    for row in rows:
        by_operator.setdefault(row.question.operator, []).append(row)
    yield f"| | questions | {'caught | what is missed' if _refused(rows) else 'right | what is not, and why'} |"
    yield "|---|---|---|---|"
    for name in sorted(by_operator):
        some = by_operator[name]
        fine = sum(row.mark in _FINE for row in some)
        yield f"| {name} | {len(some)} | {fine if fine != len(some) else 'all'} | {'<br>'.join(_rest(some))} |"
    yield ""
    if db.left_out:
        yield from _left_out(db)


def _rest(rows: Sequence[Marked]) -> Iterator[str]:
    """What is not right or caught, grouped by the reason."""
    groups: dict[tuple[str, str], list[Marked]] = {}
    for row in rows:
        if row.mark not in _FINE:
            groups.setdefault((row.mark.value, _brief(row.why)), []).append(row)
    for (mark, why), some in groups.items():
        yield f"{len(some)} {mark}: {why}"


def _brief(why: str) -> str:
    """The first line of a reason, in a cell of a table."""
    line = why.strip().partition("\n")[0]
    line = re.sub(r"([|<>*_\[\]])", r"\\\1", line)
    return line if len(line) <= 160 else f"{line[:157]}..."


def _left_out(db: Database) -> Iterator[str]:
    reasons: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for name, some in db.left_out.items():
        for why, n in some.items():
            reasons[why] += n
            names.setdefault(why, []).append(name)
    yield "Not asked:"
    yield ""
    for why, n in reasons.most_common():
        yield f"- {n} samples: {why} ({', '.join(f'`{name}`' for name in sorted(set(names[why])))})"
    yield ""


def _unknown() -> Iterator[str]:
    """The public names that are not known, by the reason."""
    yield "## Names of torch without a rule"
    yield ""
    yield "A test compares the public names of the installed torch with what is known. `*` stands for any layer."
    yield ""
    by_reason: dict[str, list[str]] = {}
    for name, why in sorted((NN | TORCH).items()):
        by_reason.setdefault(why, []).append(name)
    for why, names in sorted(by_reason.items()):
        yield f"- {why}: {', '.join(f'`{name}`' for name in names)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    COUNTS.write_text(json.dumps(counts(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
