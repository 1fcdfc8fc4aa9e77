"""Files of which it is known that nothing is found in them, kept on the disk from run to run.

Most files are right, and stay as they are. An entry says of one file, under one version of this package and one set of
options: with this text, and with these answers to all that the evaluation asked the disk (`asked`), nothing is found.
What is found is never kept: it is worked out anew. An entry that is damaged, foreign or stale is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from torchshape_lint import callers, faults, opened, project
from torchshape_lint.asked import noted, still_true
from torchshape_lint.options import Options

ASKERS = callers, opened, project  # their questions can be asked again
VARIABLE = "TORCHSHAPE_LINT_CACHE"  # a folder, or "off"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# of torchshape-lint; may be deleted at any time\n"
_MOST = 256  # entries in one of 256 folders
_DIGEST = hashlib.sha256().digest_size
Finding = TypeVar("Finding")


def is_silent(path: str, text: str, options: Options) -> bool:
    """Is it known that nothing is found in this text?"""
    file = _entry(path, options)
    if file is None:
        return False
    try:
        content = file.read_bytes()
        packed = content[_DIGEST:]
        if content[:_DIGEST] != hashlib.sha256(packed).digest():
            return False
        entry = json.loads(zlib.decompress(packed))
        if entry["text"] != _text_digest(text):
            return False
        return all(still_true(tuple(question), answer) for question, answer in entry["asked"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError, zlib.error):
        return False


def kept(path: str, text: str, options: Options, find: Callable[[], list[Finding]]) -> list[Finding]:
    """What ``find`` finds in the file; if that is nothing, and nothing went wrong, it is kept."""
    before = faults.so_far()
    with noted() as notes:
        found = find()
    sound = notes.complete and faults.so_far() == before
    file = _entry(path, options) if sound and not found else None
    if file is not None:
        entry = {"text": _text_digest(text), "asked": [[list(asked), answer] for asked, answer in notes.items()]}
        packed = zlib.compress(json.dumps(entry).encode(), 1)
        _write(file, hashlib.sha256(packed).digest() + packed)
    return found


def _text_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(path: str, options: Options) -> Path | None:
    folder = _folder() if options.cache else None
    if folder is None:
        return None
    chosen = [getattr(options, field) for field in _FIELDS]
    chosen = [sorted(value) if isinstance(value, frozenset) else value for value in chosen]
    key = json.dumps([_version(), opened.folder(), path, chosen])
    name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / name[:2] / name[2:]


_FIELDS = tuple(name for name in Options.__dataclass_fields__ if name != "cache")


def _folder() -> Path | None:
    """The folder of the entries; None where there is none, or it is not to be used."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in ("off", "0", "no", "false"):
        return None
    if chosen:
        return Path(chosen).absolute()
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        users = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        users = home / "Library" / "Caches"
    else:
        users = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return users / "torchshape-lint"


@cache
def _version() -> str:
    """Of this package, as its files stand, and of the Python that reads the linted code."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    stats = [(file.name, stat.st_size, stat.st_mtime_ns) for file in files for stat in [file.stat()]]
    return f"{sys.implementation.name} {sys.version_info[:3]} {hashlib.sha256(repr(stats).encode()).hexdigest()}"


def _write(file: Path, content: bytes) -> None:
    """In one step, so that nobody reads half an entry; a disk that cannot be written is none of our business."""
    try:
        _prepare(file.parent)
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with open(handle, "wb") as stream:
                stream.write(content)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
            raise
    except OSError:
        return


def _prepare(folder: Path) -> None:
    """The folder is there, is nobody else's, and has room: the older half of what is too much goes."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tag = folder.parent / "CACHEDIR.TAG"
        if not tag.exists():
            tag.write_text(_TAG)
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries]
    if len(files) >= _MOST:
        for _, path in sorted(files)[: _MOST // 2]:
            os.unlink(path)
