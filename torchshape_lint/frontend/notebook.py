"""Jupyter notebooks: the text of an ``.ipynb`` -> one Python text, the code cells in their order.

Knows where each sign of a cell stands in the JSON, and writes changed cells back without touching anything else.
Cells are numbered from 1, all kinds of them, as editors and ruff do. That they ran in this order is taken for granted.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from torchshape_lint.frontend import magics
from torchshape_lint.frontend.cells import cells, heading, without_headings
from torchshape_lint.frontend.lines import NEWLINE, Lines
from torchshape_lint.frozen import dataclass
from torchshape_lint.spans import Span

_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIGN = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.S)
_NAME = re.compile(r"[^\W\d]\w*")
_ANY_NAME = re.compile(r"\b(?:exec|eval|globals|locals|vars|setattr)\b|\bimport\s*\(?\s*\*")
_RAISES = "raises-exception"  # the tag with which Jupyter lets a cell fail


class NotebookError(ValueError):
    """This file is no notebook, or none that can be read."""


def is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


@lru_cache(maxsize=4)
def notebook(text: str, path: str) -> Notebook:
    """NotebookError where it is none."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise NotebookError(f"{path}: not a notebook: {error}") from error
    except RecursionError as error:
        raise NotebookError(f"{path}: not a notebook: it is nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        version = content.get("nbformat") if isinstance(content, dict) else None
        why = (
            f"nbformat {version} is too old: save it with Jupyter once"
            if "worksheets" in content
            else "it has no cells"
        )
        raise NotebookError(f"{path}: not a notebook: {why}")
    found = [cell for k, item in enumerate(content["cells"], 1) if (cell := _cell(k, item)) is not None]
    return Notebook(text, path, tuple(found) if _is_python(content.get("metadata")) else ())


def _is_python(metadata: Any) -> bool:
    """What the kernel says; without a word it is Python."""
    said = [_at(metadata, "language_info", "name"), _at(metadata, "kernelspec", "language")]
    return str(next(filter(None, said), "python")).lower() in ("python", "python3", "ipython")


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True, slots=True)
class Cell:
    number: int
    text: str
    fails: bool  # its author says so


def _cell(number: int, item: Any) -> Cell | None:
    source = _at(item, "source")
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    language = _at(item, "metadata", "vscode", "languageId") or "python"
    if _at(item, "cell_type") != "code" or not isinstance(source, str) or language != "python":
        return None
    tags = _at(item, "metadata", "tags")
    return Cell(number, _SURROGATE.sub("\ufffd", source), isinstance(tags, list) and _RAISES in tags)


class Notebook:
    def __init__(self, text: str, path: str, found: tuple[Cell, ...]) -> None:
        self.text, self.path, self.cells = text, path, found
        self._by_number = {cell.number: cell for cell in found}

    def line(self, cell: int, line: int) -> str:
        """As it was written; empty where there is none."""
        lines = NEWLINE.split(self._by_number[cell].text) if cell in self._by_number else []
        return lines[line - 1] if 0 < line <= len(lines) else ""

    # --- as one Python text -------------------------------------------------------------------------------------

    @cached_property
    def python(self) -> str:
        """Every cell behind its heading, line for line and column for column."""
        return "".join(f"{heading(number, magics.is_indented(text))}\n{text}\n" for number, text in self._plain.items())

    @cached_property
    def left_out(self) -> dict[int, str]:
        """The cells that are not read, and why."""
        found = (cell for cell in self.cells if cell.text.strip() and _python(cell, _nothing) is None)
        return {cell.number: f"it is tagged {_RAISES}" if cell.fails else "it is not Python" for cell in found}

    @cached_property
    def _plain(self) -> dict[int, str]:
        bound, modules = self._names

        def forget(text: str) -> str:
            names = bound if _ANY_NAME.search(text) else bound.intersection(_NAME.findall(text))
            told = sorted(names - modules)
            return " = ".join((*told, f"get_ipython({', '.join(told)})")) if told else magics.NOTHING

        plain = {}
        for cell in self.cells:
            text = _python(cell, forget)
            plain[cell.number] = without_headings(magics.opaque(cell.text, forget) if text is None else text)
        return plain

    @cached_property
    def _names(self) -> tuple[set[str], set[str]]:
        """What is bound anywhere, and of this the modules, which nothing binds anew."""
        bound: set[str] = set()
        imported: set[str] = set()
        for cell in self.cells:
            parsed = magics.tree(_python(cell, _nothing) or "")
            for node in ast.walk(parsed) if parsed else ():
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    names = {alias.asname or alias.name.partition(".")[0] for alias in node.names} - {"*"}
                    is_module = isinstance(node, ast.Import) or (node.module or "").partition(".")[0] == "torch"
                    (imported if is_module else bound).update(names)
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    bound.add(node.name)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    bound.add(node.id)
        return bound | imported, imported - bound

    # --- as JSON ------------------------------------------------------------------------------------------------

    def raw(self, span: Span) -> Span:
        """Where a span of a cell stands in the file."""
        if not span.cell:
            return span
        lines = Lines(self._by_number[span.cell].text)
        offsets = self._offsets(span.cell)
        ends = ((span.line, span.column), (span.end_line, span.end_column))
        start, end = (offsets[min(lines.starts[line - 1] + column - 1, len(offsets) - 1)] for line, column in ends)
        return self._lines.span(start, end)

    def raw_text(self, text: str) -> str:
        """As it stands in a string of this file."""
        return json.dumps(text, ensure_ascii=self.text.isascii())[1:-1]

    def changed(self, python: str) -> str:
        """The file after its Python was changed. NotebookError where that cannot be said of single cells."""
        pieces, at = [], 0
        for number, new in self._split(python):
            if new == self._plain[number]:
                continue
            start, end = self._sources[number]
            cell = self._by_number[number]
            pieces += [
                self.text[at:start],
                self._written(start, end, magics.restored(cell.text, self._plain[number], new)),
            ]
            at = end
        text = "".join((*pieces, self.text[at:]))
        if notebook(text, self.path).python != python:
            raise NotebookError(f"{self.path}: the fix cannot be written into the cells")
        return text

    def _split(self, python: str) -> Iterator[tuple[int, str]]:
        """The cells of a changed text."""
        found, lines = cells(python), Lines(python)
        if found.numbers != list(self._plain):
            raise NotebookError(f"{self.path}: the fix goes beyond a cell")
        for number, first, last in zip(found.numbers, found.lines, [*found.lines, len(lines.starts)][1:], strict=True):
            yield number, lines.between(first + 1, last - 1).removesuffix("\n")

    def _written(self, start: int, end: int, source: str) -> str:
        """A source in the form of the one that stands between two offsets: a string, or a list of lines."""
        old = self.text[start:end]
        if old.startswith('"'):
            return f'"{self.raw_text(source)}"'
        items = list(_items(old, 0))
        known = {json.loads(old[at:stop]): old[at:stop] for at, stop in items}
        before = old[1 : items[0][0]]
        between = old[items[0][1] : items[1][0]] if len(items) > 1 else f",{before or ' '}"
        lines = [line for line in re.split(r"(?<=\n)", source) if line]
        told = (known.get(line) or f'"{self.raw_text(line)}"' for line in lines)
        return f"[{before}{between.join(told)}{old[items[-1][1] :]}"

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def _sources(self) -> dict[int, tuple[int, int]]:
        """From where to where the source of each cell stands."""
        top = dict(_members(self.text, _SPACE.match(self.text).end()))  # type: ignore[union-attr]
        found = enumerate(_items(self.text, top["cells"][0]), 1)
        return {k: dict(_members(self.text, at))["source"] for k, (at, _) in found if k in self._by_number}

    def _offsets(self, cell: int) -> list[int]:
        """Where each sign of a cell stands; and last, where the last one ends."""
        start, end = self._sources[cell]
        strings = [(start, end)] if self.text[start] == '"' else list(_items(self.text, start))
        offsets = []
        for first, last in strings:
            offsets += [found.start() for found in _SIGN.finditer(self.text, first + 1, last - 1)]
        return [*offsets, max((last - 1 for _, last in strings), default=start)]


def _nothing(text: str) -> str:
    return magics.NOTHING


def _python(cell: Cell, forget: magics.Forget) -> str | None:
    return None if cell.fails else magics.python(cell.text, forget)


# --- offsets in JSON that was read before ------------------------------------------------------------------------

_DECODER = json.JSONDecoder()


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The members of the object that begins here: the key, and where the value stands."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        end = _DECODER.raw_decode(text, at)[1]
        yield key, (at, end)
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where the items of the list stand that begins here."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        yield at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
