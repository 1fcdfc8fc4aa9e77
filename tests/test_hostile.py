"""Hostile input costs bounded time and memory: texts, settings, and what stands in a folder in place of files.

The texts are in `hostile_texts`, hostile files with expectations of their own in ``fixtures/hostile``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT
from tests.hostile_texts import HEAD, TEXTS, UNREAD
from tests.program import run
from torchshape_lint.cli import main

BUDGET = 0.2  # seconds for an evaluation here
SECONDS = BUDGET + 2.5  # and for reading up to 3 MB
MEMORY = 2**31
PROCESSES = 2
CHILD = """
import json, sys, time
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
except ImportError:
    resource = None
from tests.hostile_texts import TEXTS
from torchshape_lint.check import check
from torchshape_lint.options import Options
for name in list(TEXTS)[int(sys.argv[1])::int(sys.argv[2])]:
    print(json.dumps([name]), flush=True)
    began = time.process_time()
    found = check(TEXTS[name], "net.py", Options(seconds=float(sys.argv[3])))
    lines = [d.span.line for d in found]
    print(json.dumps([name, lines, time.process_time() - began]), flush=True)
"""


@pytest.mark.parametrize("part", range(PROCESSES))
def test_texts(part: int) -> None:
    """In processes of their own: what we fear is a hang, or all of the machine's memory."""
    command = [sys.executable, "-c", CHILD, str(part), str(PROCESSES), str(BUDGET)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().splitlines()
        pytest.fail(f"no end in sight: {said[-1]}", pytrace=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, f"{answers[-1:]}\n{ran.stderr[-3000:]}"
    told = [answer for answer in answers if len(answer) == 3]
    assert len(told) == len(list(TEXTS)[part::PROCESSES])
    assert [name for name, lines, _ in told if 3 not in lines and name not in UNREAD] == []
    assert [(name, seconds) for name, _, seconds in told if seconds > SECONDS] == []


# --- folders ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "net.py").write_text(HEAD, "utf-8")
    return made


FOUND = ["net.py:3 TSL101"]


@pytest.mark.skipif(sys.platform == "win32", reason="no symbolic links")
def test_links_in_circles(folder: Path) -> None:
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "up").symlink_to("..", target_is_directory=True)
    (folder / "self.py").symlink_to("self.py")
    (folder / "loop").symlink_to("loop")
    (folder / "net.py").write_text(HEAD + "from self import x\nfrom loop.y import z\nfrom again.again.net import w\n")
    ran = run(folder, "check", "-q", ".")
    assert ran.places == FOUND
    assert ran.code == 2 and "self.py" in ran.err  # the one that cannot be opened is named


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    (folder / "folder.py").mkdir()
    (folder / "secret.py").write_text(HEAD)
    (folder / "secret.py").chmod(0)
    (folder / "net.py").write_text(HEAD + "from pipe import x\nfrom folder import y\nfrom secret import z\nx, y, z\n")
    ran = run(folder, "check", "-q", ".")
    assert "net.py:3 TSL101" in ran.places
    assert "pipe.py" not in ran.out + ran.err
    assert run(folder, "check", "-q", "/dev/null").places == []


def test_imports_in_circles(folder: Path) -> None:
    for name, other in ("ab", "bc", "ca"):
        (folder / f"{name}.py").write_text(
            f"from {other} import *\nfrom {other} import x\nimport torch, {other}\nx, {other}.x\n"
        )
    (folder / "net.py").write_text(
        HEAD + "import net\nfrom net import *\nfrom a import x, y\nfrom . import net\nx.y, net.net.net\n"
    )
    assert run(folder, "check", "-q", ".").places == FOUND


def test_imports_from_outside(folder: Path) -> None:
    """Dots lead no further than to the root, and nobody asks for what is no Python source."""
    imports = [f"from {'.' * n} import x" for n in (1, 2, 9, 200)] + [f"import {'a.' * 500}b", f"import {'a' * 5000}"]
    imports += ["from ...etc import passwd", "from ........................dev.zero import x", "from . import net as y"]
    (folder / "net.py").write_text(HEAD + "\n".join(imports) + "\nx.y(y)\n")
    assert run(folder, "check", "-q", ".").places == FOUND


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        "\0",
        "[tool.torchshape-lint",
        "[tool]\ntorchshape-lint = 3",
        "tool = 3",
        "tool = [{torchshape-lint = 1}]",
        "[tool.torchshape-lint]\ninput = 7",
        "[tool.torchshape-lint]\ninput = [[[[1]]]]",
        "[tool.torchshape-lint]\nseconds = -1",
        "[tool.torchshape-lint]\nseconds = nan",
        "[tool.torchshape-lint]\nseconds = '1'",
        "[tool.torchshape-lint]\nselect = {a = 1}",
        "[tool.torchshape-lint]\nper-file-ignores = 3",
        "[tool.torchshape-lint]\nper-file-ignores = {'*' = 3}",
        "[tool.torchshape-lint]\nexclude = 3",
        "[tool.torchshape-lint]\npython = []",
        "[tool.torchshape-lint]\nconfirm = 'perhaps'",
        "[tool.torchshape-lint]\n" + "a." * 500 + "b = 1",
        "a = " + "[" * 5000 + "]" * 5000,
        "[tool.torchshape-lint]\ninput = 'Net=(" + "(" * 5000 + "'",
    ],
    ids=lambda text: repr(text[-30:]),
)
def test_settings_that_make_no_sense(folder: Path, settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text(settings, "utf-8")
    assert main(["check", "-q", str(folder)]) == 2
    assert "pyproject.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "settings",
    [
        "seconds = 0.000001",
        "input = ['" + "x" * 100_000 + "=(n, 3)']",
        "input = ['Net=(" + "n, " * 20_000 + "3)']",
        "input = ['Net=(" + "9" * 5000 + ", 3)']",
        "input = ['Net=(10**10**10, n//0, n-n)']",
        "per-file-ignores = {'" + "*a" * 30 + "b' = ['TSL9']}",
        "exclude = ['" + "**/" * 200 + "x', '../../..', '/etc']",
    ],
    ids=lambda text: text[:40],
)
def test_settings_that_go_too_far(folder: Path, settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are refused in words, or make a difference to nothing but themselves."""
    (folder / "pyproject.toml").write_text(f"[tool.torchshape-lint]\n{settings}\n", "utf-8")
    (folder / "net.py").write_text(HEAD + "class Net(nn.Module):\n    def forward(self, x):\n        return x\n")
    began = time.process_time()
    code = main(["check", "-q", "--jobs", "1", str(folder)])
    said = capsys.readouterr()
    assert time.process_time() - began < SECONDS
    assert "TSL101" in said.out or "TSL901" in said.out or code == 2 and "pyproject.toml" in said.err
