"""What torch says about a mutant: a process of its own with torch and torchvision, one fork for each mutant.

Reads one job as JSON a line, writes one answer a line. Every tensor is on the meta device.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import select
import signal
import sys
import traceback
import types
import warnings
from typing import Any

SECONDS = 60

# torch's words for sizes. What else is raised (names, types, missing arguments) is no mistake in a shape.
_ABOUT_SHAPES = re.compile(
    r"""\bsizes?\b | \bshapes? | \bdim(s|ension|ensions|ensional)?\b | \bchannels?\b | elements?\ (in|of) | \baxis\b
    | \bD\b | broadcast | \bgroups\b | divisible | mat1\ and\ mat2 | \brank\b | kernel | stride | padding | \bheight\b
    | \bwidth\b | out\ of\ range\ \(expected | more\ than\ 1\ value\ per\ channel | same\ number\ of | embed_dim
    | num_heads | should\ contain\ \d+\ elements | \bnegative\b | non-empty | expected\ \d+\ value """,
    re.VERBOSE | re.IGNORECASE,
)
# Python's own words, about a shape only if the line that raises takes one apart.
_UNPACKING = re.compile(r"values to unpack|tuple index out of range|list index out of range")
_TAKES_SHAPE = re.compile(r"\.shape\b|\.size\(")
_NEVER = re.compile(
    r"invalid combination of arguments|must be (Tensor|int|tuple|bool|float|str)|positional argument|keyword argument"
    r"|not supported between|unsupported operand|object (is not|has no)|can't multiply sequence"
)


def main() -> None:
    import torch

    torch.set_num_threads(1)
    # torchvision's own operators may not fit this torch
    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    warnings.simplefilter("ignore")
    importlib.import_module("torchvision.models.video")
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)


def _forked(job: dict[str, Any]) -> dict[str, Any]:
    """The answer of a child, which may hang or die."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with os.fdopen(writer, "w") as out:
            out.write(json.dumps(_answer(job)))
        os._exit(0)
    os.close(writer)
    text = b""
    while select.select([reader], [], [], SECONDS)[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        text += part
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reader)
    os.waitpid(child, 0)
    return json.loads(text) if text else {"kind": "other", "error": "died, or took too long"}


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    import torch

    torch.manual_seed(0)
    try:
        built: set[int] = set()
        run: set[int] = set()
        module = _module(job["module"], job["path"], job["text"])
        net = _watched(job["path"], built, lambda: _meta(getattr(module, job["factory"])))
        with torch.device("meta"):
            x = torch.randn(job["input"])
            out = _watched(job["path"], run, lambda: net(x))
        return {"kind": "ran", "output": _shapes(out), "built": sorted(built), "run": sorted(run)}
    except Exception as error:  # noqa: BLE001 (the mutant's own)
        return _raised(error, job)


def _meta(factory: Any) -> Any:
    """A network on the meta device; one that computes its sizes with tensors is built with numbers and moved there."""
    import torch

    try:
        with torch.device("meta"):
            return factory()
    except NotImplementedError:
        return factory().to("meta")


def _module(name: str, path: str, text: str) -> types.ModuleType:
    """The edited text as the module that it is a copy of."""
    importlib.import_module(name)
    importlib.import_module("torchvision.models._api").BUILTIN_MODELS.clear()
    module = types.ModuleType(name)
    module.__package__, module.__file__ = name.rpartition(".")[0], path
    sys.modules[name] = module
    exec(compile(text, path, "exec"), module.__dict__)
    return module


def _watched(path: str, lines: set[int], do: Any) -> Any:
    """Call ``do``; keep the first lines of the functions of the file that it calls."""

    def called(frame: types.FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename == path:
            lines.add(frame.f_code.co_firstlineno)

    sys.setprofile(called)
    try:
        return do()
    finally:
        sys.setprofile(None)


def _shapes(out: Any) -> Any:
    if hasattr(out, "shape"):
        return list(out.shape)
    if isinstance(out, dict):
        return {str(k): _shapes(v) for k, v in out.items()}
    if isinstance(out, (list, tuple)):
        return [_shapes(item) for item in out]
    return type(out).__name__


def _raised(error: Exception, job: dict[str, Any]) -> dict[str, Any]:
    words = " ".join(str(error).split())[:300]
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if "/torchvision/" in f.filename]
    source = job["text"].splitlines()
    at = inside[-1] if inside else frames[-1]
    line = source[at.lineno - 1] if at.filename == job["path"] and at.lineno else at.line or ""
    guard = frames[-1] is at and line.strip().startswith(("raise ", "assert "))  # the file's own check of an argument
    shape = bool(_ABOUT_SHAPES.search(words)) and not _NEVER.search(words)
    shape |= bool(_UNPACKING.search(words) and _TAKES_SHAPE.search(line) and frames[-1] is at)
    return {
        "kind": ("guard" if guard else "crash") if shape and isinstance(error, _ERRORS) else "other",
        "error": f"{type(error).__name__}: {words}",
        "at": f"{'/'.join(at.filename.split('/')[-2:])}:{at.lineno}",
        "line": line.strip(),
        "by": frames[-1].filename.partition("site-packages/")[2] or frames[-1].filename.rpartition("/torchvision/")[2],
    }


_ERRORS = (RuntimeError, ValueError, IndexError, AssertionError)

if __name__ == "__main__":
    main()
