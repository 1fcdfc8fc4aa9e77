"""What a file holds now: the text that stands open in an editor comes before what the disk has.

Whoever follows an import or looks for callers looks through here. Outside of an editor nothing is ever open. Where
the files are those of another machine, a `Snapshot` stands for the whole disk, and the own one is not looked at.
"""

from __future__ import annotations

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torchshape_lint.asked import is_noting, question
from torchshape_lint.snapshot import Kind, Snapshot

_texts: dict[str, bytes] = {}
_disk: Snapshot | None = None


def put(path: str, text: str | None) -> None:
    """The text of an open file from now on; with None it is closed, and the disk counts again."""
    if text is None:
        _texts.pop(path, None)
    else:
        _texts[path] = text.encode("utf-8", "surrogatepass")


@contextmanager
def instead(disk: Snapshot) -> Iterator[None]:
    """Inside, this is all there is."""
    global _disk
    before, _disk = _disk, disk
    try:
        yield
    finally:
        _disk = before


def folder() -> str:
    """The working directory."""
    return os.getcwd() if _disk is None else _disk.folder


def absolute(path: str) -> Path:
    return Path(folder(), path)


def installed() -> tuple[str, ...]:
    """Where packages are installed."""
    return _installed() if _disk is None else _disk.installed


def _installed() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys(p for p in (paths["purelib"], paths["platlib"]) if os.path.isdir(p)))


def content(path: str) -> bytes:
    """The bytes of a file; OSError as for the disk."""
    if is_noting():
        digest(path)
    return _content(path)


def _content(path: str) -> bytes:
    found = _texts.get(path)
    if found is not None:
        return found
    if _disk is None:
        return Path(path).read_bytes()
    file = _disk.file(path)
    if file is None:
        raise FileNotFoundError(path)
    return file.content


def state(path: str) -> tuple[int, int]:
    """(size, when it changed): two equal answers mean that the content is the same. OSError as for the disk."""
    if is_noting():
        digest(path)
    found = _texts.get(path)
    if found is not None:
        return len(found), -abs(hash(found)) - 1  # never the time of a file on the disk
    if _disk is None:
        stat = os.stat(path)
        return stat.st_size, stat.st_mtime_ns
    file = _disk.file(path)
    if file is None and not is_dir(path):
        raise FileNotFoundError(path)
    return (file.size, file.stamp) if file else (0, 0)


@question
def digest(path: str) -> str | None:
    """What stands for the content of a file; None where there is none to be read."""
    try:
        return hashlib.sha256(_content(path)).hexdigest()
    except OSError:
        return None


@question
def is_file(path: str) -> bool:
    if path in _texts:
        return True
    return os.path.isfile(path) if _disk is None else _disk.file(path) is not None


def is_dir(path: str) -> bool:
    return os.path.isdir(path) if _disk is None else _disk.look(path) is Kind.FOLDER


def exists(path: str) -> bool:
    return os.path.exists(path) if _disk is None else _disk.look(path) is not None


def entries(path: str) -> list[tuple[str, bool]]:
    """(name, is it a folder?) of the folders and files in a folder, in a fixed order; links are neither."""
    if _disk is not None:
        return _disk.entries(path)
    try:
        with os.scandir(path) as found:
            kinds = [(e.name, e.is_dir(follow_symlinks=False), e.is_file(follow_symlinks=False)) for e in found]
    except OSError:
        return []
    return sorted((name, is_folder) for name, is_folder, is_file in kinds if is_folder or is_file)
