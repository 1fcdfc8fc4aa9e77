"""Which files of a project may call or mention what another of its files defines.

Looks at their text only, and parses nothing.

A project ends at the first directory upwards with a marker (pyproject.toml, .git, ..); files without one have no
callers, and in very large projects nobody is looked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from torchshape_lint import opened
from torchshape_lint.asked import question
from torchshape_lint.project import project_root

MAX_FILES = 2_000  # of a project in which callers are looked for
MAX_BYTES = 20_000_000
MAX_CALLERS = 4  # files that are run for one file
_LARGEST = 200_000  # bytes of a caller
_SKIPPED = frozenset("node_modules site-packages build dist venv env __pycache__".split())

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))", re.M)
_WORD = re.compile(rb"\w+")
_RENAMED = re.compile(rb"\b(\w+)\s+as\s+(\w+)")
_SCRIPT = re.compile(rb"^if __name__\s*==|^def \w+\(\s*\)", re.M)


class Imports(NamedTuple):
    """The words of a file's imports, (name, new name) of what is renamed, and whether there are stars or dots."""

    words: frozenset[bytes]
    renamed: frozenset[tuple[bytes, bytes]]
    star: bool
    relative: bool


def callers(path: str, names: Collection[str]) -> list[str]:
    """The files that import ``path`` and call one of ``names`` of it where a story begins, in a fixed order."""
    return callers_of(path, *sorted(names))


@question
def callers_of(path: str, *names: str) -> list[str]:
    target = opened.absolute(path)
    root = project_root(str(target.parent))
    if root is None or not names:
        return []
    files = _imports(root)
    wanted = {name.encode() for name in names}
    wanted |= {alias for _, imports in files for name, alias in imports.renamed if name in wanted}
    stem = (target.parent.name if target.name == "__init__.py" else target.stem).encode()
    packages = {part.encode() for part in target.parts[-4:-1]}
    called = b"|".join(sorted(map(re.escape, wanted)))
    anywhere = re.compile(rb"\b(?:" + called + rb")\(")
    on_top = re.compile(rb"^(?:[\w, ]+=\s*)?(?:\w+\.)*(?:" + called + rb")\(", re.M)
    found = []
    for other, imports in files:
        passed_on = imports.star or wanted & imports.words
        named = stem in imports.words or (passed_on and (imports.relative or packages & imports.words))
        if other == str(target) or other.endswith("__init__.py") or not named:
            continue
        text = _text(other)
        if anywhere.search(text) and (on_top.search(text) or _SCRIPT.search(text)):
            found.append(Path(other))
    found.sort(key=lambda p: (p.parent != target.parent, len(p.parts), str(p)))
    return list(map(str, found[:MAX_CALLERS]))


@question
def mentioned_elsewhere(path: str, *names: str) -> list[str]:
    """Those of the names that another file may mean; all of them in a project that is too large.

    Files in no project are looked for beside this one.
    """
    target = opened.absolute(path)
    root = project_root(str(target.parent))
    files = _imports(root) if root is not None else _imports(str(target.parent), within=False)
    if root is not None and not files:
        return list(names)
    found: set[str] = set()
    for other, imports in files:
        if other != str(target) and (imports.star or not imports.words.isdisjoint(_parts_of(target, names))):
            words = set(_WORD.findall(_text(other)))
            found.update(name for name in names if name.encode() in words)
    return sorted(found)


def _parts_of(target: Path, names: Collection[str]) -> set[bytes]:
    """Words of an import that may bring in the names of a file, or the file."""
    return {part.encode() for part in (*names, *target.parts[-4:-1], target.stem)}


def _imports(root: str, within: bool = True) -> list[tuple[str, Imports]]:
    """Every file of a project (or only of this folder) with what it imports; empty for very large projects."""
    found, total = [], 0
    for k, path in enumerate(_python_files(root, within)):
        size, changed = opened.state(path)
        total += size
        if k >= MAX_FILES or total > MAX_BYTES:
            return []
        found.append((path, _imported(path, size, changed)))
    return found


@lru_cache(maxsize=2 * MAX_FILES)
def _imported(path: str, size: int, changed: int) -> Imports:
    """What a file imports, remembered while it does not change."""
    found = b" ".join(b" ".join(filter(None, match.groups())) for match in _IMPORT.finditer(_text(path)))
    words, renamed = frozenset(_WORD.findall(found)), frozenset(_RENAMED.findall(found))
    return Imports(words, renamed, b"*" in found, b" ." in b" " + found)


def _python_files(directory: str, within: bool = True) -> Iterator[str]:
    for name, is_folder in opened.entries(directory):
        path = os.path.join(directory, name)
        if is_folder:
            if within and name not in _SKIPPED and not name.startswith("."):
                yield from _python_files(path)
        elif name.endswith(".py"):
            yield path


def _text(path: str) -> bytes:
    try:
        return opened.content(path) if opened.state(path)[0] <= _LARGEST else b""
    except OSError:
        return b""
