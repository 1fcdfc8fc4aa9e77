"""Fixes: each removes its own finding and brings no new one, once is enough, and torch then runs the model."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.harness import Fixture, fixture_id, fixtures
from tests.torch_judge import judge
from torchshape_lint.check import check, linter
from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.fixes.edits import applied, moved
from torchshape_lint.fixes.offer import mended, with_fixes

WRONG = [path for path in fixtures("programs", "mistakes") if Fixture.read(path).errors]
each_wrong = pytest.mark.parametrize("path", WRONG, ids=fixture_id)

# Findings of these fixtures that a fix is offered for. May only rise.
FIXABLE = {}


@cache
def offered(path: Path) -> list[Diagnostic]:
    text = Fixture.read(path).bare
    return with_fixes(check(text, str(path)), text, linter(str(path)))


@each_wrong
def test_a_fix_removes_its_finding_and_brings_no_new_one(path: Path) -> None:
    text = Fixture.read(path).bare
    for d in offered(path):
        others = [o for o in offered(path) if o is not d]
        for fix in d.fixes:
            known = moved(text, fix.edits, [o.span for o in others])
            left = check(applied(text, fix.edits), str(path))
            new = [n for n in left if (n.span.line, n.span.column) not in known]
            assert not new, (str(fix), new)
            assert len(left) < len(offered(path)), str(fix)


@each_wrong
def test_a_fix_changes_nothing_but_what_it_says(path: Path) -> None:
    text = Fixture.read(path).bare
    for fix in (fix for d in offered(path) for fix in d.fixes):
        after = applied(text, fix.edits)
        ast.parse(after)
        touched = {n for e in fix.edits for n in range(e.span.line, e.span.end_line + 1)}
        kept = [line for n, line in enumerate(text.split("\n"), 1) if n not in touched]
        assert [line for line in after.split("\n") if line in kept].__len__() >= len(kept)


@each_wrong
def test_torch_runs_what_was_fixed(path: Path) -> None:
    """Each fix alone: torch raises at most where something is still found."""
    fixture = Fixture.read(path)
    for d in offered(path):
        for fix in d.fixes:
            after = Fixture(path, applied(fixture.bare, fix.edits))
            left = {n.span.line for n in check(after.text, str(path))}
            wrong = [run for run in judge(after) if run.error and run.line not in left | _given_up(fixture, fix)]
            assert not wrong, (str(fix), wrong)


def _given_up(fixture: Fixture, fix: Fix) -> set[int]:
    """Lines where torch raises and we say nothing, in the changed text."""
    grown = sum(edit.text.count("\n") for edit in fix.edits)
    return {line + k for line in fixture.given_up for k in range(grown + 1)}


@each_wrong
def test_all_fixes_together_and_twice_is_once(path: Path) -> None:
    fixture = Fixture.read(path)
    for unsafe in (False, True):
        once = mended(fixture.bare, linter(str(path)), lambda text, found: found, unsafe)
        again = mended(once.text, linter(str(path)), lambda text, found: found, unsafe)
        assert (again.text, again.made) == (once.text, ())
        assert all(fix.safe for _, fix in once.made) or unsafe
        left = {d.span.line for d in once.left}
        wrong = [run for run in judge(Fixture(path, once.text)) if run.error and run.line not in left]
        assert not wrong or fixture.given_up, wrong


def test_as_many_findings_as_ever_can_be_fixed() -> None:
    found = Counter(d.code.id for path in WRONG for d in offered(path) if d.fixes)
    assert dict(found) == FIXABLE
