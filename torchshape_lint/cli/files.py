"""From paths, globs and folders to the files to be checked, with what .gitignore and ``exclude`` leave out."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from torchshape_lint.cli.trouble import Unusable, complain, has, require
from torchshape_lint.config import nearest, options_for
from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frozen import dataclass

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED = {"__pycache__", "node_modules", "site-packages"}
SUFFIXES = (".py", ".ipynb")


def read(path: str) -> str:
    """The text of a file, of standard input for ``-``; any bytes are text."""
    try:
        return decode(sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error


def files(paths: Sequence[str], exclude: Sequence[str] = (), force: bool = False) -> list[str]:
    """Files as given; for a folder every Python file and notebook below it. Each once, in an order of its own.

    ``force``: what is excluded is left out where it is named, too.
    """
    once: dict[str, str] = {}
    for file in (file for path in paths for one in _globbed(path) for file in _below(one, exclude, force)):
        once.setdefault(file if file == "-" else os.path.abspath(file), file)
    return list(once.values())


def _globbed(path: str) -> list[str]:
    """What a shell would have made of a pattern; no match is an error later, when it is opened."""
    if path == "-" or not glob.has_magic(path) or os.path.lexists(path):
        return [path]
    return sorted(glob.glob(path, recursive=True)) or [path]


def _below(path: str, exclude: Sequence[str], force: bool) -> Iterator[str]:
    if path == "-" or not Path(path).is_dir():
        if path == "-" or not force or not _excluded(Path(path), exclude):
            yield path
        return
    ignored = _Ignored.above(Path(path), exclude)
    for folder, below, names in os.walk(path):
        here = Path(folder)
        ignored.enter(here)
        below[:] = sorted(d for d in below if not _is_foreign(here / d) and not ignored(here / d, folder=True))
        files = sorted(name for name in names if name.endswith(SUFFIXES))
        yield from (str(here / name) for name in files if _readable(here / name) and not ignored(here / name))


def _readable(file: Path) -> bool:
    """A file; or nothing at all, as where a link leads nowhere, which is said when it is opened. Pipes never end."""
    return file.is_file() or not file.exists()


def _excluded(file: Path, exclude: Sequence[str]) -> bool:
    place = file.absolute()
    return any(patterns.decide(place, folder=False) for patterns in _exclusions(place.parent, tuple(exclude)))


def _is_foreign(folder: Path) -> bool:
    """Hidden folders and environments."""
    return folder.name in SKIPPED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


@dataclass(frozen=True)
class _Patterns:
    """The patterns of one .gitignore, for what is below its folder."""

    folder: Path
    spec: GitIgnoreSpec

    def decide(self, path: Path, folder: bool) -> bool | None:
        if not path.is_relative_to(self.folder):
            return None
        name = path.relative_to(self.folder).as_posix()
        return self.spec.check_file(f"{name}/" if folder else name).include


class _Ignored:
    """Does anything say that this path is not wanted? A .gitignore further down is stronger than one above."""

    def __init__(self) -> None:
        self.excluded: list[_Patterns] = []
        self.patterns: list[_Patterns] = []

    @classmethod
    def above(cls, start: Path, exclude: Sequence[str]) -> _Ignored:
        """What is said for ``start`` by the settings, the command line, and the folders above it in its repository."""
        ignored = cls()
        top = start.absolute()
        ignored.excluded += _exclusions(top, tuple(exclude))
        root = next((up for up in (top, *top.parents) if (up / ".git").exists()), None)
        if root is not None:
            ignored._read(root / ".git" / "info" / "exclude", root)
            for up in reversed([up for up in top.parents if up.is_relative_to(root)]):
                ignored.enter(up)
        return ignored

    def enter(self, folder: Path) -> None:
        """Read the .gitignore of a folder that is walked."""
        self._read(folder / ".gitignore", folder.absolute())

    def _read(self, file: Path, folder: Path) -> None:
        if not file.is_file():
            return
        lines = read(str(file)).splitlines()
        if not any(line.strip() and not line.startswith("#") for line in lines):
            return  # as .git/info/exclude is everywhere
        if not has("pathspec"):
            _say_once(f"{file} is not read: pip install 'torchshape-lint[cli]'")
            return
        self.patterns += _patterns(folder, lines, str(file))

    def __call__(self, path: Path, folder: bool = False) -> bool:
        path = path.absolute()
        if any(patterns.decide(path, folder) for patterns in self.excluded):
            return True
        said = (patterns.decide(path, folder) for patterns in reversed(self.patterns))
        return next((decision for decision in said if decision is not None), False)


@cache
def _exclusions(folder: Path, exclude: tuple[str, ...]) -> tuple[_Patterns, ...]:
    """What the settings that count in a folder, and the command line, exclude."""
    settings, options = nearest(folder), options_for(str(folder / "x.py"), {})
    found = _patterns(settings.parent, options.exclude) if options.exclude and settings is not None else []
    return (*found, *(_patterns(Path.cwd(), exclude) if exclude else []))


def _patterns(folder: Path, lines: Sequence[str], source: str = "exclude") -> list[_Patterns]:
    require("pathspec", "exclude")
    from pathspec import GitIgnoreSpec

    try:
        return [_Patterns(folder, GitIgnoreSpec.from_lines(lines))]
    except ValueError as error:
        raise Unusable(f"{source}: {error}") from error


@cache
def _say_once(text: str) -> None:
    complain(text)
