"""Stories of module classes: instances that nobody called, and each class alone, for any input and every rank of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from torchshape_lint import codes, ir
from torchshape_lint.dims import as_symbol, fresh
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.calls import ANY_MORE
from torchshape_lint.interp.declared import declarations, declared_shape
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.records import Plan
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sites import passed_parameters
from torchshape_lint.interp.stories import Wanted, believe_code, guarded, words
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Lead, Shape, open_shape
from torchshape_lint.values import ClassValue, Function, Instance, Tensor, Unknown, Value

MAX_ALTERNATIVES = 6


def module_classes(frame: Frame) -> list[ClassValue]:
    """The module classes of the file, those that others are built from last."""
    found = [v for v in frame.scope.vars.values() if isinstance(v, ClassValue) and v.program is frame.program]
    found = [c for c in dict.fromkeys(found) if classes.is_module_class(c)]
    return list(reversed(found))


def _forward(cls: ClassValue) -> Function | None:
    found = classes.lookup_class(cls, "forward")
    return found[0] if found is not None and isinstance(found[0], Function) else None


def uncalled_instance(m: Machine, frame: Frame, instance: Instance, wanted: Wanted) -> None:
    """An object that was built but never called: for any input."""
    forward = _forward(instance.cls)
    if forward is None or id(forward.node) in m.called:
        return
    line = Site(instance.cls.program, instance.at)
    _any_input(m, frame, instance.cls, forward, lambda: instance, line, wanted)


def class_alone(m: Machine, frame: Frame, cls: ClassValue, wanted: Wanted) -> None:
    """A class that nobody calls: constructor arguments without default are names, the input is unknown.

    What is found must not hang on an argument that is None by default, for that may only mean "choose one".
    """
    forward = _forward(cls)
    if forward is None or (id(forward.node) in m.called and not wanted.concerns(cls.name) and id(cls) not in m.vague):
        return
    before = len(m.findings)
    _any_input(m, frame, cls, forward, lambda: _constructed(m, frame, cls), None, wanted)
    found = m.findings[before:]
    if found and _optional(cls):
        records = list(m.records)
        del m.findings[before:]
        _any_input(m, frame, cls, forward, lambda: _constructed(m, frame, cls, chosen=True), None, wanted)
        places = {(f.code, f.site.at) for f in m.findings[before:] if not f.conditional}
        m.findings[before:] = [f for f in found if f.conditional or (f.code, f.site.at) in places]
        m.records[:] = records


def _optional(cls: ClassValue) -> frozenset[str]:
    """Constructor arguments that are None by default: whoever uses the class chooses them, or leaves them out."""
    found = classes.lookup_class(cls, "__init__")
    params = found[0].node.params.items[1:] if found is not None and isinstance(found[0], Function) else ()
    return frozenset(p.name for p in params if isinstance(p.default, ir.Const) and p.default.value is None)


def _constructed(m: Machine, frame: Frame, cls: ClassValue, chosen: bool = False) -> Value:
    module = _built(m, frame, cls, _optional(cls) if chosen else frozenset())
    if isinstance(module, Instance) and classes.container_path(module) and not containers.listed(module):
        return Unknown("a container that others fill")
    return module


def _built(m: Machine, frame: Frame, cls: ClassValue, chosen: frozenset[str]) -> Value:
    found = classes.lookup_class(cls, "__init__")
    base = classes.external_base(cls)
    if found is None and base is not None and base.path not in ("torch.nn.Module", *classes.CONTAINERS):
        return Unknown("a layer whose arguments are not known")
    keywords: dict[str, Value] = {}
    positional: list[Value] = []
    if found is not None and isinstance(found[0], Function):
        passed = passed_parameters(frame.program, cls, found[0])
        for p in found[0].node.params.items[1:]:
            if p.kind in ("pos", "any", "key") and (p.default is None or p.name in passed or _is_empty(p.default)):
                keywords[p.name] = _argument(p)
            elif p.name in chosen:
                keywords[p.name] = Unknown(f"argument {p.name} may be given or not")
            elif p.kind == "**" and "**" in passed:
                positional.append(Unknown("keywords that are not known"))
        if any(p.kind == "*" for p in found[0].node.params.items):
            return Unknown("its constructor takes any number of arguments")
    return m.call(frame, cls, CallArgs(positional, keywords), -1)


def _is_empty(default: ir.Expr) -> bool:
    """``layers=()``: a default that stands for something that every caller gives."""
    return (isinstance(default, ir.Sequence) and not default.items) or (
        isinstance(default, ir.Dict) and not default.items
    )


def _argument(param: ir.Param) -> Value:
    """A constructor argument of which only the name is known."""
    annotation = param.annotation
    if isinstance(annotation, ir.Subscript):
        annotation = annotation.value
    if isinstance(annotation, ir.Attribute):
        annotation = ir.Name(-1, annotation.attr)
    if isinstance(annotation, ir.Name) and annotation.id != "int":
        return Unknown(f"constructor argument {param.name}")
    if annotation is not None and not isinstance(annotation, ir.Name):
        return Unknown(f"constructor argument {param.name}")
    if isinstance(param.default, ir.Const) and type(param.default.value) is not int:
        return Unknown(f"constructor argument {param.name}")
    default = param.default.value if isinstance(param.default, ir.Const) else 1
    return fresh(param.name, min(1, default) if isinstance(default, int) and default >= 0 else 1, sure=False)


def _any_input(
    m: Machine,
    frame: Frame,
    cls: ClassValue,
    forward: Function,
    make: Callable[[], Value],
    built: Site | None,
    wanted: Wanted,
) -> None:
    """Run ``forward`` for every rank that its input may have; what only some ranks break is no finding.

    What a check of the class refuses is no finding either: it says which inputs are meant, and ours is made up.
    """
    before = len(m.findings)
    _every_rank(m, frame, cls, forward, make, built, wanted)
    for finding in m.findings[before:]:
        if finding.code is codes.GUARD and isinstance(finding.origin, Plan) and finding.origin.kind == "class":
            m.findings.remove(finding)


def _every_rank(
    m: Machine,
    frame: Frame,
    cls: ClassValue,
    forward: Function,
    make: Callable[[], Value],
    built: Site | None,
    wanted: Wanted,
) -> None:
    ranks = _Ranks()
    first: list[Finding] = []
    for turn in range(MAX_ALTERNATIVES):
        before, records = len(m.findings), len(m.records)
        mark = m.journal.mark()
        ranks.begin(turn)
        m.facts.choose_rank = ranks.choose
        _one_input(m, frame, cls, forward, make, built, wanted)
        m.facts.choose_rank = _no_choice
        found = [f for f in m.findings[before:] if f.code.id < "TSL6"]
        if turn == 0:
            m.journal.undo(mark)
            first = found
            if not first:
                return
            continue_ = ranks.alternatives()
        else:
            m.journal.undo(mark)
            del m.findings[before:], m.records[records:]
            if not [f for f in found if not f.conditional]:
                _drop(m, first)
                return
        if turn >= len(continue_):
            return


def _drop(m: Machine, findings: list[Finding]) -> None:
    """Another rank of the input runs through: only what no batch of any picture can give remains."""
    for finding in findings:
        if finding.code is not codes.NO_INPUT:
            m.findings.remove(finding)


def _no_choice(lead: Lead, options: tuple[int, ...]) -> int | None:
    return None


class _Ranks:
    """Which rank an unknown input has in this turn: the batched one first, then each alternative."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []
        self.plans: list[tuple[int, ...]] = [()]
        self.plan: tuple[int, ...] = ()
        self.k = 0

    def begin(self, turn: int) -> None:
        self.plan, self.k = self.plans[turn] if turn < len(self.plans) else (), 0

    def choose(self, lead: Lead, options: tuple[int, ...]) -> int | None:
        k, self.k = self.k, self.k + 1
        if len(self.plans) == 1:
            self.asked.append(tuple(sorted(options, reverse=True)))
        if k < len(self.plan) and self.plan[k] in options:
            return self.plan[k]
        return max(options)

    def alternatives(self) -> list[tuple[int, ...]]:
        """The plans of the further turns: every other combination of ranks, as far as that is few."""
        combinations = list(itertools.islice(itertools.product(*self.asked[:3]), 1, MAX_ALTERNATIVES))
        self.plans += combinations
        return combinations


def _one_input(
    m: Machine,
    frame: Frame,
    cls: ClassValue,
    forward: Function,
    make: Callable[[], Value],
    built: Site | None,
    wanted: Wanted,
) -> None:
    m.story = "for any input" if built is None else "as built"
    m.origin = Plan("class", cls.name, cls.node.at)
    try:
        module = make()
    except Raised:
        m.story = ""
        return
    if not isinstance(module, Instance):
        m.story = ""
        return
    args = _inputs(m, module, forward, wanted)
    given = tuple((n, v.shape) for n, v in args.items() if isinstance(v, Tensor) and not v.maybe)
    if given:
        m.story = f"with the declared {words(given)}"
    plan = Plan("declared" if given else "class", cls.name, cls.node.at, given)
    m.origin = plan
    before, m.fitting_side = len(m.findings), None
    guarded(
        m, frame, cls.name, cls.node.at, lambda: m.call(frame, module, CallArgs(tuple(args.values())), -1, cls.name)
    )
    if not wanted.concerns(cls.name):
        believe_code(m, before, declarations(forward, module).values())
    taken = tuple((n, _picture(m, m.facts.shape(v.shape))) for n, v in args.items() if isinstance(v, Tensor))
    for finding in m.findings[before:]:  # what it took to come there is what torch is to be given
        if finding.origin is plan:
            finding.origin = replace(plan, inputs=taken)


def _picture(m: Machine, shape: Shape) -> Shape:
    """A picture of any size is given the side that the linear layers behind it take, where that is known."""
    side = m.fitting_side
    if side is None or shape.is_open or len(shape.sizes) != 4 or not all(map(as_symbol, shape.sizes[-2:])):
        return shape
    return shape.ending(2, side, side)


def _inputs(m: Machine, module: Instance, forward: Function, wanted: Wanted) -> dict[str, Value]:
    """What forward is called with: declared outside, an example in the class, or anything."""
    args: dict[str, Value] = {}
    names: dict[str, object] = {}
    example = module.fields.get("example_input_array")
    declared_here = declarations(forward, module)
    params = [p for p in forward.node.params.items[1:] if p.kind in ("pos", "any")]
    for k, p in enumerate(params):
        declared = wanted.shape(module.cls.name, "forward", p.name, k == 0)
        if declared is None and p.name in declared_here and p.default is None:
            declared = declared_here[p.name]
        shape = declared_shape(declared, names) if declared is not None else None  # type: ignore[arg-type]
        if shape is not None:
            args[p.name] = Tensor(shape)
        elif isinstance(p.default, ir.Const) and p.default.value is None:
            args[p.name] = Unknown(f"argument {p.name} may be given or not")
        elif p.default is not None:
            break
        elif k == 0 and isinstance(example, Tensor):
            args[p.name] = example
        else:
            args[p.name] = _any_value(p)
    if any(p.kind == "*" for p in forward.node.params.items):
        args["*"] = ANY_MORE
    return args


def _any_value(param: ir.Param) -> Value:
    annotation = param.annotation
    name = (
        annotation.attr
        if isinstance(annotation, ir.Attribute)
        else annotation.id
        if isinstance(annotation, ir.Name)
        else ""
    )
    if name == "Tensor":
        return Tensor(open_shape())
    if annotation is not None:
        return Unknown(f"argument {param.name}")
    return Tensor(open_shape(), maybe=True)
