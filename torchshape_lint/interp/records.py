"""What is kept of a story for explanations: records of calls, and the plan that would repeat them."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchshape_lint import ir
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


def record_call(
    m: Machine, frame: Frame, module: Layer | Instance, args: CallArgs, value: Value, site: Site, start: int, fits: str
) -> None:
    """Move the steps of an outermost call into a record of its own; one step stands for it in the code around."""
    inner = m.steps[start:]
    del m.steps[start:]
    if site.at < 0 and isinstance(module, Instance):
        site = Site(module.cls.program, module.cls.node.at)
    given = tuple(m.facts.shape(t.shape) for v in args.positional for t in tensors(v))
    output: tuple[Shape | None, ...] = tuple(m.facts.shape(t.shape) for t in tensors(value))
    if isinstance(value, Unknown):
        output = (None,)
    params = count_parameters(module, set())
    name = module.cls.name if isinstance(module, Instance) else module.op.rpartition(".")[2]
    m.steps.append(Stepped(site, name, name, given, output, "", params, len(m.path)))
    record = Record(name, site, m.story, _named_inputs(m, module, args), inner, output, params, fits)
    if not any(_alike(record, other) for other in m.records):
        m.records.append(record)


def record_function(m: Machine, name: str, args: CallArgs, value: Value, site: Site) -> None:
    """A step for a call of a function of the analysed code that takes or gives tensors."""
    given = tuple(m.facts.shape(t.shape) for v in (*args.positional, *args.keywords.values()) for t in tensors(v))
    output: tuple[Shape | None, ...] = tuple(m.facts.shape(t.shape) for t in tensors(value))
    if given or output:
        m.steps.append(Stepped(site, ".".join((*m.path, name)), name, given, output, "", None, len(m.path)))


def _alike(a: Record, b: Record) -> bool:
    """The same call with the same shapes, as in the second turn of a loop."""
    return (a.name, a.site, a.inputs) == (b.name, b.site, b.inputs)


def _named_inputs(m: Machine, module: Layer | Instance, args: CallArgs) -> tuple[tuple[str, Shape | None], ...]:
    found = lookup_class(module.cls, "forward") if isinstance(module, Instance) else None
    names: list[str] = []
    if found is not None and isinstance(found[0], Function) and isinstance(found[0].node, ir.FunctionDef):
        names = [p.name for p in found[0].node.params.items[1:]]
    inputs = []
    for k, value in enumerate(args.positional):
        shape = m.facts.shape(value.shape) if isinstance(value, Tensor) else None
        inputs.append((names[k] if k < len(names) else f"input {k}", shape))
    return tuple(inputs)


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
