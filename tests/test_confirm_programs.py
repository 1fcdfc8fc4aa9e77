"""Torch confirms every report on the four programs, and what it refutes is dropped. Slow: a process for each story."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import ROOT, Fixture, fixture_id, fixtures
from torchshape_lint import check as door
from torchshape_lint.check import check, explain
from torchshape_lint.codes import FEATURES
from torchshape_lint.confirm.replay import judged
from torchshape_lint.diagnostics import Diagnostic, Story
from torchshape_lint.options import DEFAULT
from torchshape_lint.report.table import table
from torchshape_lint.spans import Span

pytest.importorskip("torch")

PROGRAMS = fixtures("programs")
WRONG = [path for path in PROGRAMS if "_wrong_" in path.name]
RIGHT = [path for path in PROGRAMS if "_right" in path.name]
CONFIRM = replace(DEFAULT, confirm=True, confirm_seconds=60.0)
STUBS = "import sys\nfrom tests.stub_packages import stubs\nsys.modules.update(stubs())\n"


@pytest.fixture(autouse=True)
def torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child finds the stand-in for torchvision."""
    (tmp_path / "torchvision.py").write_text(STUBS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))


@pytest.mark.parametrize("program", sorted({path.name.partition("_wrong_")[0] for path in WRONG}))
def test_torch_confirms_every_report(program: str) -> None:
    """What ``check`` does with ``confirm``, for the files of one program side by side."""
    paths = [path for path in WRONG if path.name.startswith(f"{program}_wrong_")]
    found = [(path, check(Fixture.read(path).bare, str(path))) for path in paths]
    assert all(diagnostics for _, diagnostics in found)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert list(filter(None, pool.map(_unconfirmed, *zip(*found, strict=True)))) == []


def _unconfirmed(path: Path, found: list[Diagnostic]) -> str:
    after = judged(Fixture.read(path).bare, str(path), found, CONFIRM)
    assert any(d.code.torch_raises for d in after)
    wrong = [f"{d.span.line}: {d.code} {d.verdict}" for d in after if d.code.torch_raises and d.verdict != "confirmed"]
    return f"{path.name}: {'; '.join(wrong)}" if wrong else ""


@pytest.mark.parametrize("path", RIGHT, ids=fixture_id)
def test_right_forms_have_nothing_to_confirm(path: Path) -> None:
    assert check(Fixture.read(path).bare, str(path), CONFIRM) == []


def test_check_asks_torch() -> None:
    (path,) = (path for path in WRONG if path.name == "lenet_wrong_64x64.py")
    (finding,) = check(Fixture.read(path).bare, str(path), CONFIRM)
    assert finding.verdict == "confirmed"


# --- a false alarm ------------------------------------------------------------------------------------------------

FALSE = Diagnostic(FEATURES, "", Span(25, 20, 25, 31), "fc1: nothing is wrong here", origin=Story("script"))


@pytest.fixture
def lenet(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right program, in which the linter now finds something wrong."""
    (path,) = (path for path in RIGHT if path.name == "lenet_right.py")
    found = [replace(FALSE, path=str(path))]
    monkeypatch.setattr(door._Evaluation, "diagnostics", lambda self: found)
    assert check(path.read_text("utf-8"), str(path)) == found
    return path


def test_what_torch_refutes_is_dropped(lenet: Path) -> None:
    assert check(lenet.read_text("utf-8"), str(lenet), CONFIRM) == []


def test_explain_says_what_was_dropped(lenet: Path) -> None:
    trace = explain(lenet.read_text("utf-8"), str(lenet), CONFIRM)
    assert [d.verdict for d in trace.diagnostics] == ["refuted"]
    assert "nothing is wrong here [refuted]" in table(trace)
    assert "torch ran past this line without an error: dropped" in table(trace)
