"""Reading is all that the linter does: it runs nothing of what it analyses, connects to nothing, and writes nothing
but its cache.

Every shell is run under `guard`, an audit hook that ends the process at the first thing that is more; the analysed
project consists of traps, and has a mistake, so that we know that it was analysed. Confirmation is the exception:
`test_confirm`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import guard
from tests.lsp.editor import Editor
from tests.test_flake8 import registered

NET = '''\
"""Shape: {__import__('os').mkdir('docstring')}"""
import os, pathlib, socket, subprocess
import torch
import trap
from torch import nn
from trap.blocks import WIDTH, Block
from trap import *

pathlib.Path("touched").touch()
os.mkdir("made")
subprocess.run(["touch", "started"])
exec("open('executed', 'w')")
eval("__import__('trap')")
socket.create_connection(("localhost", 9))
len(open("/etc/passwd").read()) and os.remove("net.py")


@trap.decorator
def decorated(x: "__import__('os').mkdir('annotation')"):
    return x


class Meta(type):
    def __new__(cls, *args):
        open("meta", "w")
        return super().__new__(cls, *args)


class Net(nn.Module):
    wide = __import__("trap").WIDTH

    def __init__(self):
        super().__init__()
        self.block = Block(8)
        self.fc = nn.Linear(WIDTH, 4)

    def forward(self, x):  # x: (__import__('os').mkdir('comment'), 7)
        os.system("touch system")
        return self.fc(self.block(x))


torch.load("weights.pt")
torch.save(Net(), "saved.pt")
net = Net()
net(torch.randn(2, 7))
'''
BLOCK = """\
from torch import nn

WIDTH = 9


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(7, n)

    def forward(self, x):
        return self.fc(x)
"""
SPRING = "open('sprung', 'w')\n__import__('os').abort()\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Traps, under every name that somebody might import."""
    folder = tmp_path / "project"
    files = {
        "net.py": NET,
        "script.py": "from net import Net\nimport torch\n" + SPRING + "Net()(torch.randn(2, 7))\n",
        "trap/__init__.py": SPRING + "def decorator(f):\n    return f\n",
        "trap/blocks.py": BLOCK + SPRING,
        "trap/springs.py": SPRING,
        "torch/__init__.py": SPRING,
        "torch/nn/__init__.py": SPRING,
        "setup.py": SPRING,
        "conftest.py": SPRING,
        "pyproject.toml": '[tool.torchshape-lint]\ninput = ["Net=(n, 7)"]\nunused-suppressions = true\n',
        "setup.cfg": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def guarded(project: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={**guard.environment(project.parent / "guard", project), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def untouched(project: Path, before: Sequence[tuple[str, bytes]]) -> bool:
    return contents(project) == before


def contents(project: Path) -> list[tuple[str, bytes]]:
    return sorted((str(p), p.read_bytes() if p.is_file() else b"") for p in project.rglob("*"))


@pytest.mark.parametrize(
    "command",
    [
        ["flake8", "--config=.flake8", "--select=TSL", "--jobs=1"],
        ["torchshape_lint", "check", "--unused-suppressions", "--conditional", "--format", "sarif"],
        ["torchshape_lint", "fix", "--diff", "--unsafe"],
        ["torchshape_lint", "explain", "--format", "html"],
    ],
    ids=" ".join,
)
def test_nothing_is_run_or_written(project: Path, command: list[str]) -> None:
    (project / ".flake8").write_text(f"[flake8]\n{registered()}", "utf-8")
    before = contents(project)
    ran = guarded(project, "-m", *command, "net.py")
    assert "GUARD" not in ran.stderr and ran.returncode in (0, 1), ran.stderr
    assert "in_features is 9" in ran.stdout or command[1] == "fix" and "nn.Linear(8" in ran.stdout, ran.stdout
    assert untouched(project, before)


def test_only_the_cache_is_written(project: Path) -> None:
    """And what it holds is as good as looking again."""
    (project / "net.py").unlink()
    (project / "fine.py").write_text(
        "import torch\nfrom trap.blocks import Block\nBlock(8)(torch.randn(2, 7))\n", "utf-8"
    )
    before = contents(project)
    for _ in range(2):
        ran = guarded(project, "-m", "torchshape_lint", "check", "--cache", "fine.py")
        assert (ran.returncode, ran.stdout) == (0, "") and "GUARD" not in ran.stderr, ran.stderr
        assert untouched(project, before)
        assert any(path.is_file() for path in (project.parent / "guard" / "cache").rglob("*"))


def test_the_language_server_only_reads(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = "torchshape_lint.lsp.evaluation"
    for name, value in guard.environment(project.parent / "guard", project, worker).items():
        monkeypatch.setenv(name, value)
    before = contents(project)
    editor = Editor(project)
    net = project / "net.py"
    editor.open(net)
    assert [d.code for d in editor.found(net)] == ["TSL101"]
    assert editor.hover(net, editor.at(net, "self.fc(self"))
    code, said = editor.quit()
    assert (code, said) == (0, "")
    assert untouched(project, before)


ACTIONS = [
    "import trap",
    "import net",
    "import torch",
    "exec(open('net.py').read())",
    "compile(open('net.py').read(), 'net.py', 'exec')",
    "__import__('runpy').run_path('net.py')",
    "open('x', 'w')",
    "open('net.py', 'r+')",
    "__import__('os').open('x', 64)",
    "__import__('os').mkdir('x')",
    "__import__('os').remove('net.py')",
    "__import__('os').rename('net.py', 'x')",
    "__import__('os').system('true')",
    "__import__('os').fork()",
    "__import__('pathlib').Path('x').touch()",
    "__import__('shutil').rmtree('trap')",
    "__import__('subprocess').run(['true'])",
    "__import__('socket').socket()",
    "__import__('socket').getaddrinfo('localhost', 80)",
    "__import__('urllib.request').request.urlopen('http://localhost:9')",
    "__import__('ctypes').CDLL(None).getpid()",
    "__import__('sqlite3').connect('x.db')",
]
ATTEMPT = """\
try:
    {action}
except PermissionError:
    pass
else:
    print({action!r})
"""


def test_the_guard_sees_it(project: Path) -> None:
    """A guard that sleeps proves nothing."""
    before = contents(project)
    ran = guarded(project, "-c", "".join(ATTEMPT.format(action=action) for action in ACTIONS), RAISES="1")
    assert (ran.stdout, ran.stderr) == ("", "")
    assert untouched(project, before)


def test_the_guard_sees_what_a_shell_does(project: Path) -> None:
    """What a user asks to be written is no less written."""
    for command in (["init", "--help"], ["check", "--output-file", "found.txt", "net.py"]):
        ran = guarded(project, "-m", "torchshape_lint", *command)
        assert ("GUARD: open" in ran.stderr) is (command[0] == "check"), ran.stderr
    ran = guarded(project, "-m", "torchshape_lint", "check", "--confirm", "net.py")
    assert "GUARD: " in ran.stderr
