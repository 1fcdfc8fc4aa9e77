"""Every fixture is judged twice, by torch and by the linter: see `harness` for the markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Fixture, fixture_id, fixtures, lint_problems

FILES = fixtures("programs", "mistakes", "idioms", "declared", "projects")  # what is hostile is in `test_bad_input`


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
