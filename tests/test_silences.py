"""What is known to be silent is not evaluated again, until anything that this hangs on has changed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.test_modules import write
from torchshape_lint import api, asked, faults, silences
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.interp import machine
from torchshape_lint.options import Options

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        return self.fc(x)
"""
USE = "import torch\nfrom parts.net import Net\n\nNet()(torch.zeros(1, 16))\n"
BROKEN = USE.replace("16", "17")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(silences.VARIABLE, str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(root, parts__init="", parts__net=NET, use=USE)
    (root / "pyproject.toml").touch()
    return root


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG")


def evaluated(monkeypatch: pytest.MonkeyPatch, run: Callable[[], list[Diagnostic]]) -> tuple[bool, list[str]]:
    """Was the file evaluated, and which codes were found in it?"""
    from torchshape_lint import check as door

    calls = []
    real = door.check

    def counted(*args: object) -> list[Diagnostic]:
        calls.append(args)
        return real(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(door, "check", counted)
        found = [d.code.id for d in run()]
    return bool(calls), found


def test_a_silent_file_is_evaluated_once(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> list[Diagnostic]:
        return api.check(project / "use.py")

    assert evaluated(monkeypatch, run) == (True, [])
    assert evaluated(monkeypatch, run) == (False, [])
    assert len(entries(cache)) == 1
    assert (cache / "CACHEDIR.TAG").is_file()


def test_what_is_found_is_found_again(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, use=BROKEN)
    for _ in range(2):
        assert evaluated(monkeypatch, lambda: api.check(project / "use.py")) == (True, ["TSL101"])
    assert entries(cache) == []


def _text(root: Path) -> None:
    write(root, use=USE + "# more\n")


def _imported(root: Path) -> None:
    write(root, parts__net=NET.replace("16", "17"))


def _removed(root: Path) -> None:
    (root / "parts" / "net.py").unlink()


def _shadowed(root: Path) -> None:
    write(root, parts__net__init=NET.replace("16", "17"))


@pytest.mark.parametrize("change", [_text, _imported, _removed, _shadowed])
def test_a_change_of_anything_read_counts(
    project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    assert api.check(project / "use.py") == []
    change(project)
    again, found = evaluated(monkeypatch, lambda: api.check(project / "use.py"))
    assert again
    assert found == (["TSL101"] if change in (_imported, _shadowed) else [])


def test_a_new_caller_elsewhere_counts(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> list[Diagnostic]:
        return api.check(project / "parts" / "net.py")

    assert evaluated(monkeypatch, run) == (True, [])
    assert evaluated(monkeypatch, run) == (False, [])
    write(project, test_net="import torch\nfrom parts.net import Net\n\ndef test():\n    Net()(torch.zeros(1, 5))\n")
    assert evaluated(monkeypatch, run) == (True, ["TSL101"])


def test_other_settings_are_other_questions(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "parts" / "net.py"
    assert api.check(path) == []
    assert evaluated(monkeypatch, lambda: api.check(path, input=["Net=(n, 5)"])) == (True, ["TSL101"])
    assert evaluated(monkeypatch, lambda: api.check(path, conditional=True)) == (True, [])
    assert evaluated(monkeypatch, lambda: api.check(path, cache=False)) == (True, [])
    assert evaluated(monkeypatch, lambda: api.check(path)) == (False, [])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[:-3],
    "turned": lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
    "foreign": lambda content: b"{}",
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_as_good_as_none(
    project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    assert api.check(project / "use.py") == []
    (entry,) = entries(cache)
    entry.write_bytes(damage(entry.read_bytes()))
    assert evaluated(monkeypatch, lambda: api.check(project / "use.py")) == (True, [])
    assert evaluated(monkeypatch, lambda: api.check(project / "use.py")) == (False, [])


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b'{"text": 3}', b'{"text": "T", "asked": [["os.system", "x"]]}', b'{"asked": 7}', b"\xff"],
)
def test_an_entry_of_another_form_is_as_good_as_none(project: Path, cache: Path, content: bytes) -> None:
    import hashlib
    import zlib

    assert api.check(project / "use.py") == []
    (entry,) = entries(cache)
    text = silences._text_digest(USE).encode()
    packed = zlib.compress(content.replace(b'"T"', b'"' + text + b'"'))
    entry.write_bytes(hashlib.sha256(packed).digest() + packed)
    assert not silences.is_silent(str(project / "use.py"), USE, Options())


def test_a_fault_of_ours_is_not_kept(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(faults.DEBUG)

    def failing() -> list[Diagnostic]:
        faults.caught(ValueError("ours"), "a test")
        return []

    silences.kept("x.py", "torch", Options(), failing)
    assert entries(cache) == []


LONG = "import torch\nx = torch.zeros(1)\nfor i in range(100000):\n    x = x + i\n" * 50


@pytest.mark.parametrize(("ends", "kept"), [("by its steps", 1), ("by the clock", 0), ("nested too deeply", 0)])
def test_an_early_end_is_kept_if_it_would_be_the_same_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, ends: str, kept: int
) -> None:
    monkeypatch.setattr(machine, "PATIENCE", 0.0 if ends == "by the clock" else 1000.0)
    if ends == "nested too deeply":
        monkeypatch.setattr("torchshape_lint.check.run_stories", _too_deep)
    assert api.check(tmp_path / "long.py", LONG, seconds=0.02) == []
    assert len(entries(cache)) == kept


def _too_deep(*_: object) -> None:
    raise RecursionError


def test_what_torch_refutes_is_not_kept(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuted(text: str, path: str, found: list[Diagnostic], options: Options) -> list[Diagnostic]:
        return [replace(d, verdict="refuted") for d in found]

    monkeypatch.setattr("torchshape_lint.confirm.replay.judged", refuted)
    assert api.check(project / "use.py", BROKEN, confirm=True) == []
    assert entries(cache) == []


def test_a_folder_that_cannot_be_written_costs_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(silences.VARIABLE, str(tmp_path / "file" / "cache"))
    for _ in range(2):
        assert evaluated(monkeypatch, lambda: api.check(project / "use.py")) == (True, [])


@pytest.mark.parametrize("word", ["off", "OFF", "0"])
def test_it_can_be_switched_off(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(silences.VARIABLE, word)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert api.check(project / "use.py") == []
    assert not (tmp_path / "xdg").exists()


def test_the_folder_has_a_bound(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silences, "_MOST", 8)
    for k in range(1200):
        silences.kept(f"{k}.py", "torch", Options(), list)
    assert max(len(list(folder.iterdir())) for folder in cache.iterdir() if folder.is_dir()) <= 8
    assert silences.is_silent("1199.py", "torch", Options())


def _work(root: str) -> list[list[str]]:
    names = sorted(Path(root).glob("*.py"))
    return [[d.code.id for d in api.check(path)] for _ in range(3) for path in names]


def test_several_processes_share_it(project: Path, cache: Path) -> None:
    write(project, **{f"use{k}": USE for k in range(6)}, broken=BROKEN)
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        answers = pool.map(_work, [str(project)] * 3)
    assert answers[0] == answers[1] == answers[2]
    assert [codes for codes in answers[0][:8] if codes] == [["TSL101"]]
    assert len(entries(cache)) == 7  # every silent file once, and nothing half written


def test_flake8_does_not_load_the_evaluation_for_what_it_knows(project: Path, cache: Path) -> None:
    script = (
        "import sys\nfrom flake8.main.cli import main\n"
        "code = main(['--select=TSL', '-j1', 'use.py'])\n"
        "print(code, 'torchshape_lint.check' in sys.modules, 'libcst' in sys.modules)\n"
    )

    def run() -> str:
        answer = subprocess.run(
            [sys.executable, "-c", script],
            cwd=project,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip()

    assert run() == "0 True False"
    assert run() == "0 False False"
    write(project, parts__net=NET.replace("16", "17"))
    assert "TSL101" in run()


def test_questions_are_asked_once_while_the_disk_is_held_still(tmp_path: Path) -> None:
    from torchshape_lint import opened

    path = str(tmp_path / "x.py")
    with asked.held_still():
        assert not opened.is_file(path)
        Path(path).touch()
        assert not opened.is_file(path)
    assert opened.is_file(path)


def test_a_question_that_fails_leaves_nothing_to_keep() -> None:
    @asked.question
    def fails() -> str:
        raise OSError("the disk is gone")

    with asked.noted() as notes, pytest.raises(OSError, match="gone"):
        fails()
    assert not notes.complete
    assert not asked.still_true(("fails",), "")
    assert not asked.still_true(("never heard of",), "")
