"""Every command of ``docs/cli.md`` is run, in a shell, and what the page shows is what is said."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.harness import ROOT
from tests.program import environment, git, run
from torchshape_lint.cli.program import COMMANDS, parser
from torchshape_lint.config import setting
from torchshape_lint.report.formats import checking

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
NET = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 8 * 8, 10)

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(self.conv(x), 4)
        return self.fc(torch.flatten(x, 1))


Net()(torch.randn(8, 3, 28, 28))
"""
LINES = [line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(NET, "utf-8")
    for name in ("models", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "known.json").write_text('{"version": 1, "findings": []}', "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("line", LINES)
def test_commands(folder: Path, line: str) -> None:
    """They are understood: what is found, if anything, is not asked here."""
    program = f'torchshape-lint() {{ "{sys.executable}" -m torchshape_lint "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-c", program + line], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env=environment(),
    )  # fmt: skip
    found = " check" in line and " --diff " not in line and "--write" not in line
    assert done.returncode == (1 if found else 0), done.stderr


def test_what_the_page_shows(folder: Path) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S)
    assert run(folder, "check", "net.py", "--format", "long").out.rstrip() == shown.rstrip()


def test_every_command_and_option_is_on_the_page() -> None:
    for module in COMMANDS:
        assert f"torchshape-lint {module.__name__.rpartition('.')[2]}" in PAGE
    for option in re.findall(r"--[a-z-]+", _help("check")):
        assert option in PAGE or option.startswith("--no-") or option in ("--help", "--python")
    for name in checking():
        assert f"`{name}`" in PAGE


def _help(command: str) -> str:
    (commands,) = (action for action in parser()._actions if action.dest == "==SUPPRESS==" and action.choices)
    assert isinstance(commands.choices, dict)
    text: str = commands.choices[command].format_help()
    return text


def test_the_settings_are_settings() -> None:
    for block in re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S):
        for name, value in tomllib.loads(block)["tool"]["torchshape-lint"].items():
            setting(name, value)
