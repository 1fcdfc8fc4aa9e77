"""Torch as the judge of a fixture: where does it really raise, and which shapes does it really give?

A fixture is a script, run as ``__main__``; or a file of functions ``good_...()`` and ``bad_...()`` (with ``# try`` what
they return is called, too) and of module classes whose ``forward`` has declared (``# x: (...)``) or tried
(``# try (...)``) inputs, each run on its own.
Scripts and functions run on the CPU, classes on the meta device, or on the CPU where meta cannot.

The files of a folder in ``fixtures/projects`` import each other: the folder, and the ``src`` in it, are on the path. An
error in a file that only others call is confirmed by what they do.
"""

from __future__ import annotations

import ast
import itertools
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest import mock

import torch
from torch import nn
from torch.utils.data import DataLoader

from tests.harness import FIXTURES, Fixture, Shape, same_shapes
from tests.stub_packages import stubs

CONTAINERS = (nn.Sequential, nn.DataParallel)
INTEGERS = {"tokens", "ids", "labels", "target", "targets"}
NAME = "__gives__"


@dataclass(slots=True)
class Run:
    """What torch did: the line where it raised, if it did, and what the marked lines gave."""

    name: str
    line: int | None = None
    error: str = ""
    gave: dict[int, list[tuple[Shape, ...]]] = field(default_factory=dict)
    unfit: bool = False  # the meta device could not do it


def torch_problems(fixture: Fixture) -> list[str]:
    """What torch does differently from the markers, one readable line each."""
    runs = judge(fixture)
    wanted = {e.line for e in fixture.errors if e.torch_raises}
    problems = [problem for run in runs for problem in _run_problems(run, fixture, wanted)]
    raised = {run.line for run in runs}
    problems += [f"torch does not raise at {line}" for line in sorted(wanted - raised)]
    seen = {line for run in runs for line in run.gave}
    problems += [f"torch never gives anything at {line}" for line in fixture.gives if line not in seen]
    if not runs:
        problems.append("nothing to run")
    return problems


def _run_problems(run: Run, fixture: Fixture, wanted: set[int]) -> Iterator[str]:
    if run.error and run.line not in wanted | fixture.given_up:
        yield f"{run.name}: torch raises at {run.line}: {run.error}"
    if run.name.startswith("bad") and not run.error and not any(not e.torch_raises for e in fixture.errors):
        yield f"{run.name}: torch runs it"
    if run.name.startswith("good") and run.error:
        yield f"{run.name}: is called good, but torch raises at {run.line}: {run.error}"
    for line, results in run.gave.items():
        for shapes in results:
            if not same_shapes(shapes, fixture.gives[line]):
                yield f"{run.name}: line {line} gives {shapes}, not {fixture.gives[line]}"


def judge(fixture: Fixture) -> list[Run]:
    """Everything there is to run in a fixture; what other files of its project do can confirm an error in it."""
    runs = _judge(fixture)
    wanted = {e.line for e in fixture.errors if e.torch_raises}
    root = _project_root(fixture.path)
    for path in sorted(root.rglob("*.py")) if root is not None else ():
        if path != fixture.path:
            for run in _judge(Fixture.read(path), fixture.path):
                if run.line in wanted:
                    runs.append(Run(f"{path.name}: {run.name}", run.line, run.error))
    return runs


def _judge(fixture: Fixture, seen_from: Path | None = None) -> list[Run]:
    tree = ast.parse(fixture.text)
    units = list(_units(fixture, tree))
    classes = list(_inputs_of_classes(fixture, tree))
    if not units and not classes:
        return [_run(fixture, "script", None, seen_from)]
    runs = [_run(fixture, name, unit, seen_from) for name, unit in units]
    for name, arguments in classes:
        run = _run(fixture, name, _construct_and_call(name, arguments, "meta"), seen_from)
        if run.unfit:
            run = _run(fixture, name, _construct_and_call(name, arguments, "cpu"), seen_from)
        runs.append(run)
    return runs


def _inputs_of_classes(fixture: Fixture, tree: ast.Module) -> Iterator[tuple[str, list[tuple[str, Shape]]]]:
    for cls in tree.body:
        if isinstance(cls, ast.ClassDef):
            for function in cls.body:
                if isinstance(function, ast.FunctionDef) and function.name == "forward":
                    names = [a.arg for a in function.args.args[1:]]
                    head = function.body[0]
                    end = max(function.lineno, head.lineno - 1)
                    inputs = fixture.inputs(function.lineno, end)
                    if inputs:
                        yield cls.name, [(name, inputs[name]) for name in names if name in inputs]
                    for shapes in fixture.tries(function.lineno, end):
                        yield cls.name, list(zip(names, shapes, strict=False))


def _units(fixture: Fixture, tree: ast.Module) -> Iterator[tuple[str, Callable[[dict[str, Any]], object]]]:
    """The functions to call; what one returns that has tries is called, too, with each of them."""
    for n in tree.body:
        if isinstance(n, ast.FunctionDef) and n.name.startswith(("good", "bad")):
            tries = fixture.tries(n.lineno, n.end_lineno or n.lineno)
            yield from ((n.name, _call_result(n.name, shapes)) for shapes in tries)
            if not tries:
                yield n.name, _call(n.name)


def _call_result(name: str, shapes: tuple[Shape, ...]) -> Callable[[dict[str, Any]], object]:
    return lambda scope: scope[name]()(*(_tensor("", shape) for shape in shapes))


def _call(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda scope: scope[name]()


def _construct_and_call(name: str, inputs: list[tuple[str, Shape]], device: str) -> Callable[[dict[str, Any]], object]:
    def call(scope: dict[str, Any]) -> object:
        with torch.device(device):
            return scope[name]()(**{name: _tensor(name, shape) for name, shape in inputs})

    return call


def _tensor(name: str, shape: Shape) -> torch.Tensor:
    return torch.zeros(cast("tuple[int, ...]", shape), dtype=torch.long if name in INTEGERS else torch.float32)


class _Instrument(ast.NodeTransformer):
    """Wraps what the statements on the marked lines give."""

    def __init__(self, lines: set[int]) -> None:
        self.lines = lines

    def _wrapped(self, node: ast.stmt, value: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(node.lineno), value], [])
        return ast.copy_location(call, value)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr):
            node.value = self._wrapped(node, node.value) if node.value and node.lineno in self.lines else node.value
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign | list[ast.stmt]:
        if node.lineno not in self.lines:
            return node
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        after = ast.copy_location(ast.Expr(self._wrapped(node, ast.copy_location(target, node))), node)
        return [node, after]


def _shapes(value: object) -> tuple[Shape, ...]:
    if isinstance(value, torch.Size):
        return (tuple(value),)
    if isinstance(value, torch.Tensor):
        return (tuple(value.shape),)
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return tuple(shape for item in value for shape in _shapes(item))
    return ()


def _run(
    fixture: Fixture, name: str, unit: Callable[[dict[str, Any]], object] | None, seen_from: Path | None = None
) -> Run:
    """Run the whole file (as a script, or as a module and then one unit of it).

    ``seen_from``: the file in which the line is to be named where it raises; its own, if not given.
    """
    run = Run(name)

    def gives(line: int, value: object) -> object:
        run.gave.setdefault(line, []).append(_shapes(value))
        return value

    tree = ast.fix_missing_locations(_Instrument(set(fixture.gives)).visit(ast.parse(fixture.text)))
    code = compile(tree, str(fixture.path), "exec")
    module = types.ModuleType("__main__" if unit is None else "fixture")
    module.__dict__.update({NAME: gives, "__file__": str(fixture.path), "__package__": _package(fixture.path)})
    made: dict[int, tuple[nn.Module, int]] = {}
    with _world(fixture.path, module, made):
        try:
            exec(code, module.__dict__)
            if unit is not None:
                unit(module.__dict__)
        except SystemExit:
            pass
        except Exception as error:  # noqa: BLE001
            run.line = _where(error, str(seen_from or fixture.path), made)
            run.error = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            run.unfit = isinstance(error, NotImplementedError) or "meta" in str(error).lower()
            if run.line is None:
                run.error += "\n" + "".join(traceback.format_exception(error)[-3:])
    return run


@contextmanager
def _world(path: Path, module: types.ModuleType, made: dict[int, tuple[nn.Module, int]]) -> Iterator[None]:
    """The surroundings of a run: stub packages, short data loaders, and a record of where modules are built."""
    plain_init = nn.Module.__init__

    def init(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        made[id(self)] = (self, _line_here(str(path)))
        plain_init(self, *args, **kwargs)

    def export(model: Any, args: Any, *rest: Any, **kwargs: Any) -> Any:
        return model(*(args if isinstance(args, tuple) else (args,)))

    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for target, attribute, value in (
            (nn.Module, "__init__", init),
            (DataLoader, "__iter__", _first_and_last),
            (torch.onnx, "export", export),
            (torch.export, "export", export),
            (torch, "save", lambda *args, **kwargs: None),
            (sys, "argv", [str(path)]),
        ):
            stack.enter_context(mock.patch.object(target, attribute, value))
        root = _project_root(path)
        stand_ins = {
            name: stub for name, stub in stubs().items() if not root or not (root / name.split(".")[0]).is_dir()
        }
        stack.enter_context(_installed({**stand_ins, module.__name__: module}))
        stack.enter_context(_project(path))
        stack.enter_context(torch.random.fork_rng(devices=[]))
        torch.set_num_threads(1)
        yield


@contextmanager
def _installed(modules: dict[str, types.ModuleType]) -> Iterator[None]:
    """Puts modules in place and takes only them away again: what torch imports meanwhile must stay."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _project_root(path: Path) -> Path | None:
    """The folder of a fixture that is one file among several."""
    projects = FIXTURES / "projects"
    return projects / path.relative_to(projects).parts[0] if path.is_relative_to(projects) else None


def _package(path: Path) -> str:
    """The package that a file of a project is in, for its relative imports."""
    root = _project_root(path)
    if root is None:
        return ""
    parts = path.parent.relative_to(root).parts
    return ".".join(parts[1:] if parts[:1] == ("src",) else parts)


@contextmanager
def _project(path: Path) -> Iterator[None]:
    """The project's folder on the path, its packages before installed ones of their name.

    Its modules are forgotten again, so that each run begins anew.
    """
    root = _project_root(path)
    if root is None:
        yield
        return
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if (root / name.split(".")[0]).is_dir()}
    before = set(sys.modules)
    with mock.patch.object(sys, "path", [str(root), str(root / "src"), *sys.path]):
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if str(root) in str(getattr(sys.modules[name], "__spec__", "")):
                    del sys.modules[name]
            sys.modules.update(hidden)


def _first_and_last(self: Any) -> Iterator[Any]:
    """A DataLoader that yields its first and its last batch only, and needs no workers."""
    batches = list(self._index_sampler)
    for indices in batches[:1] + batches[1:][-1:]:
        yield self.collate_fn([self.dataset[i] for i in indices])


def _line_here(path: str) -> int:
    """The line of the innermost running frame of the fixture."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    return frame.f_lineno if frame else 0


def _where(error: BaseException, path: str, made: dict[int, tuple[nn.Module, int]]) -> int | None:
    """The line that a person would point at: the innermost call, or the construction of a layer in a container."""
    frames = list(traceback.walk_tb(error.__traceback__))
    ours = [k for k, (frame, _) in enumerate(frames) if frame.f_code.co_filename == path]
    if not ours and isinstance(error, SyntaxError):
        return error.lineno
    last = ours[-1] if ours else -1  # what a function returned may be called outside
    line = frames[last][1] if ours else None
    called = [frame.f_locals.get("self") for frame, _ in frames[last + 1 :] if frame.f_code.co_name == "forward"]
    modules = [module for module in called if isinstance(module, nn.Module)]
    elsewhere = itertools.dropwhile(lambda module: not isinstance(module, CONTAINERS), modules)  # in another file
    for outer, inner in itertools.pairwise(elsewhere):
        if not isinstance(outer, CONTAINERS):
            break
        line = made[id(inner)][1] or line
    return line
