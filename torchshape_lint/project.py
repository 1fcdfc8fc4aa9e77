"""Where an imported module's source is: in the project of the importing file, or among the installed packages.

Knows paths only. Nothing is imported: a file is found as Python would find it, and read by whoever asked.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.asked import question
from torchshape_lint.snapshot import MARKERS

_HIGHEST = 8  # directories above a file that may be its import root


@question
def find_relative(importer: str, level: int, module: str) -> str | None:
    """The source of ``from ..module import`` (``level`` dots) seen from the file ``importer``."""
    base = opened.absolute(importer).parent
    for _ in range(level - 1):
        base = base.parent
    return _source(base, module)


def find_absolute(importer: str, module: str) -> str | None:
    """The source of ``import module`` seen from the file ``importer``: its project first, then what is installed."""
    here = opened.absolute(importer)
    found: list[str] = find_all(str(here.parent), module)
    return next((path for path in found if path != str(here)), None)


@question
def find_all(directory: str, module: str) -> list[str]:
    """The sources that ``import module`` may mean in a directory, the one that Python would find first."""
    found = []
    for root in (*_project_roots(directory), *_installed_roots()):
        source = _source(Path(root), module)
        if source is not None:
            found.append(source)
            if len(found) == 2:  # the first may be the importer itself
                break
    return found


@question
def find_submodule(package: str, name: str) -> str | None:
    """``name`` inside a package, given its ``__init__.py`` (or its directory)."""
    if opened.is_dir(package):
        return _source(Path(package), name)
    return _source(Path(package).parent, name) if os.path.basename(package) == "__init__.py" else None


@question
def module_name(path: str) -> str:
    """The dotted name of a file: its packages and its stem."""
    file = Path(path)
    parts = [] if file.name == "__init__.py" else [file.stem]
    directory = file.parent
    while opened.is_file(str(directory / "__init__.py")) and len(parts) < _HIGHEST:
        parts.insert(0, directory.name)
        directory = directory.parent
    return ".".join(parts)


def _source(base: Path, module: str) -> str | None:
    """``base/a/b.py`` or ``base/a/b/__init__.py`` for ``a.b``; a directory is a namespace package."""
    target = os.path.join(base, *module.split(".")) if module else str(base)
    for candidate in (os.path.join(target, "__init__.py"), f"{target}.py"):
        if opened.is_file(candidate) and (module or candidate.endswith("__init__.py")):
            return candidate
    return target if module and opened.is_dir(target) else None


@lru_cache(maxsize=512)
def project_root(directory: str) -> str | None:
    """The directory with the project's marker, this one or one above it; None where there is none."""
    here = Path(directory)
    for _ in range(_HIGHEST + 1):
        if any(opened.exists(str(here / marker)) for marker in MARKERS):
            return str(here)
        if here.parent == here:
            break
        here = here.parent
    return None


@lru_cache(maxsize=512)
def _project_roots(directory: str) -> tuple[str, ...]:
    """Directories that may stand on sys.path when the project runs, from the file's own up to the project's root."""
    roots = [directory]
    here = Path(directory)
    for _ in range(_HIGHEST):
        if any(opened.exists(str(here / marker)) for marker in MARKERS):
            roots += [str(here), str(here / "src")]
            break
        if here.parent == here:
            break
        here = here.parent
        roots.append(str(here))
    return tuple(dict.fromkeys(roots))


@lru_cache(maxsize=1)
def _installed_roots() -> tuple[str, ...]:
    return opened.installed()


def forget() -> None:
    """The disk is another one."""
    for remembered in (project_root, _project_roots, _installed_roots):
        remembered.cache_clear()
