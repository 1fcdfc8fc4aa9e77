"""Stories of functions that return an nn.Sequential and that nobody calls: it is called with any input.

Whoever gets a Sequential may also take it apart, or use it as a list of layers that do not follow each other. So nobody
must be in sight who could: a function whose name comes up again, in its file or in another one of the project, is left
to the stories of its callers. Where there is none, a chain that no input passes is what a class alone is that no input
passes. Methods and what a function defines inside are not looked at.
"""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.callers import mentioned_elsewhere
from torchshape_lint.interp import classes
from torchshape_lint.interp.any_input import run_any_input, taken_by
from torchshape_lint.interp.class_stories import argument, is_empty
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.records import Plan
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sites import words_of
from torchshape_lint.interp.stories import functions, guarded
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import open_shape
from torchshape_lint.values import Function, Instance, Layer, Tensor, Unknown, Value


def lonely_factories(m: Machine, frame: Frame) -> list[Function]:
    """The functions of a file that make a Sequential, and that nobody mentions."""
    found = [f for f in functions(frame) if _makes_sequential(f.node)]
    words = words_of(frame.program.body) if found else frozenset()
    found = [f for f in found if f.name not in words]
    taken = mentioned_elsewhere(frame.program.path, *(f.name for f in found)) if found else []
    return [f for f in found if f.name not in taken]


def _makes_sequential(node: ir.FunctionDef | ir.Lambda) -> bool:
    if not isinstance(node, ir.FunctionDef) or node.decorators or node.is_async or node.is_generator:
        return False
    return not any(p.kind == "*" for p in node.params.items) and "Sequential" in words_of(node.body)


def lonely_factory(m: Machine, frame: Frame, function: Function) -> None:
    run_any_input(m, lambda: _any_input(m, frame, function))


def _any_input(m: Machine, frame: Frame, function: Function) -> None:
    try:
        with m.silent():  # what the function itself does is no news, or hangs on arguments that are made up
            module = m.call(frame, function, CallArgs((), _arguments(function)), -1)
    except Raised:
        return
    if not _is_chain(module):
        return
    at, x = function.node.at, Tensor(open_shape(), maybe=True)
    m.story, m.origin = f"{function.name}() for any input", Plan("factory", function.name, at)
    before = len(m.findings)
    guarded(m, frame, "Sequential", at, lambda: m.call(frame, module, CallArgs((x,)), -1))
    taken_by(m, before, {"input": x})


def _is_chain(module: Value) -> bool:
    """A Sequential of which nobody has changed what calling it does."""
    if not isinstance(module, (Instance, Layer)) or classes.container_path(module) != "torch.nn.Sequential":
        return False
    return isinstance(module, Layer) or classes.lookup_class(module.cls, "forward") is None


def _arguments(function: Function) -> dict[str, Value]:
    """Names for what has no default; a default holds, unless it stands for something that is chosen."""
    found: dict[str, Value] = {}
    for p in function.node.params.items:
        if p.kind in ("pos", "any", "key") and (p.default is None or is_empty(p.default)):
            found[p.name] = argument(p)
        elif isinstance(p.default, ir.Const) and p.default.value is None:
            found[p.name] = Unknown(f"argument {p.name} may be given or not")
    return found
