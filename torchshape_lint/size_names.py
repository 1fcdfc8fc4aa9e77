"""By which name a size is shown: within one story, one that is made up never has the name of one that the author named.

The author's names stay as they are written, and what is made up after them is numbered: ``h2`` beside a declared ``h``.
A name that was made up before the author's turns up (in a function that is called) is kept by the size that has it.
Concerns only what is shown: symbols are told apart by their serials.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_given: set[str] = set()
_made_up: set[str] = set()


def given(name: str) -> str:
    """By which name a size is shown that the author calls ``name``."""
    if name in _made_up:
        name = _numbered(name, _made_up)
    _given.add(name)
    return name


def made_up(name: str) -> str:
    """By which name a size is shown that nobody named, ``name`` if possible."""
    if name in _given:
        name = _numbered(name, _given)
    _made_up.add(name)
    return name


@contextmanager
def story() -> Iterator[None]:
    """Inside a story of its own is told, in which all names are free."""
    _forget()
    try:
        yield
    finally:
        _forget()


def _forget() -> None:
    _given.clear()
    _made_up.clear()


def _numbered(name: str, others: set[str]) -> str:
    number = 2
    while f"{name}{number}" in others:
        number += 1
    return f"{name}{number}"
