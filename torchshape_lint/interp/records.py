"""What is kept of a story for explanations: records of calls, and the plan that would repeat them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from torchshape_lint import ir
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.apply_rule import parameter_count, tensors
from torchshape_lint.interp.classes import lookup_class
from torchshape_lint.interp.findings import Site, Stepped
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Choice, Function, Instance, Layer, Tensor, Unknown, Value


@dataclass(frozen=True, slots=True)
class Plan:
    """How to come here again. ``kind`` as in `diagnostics.Story`."""

    kind: str
    name: str = ""
    at: int = -1
    inputs: tuple[tuple[str, Shape], ...] = ()
    constructor: tuple[tuple[str, object], ...] = ()


@dataclass(slots=True)
class Record:
    """One part of an explanation: an outermost call of a module, or the code around such calls."""

    name: str
    site: Site
    why: str
    inputs: tuple[tuple[str, Shape | None], ...] = ()
    steps: list[Stepped] = field(default_factory=list)
    output: tuple[Shape | None, ...] = ()
    params: int | None = None
    fits: str = ""
    arguments: tuple[tuple[str, tuple[Tensor, ...]], ...] = ()

    def sources(self) -> Iterator[tuple[int | str | None, ...]]:
        """Where the operands of each step come from: the number of a step, the name of an input, None: elsewhere."""
        made: dict[int, int | str] = {id(t): name for name, given in self.arguments for t in given}
        for k, step in enumerate(self.steps):
            yield tuple(made.get(id(operand)) for operand in step.operands)
            for result in step.results:
                if not step.summary or id(result) not in made:
                    made[id(result)] = k


def record_call(
    m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, value: Value, site: Site, start: int, fits: str
) -> None:
    """Move the steps of an outermost call into a record of its own; one step stands for it in the code around."""
    inner = m.steps[start:]
    del m.steps[start:]
    if site.at < 0 and isinstance(module, Instance):
        site = Site(module.cls.program, module.cls.node.at)
    elif site.at < 0 and isinstance(module, Layer):
        site = Site(module.program, module.at)
    operands, results = tuple(tensors(args.positional)), tuple(tensors(value))
    given = tuple(m.facts.shape(t.shape) for t in operands)
    output: tuple[Shape | None, ...] = tuple(m.facts.shape(t.shape) for t in results)
    if isinstance(value, Unknown):
        output = (None,)
    params = count_parameters(module, set())
    name = module.cls.name if isinstance(module, Instance) else module.op.rpartition(".")[2]
    made = tuple(map(m.as_made, operands))
    step = Stepped(site, name, name, given, output, "", params, len(m.path), operands=made, results=results)
    m.steps.append(step)
    named = _named_inputs(module, args)
    inputs = tuple((n, m.facts.shape(v.shape) if isinstance(v, Tensor) else None) for n, v in named)
    arguments = tuple((n, tuple(map(m.as_made, tensors(v)))) for n, v in named)
    record = Record(name, site, m.story, inputs, inner, output, params, fits, arguments)
    if not any(_alike(record, other) for other in m.records):
        m.records.append(record)


def record_function(m: Machine, name: str, args: CallArgs, value: Value, site: Site) -> None:
    """A step for a call of a function of the analysed code that takes or gives tensors."""
    operands = tuple(tensors((*args.positional, *args.keywords.values())))
    results = tuple(tensors(value))
    if operands or results:
        given, output = (tuple(m.facts.shape(t.shape) for t in ts) for ts in (operands, results))
        path, depth = ".".join((*m.path, name)), len(m.path)
        operands = tuple(map(m.as_made, operands))
        step = Stepped(site, path, name, given, output, "", None, depth, operands=operands, results=results)
        step.summary = True
        m.steps.append(step)


def _alike(a: Record, b: Record) -> bool:
    """The same call with the same shapes, as in the second turn of a loop."""
    return (a.name, a.site, a.inputs) == (b.name, b.site, b.inputs)


def _named_inputs(module: Layer | Instance, args: CallArgs) -> list[tuple[str, Value]]:
    found = lookup_class(module.cls, "forward") if isinstance(module, Instance) else None
    names: list[str] = []
    if found is not None and isinstance(found[0], Function) and isinstance(found[0].node, ir.FunctionDef):
        names = [p.name for p in found[0].node.params.items[1:]]
    return [(names[k] if k < len(names) else f"input {k}", value) for k, value in enumerate(args.positional)]


def count_parameters(value: Value, seen: set[int]) -> int | None:
    """How many numbers a module learns, shared ones once; None where that is not known."""
    if not isinstance(value, (Instance, Layer)) or id(value) in seen:
        return 0
    seen.add(id(value))
    count = 0
    if isinstance(value, Layer) and value.parameters:
        own = parameter_count(value)
        if own is None:
            return None
        count += own
    for child in value.fields.values():
        if isinstance(child, Tensor) and child.parameter and isinstance(value, Instance):
            size = child.shape.numel
            if not isinstance(size, int):
                return None
            count += size
        elif isinstance(child, Choice):
            parts = {count_parameters(option, set(seen)) for option in child.options}
            if len(parts) > 1 or None in parts:
                return None
            count += parts.pop() or 0
        elif isinstance(child, (Instance, Layer)):
            part = count_parameters(child, seen)
            if part is None:
                return None
            count += part
    return count
