"""Stories of module classes: instances that nobody called, and each class alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from torchshape_lint import codes, ir
from torchshape_lint.dims import named
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.any_input import AnyInput, run_class, told_aside
from torchshape_lint.interp.doubts import LEFT_OPEN
from torchshape_lint.interp.findings import Finding
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sites import passed_parameters
from torchshape_lint.interp.stories import Wanted
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import ClassValue, Function, Instance, Unknown, Value


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
    run_class(m, AnyInput(frame, instance.cls, forward, lambda: instance, "as built", wanted))


def class_alone(m: Machine, frame: Frame, cls: ClassValue, wanted: Wanted) -> None:
    """A class that nobody calls: constructor arguments without default are names, the input is unknown.

    What is found must not hang on an argument that is None by default, for that may only mean "choose one"; and that
    there is nothing to join must not hang on one that is 0.
    """
    forward = _forward(cls)
    if forward is None or (id(forward.node) in m.called and not wanted.concerns(cls.name) and id(cls) not in m.vague):
        return
    before = len(m.findings)
    alone = AnyInput(frame, cls, forward, lambda: _constructed(m, frame, cls), "for any input", wanted)
    run_class(m, alone)
    optional = _with_default(cls, None)
    _must_not_hang_on(m, before, alone, optional, lambda f: True)
    if none_yet := _with_default(cls, 0):
        _must_not_hang_on(m, before, alone, optional | none_yet, lambda f: f.code is codes.ARGUMENT)


def _must_not_hang_on(
    m: Machine, before: int, alone: AnyInput, chosen: frozenset[str], concerned: Callable[[Finding], bool]
) -> None:
    """Drop what is not found when these arguments may be anything."""
    found = m.findings[before:]
    if not chosen or not any(map(concerned, found)):
        return
    del m.findings[before:]
    with told_aside(m):
        run_class(m, replace(alone, make=lambda: _constructed(m, alone.frame, alone.cls, chosen)))
    places = {(f.code, f.site.at) for f in m.findings[before:] if not f.conditional}
    m.findings[before:] = [f for f in found if f.conditional or (f.code, f.site.at) in places or not concerned(f)]


def _with_default(cls: ClassValue, default: object) -> frozenset[str]:
    """Constructor arguments with a default that whoever uses the class replaces, or leaves."""
    found = classes.lookup_class(cls, "__init__")
    params = found[0].node.params.items[1:] if found is not None and isinstance(found[0], Function) else ()
    given = {p.name: p.default.value for p in params if isinstance(p.default, ir.Const)}
    return frozenset(name for name, value in given.items() if value == default and type(value) is type(default))


def _constructed(m: Machine, frame: Frame, cls: ClassValue, chosen: frozenset[str] = frozenset()) -> Value:
    module = _built(m, frame, cls, chosen)
    if isinstance(module, Instance) and classes.container_path(module) and not containers.listed(module):
        return Unknown("a container that others fill")
    if isinstance(module, Instance) and not containers.children(module):
        m.store(module, LEFT_OPEN, True)  # who asks it for its children expects some
    return module


def _built(m: Machine, frame: Frame, cls: ClassValue, chosen: frozenset[str]) -> Value:
    found = classes.lookup_class(cls, "__init__")
    base = classes.external_base(cls)
    if found is None and base is not None and base.path not in ("torch.nn.Module", *classes.CONTAINERS):
        return Unknown("a layer whose arguments are not known")
    keywords: dict[str, Value] = {}
    positional: list[Value] = []
    if found is not None and isinstance(found[0], Function):
        passed = passed_parameters(m, frame.program, cls, found[0])
        for p in found[0].node.params.items[1:]:
            if p.kind in ("pos", "any", "key") and (p.default is None or p.name in passed or is_empty(p.default)):
                keywords[p.name] = argument(p)
            elif p.name in chosen:
                keywords[p.name] = Unknown(f"argument {p.name} may be given or not")
            elif p.kind == "**" and "**" in passed:
                positional.append(Unknown("keywords that are not known"))
        if any(p.kind == "*" for p in found[0].node.params.items):
            return Unknown("its constructor takes any number of arguments")
    return m.call(frame, cls, CallArgs(positional, keywords), -1)


def is_empty(default: ir.Expr) -> bool:
    """``layers=()``: a default that stands for something that every caller gives."""
    return (isinstance(default, ir.Sequence) and not default.items) or (
        isinstance(default, ir.Dict) and not default.items
    )


def argument(param: ir.Param) -> Value:
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
    return named(param.name, min(1, default) if isinstance(default, int) and default >= 0 else 1, sure=False)
