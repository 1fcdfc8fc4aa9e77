"""``sitecustomize`` of a process that may only read: whatever else it does is said on standard error, and ends it.

An audit hook, so nothing that Python does escapes it, in whatever library; and a list of what is harmless, so what
nobody thought of is not. Imports only the standard library: `environment` puts this file where Python finds it first.

GUARDED is the folder with the analysed code, TORCHSHAPE_LINT_CACHE the one that may be written to, ALLOWED names the
modules that the process may start; with RAISES an exception is all that happens.
"""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

ENDED = 99
_HARMLESS = frozenset(
    """
    _thread.start_joinable_thread array.__new__ builtins.id
    code.__new__ cpython.PyInterpreterState_Clear cpython.PyInterpreterState_New
    cpython._PySys_ClearAuditHooks cpython.run_command cpython.run_module fcntl.fcntl gc.get_objects
    gc.get_referents gc.get_referrers glob.glob glob.glob/2 import marshal.load marshal.loads
    object.__delattr__ object.__getattr__ object.__setattr__ os.fwalk os.getxattr os.listdir os.listxattr
    os.scandir os.walk pathlib.Path.glob pathlib.Path.rglob pickle.find_class sys._current_frames sys._getframe
    sys._getframemodulename sys.addaudithook sys.excepthook
    sys.set_asyncgen_hook_finalizer sys.set_asyncgen_hook_firstiter
    sys.setprofile sys.settrace sys.unraisablehook time.sleep
    """.split()
)
_KEEPS = ("os.mkdir", "os.rename", "os.remove", "os.chmod", "tempfile.mkstemp")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOBODY = "the interpreter"
_FOREIGN = frozenset("torch torchvision numpy einops trap".split())  # never imported, wherever they are
_GENERATES = (
    "importlib",
    "dataclasses",
    "collections",
    "attr",
    "typing",
    "annotationlib",
    "inspect",
    "functools",
    "cattrs",
)
_TRAPS = ("__import__", "open(", "trap")  # what the analysed texts are full of


def environment(folder: Path, guarded: Path, *allowed: str) -> dict[str, str]:
    """The variables of a process under guard; ``folder`` is a place for this file."""
    root = Path(__file__).resolve().parent.parent
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(Path(__file__).read_text("utf-8"), "utf-8")
    added = {"GUARDED": str(guarded), "ALLOWED": " ".join(allowed), "TORCHSHAPE_LINT_CACHE": str(folder / "cache")}
    added["PYTHONDONTWRITEBYTECODE"] = "1"
    return {**os.environ, **added, "PYTHONPATH": os.pathsep.join((str(folder), str(root)))}


def _wrong(event: str, args: tuple[object, ...]) -> bool:
    """Is this more than reading?"""
    if event == "import":
        return str(args[0]).partition(".")[0] in _FOREIGN or _guarded(args[1])
    if event == "open":
        path, mode, flags = args
        writes = bool(set(str(mode or "r")) & set("wax+")) or isinstance(flags, int) and bool(flags & _WRITES)
        return writes and path != os.devnull and not isinstance(path, int) and not _cached(path)
    if event in _KEEPS:
        return not all(_cached(path) for path in args if isinstance(path, str | bytes))
    if event == "compile":
        if _caller() == "ast":
            return False  # gives a tree; what comes of that needs another compile
        source = args[0].decode("utf-8", "replace") if isinstance(args[0], bytes) else str(args[0])
        generated = _caller() in _GENERATES and not any(trap in source for trap in _TRAPS)
        return not (generated or "frozen" in _caller_file() or _caller_file() == _NOBODY)
    if event == "function.__new__":  # how Python 3.14 reads the annotations of a dataclass
        return _caller() != "annotationlib" or _guarded(getattr(args[0], "co_filename", ""))
    if event == "exec":
        return _guarded(getattr(args[0], "co_filename", "")) or _caller() == "torchshape_lint"
    if event == "socket.__new__":
        return args[1] != 1  # a pair of pipes within the process is AF_UNIX
    if event == "os.kill":
        return not os.environ["ALLOWED"]  # what it has started it may end
    if event in ("subprocess.Popen", "os.posix_spawn"):
        words = args[1] if isinstance(args[1], list | tuple) else str(args[1]).split()
        return not set(map(str, words)) & set(os.environ["ALLOWED"].split())
    return event not in _HARMLESS and not event.startswith(("winreg.Query", "winreg.Open"))


def _cached(path: object) -> bool:
    """Is it in the folder of the cache?"""
    name = os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
    return name.startswith(os.environ["TORCHSHAPE_LINT_CACHE"])


def _guarded(path: object) -> bool:
    return isinstance(path, str) and path.startswith(os.environ["GUARDED"])


def _caller_file() -> str:
    """The file of the code that did it."""
    frame: types.FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame.f_code.co_filename if frame is not None else _NOBODY


def _caller() -> str:
    """The package, or the module of the standard library, that did it."""
    parts = _caller_file().removesuffix(".py").split(os.sep)
    known = [part for part in parts if part in (*_GENERATES, "ast", "torchshape_lint")]
    return known[-1] if known else ""


def _watch(event: str, args: tuple[object, ...]) -> None:
    if _wrong(event, args):
        if os.environ.get("RAISES"):
            raise PermissionError(event)
        os.write(2, f"GUARD: {event} {args!r:.300} by {_caller_file()}\n".encode())
        os._exit(ENDED)


if __name__ == "sitecustomize":
    sys.addaudithook(_watch)
