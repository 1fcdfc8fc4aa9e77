"""What the linter says about a driver, and where it lost track. Looks into the evaluation for that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from torchshape_lint.check import _Evaluation
from torchshape_lint.interp.apply_rule import tensors
from torchshape_lint.options import Options
from torchshape_lint.values import Unknown


@dataclass(slots=True)
class Seen:
    """flags: what it reports that torch raises. out: the last value in words; sizes: its shapes, if all are numbers."""

    flags: list[str] = field(default_factory=list)
    out: str = "nothing"
    sizes: list[list[int]] | None = None
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """The file holds ``text`` meanwhile."""
    before = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def lint(driver: str, path: Path, seconds: float) -> Seen:
    """Lint ``driver`` as the file ``path``."""
    seen, began = Seen(), time.monotonic()
    try:
        evaluation = _Evaluation(driver, str(path), Options(seconds=seconds), ())
        for d in evaluation.diagnostics():
            if d.code.torch_raises:
                seen.flags.append(f"{d.code} {d.message}")
    except Exception as error:  # noqa: BLE001 (a crash of the linter is a miss)
        seen.reasons.append(f"the linter crashed: {type(error).__name__}: {error}")
    else:
        _describe(evaluation, seen)
    seen.seconds = time.monotonic() - began
    return seen


def _describe(evaluation: _Evaluation, seen: Seen) -> None:
    m = evaluation.machine
    last = evaluation.source.program.body[-1]
    value = m.lines.get((id(evaluation.source.program), last.at))
    if m.budget.spent:
        seen.reasons.append(f"budget: {m.budget.spent}")
    if value is None:
        seen.reasons.append("the analysed code raises, or the evaluation ended")
    if isinstance(value, Unknown):
        site = m.reasons.get(value.why)
        where = f" ({_place(evaluation, site)})" if site is not None else ""
        seen.reasons.append(f"{value.why}{where}")
        seen.out = f"unknown: {value.why}"
    elif value is not None:
        shapes = [m.facts.shape(t.shape) for t in tensors(value)]
        seen.out = ", ".join(map(str, shapes)) or type(value).__name__
        if shapes and all(not s.is_open and all(isinstance(n, int) for n in s.sizes) for s in shapes):
            seen.sizes = [[n for n in s.sizes if isinstance(n, int)] for s in shapes]
    seen.reasons += [f"{why} ({_place(evaluation, site)})" for why, site in m.reasons.items()]
    seen.reasons = list(dict.fromkeys(seen.reasons))


def _place(evaluation: _Evaluation, site: object) -> str:
    program, at = getattr(site, "program", None), getattr(site, "at", -1)
    source = evaluation.machine.sources.get(id(program))
    if source is None:
        return f"driver:{evaluation.source.line(at)}"
    return f"{'/'.join(Path(source.program.path).parts[-2:])}:{source.line(at)}"
