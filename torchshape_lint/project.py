"""Where an imported module's source is: in the project of the importing file, or among the installed packages.

Knows paths only. Nothing is imported: a file is found as Python would find it, and read by whoever asked.
"""

from __future__ import annotations

import os
import sysconfig
from functools import lru_cache
from pathlib import Path

from torchshape_lint import opened

_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_HIGHEST = 8  # directories above a file that may be its import root


def find_relative(importer: str, level: int, module: str) -> Path | None:
    """The source of ``from ..module import`` (``level`` dots) seen from the file ``importer``."""
    base = Path(importer).absolute().parent
    for _ in range(level - 1):
        base = base.parent
    return _source(base, module)


def find_absolute(importer: str, module: str) -> Path | None:
    """The source of ``import module`` seen from the file ``importer``: its project first, then what is installed."""
    for root in (*_project_roots(str(Path(importer).absolute().parent)), *_installed_roots()):
        found = _source(Path(root), module)
        if found is not None and str(found) != str(Path(importer).absolute()):
            return found
    return None


def find_submodule(package: Path, name: str) -> Path | None:
    """``name`` inside a package, given its ``__init__.py`` (or its directory)."""
    directory = package if package.is_dir() else package.parent
    if not package.is_dir() and package.name != "__init__.py":
        return None
    return _source(directory, name)


def module_name(path: Path) -> str:
    """The dotted name of a file: its packages and its stem."""
    parts = [] if path.name == "__init__.py" else [path.stem]
    directory = path.parent
    while (directory / "__init__.py").is_file() and len(parts) < _HIGHEST:
        parts.insert(0, directory.name)
        directory = directory.parent
    return ".".join(parts)


def _source(base: Path, module: str) -> Path | None:
    """``base/a/b.py`` or ``base/a/b/__init__.py`` for ``a.b``; a directory is a namespace package."""
    target = base.joinpath(*module.split(".")) if module else base
    for candidate in (
        target / "__init__.py",
        target.parent / f"{target.name}.py" if module else target / "__init__.py",
    ):
        if opened.is_file(candidate):
            return candidate
    return target if target.is_dir() and module else None


@lru_cache(maxsize=512)
def project_root(directory: str) -> str | None:
    """The directory with the project's marker, this one or one above it; None where there is none."""
    here = Path(directory)
    for _ in range(_HIGHEST + 1):
        if any((here / marker).exists() for marker in _MARKERS):
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
        if any((here / marker).exists() for marker in _MARKERS):
            roots += [str(here), str(here / "src")]
            break
        if here.parent == here:
            break
        here = here.parent
        roots.append(str(here))
    return tuple(dict.fromkeys(roots))


@lru_cache(maxsize=1)
def _installed_roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys(p for p in (paths["purelib"], paths["platlib"]) if os.path.isdir(p)))
