"""One file as it was read: its program, and on demand where each node of it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from torchshape_lint import ir
from torchshape_lint.frontend.ast_positions import Places
from torchshape_lint.frontend.ast_program import read_by_ast
from torchshape_lint.spans import NOWHERE, Span

if TYPE_CHECKING:
    from torchshape_lint.frontend import cst_program

_COMMENT = re.compile(r"""("[^"]*"|'[^']*'|[^#"'])+""")
LARGEST = 3_000_000  # characters; Python's own tree of a text takes hundreds of times as much memory
_SURROGATE = re.compile("[\ud800-\udfff]")


def touches_torch(text: str) -> bool:
    """A file without this word has nothing to say to us."""
    return "torch" in text


def read(text: str, path: str, module: str = "", tree: ast.Module | None = None) -> Source:
    """Never raises: what cannot be read is left out, and ``program.unreadable`` says which lines.

    tree: of this text, where somebody has parsed it already.
    """
    if len(text) > LARGEST:
        program, places = _read("", path, module, None)
        return Source(replace(program, unreadable=(1,)), lambda: places, 1)
    clean = _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))
    program, places = _read(clean, path, module, tree if clean == text else None)
    return Source(program, lambda: places, clean.count("\n") + 1)


def read_to_keep(text: str, path: str, module: str = "") -> Source:
    """As `read`, for a source that stays: its tree is larger than its program, and read again if somebody needs it."""
    source = read(text, path, module)
    return Source(source.program, lambda: read(text, path, module).places, source.line_count)


def _read(text: str, path: str, module: str, tree: ast.Module | None) -> tuple[ir.Program, Places | cst_program.Places]:
    found = read_by_ast(text, path, module, tree)
    if found is not None:
        return found
    from torchshape_lint.frontend.cst_program import read_by_cst  # libcst is slow to import, and seldom needed

    return read_by_cst(text, path, module)


class Source:
    """``span``, ``line`` and ``text`` take the ordinal of a node (its ``at``)."""

    def __init__(self, program: ir.Program, places: Callable[[], Places | cst_program.Places], line_count: int) -> None:
        self.program, self.line_count, self._find = program, line_count, places

    @cached_property
    def places(self) -> Places | cst_program.Places:
        return self._find()

    def span(self, at: int) -> Span:
        extent = self.places.extent(at)
        return NOWHERE if extent is None else self.places.lines.span(*extent)

    def line(self, at: int) -> int:
        return self.span(at).line

    def text(self, at: int) -> str:
        """The source of a node on one line, without comments."""
        extent = self.places.extent(at)
        if extent is None:
            return ""
        text = self.places.lines.text[slice(*extent)]
        return text if "\n" not in text and "\r" not in text else _one_line(text)


def _one_line(text: str) -> str:
    lines = []
    for line in text.splitlines():
        code = _COMMENT.match(line)
        lines.append((code.group() if code else line if line[:1] != "#" else "").rstrip("\\").strip())
    joined = " ".join(line for line in lines if line)
    return re.sub(r"(?<=[(\[{]) | (?=[)\]}])", "", joined)
