"""The formats by name. A format is one module beside this one that registers a function: no list is edited.

A format of ``check`` takes the files one after the other and yields lines: a long run can be read while it lasts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import TypeAlias, TypeVar

from torchshape_lint import report
from torchshape_lint.diagnostics import Diagnostic, Trace
from torchshape_lint.frontend.notebook import is_notebook, notebook
from torchshape_lint.frontend.relocated import in_file
from torchshape_lint.frozen import dataclass

Part: TypeAlias = "str | tuple[str, str]"
"""Text, or text with its style: as the parts of ``rich.text.Text.assemble``."""
Line: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One file as it was checked. ``problem`` says why it could not be."""

    path: str
    text: str
    findings: tuple[Diagnostic, ...]
    problem: str = ""

    def in_file(self) -> Checked:
        """With the lines of the file itself, also for a notebook: what platforms show, and what git knows."""
        if not self.findings or not is_notebook(self.path):
            return self
        book = notebook(self.text, self.path)
        return replace(self, findings=tuple(in_file(d, book) for d in self.findings))


Checking: TypeAlias = Callable[[Iterable[Checked]], Iterator[Line]]
Explaining: TypeAlias = Callable[[Trace, str], str]
C = TypeVar("C", bound=Checking)
E = TypeVar("E", bound=Explaining)

_checking: dict[str, Checking] = {}
_explaining: dict[str, Explaining] = {}


def check_format(name: str) -> Callable[[C], C]:
    """Register what writes the findings of ``check``."""

    def register(function: C) -> C:
        _checking[name] = function
        return function

    return register


def explain_format(name: str) -> Callable[[E], E]:
    """Register what writes the trace of ``explain``; it is given the trace and the text of the file."""

    def register(function: E) -> E:
        _explaining[name] = function
        return function

    return register


def checking() -> dict[str, Checking]:
    """The formats of ``check``."""
    _load()
    return _checking


def explaining() -> dict[str, Explaining]:
    """The formats of ``explain``."""
    _load()
    return _explaining


def plain(line: Line) -> str:
    """A line without its styles."""
    return "".join(part if isinstance(part, str) else part[0] for part in line)


@cache
def _load() -> None:
    for module in pkgutil.iter_modules(report.__path__):
        importlib.import_module(f"{report.__name__}.{module.name}")
