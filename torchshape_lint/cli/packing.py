"""From a file to the `Snapshot` of what its findings may depend on: its project, or its package where it has none.

Sent are Python files, and names of folders and Python files: of the project, of where packages are installed, and, for
a file without a project, of the folders above it. What a link leads to is not sent, nor what is hidden.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.project import project_root
from torchshape_lint.snapshot import MARKERS, Entry, File, Kind, Snapshot, is_listed

MAX_FILES = 20_000  # of a project that is sent
MAX_BYTES = 300_000_000
_MAX_NAMES = 1_000  # of a folder that is sent without its files
_UNSENT = frozenset({"__pycache__", "node_modules", "site-packages"})
_ENVIRONMENTS = frozenset({"env", "venv"})


def around(path: str) -> Snapshot | None:
    """What belongs to a file; None: it is too much."""
    folder = opened.absolute(path).parent
    top = str(_package(folder))
    root = project_root(str(folder))
    if root is None:
        return _snapshot((top,), bare=True)
    whole = _snapshot((root,))
    return whole if whole is None or str(folder) in whole else _snapshot((root, top))


def _package(folder: Path) -> Path:
    """The topmost folder of the package that a folder is of; the folder itself where it is of none."""
    while (folder.parent / "__init__.py").is_file() and (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


@lru_cache(maxsize=4)  # files come project by project
def _snapshot(tops: tuple[str, ...], bare: bool = False) -> Snapshot | None:
    listings: dict[str, dict[str, Entry]] = {}
    files = size = 0
    for top in tops:
        for folder, listing in _walked(top):
            listings[folder] = listing
            sent = [entry.size for entry in listing.values() if isinstance(entry, File)]
            files, size = files + len(sent), size + sum(sent)
            if files > MAX_FILES or size > MAX_BYTES:
                return None
    single: dict[str, bool] = {}
    for above in (up for top in tops for up in Path(top).parents):
        single |= {str(above / name): (above / name).exists() for name in ("__init__.py", *MARKERS)}
        if bare:
            listings.setdefault(str(above), _names(str(above)))
            if len(listings[str(above)]) > _MAX_NAMES:
                del listings[str(above)]
    for site in opened.installed():
        listings.setdefault(site, _names(site))
    return Snapshot(opened.folder(), opened.installed(), listings, single)


def _walked(top: str) -> Iterator[tuple[str, dict[str, Entry]]]:
    """Every folder that is sent with its files, from the top down."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        listing = _names(folder)
        for name, entry in listing.items():
            if entry is Kind.FILE and name.endswith(".py"):
                listing[name] = _file(os.path.join(folder, name))
        yield folder, listing
        below = (name for name, entry in listing.items() if entry is Kind.FOLDER)
        waiting += [os.path.join(folder, name) for name in below if not _is_unsent(folder, name)]


def _is_unsent(folder: str, name: str) -> bool:
    """Hidden folders and environments."""
    foreign = name in _ENVIRONMENTS and os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
    return foreign or name in _UNSENT or name.startswith(".")


def _names(folder: str) -> dict[str, Entry]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: kind for entry in sorted(entries, key=lambda e: e.name) if (kind := _kind(entry))}
    except OSError:
        return {}


def _kind(entry: os.DirEntry[str]) -> Kind | None:
    """None: nobody will ask."""
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    if not is_listed(entry.name):
        return None
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.LINK


def _file(path: str) -> Entry:
    try:
        return File.of(Path(path).read_bytes())
    except OSError:
        return Kind.FILE
