"""``torchshape-lint fix`` as a user runs it: files changed in place, in their own encoding."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.program import FINE, LINEAR, run

FIXED = LINEAR.replace("4 * 8", "28")
FLATTEN = """import torch
from torch import nn

net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 10))
net(torch.randn(2, 1, 28, 28))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    return tmp_path / "net.py"


def test_safe_fixes_alone(file: Path) -> None:
    ran = run(file.parent, "fix")
    assert (ran.code, file.read_text("utf-8")) == (1, LINEAR)
    assert ran.out.splitlines()[1] == "    with --unsafe: in_features = 28"
    assert ran.err == "0 fixed, 1 left, 1 of them with --unsafe\n"
    file.write_text(FLATTEN, "utf-8")
    ran = run(file.parent, "fix")
    assert (ran.code, ran.err) == (0, "1 fixed, 0 left\n")
    assert ran.out == "net.py:4: TSL101 fixed: nn.Flatten() in front\n"
    assert "nn.Flatten(), nn.Linear(" in file.read_text("utf-8")


def test_unsafe(file: Path) -> None:
    ran = run(file.parent, "fix", "--unsafe", "net.py")
    assert (ran.code, file.read_text("utf-8")) == (0, FIXED)
    said = "net.py:5: TSL101 fixed: in_features = 28 (unsafe: saved weights of the layer no longer fit)\n"
    assert (ran.out, ran.err) == (said, "1 fixed, 0 left\n")
    before = file.stat().st_mtime_ns
    assert run(file.parent, "fix", "--unsafe", "net.py").code == 0
    assert file.stat().st_mtime_ns == before  # nothing to be done is nothing written


def test_selected_codes(file: Path) -> None:
    assert run(file.parent, "fix", "--unsafe", "--select", "TSL2").code == 0
    assert run(file.parent, "fix", "--unsafe", "--ignore", "TSL101").code == 0
    assert file.read_text("utf-8") == LINEAR


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_diff_that_patch_takes(file: Path, end: str) -> None:
    file.write_text(LINEAR.rstrip() + end, "utf-8")
    ran = run(file.parent, "fix", "--unsafe", "--diff", "net.py")
    assert (ran.code, ran.err, file.read_text("utf-8")) == (1, "", LINEAR.rstrip() + end)
    subprocess.run(["git", "apply", "-"], cwd=file.parent, input=ran.out, text=True, check=True)
    assert file.read_text("utf-8") == FIXED.rstrip() + end
    assert run(file.parent, "fix", "--unsafe", "--diff", "net.py").code == 0


def test_standard_input(tmp_path: Path) -> None:
    ran = run(tmp_path, "fix", "--unsafe", "-", stdin=LINEAR)
    assert (ran.code, ran.out) == (0, FIXED)
    ran = run(tmp_path, "fix", "-", stdin=FINE)
    assert (ran.code, ran.out) == (0, FINE)


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("latin-1", "# coding: latin-1\n# \xe9\n"),
        ("cp1252", "# coding: cp1252\n# \u20ac\n"),
        ("gbk", "# coding: gbk\n# \u5c42\n"),
    ],
)
def test_encodings_and_newlines(file: Path, encoding: str, head: str) -> None:
    for newline in ("\n", "\r\n"):
        file.write_bytes((head + LINEAR).replace("\n", newline).encode(encoding))
        assert run(file.parent, "fix", "--unsafe").code == 0
        assert file.read_bytes() == (head + FIXED).replace("\n", newline).encode(encoding)


def test_bytes_that_are_no_text(file: Path) -> None:
    file.write_bytes(b"# \xff\xfe\n" + LINEAR.encode())
    assert run(file.parent, "fix", "--unsafe").code == 0
    assert file.read_bytes() == b"# \xff\xfe\n" + FIXED.encode()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    ran = run(tmp_path, "fix", "gone.py")
    assert (ran.code, ran.out) == (2, "") and "gone.py: No such file or directory" in ran.err
