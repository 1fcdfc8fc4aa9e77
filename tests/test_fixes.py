"""Fixes: each removes its own finding and brings no new one, once is enough, and torch then runs the model."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.harness import Fixture, fixture_id, fixtures
from tests.torch_judge import judge
from torchshape_lint.check import check, linter
from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.fixes import KINDS
from torchshape_lint.fixes.edits import applied, moved
from torchshape_lint.fixes.offer import Lint, mended, with_fixes

WRONG = [path for path in fixtures("programs", "mistakes") if Fixture.read(path).errors]
each_wrong = pytest.mark.parametrize("path", WRONG, ids=fixture_id)

# How many findings in these fixtures have a fix. May only rise.
FIXABLE = {
    "TSL001": 3,
    "TSL002": 1,
    "TSL003": 2,
    "TSL101": 51,
    "TSL102": 19,
    "TSL103": 3,
    "TSL104": 1,
    "TSL105": 6,
    "TSL106": 2,
    "TSL107": 4,
    "TSL108": 1,
    "TSL110": 1,
    "TSL112": 2,
    "TSL206": 5,
    "TSL301": 3,
    "TSL501": 1,
    "TSL504": 1,
}


@cache
def lint(path: Path) -> Lint:
    return cache(linter(str(path)))


@cache
def offered(path: Path) -> list[Diagnostic]:
    text = Fixture.read(path).bare
    return with_fixes(check(text, str(path)), text, lint(path))


def changed(path: Path) -> Iterator[tuple[Diagnostic, Fix, str]]:
    """Each finding, each fix of it, and the text after it."""
    text = Fixture.read(path).bare
    for d in offered(path):
        for fix in d.fixes:
            yield d, fix, applied(text, fix.edits)


# --- what every fix must do -----------------------------------------------------------------------------------------


@each_wrong
def test_it_removes_its_finding_and_brings_no_new_one(path: Path) -> None:
    text = Fixture.read(path).bare
    for d, fix, after in changed(path):
        others = [o for o in offered(path) if o is not d]
        known = set(zip([o.code for o in others], moved(text, fix.edits, [o.span for o in others]), strict=True))
        left = lint(path)(after).found
        assert [n for n in left if (n.code, (n.span.line, n.span.column)) not in known] == [], str(fix)
        assert len(left) < len(offered(path)), str(fix)


@each_wrong
def test_it_changes_nothing_but_what_it_says(path: Path) -> None:
    text = Fixture.read(path).bare
    for _, fix, after in changed(path):
        ast.parse(after)
        touched = {n for e in fix.edits for n in range(e.span.line, e.span.end_line + 1)}
        lines = after.split("\n")
        first, last = min(touched), len(text.split("\n")) - max(touched)
        assert lines[: first - 1] == text.split("\n")[: first - 1]
        assert lines[len(lines) - last :] == text.split("\n")[max(touched) :]


@each_wrong
def test_torch_runs_what_was_fixed(path: Path) -> None:
    """After each fix alone torch raises at most where something is still found."""
    fixture = Fixture.read(path)
    for _, fix, after in changed(path):
        left = {n.span.line for n in lint(path)(after).found}
        wrong = [run for run in judge(Fixture(path, after)) if run.error and run.line not in left]
        assert not wrong or fixture.given_up, (str(fix), wrong)


@each_wrong
def test_all_together_and_twice_is_once(path: Path) -> None:
    for unsafe in (False, True):
        once = mended(Fixture.read(path).bare, lint(path), lambda text, found: found, unsafe)
        again = mended(once.text, lint(path), lambda text, found: found, unsafe)
        assert (again.text, again.made) == (once.text, ())
        assert unsafe or all(fix.safe for _, fix in once.made)
    left = {d.span.line for d in once.left}
    wrong = [run for run in judge(Fixture(path, once.text)) if run.error and run.line not in left]
    assert not wrong or Fixture.read(path).given_up, wrong


def test_as_many_findings_as_ever_can_be_fixed() -> None:
    found = Counter(d.code.id for path in WRONG for d in offered(path) if d.fixes)
    assert {id: found[id] for id in sorted(found)} == FIXABLE


def test_what_is_unsafe_says_why() -> None:
    for path in WRONG:
        for _, fix, _ in changed(path):
            assert fix.safe == (not fix.note) and fix.note.startswith("unsafe: ") != fix.safe


def test_each_code_with_fixes_is_fixed_somewhere() -> None:
    assert {code.id for code in KINDS} == {*FIXABLE, "TSL203", "TSL208", "TSL502", "TSL602"}
