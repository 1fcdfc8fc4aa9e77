"""A terminal editor as its user sees it: keys go in, and what counts is what then stands on the screen.

tmux plays the terminal. What the editor finds is a home of its own, where it is set up as the test says.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT

LONG = 30.0
MISSING = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux")


def version(program: str) -> tuple[int, ...]:
    """``(0, 12, 4)``; ``()`` where there is no such program."""
    found = shutil.which(program)
    if found is None:
        return ()
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=LONG, check=False).stdout
    number = re.search(r"\d+(?:\.\d+)+", said)
    return tuple(map(int, number[0].split("."))) if number else ()


class Terminal:
    """A project and an editor in it, which finds ``torchshape-lint`` on its PATH."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.home, self.project = folder / "home", folder / "project"
        programs = self.home / "bin"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        programs.mkdir(parents=True)
        program = programs / "torchshape-lint"
        start = f"PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m torchshape_lint"
        program.write_text(f'#!/bin/sh\n{start} "$@"\n')
        program.chmod(0o755)
        self.socket = folder / "tmux"
        self.variables = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "TERM": "screen-256color",
        }

    def open(self, *command: str) -> None:
        size = ("-x", "250", "-y", "45")
        self._tmux("-f", os.devnull, "new-session", "-d", *size, "-c", str(self.project), shlex.join(command))

    def keys(self, *keys: str) -> None:
        """One after the other, with a rest after Escape: together with the next key it would be Alt."""
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(0.6 if key == "Escape" else 0.05)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def shows(self, *words: str, gone: str = "\0") -> str:
        """The screen as soon as these words stand on it, and those that must go do not."""
        end = time.monotonic() + LONG
        while True:
            screen = self.screen()
            if all(word in screen for word in words) and gone not in screen:
                return screen
            assert time.monotonic() < end, f"no {words}, or still {gone!r}:\n{screen}"
            time.sleep(0.05)

    def quit(self) -> None:
        self._tmux("kill-server")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self.socket), *arguments]
        ran = subprocess.run(command, env=self.variables, capture_output=True, text=True, timeout=LONG, check=False)
        assert ran.returncode == 0, (command, ran.stderr)
        return ran.stdout
