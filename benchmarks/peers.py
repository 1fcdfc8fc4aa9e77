"""Peers: what other tools say about the same programs. Prints the table of docs/comparison.md.

    python benchmarks/peers.py                 # installs the pinned tools below into a cache with pip
    python benchmarks/peers.py --tools DIR     # or into DIR, or finds them there

A cell has the lines that a tool reports. Each tool runs as its documentation says, on one file at a time; Pyrefly finds
torch, its stubs for it, torchvision and jaxtyping in the environment that also runs the programs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "torchshape-benchmarks" / "peers"

# an environment each where two tools want other versions of the same package
ENVIRONMENTS = {
    "torch": "torch==2.13.0 torchvision==0.28.0 numpy jaxtyping==0.3.11 beartype==0.23.1 torchinfo==1.8.0",
    "pyrefly": "pyrefly==1.4.0",
    "torchfix": "torchfix==0.7.0",
    "torchshapeflow": "torchshapeflow==0.7.3",
}
STUBS = "pyrefly-torch-stubs==1.4.0 pyrefly-shape-extensions==1.4.0"  # into the first, without what they depend on
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
STATIC = 4  # of these, from the left, run nothing
COLUMNS = ("torchshape-lint", "Pyrefly", "TorchShapeFlow", "TorchFix", "running it", "running it with jaxtyping")
_WRONG = re.compile(r"# *!TSL")
_CONTRACT = """from typing import Annotated

import torch
from torchshapeflow import Shape


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(32, 10)

    def forward(self, x: Annotated[torch.Tensor, Shape("B", 28)]):
        return self.fc(x)  # !TSL
"""
_RUN = """
import sys, traceback
from pathlib import Path
hook, driver = sys.argv[1:]
try:
    if hook:
        from jaxtyping import install_import_hook
        with install_import_hook("program", "beartype.beartype"):
            import program
    else:
        import program
    exec(driver, vars(program))
except Exception as error:
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == "program.py"]
    print(f"program.py:{lines[-1] if lines else 0}")
"""


@dataclass(frozen=True)
class Program:
    """A file of fixtures/, or a text of our own; ``driver`` calls what the file only defines."""

    name: str
    driver: str = ""
    own: str = ""

    @property
    def text(self) -> str:
        return self.own or (ROOT / "fixtures" / self.name).read_text("utf-8")

    @property
    def wrong(self) -> list[int]:
        return [number for number, line in enumerate(self.text.splitlines(), 1) if _WRONG.search(line)]


PROGRAMS = (
    Program("programs/lenet_wrong_64x64.py"),
    Program("programs/flatten_7x7_wrong_8x8.py"),
    Program("programs/flatten_7x7_wrong_197_unknown_input.py"),
    Program("programs/kernels_wrong_cat.py"),
    Program("mistakes/cat_channels.py", "bad()"),
    Program("mistakes/loss_broadcast.py", "bad()"),
    Program("declared/pyrefly_annotation.py", "import torch\nBad()(torch.ones(4, 5))"),
    Program("declared/jaxtyping_plain.py", "attend_bad(torch.ones(2, 5, 8), torch.ones(3, 7, 8))"),
    Program("programs/lenet_right.py"),
    Program("idioms/resnet.py"),
    Program("idioms/unet.py"),
    Program("TorchShapeFlow's own words", "Net()(torch.ones(2, 28))", _CONTRACT),
    Program("an argument of another type", own="import torch\n\ntorch.nn.Flatten('all')(torch.ones(2, 3))  # !TSL\n"),
    Program("an index out of range", own="import torch\n\ntorch.nn.Embedding(9, 4)(torch.arange(9) + 1)  # !TSL\n"),
    Program("a function that torch removed", own="import torch\n\na = torch.eye(2)\ntorch.solve(a, a)  # !TSL\n"),
)


def install(tools: Path) -> None:
    for name, packages in ENVIRONMENTS.items():
        if (tools / name).exists():
            continue
        venv.create(tools / name, with_pip=True)
        pip = [tools / name / "bin" / "python", "-m", "pip", "install", "-q"]
        index = ["--extra-index-url", TORCH_INDEX] if name == "torch" else []
        subprocess.run([*pip, *index, *packages.split()], check=True)
        if name == "torch":
            subprocess.run([*pip, "--no-deps", *STUBS.split()], check=True)
            subprocess.run([*pip, "--no-deps", ENVIRONMENTS["torchshapeflow"]], check=True)  # its Shape, in a program


def commands(tools: Path, program: Program) -> list[list[str]]:
    """What each column runs, in a folder with the file ``program.py``."""
    python = str(tools / "torch" / "bin" / "python")
    return [
        [sys.executable, "-m", "torchshape_lint", "check", "-q", "program.py"],
        [f"{tools}/pyrefly/bin/pyrefly", "check", "--preset=default", "--output-format=min-text",
         f"--python-interpreter-path={python}", "program.py"],
        [f"{tools}/torchshapeflow/bin/tsf", "check", "program.py"],
        [f"{tools}/torchfix/bin/torchfix", "program.py"],
        [python, "run.py", "", program.driver],
        [python, "run.py", "hook", program.driver],
    ]  # fmt: skip


def reported(command: list[str]) -> set[int]:
    """The lines that a tool reports; 0 is the call of what is wrong, which is not in the file."""
    with_torchshape_lint = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment = with_torchshape_lint if command[0] == sys.executable else {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    return {int(n) for line in done.stdout.splitlines() for n in re.findall(r"program\.py:(\d+)", line)[:1]}


def told(tools: Path, program: Program, columns: int = len(COLUMNS)) -> list[set[int]]:
    """The lines that each of these columns reports."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("run.py").write_text(_RUN, "utf-8")
        text = re.sub(r"# *(?:!TSL|->|try\b).*", "#", program.text)  # the markers are for the tests
        Path("program.py").write_text(text, "utf-8")
        return [reported(command) for command in commands(tools, program)[:columns]]


def row(*cells: str) -> None:
    print("|", " | ".join(cells), "|", flush=True)


def cell(lines: Collection[int]) -> str:
    return ", ".join(str(n) if n else "its call" for n in sorted(lines)) or "-"


def count(tools: Path) -> None:
    """All deliberately wrong files of ours: how many of the wrong lines, and how many others, a tool names."""
    files = sorted(path.relative_to(ROOT / "fixtures").as_posix() for path in (ROOT / "fixtures/mistakes").glob("*.py"))
    wrong, right, others = 0, [0] * STATIC, [0] * STATIC
    for program in map(Program, files):
        wrong += len(set(program.wrong))
        for k, lines in enumerate(told(tools, program, STATIC)):
            right[k] += len(lines & set(program.wrong))
            others[k] += len(lines - set(program.wrong))
    row(f"{len(files)} files of mistakes/", str(wrong), *(f"{a} (+{b})" for a, b in zip(right, others)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tools", type=Path, default=CACHE, help="where the environments of the tools are, or will be")
    tools = parser.parse_args().tools.resolve()
    install(tools)
    row("program", "wrong", *COLUMNS)
    row(*["---"] * (len(COLUMNS) + 2))
    for program in PROGRAMS:
        row(program.name, cell(program.wrong), *map(cell, told(tools, program)))
    count(tools)


if __name__ == "__main__":
    main()
