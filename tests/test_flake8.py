"""flake8 with the plugin: in this process with a made-up ``check``, and as a user runs it."""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from argparse import Namespace
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from flake8.exceptions import ExecutionError

from tests.findings import FINDING
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.flake8_plugin import SETTINGS, Plugin
from torchshape_lint.options import Options

ROOT = Path(__file__).parent.parent
WRONG = """\
import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(1, 4, 3),
    nn.BatchNorm2d(8),
)
fc = nn.Linear(256, 10)
fc(torch.zeros(2, 196))
net(torch.zeros(2, 1, 28, 28))
"""
FOUND = [("TSL105", 6, 5), ("TSL101", 9, 1)]


# --- in this process ----------------------------------------------------------------------------------------------


class Check:
    """Stands for ``torchshape_lint.check``: remembers what it was asked."""

    def __init__(self, answer: list[Diagnostic] | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, Options]] = []

    def check(self, text: str, path: str, options: Options, tree: object) -> list[Diagnostic]:
        self.asked.append((text, path, options))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Check:
    door = Check([FINDING])
    module = types.ModuleType("torchshape_lint.check")
    module.check = door.check  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchshape_lint.check", module)
    monkeypatch.setattr(Plugin, "given", {})
    monkeypatch.chdir(tmp_path)
    return door


def run(text: str, filename: str = "net.py") -> list[tuple[int, int, str, type]]:
    return list(Plugin(ast.Module([], []), text.splitlines(keepends=True), filename).run())


def options(**values: Any) -> Namespace:
    names = SETTINGS
    return Namespace(**{f"tsl_{name}": values.get(name) for name in names})


def test_a_finding_as_flake8_wants_it(check: Check) -> None:
    ((line, column, text, kind),) = run("import torch\n")
    assert (line, column, kind) == (9, 15, Plugin)
    assert text.startswith("TSL101 fc: last axis of x is 196")
    assert check.asked == [("import torch\n", "net.py", Options())]


def test_a_file_without_torch_is_not_asked_about(check: Check) -> None:
    assert run("import os\n" * 1000) == []
    assert check.asked == []


def test_findings_in_other_files_are_theirs(check: Check) -> None:
    check.answer = [replace(FINDING, path="blocks.py")]
    assert run("import torch") == []


def test_an_internal_error_is_silent_unless_asked_for(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check.answer = RecursionError("too deep")
    monkeypatch.delenv("TORCHSHAPE_LINT_DEBUG", raising=False)
    assert run("import torch") == []
    monkeypatch.setenv("TORCHSHAPE_LINT_DEBUG", "1")
    with pytest.raises(RecursionError):
        run("import torch")


def test_options_are_handed_on(check: Check) -> None:
    declared = ["Net=(n, 1, 28, 28)", "x=(1, 2); y=(3,)"]
    Plugin.parse_options(options(input=declared, conditional="yes", python="py"))
    run("import torch")
    assert check.asked[0][2] == Options(
        inputs=("Net=(n, 1, 28, 28)", "x=(1, 2)", "y=(3,)"), conditional=True, python="py"
    )


def test_a_bad_option_is_flake8s_own_error(check: Check) -> None:
    with pytest.raises(ExecutionError, match="tsl-conditional: expected true or false"):
        Plugin.parse_options(options(conditional="perhaps"))


def test_pyproject_is_read_and_can_be_wrong(check: Check, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.torchshape-lint]\nconditonal = true\n", "utf-8")
    ((line, column, text, _),) = run("import torch")
    assert (line, column) == (1, 0)
    assert text.startswith("TSL901 ")
    assert "'conditonal' is not a setting" in text


def test_pyproject_ignores_codes(check: Check, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.torchshape-lint]\nignore = "TSL1"\n', "utf-8")
    assert run("import torch") == []


# --- as a user runs it --------------------------------------------------------------------------------------------


def registered() -> str:
    """What a configuration needs to say for flake8 to know the plugin: nothing where it is installed."""
    if any(point.value.startswith("torchshape_lint.") for point in entry_points(group="flake8.extension")):
        return ""
    return f"[flake8:local-plugins]\nextension = TSL = torchshape_lint.flake8_plugin:Plugin\npaths = {ROOT}\n"


def flake8(folder: Path, *arguments: str, stdin: str | None = None, config: str = "") -> tuple[int, str]:
    """Exit code and output."""
    (folder / ".flake8").write_text(f"[flake8]\n{config}\n{registered()}", "utf-8")
    command = [sys.executable, "-m", "flake8", "--config", ".flake8", *arguments]
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def places(output: str) -> list[tuple[str, int, int]]:
    rows = [row.split(":", 3) for row in output.splitlines()]
    return sorted(((text.split()[0], int(line), int(column)) for _, line, column, text in rows), key=lambda p: p[1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(WRONG, "utf-8")
    return tmp_path


def test_flake8_reports(folder: Path) -> None:
    code, output = flake8(folder, "net.py")
    assert code == 1
    assert places(output) == FOUND


def test_standard_input(folder: Path) -> None:
    assert places(flake8(folder, "-", stdin=WRONG)[1]) == FOUND
    _, output = flake8(folder, "--stdin-display-name", "other.py", "-", stdin=WRONG)
    assert places(output) == FOUND
    assert output.startswith("other.py:")


def test_noqa(folder: Path) -> None:
    (folder / "net.py").write_text(WRONG.replace("196))", "196))  # noqa: TSL101"), "utf-8")
    assert places(flake8(folder, "net.py")[1]) == FOUND[:1]
    assert places(flake8(folder, "--disable-noqa", "net.py")[1]) == FOUND


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--select=TSL101"], FOUND[1:]),
        (["--extend-select=TSL"], FOUND),
        (["--ignore=TSL105"], FOUND[1:]),
        (["--extend-ignore=TSL"], []),
        (["--per-file-ignores=net.py:TSL1"], []),
    ],
)
def test_codes_are_selected(folder: Path, arguments: list[str], found: list[tuple[str, int, int]]) -> None:
    assert places(flake8(folder, *arguments, "net.py")[1]) == found


def test_two_jobs(folder: Path) -> None:
    for k in range(4):
        (folder / f"net{k}.py").write_text(WRONG, "utf-8")
    (folder / "plain.py").write_text("import os\nos.getcwd()\n", "utf-8")
    _, output = flake8(folder, "--jobs=2", ".")
    assert len(output.splitlines()) == 5 * len(FOUND)


def test_a_file_that_does_not_parse_is_flake8s(folder: Path) -> None:
    (folder / "net.py").write_text(WRONG + "net(\n", "utf-8")
    _, output = flake8(folder, "--select=E9,TSL", "net.py")
    assert {code for code, _, _ in places(output)} <= {"E999", "E902"}


DECLARED = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(x)
"""


@pytest.mark.parametrize(
    ("arguments", "config"),
    [
        (["--tsl-input", "Net=(n, 196)"], ""),
        (["--tsl-input", "Other=(3,)", "--tsl-input", "Net=(n, 196)"], "tsl-input = Net=(n, 256)"),
        ([], "tsl-input =\n    Other=(3,)\n    Net=(n, 196)"),
        ([], "tsl_input = Other=(3,); Net=(n, 196)"),
    ],
)
def test_an_input_is_declared(folder: Path, arguments: list[str], config: str) -> None:
    (folder / "net.py").write_text(DECLARED, "utf-8")
    assert places(flake8(folder, *arguments, "net.py", config=config)[1]) == [("TSL101", 10, 16)]


def test_an_input_in_pyproject(folder: Path) -> None:
    (folder / "net.py").write_text(DECLARED, "utf-8")
    (folder / "pyproject.toml").write_text('[tool.torchshape-lint]\ninput = "Net=(n, 196)"\n', "utf-8")
    assert places(flake8(folder, "--jobs=2", "net.py")[1]) == [("TSL101", 10, 16)]
    assert places(flake8(folder, "--tsl-input=Net=(n, 256)", "net.py")[1]) == []


@pytest.mark.parametrize("config", ["tsl-conditional = perhaps", "tsl-input = Net"])
def test_a_bad_setting_is_one_clear_message(folder: Path, config: str) -> None:
    code, output = flake8(folder, "net.py", config=config)
    assert code != 0
    assert config.split()[0] in output


def test_confirmation(folder: Path) -> None:
    _, output = flake8(folder, "--tsl-confirm", "net.py")
    assert "[confirmed]" in output
