"""A part of a disk as content, to be looked at elsewhere: names of what is in some folders, and Python files whole.

What it has it answers as the disk would. What it does not have it never guesses: it raises `Outside`. Who fills it
with what is not known here.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import NamedTuple, TypeAlias

MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")  # of a project, in its topmost folder


def is_listed(name: str) -> bool:
    """Is a file of this name, or a folder, in a listing when it is there?"""
    return name in MARKERS or os.path.splitext(name)[1] in ("", ".py")


class Outside(BaseException):
    """A question about what was not sent; no answer would be honest, so nothing on its way may make one of it."""


class File(NamedTuple):
    """``stamp`` stands for the content."""

    size: int
    stamp: int
    packed: bytes

    @staticmethod
    def of(content: bytes) -> File:
        stamp = int.from_bytes(hashlib.sha256(content).digest()[:16], "big")
        return File(len(content), stamp, zlib.compress(content, 1))

    @property
    def content(self) -> bytes:
        return zlib.decompress(self.packed)


class Kind(Enum):
    """What there is without its content. A link is not gone into by who walks, and there for who names it."""

    FOLDER = "folder"
    FILE = "file"
    LINK = "link"


Entry: TypeAlias = File | Kind
Listing: TypeAlias = Mapping[str, Entry]


@dataclass(frozen=True)
class Snapshot:
    """``folder``: the working directory; ``installed``: where packages are.

    listings: by folder: every folder in it, every Python file, and the markers of a project.
    single: whether there is a file, where the whole folder is too much.
    """

    folder: str
    installed: tuple[str, ...]
    listings: Mapping[str, Listing]
    single: Mapping[str, bool] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Two snapshots of one digest are one."""
        listings = [
            (folder, [(name, entry.stamp if isinstance(entry, File) else entry.value) for name, entry in names.items()])
            for folder, names in self.listings.items()
        ]
        told = repr((self.folder, self.installed, listings, self.single))
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def beside(self, other: Snapshot) -> Snapshot:
        """Both."""
        return replace(self, listings={**other.listings, **self.listings}, single={**other.single, **self.single})

    def look(self, path: str) -> Entry | None:
        """What there is; None: nothing."""
        path = os.path.join(self.folder, path)
        parent, name = os.path.split(path)
        if path in self.listings or parent == path:
            return Kind.FOLDER
        if parent in self.listings:
            entry = self.listings[parent].get(name)
            if entry is None and not is_listed(name):
                raise Outside(path)
            return entry
        if path in self.single:
            return Kind.FILE if self.single[path] else None
        above = self.look(parent)
        if above is None or isinstance(above, File):
            return None
        raise Outside(path)

    def file(self, path: str) -> File | None:
        """A file with its content; None: there is none."""
        found = self.look(path)
        if isinstance(found, Kind) and (found is not Kind.FOLDER or path not in self):
            raise Outside(path)
        return found if isinstance(found, File) else None

    def __contains__(self, path: str) -> bool:
        """Is the folder listed?"""
        return os.path.join(self.folder, path) in self.listings

    def entries(self, path: str) -> list[tuple[str, bool]]:
        """As `opened.entries`."""
        listing = self.listings.get(os.path.join(self.folder, path))
        if listing is None:
            raise Outside(path)
        return [(name, entry is Kind.FOLDER) for name, entry in sorted(listing.items()) if entry is not Kind.LINK]
