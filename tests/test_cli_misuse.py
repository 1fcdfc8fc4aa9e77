"""``torchshape-lint check`` and what it cannot do: a clear sentence, exit code 2, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.program import LINEAR, command, environment, git, hear_ctrl_c, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.py"], "gone.py: No such file"),
        (["net.py", "--write-baseline"], "--baseline FILE"),
        (["net.py", "--baseline", "gone.json"], "gone.json: No such file"),
        (["net.py", "--baseline", "broken.json"], "broken.json: not a baseline"),
        (["net.py", "--baseline", "list.json"], "it holds no list of findings"),
        (["net.py", "--baseline", "bytes.json"], "bytes.json: not a baseline"),
        (["net.py", "--baseline", "future.json"], "its version is 9"),
        (["net.py", "--baseline", "no/where.json", "--write-baseline"], "no/where.json: No such file"),
        (["net.py", "--diff", "nowhere"], "--diff nowhere"),
        (["net.py", "--output-file", "no/where.txt"], "no/where.txt: No such file"),
        (["net.py", "--diff", ""], "--diff : git knows no such commit"),
        (["net.py", "--baseline", ""], "Is a directory"),
        (["net.py", "--select", "E501"], "select"),
        (["net.py", "--select", "TSL999"], "'TSL999' is not the beginning of a code"),
        (["net.py", "--input", "Net"], "input"),
        (["gone", "--watch"], "--watch: gone"),
    ],
)
def test_what_it_cannot_do(folder: Path, arguments: list[str], words: str) -> None:
    (folder / "broken.json").write_text("{", "utf-8")
    (folder / "list.json").write_text("[1]", "utf-8")
    (folder / "bytes.json").write_bytes(b"\xff\xfe")
    (folder / "future.json").write_text('{"version": 9}', "utf-8")
    git(folder, "init", "-q")
    ran = run(folder, "check", *arguments)
    assert ran.code == 2
    assert words in ran.err.splitlines()[0]
    assert ran.err.startswith("torchshape-lint: ")


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--jobs", "x"], ["--format", "xml"], ["--frob"]])
def test_wrong_usage(folder: Path, arguments: list[str]) -> None:
    ran = run(folder, "check", *arguments)
    assert ran.code == 2
    assert "usage:" in ran.err


def test_no_repository(folder: Path) -> None:
    assert "--diff HEAD: " in run(folder, "check", "--diff", "HEAD").err


def test_a_broken_pyproject(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool", "utf-8")
    for jobs in ("1", "2"):
        ran = run(folder, "check", "net.py", "net.py", "--jobs", jobs)
        assert (ran.code, ran.out) == (2, "")
        assert "pyproject.toml: cannot be read" in ran.err


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[tool.torchshape_lint]", "[tool.torchshape_lint] is not read; the table is [tool.torchshape-lint]"),
        ("[tool.TorchShapeLint]", "[tool.TorchShapeLint] is not read; the table is [tool.torchshape-lint]"),
        ("[tool.torchshape-lint]\nselct = []", "'selct' is not a setting; did you mean 'select'?"),
        ("[tool.torchshape-lint]\nfrobnicate = 1", "'frobnicate' is not a setting; there are cache, "),
        ('[tool.torchshape-lint]\nignore = ["TSL77"]', "ignore: 'TSL77' is not the beginning of a code"),
    ],
)
def test_a_typing_error_in_pyproject(folder: Path, table: str, words: str) -> None:
    (folder / "pyproject.toml").write_text(table, "utf-8")
    ran = run(folder, "check", "net.py")
    assert (ran.code, ran.out) == (2, "") and words in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.5, 0.8])
def test_ctrl_c_is_no_traceback(folder: Path, seconds: float) -> None:
    """Whether it comes while the program is imported, or its processes are, or while they work."""
    for k in range(400):
        (folder / f"net{k}.py").write_text(LINEAR, "utf-8")
    with subprocess.Popen(
        command("check", "--jobs", "2", "--no-cache"), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, env=environment(), start_new_session=True, preexec_fn=hear_ctrl_c,
    ) as process:  # fmt: skip
        time.sleep(seconds)
        if process.poll() is not None:
            pytest.skip("a quick machine: it is done")
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    begun = "torchshape_lint/cli" in said or "multiprocessing" in said
    if begun or "Traceback" not in said:  # else Python itself was not up yet
        assert process.returncode in (130, -signal.SIGINT) and "Traceback" not in said, said


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is unreadable to this user")
def test_an_unreadable_file(folder: Path) -> None:
    (folder / "net.py").chmod(0)
    ran = run(folder, "check")
    assert (ran.code, "net.py: Permission denied" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\0torch", b"import torch\n\0", b"# coding: nonsense\nimport torch\n", b"torch ("]
)
def test_odd_bytes(folder: Path, data: bytes) -> None:
    (folder / "net.py").write_bytes(data)
    ran = run(folder, "check")
    assert (ran.code, ran.out) == (0, "")


def test_an_odd_locale(folder: Path) -> None:
    (folder / "net.py").write_text(LINEAR.replace("fc", "\u5c42"), "utf-8")
    assert run(folder, "check", "--format", "long", PYTHONIOENCODING="ascii").code == 1
