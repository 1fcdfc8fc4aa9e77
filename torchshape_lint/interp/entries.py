"""Where evaluation starts: the stories of a file, strongest evidence first.

The script itself, functions that can be called without arguments, declared inputs, instances that nobody called,
each module class alone, and functions that nobody mentions and that return a Sequential.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torchshape_lint import ir, size_names
from torchshape_lint.dims import Size
from torchshape_lint.facts import unsure
from torchshape_lint.faults import caught
from torchshape_lint.interp.any_input import without_ranks
from torchshape_lint.interp.callers import called_elsewhere, uncalled
from torchshape_lint.interp.class_stories import class_alone, module_classes, uncalled_instance
from torchshape_lint.interp.declared import believed_shape, declarations
from torchshape_lint.interp.evaluator import module_frame
from torchshape_lint.interp.factory_stories import lonely_factories, lonely_factory
from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.machine import Machine, StoryEnd
from torchshape_lint.interp.records import Plan, Record
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.stories import Wanted, believe_code, functions, guarded, required, run_top, words
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Function, Instance, Tensor, Unknown, Value


def run_stories(m: Machine, program: ir.Program, wanted: Wanted) -> list[Record]:
    """Run every story of a file; findings and records stay in the machine."""
    frame = module_frame(program)
    m.frames.append(frame)
    m.facts.widths_hold = m.widths_hold  # whoever calls a function or class alone may convert everything first
    with size_names.story():
        _script(m, frame, program)
    m.facts.widths_hold = unsure
    for story in _stories(m, frame, program, wanted):
        try:
            with size_names.story():
                story()
        except (StoryEnd, RecursionError):
            break
        except Exception as problem:  # noqa: BLE001 (a fault of ours in one story: the others are told all the same)
            caught(problem, program.path)
    return m.records


def _stories(m: Machine, frame: Frame, program: ir.Program, wanted: Wanted) -> Iterator[Callable[[], None]]:
    for function in functions(frame):
        if wanted.concerns(function.name):
            yield lambda f=function: _declared_function(m, frame, f, wanted)  # type: ignore[misc]
        elif not required(function):
            yield lambda f=function: _function(m, frame, f)  # type: ignore[misc]
        elif {p.name for p in required(function)} <= declarations(function).keys():
            yield lambda f=function: _declared_function(m, frame, f, wanted)  # type: ignore[misc]
    for cls in module_classes(frame):
        if wanted.concerns(cls.name):
            yield lambda c=cls: class_alone(m, frame, c, wanted)  # type: ignore[misc]
    built = list(m.built)
    if here := uncalled(m, module_classes(frame)):
        yield lambda: built.extend(called_elsewhere(m, frame, here))
    for instance in built:
        if isinstance(instance, Instance):
            yield lambda i=instance: uncalled_instance(m, frame, i, wanted)  # type: ignore[misc]
    for cls in module_classes(frame):
        yield lambda c=cls: class_alone(m, frame, c, wanted)  # type: ignore[misc]
    for function in lonely_factories(m, frame):
        yield lambda f=function: lonely_factory(m, frame, f)  # type: ignore[misc]


# --- the script -----------------------------------------------------------------------------------------------------


def _script(m: Machine, frame: Frame, program: ir.Program) -> None:
    m.origin = Plan("script")
    mark = len(m.steps)
    run_top(m, frame, program)
    script = Record("<module>", Site(program, -1), "the file from top to bottom", steps=m.steps[mark:])
    m.records.insert(0, script)
    del m.steps[mark:]


# --- functions ------------------------------------------------------------------------------------------------------


def _function(m: Machine, frame: Frame, function: Function) -> None:
    if id(function.node) in m.called:
        return
    m.origin = Plan("function", function.name, function.node.at)
    guarded(m, frame, function.name, function.node.at, lambda: m.call(frame, function, CallArgs(()), -1))


def _declared_function(m: Machine, frame: Frame, function: Function, wanted: Wanted) -> None:
    if id(function.node) in m.called and not wanted.concerns(function.name):
        return
    before, written = len(m.findings), declarations(function)

    def tell(ranks: bool = True) -> None:
        keywords = _declared_arguments(function, written, wanted, ranks)
        inputs = tuple((k, v.shape) for k, v in keywords.items() if isinstance(v, Tensor))
        m.origin = Plan("declared", function.name, function.node.at, inputs)
        m.story = f"with the declared {words(inputs)}" if inputs else "for any input"
        call = CallArgs((), keywords)
        guarded(m, frame, function.name, function.node.at, lambda: m.call(frame, function, call, -1))
        if not wanted.concerns(function.name):
            believe_code(m, before, written, inputs)

    tell()
    if any(declared.source == "docstring" for declared in written.values()):
        without_ranks(m, before, lambda: tell(ranks=False))


def _declared_arguments(
    function: Function, written: dict[str, ir.Declared], wanted: Wanted, ranks: bool
) -> dict[str, Value]:
    names: dict[str, Size] = {}
    keywords: dict[str, Value] = {}
    for k, p in enumerate(function.node.params.items):
        declared = wanted.shape(function.name, "", p.name, k == 0) or written.get(p.name)
        shape = believed_shape(declared, names, ranks) if declared is not None else None
        if shape is not None:
            keywords[p.name] = Tensor(shape)
        elif p.default is None and p.kind in ("pos", "any", "key"):
            keywords[p.name] = Unknown(f"argument {p.name}")
    return keywords
