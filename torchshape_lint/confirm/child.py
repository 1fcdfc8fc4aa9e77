"""Runs one story in real torch: the other half of ``replay``, in a process of its own and in the user's interpreter.

Started by its path, so it imports nothing of this package, only the standard library and torch (Python 3.9 and up).
Reads a job (JSON) and writes an answer for each line asked about: ["confirmed" | "refuted" | "undecided", why].
An answer that the other device may know better is marked "again".
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import linecache
import os
import re
import sys
import types
from typing import Any, Callable, Iterator

EVIDENCE = (RuntimeError, ValueError, IndexError, TypeError, AssertionError)  # what torch raises for a wrong shape
DEVICE = re.compile(
    r"\bmeta\b|\bdevices?\b|cuda|cudnn|\bmps\b|(?:not enough|out of|allocate) memory|not implemented", re.I
)
DTYPE = re.compile(
    r"dtype|scalar type|data type|input type|not implemented for '|expected .*(Long|Int|Float)\b"
    r"|indices must be long"  # torch 2.6 of an index on the meta device
)


class Impossible(Exception):
    """The story cannot be repeated; the text says why."""


class Record:
    """What happened in the file: lines that ran, where layers were constructed, which of them have run."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: set[int] = set()
        self.ran: set[int] = set()
        self.built: set[int] = set()

    def trace(self, frame: types.FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename != self.path:
            return None
        self.lines.add(frame.f_lineno)
        return self.trace

    def watch_modules(self) -> None:
        """Remember for every module the line of the file that constructed it."""
        from torch import nn

        construct: Callable[..., None] = nn.Module.__init__

        def remembering(module: Any, *args: Any, **kwargs: Any) -> None:
            construct(module, *args, **kwargs)
            line = self._line_in_file()
            object.__setattr__(module, "_built_at", line)
            if line is not None:
                self.built.add(line)

        nn.Module.__init__ = remembering  # type: ignore[assignment,method-assign]
        nn.modules.module.register_module_forward_hook(lambda module, *_: self.ran.add(built_at(module) or 0))

    def _line_in_file(self) -> int | None:
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        return frame.f_lineno if frame else None


def built_at(module: object) -> int | None:
    line = getattr(module, "_built_at", None)
    return line if isinstance(line, int) else None


# --- the world that the story runs in -----------------------------------------------------------------------------


@contextlib.contextmanager
def on_device(device: str) -> Iterator[None]:
    """Everything is created on one device and stays there, whatever ``.cuda()`` or ``.to("cuda")`` say."""
    import torch
    from torch.overrides import TorchFunctionMode

    moves = {torch.Tensor.cuda, torch.Tensor.cpu}
    here = torch.device(device)

    class Stay(TorchFunctionMode):
        def __torch_function__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = dict(kwargs or {})
            if func in moves:
                return args[0]
            if func is torch.Tensor.to:
                args = (args[0], *(a for a in args[1:] if isinstance(a, (torch.dtype, torch.Tensor))))
                kwargs = {key: kwargs[key] for key in ("dtype", "other", "memory_format") if kwargs.get(key)}
                return func(*args, **kwargs) if len(args) > 1 or kwargs else args[0]
            if kwargs.get("device") is not None:
                kwargs["device"] = here
            return func(*args, **kwargs)

    with here, Stay():
        yield


def load(job: dict[str, Any], name: str) -> dict[str, Any]:
    """Run the file as module ``name`` and return its namespace (what there is of it, where it failed early)."""
    path, text = job["path"], job["text"]
    module = types.ModuleType(name)
    module.__dict__.update(__file__=path, __package__=name.rpartition(".")[0] if name != "__main__" else None)
    module.__spec__ = None if name == "__main__" else importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = module
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    exec(compile(text, path, "exec"), module.__dict__)
    return module.__dict__


def module_name(path: str) -> str:
    """The dotted name of a file by the packages around it; the folder above them goes onto sys.path."""
    folder, file = os.path.split(path)
    parts = [os.path.splitext(file)[0]]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    sys.path.insert(0, folder)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


# --- the stories --------------------------------------------------------------------------------------------------


def tell(job: dict[str, Any], dtypes: tuple[str, ...]) -> None:
    """Repeat the story once; what it raises is the answer."""
    story = job["story"]
    if story["kind"] == "script":
        sys.path.insert(0, os.path.dirname(job["path"]))
        with contextlib.suppress(SystemExit):
            load(job, "__main__")
        return
    target, receiver = find(job, story["name"].split("."))
    if story["kind"] == "function":
        target()
        return
    tensors = {name: tensor(shape, dtype) for (name, shape), dtype in zip(story["inputs"], dtypes)}
    if isinstance(target, type) or story["kind"] == "factory":
        target = construct(target, story["constructor"])
    elif receiver is not None:
        target = getattr(construct(receiver, story["constructor"]), target.__name__)
    call(target, tensors)


def find(job: dict[str, Any], names: list[str]) -> tuple[Any, type | None]:
    """The function or class called ``names``, and the class that it is a method of."""
    name = module_name(job["path"])
    try:
        namespace = load(job, name)
    except BaseException:
        namespace = sys.modules[name].__dict__ if name in sys.modules else {}
        if names[0] not in namespace:
            raise
    target: Any = namespace.get(names[0])
    receiver = None
    for attribute in names[1:]:
        receiver = target if isinstance(target, type) else None
        target = getattr(target, attribute, None)
    if target is None:
        raise Impossible(f"there is no {'.'.join(names)} at the top of the file")
    return target, receiver


def construct(cls: Callable[..., Any], arguments: list[list[Any]]) -> Any:
    import inspect

    given = dict(arguments)
    missing = [
        p.name
        for p in inspect.signature(cls).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name not in given
    ]
    if missing:
        raise Impossible(f"{cls.__name__} needs {', '.join(missing)}")
    return cls(**given)


def call(target: Any, tensors: dict[str, Any]) -> None:
    """Call with tensors by name; those whose name the target does not know go in order."""
    import inspect

    function = getattr(target, "forward", target)
    parameters = inspect.signature(function).parameters
    named = {name: value for name, value in tensors.items() if name in parameters}
    rest = [value for name, value in tensors.items() if name not in parameters]
    try:
        inspect.signature(function).bind(*rest, **named)
    except TypeError as error:
        raise Impossible(f"the call cannot be made: {error}") from None
    target(*rest, **named)


def tensor(shape: list[int], dtype: str) -> Any:
    import torch

    return torch.zeros(shape, dtype=torch.int64) if dtype == "int64" else torch.rand(shape)


# --- the answers --------------------------------------------------------------------------------------------------


def run(job: dict[str, Any], record: Record) -> BaseException | None:
    """The error that the story ends with; inputs of another dtype are tried before one is believed."""
    count = len(job["story"]["inputs"])
    error: BaseException | None = None
    for dtypes in itertools.islice(itertools.product(("float32", "int64"), repeat=count), 8):
        error = None
        sys.settrace(record.trace)
        try:
            tell(job, dtypes)
        except (Exception, SystemExit) as raised:
            error = raised
        finally:
            sys.settrace(None)
        if error is None or isinstance(error, Impossible) or not DTYPE.search(str(error)):
            break
    return error


def answer(span: list[int], error: BaseException | None, record: Record, device: str) -> list[Any]:
    """What the run says about one finding: [verdict, why, would another device know better]."""
    first, last = span
    inside = set(range(first, last + 1))
    if error is None:
        if inside & record.built and not inside & record.ran:
            return ["undecided", "the layer did not run", False]
        if not inside & record.lines:
            return ["undecided", "the line did not run", False]
        # meta tensors have no values: what depends on them is only checked on a real device
        return ["refuted", "", device == "meta"]
    lines, where = places(error, record.path)
    words = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    if isinstance(error, Impossible):
        return ["undecided", str(error), False]
    if DEVICE.search(words) and isinstance(error, (RuntimeError, AssertionError, TypeError, ValueError)):
        return ["undecided", words, device == "meta"]
    if not inside & lines:
        return ["undecided", f"the story ends {where} with {words}", False]
    if not isinstance(error, EVIDENCE) or DTYPE.search(words):
        return ["undecided", words, False]
    return ["confirmed", words, False]


def places(error: BaseException, path: str) -> tuple[set[int], str]:
    """The lines that the error accuses: the innermost in the file, and where the layers below it were constructed."""
    lines: set[int] = set()
    where = "outside the file"
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        if frame.f_code.co_filename == path:
            lines = set(call_lines(step))
            where = f"at line {step.tb_lineno}"
        else:
            built = built_at(frame.f_locals.get("self"))
            lines |= {built} if built is not None else set()
        step = step.tb_next
    return lines, where


def call_lines(step: types.TracebackType) -> range:
    """The lines of the expression that raised; before Python 3.11 only its first."""
    if not hasattr(step.tb_frame.f_code, "co_positions"):
        return range(step.tb_lineno, step.tb_lineno + 1)
    first, last, _, _ = next(itertools.islice(step.tb_frame.f_code.co_positions(), step.tb_lasti // 2, None))
    return range(first or step.tb_lineno, (last or step.tb_lineno) + 1)


def main(job_file: str, answer_file: str) -> None:
    with open(job_file, encoding="utf-8") as file:
        job = json.load(file)
    sys.path[0] = job["folder"]  # this file's own folder must not be seen by the user's imports
    sys.argv = [job["path"]]
    try:
        import torch
    except Exception as missing:
        answers = [["undecided", f"torch cannot be imported: {missing}", False] for _ in job["spans"]]
    else:
        torch.manual_seed(0)
        record = Record(job["path"])
        record.watch_modules()
        with on_device(job["device"]):
            error = run(job, record)
        answers = [answer(span, error, record, job["device"]) for span in job["spans"]]
    with open(answer_file, "w", encoding="utf-8") as file:
        json.dump(answers, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
