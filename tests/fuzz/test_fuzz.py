"""A small share of the random programs, the same ones every time; ``python -m tests.fuzz`` has any number of others."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz import laws, runner
from tests.fuzz.laws import SECONDS, ask
from tests.fuzz.programs import JUDGED, KINDS, program
from tests.fuzz.runner import run, torch_fault
from tests.fuzz.shrink import smallest
from tests.program import run as shell
from torchshape_lint import check as door
from torchshape_lint.diagnostics import Diagnostic

SHARE = 12  # programs of each kind


@pytest.mark.parametrize("kind", KINDS)
def test_random_programs(kind: str) -> None:
    """No traceback, in time, the same answer twice and in another order; what runs as torch has it."""
    if kind in JUDGED:
        pytest.importorskip("torch")
    batch = run(kind, range(SHARE))
    assert not batch.faults, "\n".join(f"--- {kind}:{seed}\n{fault}" for seed, fault in batch.faults)
    assert batch.findings or kind in ("grammar", "working", "plain"), "programs without a finding prove little"


def test_programs_come_from_their_seeds() -> None:
    kinds = [kind for kind in KINDS if kind not in JUDGED]
    assert [program(kind, 7) for kind in kinds] == [program(kind, 7) for kind in kinds]


def test_networks_are_mostly_understood() -> None:
    """Agreement about shapes that the linter does not know would be none."""
    pytest.importorskip("torch")
    from tests.fuzz.network_laws import judged

    verdicts = [judged(program(kind, seed)) for kind in ("working", "broken") for seed in range(SHARE)]
    assert sum(v.known for v in verdicts) >= 0.98 * sum(v.seen for v in verdicts)
    plain = [judged(program("plain", seed)) for seed in range(SHARE)]
    assert sum(v.known for v in plain) >= 0.5 * sum(v.seen for v in plain) > SHARE
    raised = [v for v in verdicts if not v.ran]
    assert len(raised) > 1 and sum(v.reported > 0 for v in raised) >= 0.8 * len(raised)


def test_two_processes_say_the_same(tmp_path: Path) -> None:
    """Other processes have sets in another order, and other files before; and so has what the cache keeps."""
    for seed in range(12):
        for kind in ("tokens", "splices"):
            text = program(kind, seed)
            (tmp_path / f"{kind}{seed}.py").write_text(text, "utf-8", "surrogatepass")
    command, kept = ("check", "--format", "json", "-q", "--jobs"), str(tmp_path / "cache")
    answers = [shell(tmp_path, *command, n, ".", TORCHSHAPE_LINT_CACHE="off") for n in ("1", "2")]
    answers += [shell(tmp_path, *command, n, ".", TORCHSHAPE_LINT_CACHE=kept) for n in ("2", "1")]
    assert answers == answers[:1] * 4
    assert json.loads(answers[0].out)["diagnostics"]


def test_a_fault_is_made_small() -> None:
    text = "".join(f"x = {k}\n" for k in range(40))

    def faulty(shorter: str) -> str:
        return "KeyError: 7" if "x = 7\n" in shorter and "x = 31\n" in shorter else ""

    assert smallest(text, faulty) == "x = 7\nx = 31\n"


def test_a_network_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halves of a network are no Python, and the lines of what torch says otherwise of move."""
    pytest.importorskip("torch")
    from tests.fuzz import network_laws

    def lie(text: str, path: str) -> object:
        return door.explain(text.replace("5, 6", "5, 7"), path)

    monkeypatch.setattr(network_laws, "explain", lie)
    text = "import torch\n\n\ndef f(x):\n    return x + 1\n\n\ny = f(torch.ones(2, 3))\nz = torch.ones(5, 6)\n"
    small = smallest(text, lambda shorter: runner.faulty("working", shorter))
    assert "z = " in small and "y = " not in small and "\n\n" not in small


# --- the laws can be broken ---------------------------------------------------------------------------------------

NET = "import torch\nfrom torch import nn\nnn.Linear(3, 4)(torch.randn(2, 5))\n"


def test_a_traceback_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, path: str) -> list[Diagnostic]:
        raise KeyError("of ours")

    monkeypatch.setattr(laws, "check", fail)
    assert "KeyError: 'of ours'" in ask(NET).fault


@pytest.mark.skipif(sys.platform == "win32", reason="no timer for the processor")
def test_slowness_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(text: str, path: str) -> list[Diagnostic]:
        while True:
            pass

    monkeypatch.setattr(laws, "PATIENCE", 0.05)
    monkeypatch.setattr(laws, "check", endless)
    assert "no end after" in ask(NET).fault
    assert SECONDS < 10


def test_another_answer_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(range(9))

    def fickle(text: str, path: str) -> list[Diagnostic]:
        return [replace(d, message=str(next(answers))) for d in door.check(text, path)]

    monkeypatch.setattr(laws, "check", fickle)
    assert ask(NET).fault.startswith("says first")
    monkeypatch.setattr(runner, "ask", lambda text: laws.Answer("other", "", 0.0))
    assert len(run("lines", range(6)).faults) == 2


def test_torch_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from tests.fuzz import network_laws

    wrong = "import torch\nx = torch.ones(2, 3)\ny = x @ x\n"
    assert not torch_fault("broken", wrong)
    lie = [replace(d, actual=77, expected=78, headline="77 is not 78") for d in door.check(wrong, "net.py")]
    assert len(lie) == 1
    monkeypatch.setattr(network_laws, "check", lambda text, path: lie)
    assert "torch says" in torch_fault("broken", wrong)
    assert "torch runs it" in torch_fault("working", wrong.replace("x @ x", "x + x"))
    assert "torch runs line 3" in torch_fault("broken", wrong.replace("x @ x", "x + x\nz = x @ x"))
    monkeypatch.setattr(network_laws, "explain", lambda text, path: door.explain(text.replace("2, 3", "2, 4"), path))
    assert "the linter says (2, 4)" in torch_fault("working", "import torch\nx = torch.ones(2, 3)\n")
