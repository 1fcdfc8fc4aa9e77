"""Torch's own samples are the questions: nothing may be wrong, nothing may alarm falsely, coverage may only rise."""

from __future__ import annotations

import json

import pytest

from tests.samples.coverage import COUNTS, PAGE, counts, page, tables
from tests.samples.questions import Database
from tests.samples.table import Mark, Marked

pytestmark = pytest.mark.timeout(600)
KEPT = json.loads(COUNTS.read_text(encoding="utf-8"))
_RISING = (Mark.RIGHT.value, Mark.CAUGHT.value)


@pytest.fixture(scope="module", params=range(len(KEPT)), ids=["layers", "layer errors", "operators", "operator errors"])
def table(request: pytest.FixtureRequest) -> tuple[Database, list[Marked]]:
    index: int = request.param
    return tables()[index]


@pytest.mark.parametrize("mark", [Mark.WRONG, Mark.FALSE_ALARM], ids=lambda mark: mark.value)
def test_none(table: tuple[Database, list[Marked]], mark: Mark) -> None:
    rows = [f"{row.question.source}: {row.why}" for row in table[1] if row.mark is mark]
    assert not rows, "\n".join(rows)


def test_every_silence_has_its_reason(table: tuple[Database, list[Marked]]) -> None:
    rows = [row.question.source for row in table[1] if row.mark in (Mark.DATA, Mark.UNKNOWN) and not row.why]
    assert not rows, "\n".join(rows)


def test_coverage_only_rises(table: tuple[Database, list[Marked]]) -> None:
    name = table[0].name
    for mark in _RISING:
        now, kept = counts()[name].get(mark, 0), KEPT[name].get(mark, 0)
        assert now >= kept, f"{name}: {now} {mark}, but there were {kept}; see docs/coverage.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.samples.coverage"
