"""``rule``, ``coverage``, ``init``, ``completion``, and the wheel that carries the pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.harness import ROOT
from tests.program import LINEAR, command, environment, run
from torchshape_lint.codes import CODES
from torchshape_lint.rules.registry import known

PAGE = (ROOT / "docs" / "codes" / "TSL101.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["TSL101", "tsl101", "101", "features"])
def test_rule(tmp_path: Path, name: str) -> None:
    assert run(tmp_path, "rule", name).out == PAGE


def test_rules(tmp_path: Path) -> None:
    rows = run(tmp_path, "rule").out.splitlines()
    assert [row.split()[0] for row in rows] == list(CODES)


def test_no_such_rule(tmp_path: Path) -> None:
    ran = run(tmp_path, "rule", "feature")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "torchshape-lint: feature is not a code; did you mean features?\n"


def test_explain_is_about_files(tmp_path: Path) -> None:
    ran = run(tmp_path, "explain", "tsl101")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "torchshape-lint: tsl101 is a code, not a file; its page: torchshape-lint rule TSL101\n"


def test_coverage(tmp_path: Path) -> None:
    every = run(tmp_path, "coverage")
    names = [row.split()[0] for row in every.out.splitlines()]
    assert names == sorted(set().union(*known()))
    some = run(tmp_path, "coverage", "CONV", "2d").out.splitlines()
    assert 2 < len(some) < 40
    assert all("conv" in row.lower() and "2d" in row.lower() for row in some)
    assert any(row.startswith("torch.nn.Conv2d ") and "->" in row for row in some)
    ran = run(tmp_path, "coverage", "frobnicate")
    assert (ran.code, ran.out, ran.err) == (1, "", "0 operators known of this name\n")


# --- init -----------------------------------------------------------------------------------------------------------


def test_init_in_an_empty_folder(tmp_path: Path) -> None:
    assert run(tmp_path, "init").code == 0
    table = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))
    assert table["tool"]["torchshape-lint"] == {"conditional": False}
    hooks = (tmp_path / ".pre-commit-config.yaml").read_text("utf-8")
    assert hooks.startswith("repos:\n- repo: local\n  hooks:\n    - id: torchshape-lint\n")
    again = run(tmp_path, "init")
    assert again.out.count("already there") == 2
    assert (tmp_path / ".pre-commit-config.yaml").read_text("utf-8") == hooks
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    assert run(tmp_path, "check").places == ["net.py:5 TSL101"]  # the settings are understood


def test_every_setting_that_init_proposes_is_one(tmp_path: Path) -> None:
    run(tmp_path, "init")
    file = tmp_path / "pyproject.toml"
    file.write_text(re.sub(r"^# ", "", file.read_text("utf-8"), flags=re.M), "utf-8")
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    assert run(tmp_path, "check", "net.py").places == ["net.py:5 TSL101"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("repos:\n- repo: a\n  rev: v1\n  hooks: [{id: b}]\n", "{before}{hook}"),
        ("repos:\n  - repo: a\n    hooks:\n      - id: b\n\n# the end\nci:\n  skip: []\n",
         "repos:\n  - repo: a\n    hooks:\n      - id: b\n{indented}\n# the end\nci:\n  skip: []\n"),
        ("# mine\nrepos: # here\n", "{before}{hook}"),
        ("repos:\r\n- repo: a\r\n  hooks: []", "{before}\r\n{crlf}"),
    ],
)  # fmt: skip
def test_init_keeps_other_hooks(tmp_path: Path, before: str, after: str) -> None:
    from torchshape_lint.cli.init import HOOK

    file = tmp_path / ".pre-commit-config.yaml"
    file.write_bytes(before.encode())
    assert run(tmp_path, "init").code == 0
    indented = "".join(f"  {line}" for line in HOOK.splitlines(keepends=True))
    wanted = after.format(before=before, hook=HOOK, indented=indented, crlf=HOOK.replace("\n", "\r\n"))
    assert file.read_bytes().decode() == wanted


def test_init_keeps_other_settings(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(b"# caf\xc3\xa9\r\n[project]\r\nname = 'x'")
    run(tmp_path, "init")
    assert file.read_bytes().startswith(b"# caf\xc3\xa9\r\n[project]\r\nname = 'x'\r\n\r\n[tool.torchshape-lint]\r\n")
    assert "torchshape-lint" in tomllib.loads(file.read_text("utf-8"))["tool"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("pyproject.toml", "[tool"), ("pyproject.toml", "tool = {}"), (".pre-commit-config.yaml", "repos: []\n")],
)
def test_what_init_cannot_do(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    ran = run(tmp_path, "init")
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8") == text


# --- completion -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_completion_in_bash(tmp_path: Path) -> None:
    pytest.importorskip("shtab")
    script = run(tmp_path, "completion", "bash").out
    (tmp_path / "complete.sh").write_text(script, "utf-8")
    ask = """
source ./complete.sh
complete_for() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  "$(complete -p torchshape-lint | sed 's/.*-F \\([^ ]*\\).*/\\1/')" torchshape-lint "${@: -1}" "${@: -2:1}"
  echo "${COMPREPLY[@]}"; }
complete_for torchshape-lint ch
complete_for torchshape-lint check --base
complete_for torchshape-lint check --format sa
"""
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["check", "--baseline", "sarif"]


@pytest.mark.parametrize("shell", ["zsh", "fish", "tcsh", "powershell"])
def test_completion_of_other_shells(tmp_path: Path, shell: str) -> None:
    shtab = pytest.importorskip("shtab")
    ran = run(tmp_path, "completion", shell)
    assert ran.code == (0 if shell in shtab.SUPPORTED_SHELLS else 2)
    assert ("coverage" in ran.out) is (ran.code == 0)


# --- as it is installed ---------------------------------------------------------------------------------------------


def test_the_wheel_has_the_pages(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    for name in ("torchshape_lint", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").iterdir()
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    assert (installed / "torchshape_lint" / "py.typed").exists()
    done = subprocess.run(
        command("rule", "TSL101"), cwd=tmp_path / "dist", capture_output=True, check=True, timeout=60,
        env=environment() | {"PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.stdout.decode("utf-8") == PAGE
