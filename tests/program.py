"""The command line as a user runs it: a process of its own, with and without the libraries of the extra ``cli``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.harness import ROOT

EXTRA = ("pathspec", "rich", "shtab", "watchfiles")
_MISSING = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""

LINEAR = """import torch
from torch import nn

fc = nn.Linear(4 * 8, 10)
fc(torch.randn(2, 28))
"""
LINEAR_SAID = "5:1: TSL101 fc: last axis of input is 28, but in_features is 32 (not 4*8)"
FINE = LINEAR.replace("28", "32")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def places(self) -> list[str]:
        """``net.py:5 TSL101`` of each line of the text format."""
        rows = [line.split(":", 3) for line in self.out.splitlines()]
        return [f"{row[0]}:{row[1]} {row[3].split()[0]}" for row in rows]


def hear_ctrl_c() -> None:
    """For ``preexec_fn``: what a shell starts in the background does not hear it, nor what that starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "torchshape_lint", *arguments]


def environment(missing: Sequence[str] = (), folder: Path | None = None, **variables: str) -> dict[str, str]:
    """Variables for a process that finds this package, and not the libraries that are ``missing``."""
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")}
    path = [str(ROOT)]
    if missing:
        assert folder is not None
        hidden = folder / "missing"
        hidden.mkdir(exist_ok=True)
        (hidden / "sitecustomize.py").write_text(_MISSING.format(names=tuple(missing)), "utf-8")
        path.insert(0, str(hidden))
    return {**plain, "PYTHONPATH": os.pathsep.join(path), "PYTHONIOENCODING": "utf-8", **variables}


def run(
    folder: Path,
    *arguments: str,
    stdin: str | bytes = b"",
    missing: Sequence[str] = (),
    hidden: Path | None = None,
    **variables: str,
) -> Ran:
    """Run ``torchshape-lint`` in a folder. No traceback is ever right."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=120,
        check=False,
        env=environment(missing, hidden, **variables),
    )
    ran = Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
    assert "Traceback" not in ran.out + ran.err, ran.err
    return ran


def git(folder: Path, *arguments: str) -> str:
    names = {f"GIT_{who}_{what}": "tester@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    config = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **names, **config},
    )
    return done.stdout
