"""What a file holds now: the text that stands open in an editor comes before what the disk has.

Whoever follows an import or looks for callers reads through here. Outside of an editor nothing is ever open.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from torchshape_lint.asked import is_noting, question

_texts: dict[str, bytes] = {}


def put(path: str, text: str | None) -> None:
    """The text of an open file from now on; with None it is closed, and the disk counts again."""
    if text is None:
        _texts.pop(path, None)
    else:
        _texts[path] = text.encode("utf-8", "surrogatepass")


def content(path: str) -> bytes:
    """The bytes of a file; OSError as for the disk."""
    if is_noting():
        digest(path)
    return _content(path)


def _content(path: str) -> bytes:
    found = _texts.get(path)
    return Path(path).read_bytes() if found is None else found


def state(path: str) -> tuple[int, int]:
    """(size, when it changed): two equal answers mean that the content is the same. OSError as for the disk."""
    if is_noting():
        digest(path)
    found = _texts.get(path)
    if found is not None:
        return len(found), -abs(hash(found)) - 1  # never the time of a file on the disk
    stat = os.stat(path)
    return stat.st_size, stat.st_mtime_ns


@question
def digest(path: str) -> str | None:
    """What stands for the content of a file; None where there is none to be read."""
    try:
        return hashlib.sha256(_content(path)).hexdigest()
    except OSError:
        return None


@question
def is_file(path: str) -> bool:
    return path in _texts or os.path.isfile(path)
