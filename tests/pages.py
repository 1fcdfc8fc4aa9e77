"""The pages of the documentation as programs: their files are written, their commands run, what they show is compared.

- A block with a ``title`` is a file. A ``text`` block right behind Python is what ``torchshape-lint check`` says of it.
- ``console`` holds commands (``$``) and what each prints; a block right behind ``sh`` is what all of its lines print.
- A line ``...`` stands for any lines.

What a command prints is its output and its errors, as in a terminal. Our own programs run in this process.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path

from flake8.main.cli import main as flake8

from tests.harness import ROOT
from tests.program import environment
from torchshape_lint.cli import main as torchshape_lint
from torchshape_lint.config import nearest, read

_FENCE = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", re.M | re.S)
_TITLE = re.compile(r'title="([^"]+)"')
_SHELL = re.compile(r"[|<>;&`*]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|#.*")
_LAST_LINE = " 2>&1 | tail -n 1"
# where it is not installed, which it need not be for the tests
_PLUGIN = f"[flake8:local-plugins]\nextension = TSL = torchshape_lint.flake8_plugin:Plugin\npaths = {ROOT}\n"


@dataclass(frozen=True)
class Block:
    """A fenced block; ``behind``: the one right before it, with nothing but blank lines between."""

    language: str
    title: str
    text: str
    line: int
    behind: Block | None

    @property
    def commands(self) -> list[tuple[str, str | None]]:
        """Each command with what it prints, as far as the block shows that."""
        if self.language == "console":
            parts = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", self.text, re.M)
            return [(command, said) for command, said in parts]
        lines = [line for line in self.text.splitlines() if line.split("#")[0].strip()]
        return [(line, None) for line in lines] if self.language == "sh" else []

    @property
    def shows(self) -> bool:
        """Is this what the block before it prints?"""
        before = self.behind
        return before is not None and not self.title and self.language in ("text", "diff") and _speaks(before)


def _speaks(block: Block) -> bool:
    return block.language == "sh" or block.language == "python" and bool(block.title)


@dataclass(frozen=True)
class Page:
    """A page of Markdown."""

    name: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.name).read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        end = 0
        for match in _FENCE.finditer(self.text):
            indent, language, info, text = match.groups()
            title = _TITLE.search(info)
            behind = found[-1] if found and not self.text[end : match.start()].strip() else None
            text = re.sub(rf"^{indent}", "", text, flags=re.M)
            line = self.text.count("\n", 0, match.start()) + 1
            found.append(Block(language, title[1] if title else "", text, line, behind))
            end = match.end()
        return found

    @property
    def commands(self) -> list[str]:
        return [command for block in self.blocks for command, _ in block.commands]


PAGES = [
    Page(path.relative_to(ROOT).as_posix())
    for path in (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("editors/*/*.md")))
]


@dataclass(frozen=True)
class Ran:
    code: int
    said: str


@dataclass(frozen=True)
class Reader:
    """Somebody who does what a page says, in a folder of their own (the current one)."""

    folder: Path
    append: Path  # a configuration of flake8 that names the plugin

    @staticmethod
    def of(home: Path) -> Reader:
        """The folder is called ``project``: its name is in what is said about other files."""
        folder, config = home / "project", home / "plugin.cfg"
        folder.mkdir()
        os.chdir(folder)
        installed = any(e.value.startswith("torchshape_lint.") for e in entry_points(group="flake8.extension"))
        config.write_text("" if installed else _PLUGIN, "utf-8")
        return Reader(folder, config)

    def write(self, block: Block) -> None:
        path = self.folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")

    def run(self, command: str) -> Ran:
        nearest.cache_clear()  # the page may have written one just now
        read.cache_clear()
        said = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = self._run(command, said)
        said.seek(0)
        return Ran(code, said.read())

    def _run(self, command: str, said: io.TextIOWrapper) -> int:
        if command.startswith("python ") and command.endswith(_LAST_LINE):
            said.write(f"{_raised(shlex.split(command.removesuffix(_LAST_LINE))[1])}\n")
            return 0
        if _SHELL.search(_QUOTED.sub("", command)):
            return self._shell(command, said)
        program, *arguments = shlex.split(command, comments=True)
        if program == "torchshape-lint":
            return _exit(torchshape_lint, arguments)
        if program == "flake8":
            return _exit(flake8, ["-j1", "--append-config", str(self.append), *arguments])
        return self._shell(command, said)

    def _shell(self, command: str, said: io.TextIOWrapper) -> int:
        ours = f'"{sys.executable}" -m'
        functions = (
            f'torchshape-lint() {{ {ours} torchshape_lint "$@"; }}\n'
            f'flake8() {{ {ours} flake8 --append-config "{self.append}" "$@"; }}\n'
            "command -v dot >/dev/null || dot() { cat; }\n"  # Graphviz may be missing; what it is given may not
            "set -o pipefail\n"
        )
        done = subprocess.run(
            ["bash", "-c", functions + command], cwd=self.folder, capture_output=True, check=False, timeout=120,
            env=environment(),
        )  # fmt: skip
        said.write((done.stdout + done.stderr).decode("utf-8"))
        return done.returncode


def _exit(main: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as left:
        return int(left.code or 0)


def _raised(path: str) -> str:
    """The last line that Python prints when it runs a file that fails."""
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception as error:  # noqa: BLE001 (whatever the page's program raises is shown)
        return f"{type(error).__name__}: {error}".rstrip().splitlines()[-1]
    raise AssertionError(f"{path} runs")


def same(said: str, shown: str) -> bool:
    """Is this what the page shows? Blanks at the ends of lines and around it all do not count."""
    lines = [r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in _lines(shown)]
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _lines(said))) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]
