"""Recall: small edits of torchvision's model files that torch refuses must be flagged, those that still run must not.

    python benchmarks/mutants.py                     # downloads torchvision 0.28.0 as source
    python benchmarks/mutants.py --source DIR --edits 10 --only resnet.py --misses misses.txt

Every mutant runs in torch on the meta device (`run_torch.py`; needs torch and pillow; torchvision's wheel is unpacked,
not installed). The linter sees the edited file in its package, and a driver of three lines that calls the factory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edits import KINDS, Edit, edits
from lint_driver import Seen, lint, written

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "torchshape-benchmarks"
TORCHVISION = "torchvision==0.28.0"

PICTURE, LARGE, CLIP = [2, 3, 224, 224], [2, 3, 299, 299], [2, 3, 16, 224, 224]  # two: BatchNorm refuses one value
FILES: dict[str, tuple[list[int], tuple[str, ...]]] = {
    "alexnet.py": (PICTURE, ("alexnet",)),
    "convnext.py": (PICTURE, ("convnext_tiny",)),
    "densenet.py": (PICTURE, ("densenet121",)),
    "efficientnet.py": (PICTURE, ("efficientnet_b0", "efficientnet_v2_s")),
    "googlenet.py": (PICTURE, ("googlenet",)),
    "inception.py": (LARGE, ("inception_v3",)),
    "maxvit.py": (PICTURE, ("maxvit_t",)),
    "mnasnet.py": (PICTURE, ("mnasnet0_5",)),
    "mobilenetv2.py": (PICTURE, ("mobilenet_v2",)),
    "mobilenetv3.py": (PICTURE, ("mobilenet_v3_small",)),
    "regnet.py": (PICTURE, ("regnet_y_400mf", "regnet_x_400mf")),
    "resnet.py": (PICTURE, ("resnet18", "resnet50")),
    "shufflenetv2.py": (PICTURE, ("shufflenet_v2_x0_5",)),
    "squeezenet.py": (PICTURE, ("squeezenet1_0", "squeezenet1_1")),
    "swin_transformer.py": (PICTURE, ("swin_t", "swin_v2_t")),
    "vgg.py": (PICTURE, ("vgg11_bn",)),
    "vision_transformer.py": (PICTURE, ("vit_b_32",)),
    "video/mvit.py": (CLIP, ("mvit_v2_s", "mvit_v1_b")),
    "video/resnet.py": (CLIP, ("r3d_18", "mc3_18", "r2plus1d_18")),
    "video/s3d.py": (CLIP, ("s3d",)),
    "video/swin_transformer.py": (CLIP, ("swin3d_t",)),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """An edited file, and the factory that is called. Without edit: the file as it was."""

    file: str
    factory: str
    input: list[int]
    text: str
    edit: Edit | None = None

    @property
    def module(self) -> str:
        return "torchvision.models." + self.file.removesuffix(".py").replace("/", ".")

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.module} {self.factory} {self.input}\n{self.text}".encode()).hexdigest()[:20]

    @property
    def driver(self) -> str:
        size = ", ".join(map(str, self.input))
        return f"import torch\nfrom {self.module} import {self.factory}\nout = {self.factory}()(torch.randn({size}))\n"

    def __str__(self) -> str:
        return f"{self.file} {self.factory}: {self.edit}"


class Torch:
    """What torch says, remembered: only new mutants are run."""

    def __init__(self, source: Path, rejudge: bool) -> None:
        self.source, self.kept = source, CACHE / "torch.json"
        self.answers: dict[str, Any] = {}
        if self.kept.is_file() and not rejudge:
            self.answers = json.loads(self.kept.read_text())
        self.process: subprocess.Popen[str] | None = None

    def ask(self, mutant: Mutant) -> dict[str, Any]:
        if mutant.key not in self.answers:
            process = self.process = self.process or self._start()
            assert process.stdin is not None and process.stdout is not None
            job = {"module": mutant.module, "factory": mutant.factory, "input": mutant.input, "text": mutant.text}
            path = str(self.source / "torchvision/models" / mutant.file)
            process.stdin.write(json.dumps(job | {"path": path}) + "\n")
            process.stdin.flush()
            self.answers[mutant.key] = json.loads(process.stdout.readline())
        answer: dict[str, Any] = self.answers[mutant.key]
        return answer

    def _start(self) -> subprocess.Popen[str]:
        paths = os.pathsep.join([str(self.source), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, str(HERE / "run_torch.py")]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def close(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        self.kept.write_text(json.dumps(self.answers))
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()


@dataclass(frozen=True, slots=True)
class Result:
    """Torch's word on a mutant (one of `KINDS_OF_RESULT`, or "other") and ours."""

    mutant: Mutant
    torch: dict[str, Any]
    kind: str
    seen: Seen


def mutants(torch: Torch, source: Path, file: str, count: int, seed: int) -> Iterator[tuple[Mutant, Any]]:
    """The edits of a file, shared out among its factories, each with the original's output."""
    text = (source / "torchvision/models" / file).read_text()
    size, factories = FILES[file]
    for k, factory in enumerate(factories):
        original = Mutant(file, factory, size, text)
        answer = torch.ask(original)
        if answer["kind"] != "ran":
            sys.exit(f"{original} does not run: {answer}")
        share = count // len(factories) + (k < count % len(factories))
        found = edits(text, set(answer["built"]), set(answer["run"]), share, f"{seed} {file} {factory}")
        for edit in found:
            yield Mutant(file, factory, size, edit.apply(text), edit), answer["output"]


def judged(answer: dict[str, Any], output: Any) -> str:
    if answer["kind"] != "ran":
        return str(answer["kind"])
    return "harmless" if answer["output"] == output else "changed"


# What torch does with a mutant; "guard": the file's own `raise` about an argument, before torch sees a tensor.
KINDS_OF_RESULT = ("crash", "harmless", "changed", "guard")


# --- what is printed --------------------------------------------------------------------------------------------------


def table(title: str, names: Iterable[str], results: list[Result], name_of: Any) -> str:
    columns = "   ".join(f"{kind:>8} flagged" + " " * 7 * (kind == "crash") for kind in KINDS_OF_RESULT)
    rows = [f"{title:24} {columns}"]
    for name in [*names, "all"]:
        mine = [r for r in results if name in ("all", name_of(r))]
        cells = []
        for kind in KINDS_OF_RESULT:
            these = [r for r in mine if r.kind == kind]
            flagged = sum(bool(r.seen.flags) for r in these)
            cells.append(f"{len(these):8} {flagged:7}")
            if kind == "crash":
                cells[-1] += f"{flagged / len(these):7.1%}" if these else " " * 7
        rows.append(f"{name:24} " + "   ".join(cells))
    return "\n".join(rows)


def misses(results: list[Result]) -> Iterator[str]:
    """Every wrong answer, and the reasons of the misses, most frequent first."""
    missed = [r for r in results if r.kind == "crash" and not r.seen.flags]
    counted = Counter(reason(r) for r in missed)
    yield f"# {len(missed)} crashes that were not flagged, by reason\n"
    for why, count in counted.most_common():
        yield f"{count:4}  {why}"
    yield "\n# each of them\n"
    for r in sorted(missed, key=lambda r: (-counted[reason(r)], reason(r))):
        yield f"{r.mutant}\n    torch: {r.torch['error'][:160]}  (at {r.torch['at']}: {r.torch['line'][:80]})"
        yield f"    lint:  {reason(r)}\n           out = {r.seen.out}; {'; '.join(r.seen.reasons[:3])}"
    yield "\n# false alarms: flagged, though torch runs it\n"
    for r in results:
        if r.kind in ("harmless", "changed") and r.seen.flags:
            yield f"{r.mutant} [{r.kind}]\n    " + "\n    ".join(r.seen.flags)
    yield "\n# wrong outputs: known to the linter, but not what torch gives\n"
    for r in results:
        if r.seen.sizes is not None and r.torch["kind"] == "ran" and r.seen.sizes != list(flat(r.torch["output"])):
            yield f"{r.mutant}\n    torch: {r.torch['output']}\n    lint:  {r.seen.out}"


def flat(output: Any) -> Iterator[list[int]]:
    """The shapes in a nested output."""
    if isinstance(output, list) and all(isinstance(n, int) for n in output):
        yield output
    elif isinstance(output, (list, dict)):
        for item in output.values() if isinstance(output, dict) else output:
            yield from flat(item)


def reason(r: Result) -> str:
    """Why a crash was missed: what became unknown first, or what torch checks and we do not."""
    if r.seen.sizes is not None:
        return f"took it for fine: {r.torch['error'][:70]} (at {r.torch['at']})"
    return r.seen.reasons[0] if r.seen.reasons else f"no reason is known (torch at {r.torch['at']})"


# --- the run ----------------------------------------------------------------------------------------------------------


def unpacked(source: Path | None) -> Path:
    """A directory that holds torchvision's source."""
    if source is not None:
        return source
    target = CACHE / TORCHVISION
    if not target.is_dir():
        with tempfile.TemporaryDirectory() as wheels:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, TORCHVISION]
            subprocess.run(pip, check=True)
            for wheel in Path(wheels).glob("*.whl"):
                shutil.unpack_archive(wheel, target, "zip")
    return target


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="the directory that holds torchvision/, instead of a download")
    parser.add_argument("--edits", type=int, default=30, help="edits a file (30)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10, help="for the linter, a mutant (10)")
    parser.add_argument("--only", default="", help="files whose path contains this")
    parser.add_argument("--misses", type=Path, help="write every miss with its reason to this file")
    parser.add_argument("--rejudge", action="store_true", help="ask torch again")
    return parser.parse_args()


def run(args: argparse.Namespace, source: Path, torch: Torch) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work)
        ignore = shutil.ignore_patterns("*.so", "*.pyc", "__pycache__", "*.dll", "*.pyd")
        shutil.copytree(source / "torchvision", tree / "torchvision", ignore=ignore)
        for file in FILES:
            if args.only not in file:
                continue
            for mutant, output in mutants(torch, source, file, args.edits, args.seed):
                answer = torch.ask(mutant)
                kind = judged(answer, output)
                seen = Seen()
                if kind != "other":
                    with written(tree / "torchvision/models" / file, mutant.text):
                        seen = lint(mutant.driver, tree / "driver.py", args.seconds)
                yield Result(mutant, answer, kind, seen)


def main() -> None:
    args = arguments()
    source = unpacked(args.source)
    torch = Torch(source, args.rejudge)
    began = time.monotonic()
    results: list[Result] = []
    try:
        for result in run(args, source, torch):
            results.append(result)
            if result.kind == "crash" and not result.seen.flags:
                print("missed:", result.mutant, "|", reason(result), flush=True)
    finally:
        torch.close()
    lints = [r.seen.seconds for r in results if r.kind != "other"]
    print()
    print(table("edit", KINDS, results, lambda r: r.mutant.edit.kind))
    print()
    print(table("file", [f for f in FILES if args.only in f], results, lambda r: r.mutant.file))
    print(
        f"\n{len(results)} mutants, {len(results) - len(lints)} of them raise, but not about shapes, and count nowhere"
    )
    print(f"lint: {sum(lints):.0f} s, at most {max(lints, default=0):.1f} s; all: {time.monotonic() - began:.0f} s\n")
    told = "\n".join(misses(results))
    print(told)
    if args.misses:
        args.misses.write_text(told + "\n")


if __name__ == "__main__":
    main()
