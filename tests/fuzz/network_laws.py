"""Torch as the judge of a random network: no report on what runs, the shapes agree, no report has a wrong number."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.fuzz.laws import PATH
from tests.harness import Fixture, declared, same_shape, shapes
from tests.torch_judge import Run, judge
from torchshape_lint.check import check, explain
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.dims import Size, Sym, substitute, symbols
from torchshape_lint.shapes import Shape

_NUMBERS = re.compile(r"-?\d+")


class Program(Fixture):
    """Torch tells what every statement gives."""

    @cached_property
    def gives(self) -> dict[int, tuple[tuple[object, ...], ...]]:
        statements = (n for n in ast.walk(ast.parse(self.text)) if isinstance(n, ast.Assign | ast.Return))
        return {n.lineno: () for n in statements}

    @cached_property
    def repeated(self) -> set[int]:
        """The lines in loops."""
        loops = (n for n in ast.walk(ast.parse(self.text)) if isinstance(n, ast.For | ast.While))
        return {n for loop in loops for n in range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)}

    def inputs(self, first: int, last: int) -> dict[str, tuple[object, ...]]:
        """None: it is a script, which ends with a call."""
        return {}


@dataclass
class Verdict:
    """What torch and the linter say of one network.

    ran: torch ran it; reported: so many findings; known, seen: lines whose shape the linter knew, of how many.
    """

    fault: str = ""
    ran: bool = False
    reported: int = 0
    known: int = 0
    seen: int = 0
    missed: str = ""
    error: str = field(default="", repr=False)


def judged(text: str) -> Verdict:
    program = Program(Path(PATH), text)
    (run,) = judge(Program(program.path, text + _call(program)))
    verdict = Verdict(ran=not run.error, error=run.error)
    if run.line is None and run.error:
        verdict.fault = f"nobody knows where: {run.error}"
        return verdict
    found = [d for d in check(text, PATH) if d.code.torch_raises]
    verdict.reported = len(found)
    faults = [*_other_shapes(program, run, verdict), *_wrong_reports(program, run, found)]
    verdict.fault = "\n".join(faults)
    if run.error and not found:
        verdict.missed = f"line {run.line}: {run.error}"
    return verdict


def _call(program: Program) -> str:
    """For a class with a declared input: the call that shows torch what that means."""
    for inputs in filter(None, (declared(line) for line in program.text.split("\n"))):
        return f"\n\nNet()(torch.zeros({shapes(inputs[0][1], program.primes)[0]}))\n"
    return ""


def _wrong_reports(program: Program, run: Run, found: Sequence[Diagnostic]) -> Iterator[str]:
    agrees = False  # of two mistakes on one line torch names the first
    for d in sorted(found, key=lambda d: not _numbers_agree(program, d, run.error)):
        lines = range(d.span.line, d.span.end_line + 1)
        agrees = agrees or run.line in lines and _numbers_agree(program, d, run.error)
        if not run.error:
            yield f"torch runs it; reported is line {d.span.line}: {d.code} {d.message}"
        elif any(map(any, (run.gave.get(line, ()) for line in lines))) and run.line not in lines:
            yield f"torch runs line {d.span.line} and raises at {run.line}; reported is {d.code} {d.message}"
        elif run.line in lines and not agrees:
            yield f"torch says {run.error}; reported is {d.code} {d.message}"


def _numbers_agree(program: Program, d: Diagnostic, error: str) -> bool:
    """A number of the report is in torch's message too, where that has any (other than what it computed from them)."""
    theirs = set() if "computed output" in error else set(map(int, _NUMBERS.findall(error)))
    sizes = [n for n in (d.expected, d.actual) if n is not None and not isinstance(n, str)]
    ours = {*(_number(n, program.primes) for n in sizes), *map(int, _NUMBERS.findall(d.headline))} - {None}
    return not theirs or not ours or bool(ours & theirs)


def _other_shapes(program: Program, run: Run, verdict: Verdict) -> Iterator[str]:
    trace = explain(program.text, PATH)
    lines: Mapping[int, Sequence[Shape]] = trace.lines
    for line, gave in run.gave.items():
        theirs = [shapes[0] for shapes in gave if len(shapes) == 1]
        ours = [s for s in lines.get(line, []) if not s.is_open]
        if len(theirs) != len(gave) or not theirs or run.error and line in program.repeated:
            continue  # in a loop that torch leaves the linter goes on, one mistake wiser
        verdict.seen += 1
        for shape in ours:
            sizes = [_number(size, program.primes) for size in shape]
            verdict.known += None not in sizes
            wanted = tuple(sizes)
            if not any(same_shape(real, wanted) for real in theirs):
                yield f"line {line}: torch gives {theirs}, the linter says {shape}"


def _number(size: Size, primes: Mapping[str, int]) -> int | None:
    known: dict[Sym, Size] = {s: primes[s.name] for s in symbols(size) if s.name in primes}
    number = substitute(size, known)
    return number if isinstance(number, int) else None
