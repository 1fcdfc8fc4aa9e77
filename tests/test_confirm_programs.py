"""Torch confirms every report on the four programs, and what it refutes is dropped. A process for each story."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import ROOT, Fixture, fixture_id, fixtures
from torchshape_lint import check as door
from torchshape_lint.check import check, explain
from torchshape_lint.codes import FEATURES
from torchshape_lint.confirm import child, replay
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


def forked_wait(command: list[str], end: float, limit: float) -> str:
    """Like `replay._wait`, but the child is forked from a process that has torch already: it saves seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torch_ready", __name__])
    process = context.Process(target=run_child, args=command[-2:])
    process.start()
    process.join(max(end - time.monotonic(), 0.1))
    if process.is_alive():
        process.kill()
        return f"not finished after {limit:g} s"
    return f"the process ended with code {process.exitcode}"


def run_child(question: str, reply: str) -> None:
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    child.main(question, reply)


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_wait", forked_wait)


@pytest.mark.parametrize("path", WRONG, ids=fixture_id)
@pytest.mark.usefixtures("forked")
def test_torch_confirms_every_report(path: Path) -> None:
    found = [d for d in check(Fixture.read(path).bare, str(path), CONFIRM) if d.code.torch_raises]
    assert [d.verdict for d in found] == ["confirmed"] * max(len(found), 1)


@pytest.mark.parametrize("path", RIGHT, ids=fixture_id)
def test_right_forms_have_nothing_to_confirm(path: Path) -> None:
    assert check(Fixture.read(path).bare, str(path), CONFIRM) == []


def test_torch_is_asked_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above, without short cuts."""
    (tmp_path / "torchvision.py").write_text(STUBS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))
    (path,) = (path for path in WRONG if path.name == "lenet_wrong_mnist.py")
    (finding,) = check(Fixture.read(path).bare, str(path), CONFIRM)
    assert finding.verdict == "confirmed"


# --- a false alarm ------------------------------------------------------------------------------------------------

FALSE = Diagnostic(FEATURES, "", Span(25, 20, 25, 31), "fc1: nothing is wrong here", origin=Story("script"))


@pytest.fixture
def lenet(forked: None, monkeypatch: pytest.MonkeyPatch) -> Path:
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
