"""Every fixture is judged twice, by torch and by the linter: see `harness` for the markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import FIXTURES, Fixture, fixture_id, fixtures, lint_problems
from torchshape_lint.rules.registry import find_rule, known

# What is hostile is in `test_bad_input`.
FILES = fixtures("programs", "mistakes", "idioms", "operators", "declared", "projects")


def _fail(path: Path, problems: list[str]) -> None:
    if problems:
        pytest.fail(f"{fixture_id(path)}\n  " + "\n  ".join(problems), pytrace=False)


@pytest.mark.parametrize("path", FILES, ids=fixture_id)
def test_torch_agrees(path: Path) -> None:
    pytest.importorskip("torch")
    from tests.torch_judge import torch_problems

    _fail(path, torch_problems(Fixture.read(path)))


@pytest.mark.parametrize("path", FILES, ids=fixture_id)
def test_linter_agrees(path: Path) -> None:
    _fail(path, lint_problems(Fixture.read(path)))


def test_every_rule_family_has_its_fixture() -> None:
    """Good code beside bad, of the same name; torchvision's half that is compiled cannot be the judge here."""
    calls, _ = known()
    found = {rule.function.__module__.rpartition(".")[2] for name in calls if (rule := find_rule(name))}
    beside = {path.stem for path in FIXTURES.glob("operators/*.py")}
    assert {family for family in found if not family.startswith("torchvision")} == beside
