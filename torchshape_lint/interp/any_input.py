"""Running a module for any input: one of unknown rank is tried with each rank that the layers admit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from torchshape_lint import codes, ir
from torchshape_lint.dims import Size, as_symbol
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.calls import ANY_MORE
from torchshape_lint.interp.classes import is_module
from torchshape_lint.interp.declared import believed_shape, declarations, declared_shape
from torchshape_lint.interp.findings import Finding
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.records import Plan
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.stories import Wanted, believe_code, guarded, words
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Lead, Shape, open_shape
from torchshape_lint.values import ClassValue, Function, Instance, Tensor, Unknown, Value

MAX_ALTERNATIVES = 6


@dataclass(frozen=True)
class AnyInput:
    """``forward`` of what ``make`` gives, and how its story is called."""

    frame: Frame
    cls: ClassValue
    forward: Function
    make: Callable[[], Value]
    story: str
    wanted: Wanted
    ranks: bool = True  # is a docstring believed that says how many axes there are?


def run_class(m: Machine, run: AnyInput) -> None:
    """Run ``forward`` for every rank that its input may have."""
    before = len(m.findings)
    run_any_input(m, lambda: _one_input(m, run))
    if any(declared.source == "docstring" for declared in declarations(run.forward).values()):
        without_ranks(m, before, lambda: run_any_input(m, lambda: _one_input(m, replace(run, ranks=False))))


def without_ranks(m: Machine, before: int, tell: Callable[[], None]) -> None:
    """Of what was found, keep what is found as well when the story is told so, with other ranks than a docstring says.

    A layer that asks for a size has its say in any case.
    """
    found = m.findings[before:]
    if all(map(_is_about_a_size, found)):
        return
    del m.findings[before:]
    with told_aside(m):
        tell()
    again = {(f.code, f.site.at, f.conditional) for f in m.findings[before:]}
    m.findings[before:] = [
        f
        for f in found
        if _is_about_a_size(f) or again & {(f.code, f.site.at, False), (f.code, f.site.at, f.conditional)}
    ]


def _is_about_a_size(finding: Finding) -> bool:
    need = finding.need
    return "TSL1" < finding.code.id < "TSL2" and need is not None and not need.ranks and not need.least_rank


def run_any_input(m: Machine, tell: Callable[[], None]) -> None:
    """Tell a story for every rank that its input may have; what only some ranks break is no finding.

    What a check of the class refuses is no finding either: it says which inputs are meant, and ours is made up.
    """
    before = len(m.findings)
    _every_rank(m, tell)
    for finding in m.findings[before:]:
        made_up = isinstance(finding.origin, Plan) and finding.origin.kind in ("class", "factory")
        if finding.code is codes.GUARD and made_up:
            m.findings.remove(finding)


def _every_rank(m: Machine, tell: Callable[[], None]) -> None:
    ranks = _Ranks()
    first = _with_ranks(m, tell, ranks)
    if not first:
        return
    for plan in ranks.alternatives():
        ranks.begin(plan)
        with told_aside(m):
            before = len(m.findings)
            found = _with_ranks(m, tell, ranks)
            del m.findings[before:]
        if all(f.conditional for f in found):
            _drop(m, first)
            return


@contextmanager
def told_aside(m: Machine) -> Iterator[None]:
    """Inside, a story is told another way: what is explained remains that of the first."""
    records, lines = list(m.records), dict(m.lines)
    try:
        yield
    finally:
        m.records[:] = records
        m.lines.clear()
        m.lines.update(lines)


def _with_ranks(m: Machine, tell: Callable[[], None], ranks: _Ranks) -> list[Finding]:
    """What one turn finds; what it does to the objects of the file is undone."""
    before, mark = len(m.findings), m.journal.mark()
    m.facts.choose_rank = ranks.choose
    tell()
    m.facts.choose_rank = _no_choice
    m.journal.undo(mark)
    return [f for f in m.findings[before:] if f.code.id < "TSL6"]


def _drop(m: Machine, findings: list[Finding]) -> None:
    """Another rank of the input runs through: only what no batch of any picture can give remains."""
    for finding in findings:
        if finding.code is not codes.NO_INPUT:
            m.findings.remove(finding)


def _no_choice(lead: Lead, options: tuple[int, ...]) -> int | None:
    return None


class _Ranks:
    """Which rank an unknown input has in this turn: the batched one first, then each alternative.

    On every path the same one: what a branch has learnt of an input is undone behind it.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []  # by the first turn
        self.plan: tuple[int, ...] | None = None
        self.k = 0
        self.chosen: dict[Lead, int] = {}

    def begin(self, plan: tuple[int, ...]) -> None:
        self.plan, self.k = plan, 0
        self.chosen.clear()

    def choose(self, lead: Lead, options: tuple[int, ...]) -> int | None:
        rank = self.chosen.get(lead)
        if rank not in options:
            rank = self.chosen[lead] = self._next(options)
        return rank

    def _next(self, options: tuple[int, ...]) -> int:
        k, self.k = self.k, self.k + 1
        if self.plan is None:
            self.asked.append(tuple(sorted(options, reverse=True)))
        elif k < len(self.plan) and self.plan[k] in options:
            return self.plan[k]
        return max(options)

    def alternatives(self) -> list[tuple[int, ...]]:
        """The plans of the further turns: every other combination of ranks, as far as that is few."""
        return list(itertools.islice(itertools.product(*self.asked[:3]), 1, MAX_ALTERNATIVES))


def _one_input(m: Machine, run: AnyInput) -> None:
    cls = run.cls
    _name_sizes(run)
    m.story, m.origin = run.story, Plan("class", cls.name, cls.node.at)
    try:
        module = run.make()
    except Raised:
        m.story = ""
        return
    if not isinstance(module, Instance):
        m.story = ""
        return
    _fill(m, module)
    args = _inputs(m, module, run)
    given = tuple((n, v.shape) for n, v in args.items() if isinstance(v, Tensor) and not v.maybe)
    if given:
        m.story = f"with the declared {words(given)}"
    m.origin = Plan("declared" if given else "class", cls.name, cls.node.at, given)
    before, m.fitting_side = len(m.findings), None
    call = _call_with(run.forward, args)
    guarded(m, run.frame, cls.name, cls.node.at, lambda: m.call(run.frame, module, call, -1, cls.name))
    if not run.wanted.concerns(cls.name):
        believe_code(m, before, declarations(run.forward, module), given)
    taken_by(m, before, args)


def _fill(m: Machine, module: Instance) -> None:
    """A tensor without elements keeps a place: whoever uses the module has filled it by then."""
    for key, value in list(module.fields.items()):
        if isinstance(value, Tensor) and 0 in m.facts.shape(value.shape).sizes:
            m.store(module, key, Tensor(open_shape(), value.dtype))
        elif isinstance(value, Instance) and isinstance(key, str) and key[:1] != "<" and is_module(value):
            _fill(m, value)


def taken_by(m: Machine, before: int, args: Mapping[str, Value]) -> None:
    """What it took to come to the findings is what torch is to be given."""
    plan = m.origin
    taken = tuple((n, _picture(m, m.facts.shape(v.shape))) for n, v in args.items() if isinstance(v, Tensor))
    for finding in m.findings[before:]:
        if isinstance(plan, Plan) and finding.origin is plan:
            finding.origin = replace(plan, inputs=taken)


def _name_sizes(run: AnyInput) -> None:
    """What is declared has its names before the constructor is run, and makes some up."""
    for declared in (*declarations(run.forward).values(), *run.wanted.shapes.values()):
        declared_shape(declared, {})


def _picture(m: Machine, shape: Shape) -> Shape:
    """A picture of any size is given the side that the linear layers behind it take, where that is known."""
    side = m.fitting_side
    if side is None or shape.is_open or len(shape.sizes) != 4 or not all(map(as_symbol, shape.sizes[-2:])):
        return shape
    return shape.ending(2, side, side)


def _parameters(forward: Function) -> list[ir.Param]:
    return [p for p in forward.node.params.items[1:] if p.kind in ("pos", "any", "key")]


def _call_with(forward: Function, args: Mapping[str, Value]) -> CallArgs:
    """By position as far as every parameter gets something, by keyword from there on."""
    params = _parameters(forward)
    first = next((k for k, p in enumerate(params) if p.name not in args or p.kind == "key"), len(params))
    positional = [args[p.name] for p in params[:first]]
    keywords = {p.name: args[p.name] for p in params[first:] if p.name in args}
    return CallArgs((*positional, *([args["*"]] if "*" in args else [])), keywords)


def _inputs(m: Machine, module: Instance, run: AnyInput) -> dict[str, Value]:
    """What forward is called with: declared outside, an example in the class, or anything."""
    forward, wanted = run.forward, run.wanted
    args: dict[str, Value] = {}
    names: dict[str, Size] = {}
    example = module.fields.get("example_input_array")
    declared_here = declarations(forward, module)
    for k, p in enumerate(_parameters(forward)):
        declared = wanted.shape(module.cls.name, "forward", p.name, k == 0)
        if declared is None and p.name in declared_here and p.default is None:
            declared = declared_here[p.name]
        shape = believed_shape(declared, names, run.ranks) if declared is not None else None
        if shape is not None:
            args[p.name] = Tensor(shape)
        elif isinstance(p.default, ir.Const) and p.default.value is None:
            args[p.name] = Unknown(f"argument {p.name} may be given or not")
        elif p.default is not None or p.kind == "key":
            continue
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
