"""What stories share: inputs that were declared outside the code, and the guarded run of one story."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from torchshape_lint import codes, ir
from torchshape_lint.faults import caught
from torchshape_lint.interp.apply_rule import tensors
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.machine import Machine, Raised, StoryEnd
from torchshape_lint.interp.records import Plan, Record
from torchshape_lint.interp.scope import Frame
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Function, Value


@dataclass(slots=True)
class Wanted:
    """Inputs that somebody declared outside the code: {(class, method, parameter): shape}; "" matches any."""

    shapes: dict[tuple[str, str, str], ir.Declared] = field(default_factory=dict)

    def shape(self, cls: str, method: str, parameter: str, first: bool) -> ir.Declared | None:
        for (c, f, p), declared in self.shapes.items():
            if c in ("", cls) and f in ("", method) and (p == parameter or (p == "" and first)):
                return declared
        return None

    def concerns(self, cls: str) -> bool:
        return any(c == cls for c, _, _ in self.shapes)


def words(inputs: tuple[tuple[str, Shape], ...]) -> str:
    return ", ".join(f"{name}: {shape}" for name, shape in inputs)


def guarded(m: Machine, frame: Frame, name: str, at: int, run: Callable[[], Value]) -> None:
    """Run one story; a raise of the analysed code ends it."""
    mark, doubts = len(m.steps), m.doubts
    path, frames = list(m.path), len(m.frames)
    output: tuple[Shape | None, ...] = ()
    try:
        output = tuple(m.facts.shape(t.shape) for t in tensors(run()))
    except Raised:
        pass
    finally:
        m.doubts, m.path = doubts, path
        del m.frames[frames:]
    steps = m.steps[mark:]
    del m.steps[mark:]
    if steps and not (len(steps) == 1 and steps[0].op == name):  # a module alone has a record of its own
        inputs = m.origin.inputs if isinstance(m.origin, Plan) else ()
        why = m.story or "called without arguments"
        m.records.append(Record(name, Site(frame.program, at), why, inputs, steps, output))
    m.story = ""


def believe_code(
    m: Machine, before: int, written: Mapping[str, ir.Declared], inputs: Iterable[tuple[str, Shape]]
) -> None:
    """Where the code itself refuses the shape of a docstring, the docstring is wrong: nobody checks prose."""
    prose = {name for name, declared in written.items() if declared.source == "docstring"}
    shapes = [shape for name, shape in inputs if name in prose]
    if prose:
        m.findings[before:] = [f for f in m.findings[before:] if not _refuses(f, shapes)]


def _refuses(finding: Finding, shapes: list[Shape]) -> bool:
    """Is it about one of these ``shapes`` as such: a check of the author's, or how many axes it has?"""
    if finding.code in (codes.GUARD, codes.UNPACK):
        return True
    ranked = finding.need.ranks or finding.need.least_rank if finding.need is not None else None
    return ranked is not None and ranked[0].shape in shapes


# --- a file from top to bottom --------------------------------------------------------------------------------------


def run_top(m: Machine, frame: Frame, program: ir.Program) -> None:
    """Run the top level of a file, as far as it surely runs; what stands below is defined all the same."""
    stmt = None
    for stmt in program.body:
        try:
            flow = m.execute(frame, (stmt,))
        except Raised:
            if not _is_definition(stmt):
                break  # the script ends here; definitions further down are still worth knowing
        except StoryEnd:
            break
        except RecursionError:
            raise
        except Exception as problem:  # noqa: BLE001 (a fault of ours in one statement: the others are run all the same)
            caught(problem, program.path)
        else:
            if flow is not None:
                break
    _define(m, frame, program.body[program.body.index(stmt) + 1 :] if stmt is not None else ())


def _is_definition(stmt: ir.Stmt) -> bool:
    return isinstance(stmt, (ir.FunctionDef, ir.ClassDef, ir.Import, ir.ImportFrom))


def _define(m: Machine, frame: Frame, rest: ir.Block) -> None:
    """What stands below a point where the script surely ends is not run, but defined."""
    for stmt in rest:
        if _is_definition(stmt):
            try:
                m.execute(frame, (stmt,))
            except (Raised, StoryEnd):
                continue


def functions(frame: Frame) -> list[Function]:
    """The functions that a file defines at its top level."""
    values = [v for v in frame.scope.vars.values() if isinstance(v, Function)]
    return [f for f in values if isinstance(f.node, ir.FunctionDef) and f.program is frame.program]


def required(function: Function) -> list[ir.Param]:
    """Parameters without default; ``*args`` too, for nobody calls such a function without them."""
    return [p for p in function.node.params.items if p.default is None and p.kind != "**"]
