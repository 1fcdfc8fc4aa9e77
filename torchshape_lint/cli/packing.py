"""From a file to what its findings may depend on, as `Snapshot`: its project, and installed packages.

Sent are Python files and names: of the project (of the package, where a file has no project), of the installed
packages that an import names, and of those that these name in their turn; of what is known without its source nothing.
The names of folders and Python files go along where imports are looked for: beside what is installed, and above a file
without a project. What is hidden and what a link leads to stays here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

from torchshape_lint import opened
from torchshape_lint.interp.names import FOLLOWED, KNOWN_ROOTS
from torchshape_lint.project import project_root
from torchshape_lint.snapshot import MARKERS, Entry, File, Kind, Snapshot, is_listed

MAX_FILES = 20_000  # that are sent as one
MAX_BYTES = 300_000_000
_MAX_NAMES = 10_000  # of a folder that is sent without its files
_UNSENT = frozenset({"__pycache__", "node_modules", "site-packages"})
_ENVIRONMENTS = frozenset({"env", "venv"})
_UNREAD = KNOWN_ROOTS - {path.partition(".")[0] for path in FOLLOWED}
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([^\n]+)", re.M)
_WORD = re.compile(rb"\w+")


class TooMuch(Exception):
    """More than is sent."""


@dataclass
class _Parcel:
    """What is sent together; ``words``: those of its imports."""

    listings: dict[str, dict[str, Entry]] = field(default_factory=dict)
    single: dict[str, bool] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    files: int = 0
    size: int = 0

    def take(self, top: str) -> None:
        """A folder with all that is below it."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            names = _names(folder)
            self.listings[folder] = {name: self.taken(folder, name, entry) for name, entry in names.items()}
            below = (name for name, entry in names.items() if entry is Kind.FOLDER)
            waiting += [os.path.join(folder, name) for name in below if not _stays(folder, name)]

    def taken(self, folder: str, name: str, entry: Entry) -> Entry:
        """A Python file with its content; anything else as it is."""
        if entry is not Kind.FILE or not name.endswith(".py"):
            return entry
        try:
            content = Path(folder, name).read_bytes()
        except OSError:
            return entry
        self.files += 1
        self.size += len(content)
        if self.files > MAX_FILES or self.size > MAX_BYTES:
            raise TooMuch
        for line in _IMPORT.findall(content):
            self.words.update(word.decode("utf-8", "replace") for word in _WORD.findall(line))
        return File.of(content)

    def name_above(self, top: str, bare: bool) -> None:
        """What Python asks of the folders above; ``bare``: imports are looked for there, too."""
        for above in Path(top).parents:
            self.single |= {str(above / name): (above / name).exists() for name in ("__init__.py", *MARKERS)}
            names = _names(str(above)) if bare else {}
            if 0 < len(names) <= _MAX_NAMES:
                self.listings.setdefault(str(above), names)

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(opened.folder(), opened.installed(), dict(self.listings), dict(self.single))


def around(path: str) -> tuple[Snapshot, ...] | None:
    """What belongs to a file, and the packages; None: it is too much."""
    folder = opened.absolute(path).parent
    top = str(_package(folder))
    root = project_root(str(folder))
    found = _project((top,), bare=True) if root is None else _project((root,))
    if root is not None and found is not None and str(folder) not in found[0]:
        found = _project((root, top))
    return None if found is None else (found[0], *_packages().having(found[1]))


def _package(folder: Path) -> Path:
    """The topmost folder of the package that a folder is of; the folder itself where it is of none."""
    while (folder.parent / "__init__.py").is_file() and (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


@lru_cache(maxsize=4)  # files come project by project
def _project(tops: tuple[str, ...], bare: bool = False) -> tuple[Snapshot, frozenset[str]] | None:
    parcel = _Parcel()
    try:
        for top in tops:
            parcel.take(top)
            parcel.name_above(top, bare)
    except TooMuch:
        return None
    return parcel.snapshot, frozenset(parcel.words)


class _Packages:
    """Installed packages that are sent: ever more, so that all projects soon share the same. What was sent stays."""

    def __init__(self) -> None:
        self.parcel = _Parcel({site: _names(site) for site in opened.installed()})
        for site in opened.installed():
            self.parcel.name_above(site, bare=True)
        self.parts: tuple[Snapshot, ...] = (self.parcel.snapshot,)
        self.seen = set(_UNREAD)

    def having(self, words: Iterable[str]) -> tuple[Snapshot, ...]:
        """With those among ``words``, and what they import; the newest first."""
        before, known = self.parcel.files, self.parcel.listings.keys() - set(opened.installed())
        while new := set(words) - self.seen:
            self.seen |= new
            self.parcel.words = set()
            with suppress(TooMuch):  # who asks for it is checked at home
                for site in opened.installed():
                    self._take(site, new)
            words = self.parcel.words
        if self.parcel.files > before:
            listings = {folder: names for folder, names in self.parcel.listings.items() if folder not in known}
            self.parts = (replace(self.parts[0], listings=listings, single={}), *self.parts)
        return self.parts

    def _take(self, site: str, words: set[str]) -> None:
        listing = dict(self.parcel.listings[site])
        for word in sorted(words & listing.keys()):
            if listing[word] is Kind.FOLDER:
                self.parcel.take(os.path.join(site, word))
        for module in sorted({f"{word}.py" for word in words} & listing.keys()):
            listing[module] = self.parcel.taken(site, module, listing[module])
        self.parcel.listings[site] = listing


@cache
def _packages() -> _Packages:
    return _Packages()


def forget() -> None:
    """The disk may have changed."""
    _project.cache_clear()
    _packages.cache_clear()


def _stays(folder: str, name: str) -> bool:
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
