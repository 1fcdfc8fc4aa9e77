"""Pace beside other tools: CPU seconds of whole commands on the same files, alternating, the best of several runs.

    python benchmarks/speed.py                         # all; environments and torchvision's source are fetched
    python benchmarks/speed.py --source DIR            # torchvision's source is there already
    python benchmarks/speed.py plain cold warm         # these questions only

Questions: plain (no torch), cold, mixed, warm, check, memory. Peers (flake8 alone, flake8 with TorchFix, Pyrefly) live
in environments of their own under ``--work``. An answer is a ratio within one run; ``docs/benchmarks.md`` keeps them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "torchshape-benchmarks"
TORCHVISION = "torchvision==0.28.0"
ENVIRONMENTS = {
    "flake8": ["flake8"],
    "ours": ["flake8", f"torchshape-lint[cli] @ {ROOT.as_uri()}"],
    "torchfix": ["flake8", "torchfix"],
    "pyrefly": ["pyrefly"],
}
# Python's own packages without torch, and as many lines as a third of the files of a mixed project needs.
PLAIN = ("email", "asyncio", "unittest", "json", "http", "xml", "importlib", "multiprocessing", "logging", "ctypes")


@dataclass(frozen=True, slots=True)
class Used:
    """What a command used: CPU seconds of it and its children, and the greatest memory in MiB."""

    seconds: float
    mebibytes: float


class Bench:
    """Where everything is, and how often a command is run."""

    def __init__(self, work: Path, source: Path | None, runs: int) -> None:
        self.work, self.runs = work, runs
        work.mkdir(parents=True, exist_ok=True)
        self.torchvision = source or self._fetched()
        self.cache = work / "cache"

    def _fetched(self) -> Path:
        target = self.work / "torchvision"
        if not target.exists():
            with tempfile.TemporaryDirectory() as wheels:
                pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", wheels]
                subprocess.run([*pip, TORCHVISION], check=True)
                (wheel,) = Path(wheels).iterdir()
                shutil.unpack_archive(wheel, target, "zip")
        return target / "torchvision"

    def program(self, environment: str, name: str) -> str:
        """The path of a program in an environment, which is made first."""
        folder = self.work / f"env-{environment}"
        if environment == "ours":
            shutil.rmtree(folder, ignore_errors=True)  # this tree, as it is now
        if not folder.exists():
            venv.create(folder, with_pip=True)
            pip = [folder / "bin" / "pip", "install", "-q", *ENVIRONMENTS[environment]]
            subprocess.run(pip, check=True)
        return str(folder / "bin" / name)

    def compare(self, **commands: Sequence[str]) -> dict[str, Used]:
        """The best of several runs of each command, in turn. Names that begin with "cold" start without a cache."""
        best: dict[str, Used] = {}
        for _ in range(self.runs):
            for name, command in commands.items():
                if name.startswith("cold"):
                    shutil.rmtree(self.cache, ignore_errors=True)
                used = self.run(command)
                known = best.get(name)
                if known is None or used.seconds < known.seconds:
                    best[name] = used
        for name, used in best.items():
            print(f"  {name:24} {used.seconds:8.2f} s {used.mebibytes:7.0f} MiB")
        return best

    def run(self, command: Sequence[str]) -> Used:
        environment = {**os.environ, "TORCHSHAPE_LINT_CACHE": str(self.cache), "NO_COLOR": "1"}
        with subprocess.Popen(
            command, cwd=self.work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0  # its findings are not the question
        return Used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def flake8(self, environment: str, *paths: Path) -> list[str]:
        return [self.program(environment, "flake8"), "-j1", "--isolated", *map(str, paths)]


def _plain(bench: Bench) -> None:
    """Python's own packages, none of which mentions torch."""
    library = Path(sysconfig.get_paths()["stdlib"])
    paths = [library / name for name in PLAIN]
    without, ours = bench.flake8("flake8", *paths), bench.flake8("ours", *paths)
    used = bench.compare(flake8=without, ours=ours)
    _ratio("no torch: flake8 with the plugin / without", used["ours"], used["flake8"], 1.01)


def _cold(bench: Bench) -> None:
    paths = [bench.torchvision]
    used = bench.compare(
        flake8=bench.flake8("flake8", *paths),
        cold_ours=bench.flake8("ours", *paths),
        torchfix=[*bench.flake8("torchfix", *paths), "--select=TOR"],
    )
    _ratio("torchvision, cold: flake8 with the plugin / without", used["cold_ours"], used["flake8"], 1.8)
    _ratio("torchvision, cold: flake8 with the plugin / with TorchFix", used["cold_ours"], used["torchfix"], 1 / 8)


def _mixed(bench: Bench) -> None:
    """Two files of Python's own for every one of torchvision's."""
    folder = bench.work / "mixed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bench.torchvision, folder / "torchvision")
    wanted = 2 * len(list(folder.rglob("*.py")))
    library = Path(sysconfig.get_paths()["stdlib"])
    others = sorted(path for path in library.glob("[a-z]*/*.py") if path.parent.name not in ("site-packages", "test"))
    for k, path in enumerate(others[:wanted]):
        (folder / path.parent.name).mkdir(exist_ok=True)
        shutil.copy(path, folder / path.parent.name / f"m{k}_{path.name}")
    used = bench.compare(flake8=bench.flake8("flake8", folder), cold_ours=bench.flake8("ours", folder))
    _ratio("mixed project, cold: flake8 with the plugin / without", used["cold_ours"], used["flake8"], 1.3)


def _warm(bench: Bench) -> None:
    ours = bench.flake8("ours", bench.torchvision)
    bench.run(ours)
    used = bench.compare(flake8=bench.flake8("flake8", bench.torchvision), ours=ours)
    _ratio("torchvision, warm: flake8 with the plugin / without", used["ours"], used["flake8"], 1.05)


def _check(bench: Bench) -> None:
    check = [bench.program("ours", "torchshape-lint"), "check", "--jobs=1", "--quiet", str(bench.torchvision)]
    pyrefly = [bench.program("pyrefly", "pyrefly"), "check", str(bench.torchvision)]
    used = bench.compare(cold_check=check, warm_check=check, pyrefly=pyrefly)
    _ratio("torchvision: check, warm / cold", used["warm_check"], used["cold_check"], 0.1)
    _ratio("torchvision: check, warm / Pyrefly", used["warm_check"], used["pyrefly"], 1.0)


def _memory(bench: Bench) -> None:
    """torchvision twice and a file of 40,000 lines: 160,000 lines in one process."""
    large = bench.work / "large.py"
    large.write_text(_FUNCTIONS)
    twice = bench.work / "twice"
    shutil.rmtree(twice, ignore_errors=True)
    shutil.copytree(bench.torchvision, twice / "torchvision")
    paths = [bench.torchvision, twice, large]
    used = bench.compare(flake8=bench.flake8("flake8", *paths), cold_ours=bench.flake8("ours", *paths))
    more = used["cold_ours"].mebibytes - used["flake8"].mebibytes
    print(f"memory over flake8's own: {more:.0f} MiB (bound 300): {'met' if more <= 300 else 'MISSED'}")


_FUNCTIONS = "import torch\n" + "".join(
    f"\n\ndef scaled_{k}(x, factor):\n    y = x * factor + {k}\n    z = torch.relu(y)\n    return z\n"
    for k in range(6667)
)


def _ratio(what: str, ours: Used, theirs: Used, bound: float) -> None:
    ratio = ours.seconds / theirs.seconds
    print(f"{what}: {ratio:.3f} (bound {bound:.3f}): {'met' if ratio <= bound else 'MISSED'}")


QUESTIONS: dict[str, Callable[[Bench], None]] = {
    "plain": _plain,
    "cold": _cold,
    "mixed": _mixed,
    "warm": _warm,
    "check": _check,
    "memory": _memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Pace beside other tools.")
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS), metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--source", type=Path, help="torchvision's source, unpacked")
    parser.add_argument("--work", type=Path, default=WORK, help="where environments and copies are kept")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    bench = Bench(arguments.work, arguments.source and arguments.source.absolute(), arguments.runs)
    print(f"load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, the best of {bench.runs} runs, CPU seconds")
    for name in arguments.questions:
        QUESTIONS[name](bench)


if __name__ == "__main__":
    main()
