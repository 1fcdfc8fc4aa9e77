"""Which files of a project may call what another of its files defines. Looks at their text only, and parses nothing.

A project ends at the first directory upwards with a marker (pyproject.toml, .git, ..); files without one have no
callers, and in very large projects nobody is looked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from torchshape_lint.project import project_root

MAX_FILES = 2_000  # of a project in which callers are looked for
MAX_BYTES = 20_000_000
MAX_CALLERS = 4  # files that are run for one file
_LARGEST = 200_000  # bytes of a caller
_SKIPPED = frozenset("node_modules site-packages build dist venv env __pycache__".split())

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))", re.M)
_WORD = re.compile(rb"\w+")
_SCRIPT = re.compile(rb"^if __name__\s*==|^def \w+\(\s*\)", re.M)


def callers(path: str, names: Collection[str]) -> list[Path]:
    """The files that import ``path`` and call one of ``names`` of it where a story begins, in a fixed order."""
    target = Path(path).absolute()
    root = project_root(str(target.parent))
    if root is None or not names:
        return []
    wanted = {name.encode() for name in names}
    stem = (target.parent.name if target.name == "__init__.py" else target.stem).encode()
    called = b"|".join(sorted(map(re.escape, wanted)))
    anywhere = re.compile(rb"\b(?:" + called + rb")\(")
    on_top = re.compile(rb"^(?:[\w, ]+=\s*)?(?:\w+\.)*(?:" + called + rb")\(", re.M)
    found = []
    for other, imported in _imports(root):
        if other == str(target) or not (stem in imported or wanted & imported):
            continue
        text = _text(other)
        if anywhere.search(text) and (on_top.search(text) or _SCRIPT.search(text)):
            found.append(Path(other))
    found.sort(key=lambda p: (p.parent != target.parent, len(p.parts), str(p)))
    return found[:MAX_CALLERS]


def _imports(root: str) -> list[tuple[str, frozenset[bytes]]]:
    """Every file of a project that mentions torch, with the words of its imports; empty for very large projects."""
    found, total = [], 0
    for k, entry in enumerate(_python_files(root)):
        stat = entry.stat()
        total += stat.st_size
        if k >= MAX_FILES or total > MAX_BYTES:
            return []
        words = _imported(entry.path, stat.st_size, stat.st_mtime_ns)
        if words:
            found.append((entry.path, words))
    return found


@lru_cache(maxsize=2 * MAX_FILES)
def _imported(path: str, size: int, changed: int) -> frozenset[bytes]:
    """The words of a file's imports, remembered while it does not change; none where it does not mention torch."""
    text = _text(path)
    if b"torch" not in text:
        return frozenset()
    imports = b" ".join(b" ".join(filter(None, match.groups())) for match in _IMPORT.finditer(text))
    return frozenset(_WORD.findall(imports))


def _python_files(directory: str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED and not entry.name.startswith("."):
                yield from _python_files(entry.path)
        elif entry.name.endswith(".py") and entry.name != "__init__.py" and entry.is_file(follow_symlinks=False):
            yield entry


def _text(path: str) -> bytes:
    try:
        return Path(path).read_bytes() if os.path.getsize(path) <= _LARGEST else b""
    except OSError:
        return b""
