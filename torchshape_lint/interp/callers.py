"""Stories told by other files of the project: a class is judged as its callers elsewhere construct and call it.

Their scripts and functions without arguments are run, and what breaks inside the linted file is reported there. Their
own findings are theirs: they are reported when those files are linted.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.callers import callers
from torchshape_lint.interp.classes import lookup_class
from torchshape_lint.interp.evaluator import module_frame
from torchshape_lint.interp.machine import Machine, StoryEnd
from torchshape_lint.interp.modules import module_at, source_of
from torchshape_lint.interp.records import Plan
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.stories import functions, guarded, required, run_top
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import ClassValue, Function, Instance, Object

MOST_OF_THE_TIME = 0.5  # that is left, for callers; the rest is for the classes alone


def uncalled(m: Machine, classes: list[ClassValue]) -> list[ClassValue]:
    """The module classes whose forward no story has run yet."""
    forwards = ((c, lookup_class(c, "forward")) for c in classes)
    return [c for c, f in forwards if f is not None and isinstance(f[0], Function) and id(f[0].node) not in m.called]


def called_elsewhere(m: Machine, frame: Frame, classes: list[ClassValue]) -> list[Instance]:
    """Run the callers of ``classes``; the instances that they construct and do not call are returned."""
    wanted = {cls.name for cls in classes}
    makers = {f.name for f in frame.scope.vars.values() if isinstance(f, Function) and f.program is frame.program}
    found = callers(frame.program.path, wanted | {name for name in makers if isinstance(name, str)})
    if not found:
        return []
    here = module_at(m, opened.absolute(frame.program.path))
    here.fields, here.started = frame.scope.vars, True
    built, records = len(m.built), len(m.records)
    with m.budget.share(MOST_OF_THE_TIME):
        for path in found:
            _run_caller(m, Path(path))
    instances: list[Object] = m.built[built:]
    del m.built[built:], m.records[records:]
    return [i for i in instances if isinstance(i, Instance) and i.cls in classes]


def _run_caller(m: Machine, path: Path) -> None:
    source = source_of(path)
    if source is None or source.program.unreadable:
        return
    m.sources[id(source.program)] = source
    m.origin = Plan("caller", source.program.path)
    frame = module_frame(source.program)
    frames, steps, doubts, module_path = len(m.frames), len(m.steps), m.doubts, list(m.path)
    m.frames.append(frame)
    try:
        run_top(m, frame, source.program)
        for function in functions(frame):
            if id(function.node) not in m.called and not required(function):
                run = partial(m.call, frame, function, CallArgs(()), -1)
                guarded(m, frame, function.name, function.node.at, run)
    except StoryEnd:
        pass
    finally:
        del m.frames[frames:], m.steps[steps:]
        m.doubts, m.path, m.story = doubts, module_path, ""
