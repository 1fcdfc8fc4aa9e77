"""Precision: packages of working code must be silent. Lints them as source and prints every report.

    python benchmarks/precision.py                     # downloads the packages below with pip, without installing them
    python benchmarks/precision.py --source DIR ...    # directories that are there already
    python benchmarks/precision.py timm kornia         # these packages only

A report is a fault of the linter's unless it stands in `REAL` below, with the reason why.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torchshape_lint.check import _Evaluation
from torchshape_lint.faults import DEBUG
from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frontend.source import touches_torch
from torchshape_lint.options import Options

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "torchshape-benchmarks" / "packages"

PACKAGES = (
    "torchvision==0.28.0",
    "timm==1.0.31",
    "segmentation-models-pytorch==0.6.0",
    "kornia==0.9.0",
    "vit-pytorch==1.26.11",
    "x-transformers==2.31.10",
    "monai==1.6.1",
    "diffusers==0.42.1",
    "ultralytics==8.4.190",
    "speechbrain==1.1.2",
    "torch-geometric==2.8.1",
    "torchmetrics==1.9.0",
    "pytorch-lightning==2.6.6",
    "pytorch-forecasting==1.8.0",
    "fairscale==0.4.13",
    "open-clip-torch==3.3.0",
    "lightly==1.6.0",
    "pretrainedmodels==0.7.4",
    "efficientnet-pytorch==0.7.1",
)

# Reports that were judged to be right: (end of the path, code, a word of the message) -> what torch says.
REAL: dict[tuple[str, str, str], str] = {}


@dataclass(frozen=True, slots=True)
class Linted:
    """What came of one file. early: the evaluation did not come to its end."""

    path: Path
    lines: int
    torch: bool
    seconds: float
    early: bool
    reports: tuple[str, ...]


def lint(root: Path, seconds: float, path: Path) -> Linted:
    """One file; the reports read as flake8's do."""
    text = decode(path.read_bytes())
    began = time.perf_counter()
    reports, early, torch = [], False, touches_torch(text)
    try:
        evaluation = _Evaluation(text, str(path), Options(seconds=seconds), ()) if torch else None
        early = evaluation is not None and bool(evaluation.machine.budget.spent)
        for d in evaluation.diagnostics() if evaluation is not None else ():
            place = f"{path.relative_to(root)}:{d.span.line}:{d.span.column}"
            reports.append(f"{place}: {d.code} {d.message}{_judged(path, d.code.id, d.message)}")
    except Exception as error:  # noqa: BLE001 (a crash is a report too)
        reports.append(f"{path.relative_to(root)}: crash of the linter: {type(error).__name__}: {error}")
    took = time.perf_counter() - began
    return Linted(path, text.count("\n"), torch, took, early, tuple(reports))


def _judged(path: Path, code: str, message: str) -> str:
    for (end, its_code, word), why in REAL.items():
        if path.as_posix().endswith(end) and code == its_code and word in message:
            return f" (REAL: {why})"
    return ""


def downloaded(names: list[str]) -> Iterator[Path]:
    """Each package's source, unpacked once."""
    for package in PACKAGES:
        if names and package.partition("==")[0] not in names:
            continue
        target = CACHE / package
        if not target.is_dir():
            with tempfile.TemporaryDirectory() as files:
                pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", files, package]
                subprocess.run(pip, check=True)
                for archive in Path(files).iterdir():
                    shutil.unpack_archive(archive, target, "zip" if archive.suffix == ".whl" else None)
        yield target


def row(name: str, found: list[Linted], wall: float) -> str:
    lines, reports = sum(f.lines for f in found), [r for f in found for r in f.reports]
    torch = sum(f.torch for f in found)
    real = sum("(REAL: " in r for r in reports)
    slowest = max((f.seconds for f in found), default=0.0)
    return (
        f"{name:36} {len(found):6} {torch:6} {lines:9,} {wall:8.1f} {lines / max(wall, 1e-9):9,.0f} {slowest:8.1f}"
        f" {sum(f.early for f in found):6} {len(reports) - real:8} {real:5}"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", help="names of packages to download and lint (all of the list)")
    parser.add_argument("--source", type=Path, nargs="+", help="directories of source code, instead of downloads")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=2.0, help="for one file (2, as in flake8)")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    os.environ[DEBUG] = "1"  # a fault of the linter's own is a report too, not a line in a log
    every: list[Linted] = []
    columns = f"{'files':>6} {'torch':>6} {'lines':>9} {'seconds':>8} {'lines/s':>9} {'slowest':>8} {'early':>6}"
    print(f"{'package':36} {columns} {'reports':>8} {'real':>5}", flush=True)
    began = time.perf_counter()
    with ProcessPoolExecutor(args.jobs) as pool:
        for root in args.source or downloaded(args.packages):
            start = time.perf_counter()
            files = sorted(p for p in root.rglob("*.py") if p.is_file())
            found = list(pool.map(partial(lint, root.parent, args.seconds), files, chunksize=4))
            every += found
            print(row(root.name, found, time.perf_counter() - start), flush=True)
    print(row("all", every, time.perf_counter() - began))
    print()
    reports = [report for linted in every for report in linted.reports]
    print("\n".join(reports))
    return any("(REAL: " not in report for report in reports)


if __name__ == "__main__":
    sys.exit(main())
