"""IPython as the judge of a notebook: each cell run in turn in one namespace, where does one of them raise?

The magics are IPython's own, but for commands of the shell and what needs a package: these do nothing.
"""

from __future__ import annotations

import re
import traceback
import types
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tests.harness import Expected
from tests.torch_judge import _world
from torchshape_lint.frontend.notebook import Notebook, notebook

_NO_LINE_MAGIC = ("autoreload", "load_ext", "matplotlib")
_NO_CELL_MAGIC = ("bash", "html")
_NAME = re.compile(r"cell (\d+)")


def read(path: Path) -> Notebook:
    return notebook(path.read_text("utf-8"), str(path))


def problems(book: Notebook) -> dict[tuple[int, int], str]:
    """Where a cell raises and no marker says so, and the other way round; a cell that cannot be read is line 0."""
    said, wanted = raised(book), {(cell, e.line) for cell, e in expected(book)}
    known = wanted | given_up(book) | {(number, 0) for number in book.left_out}
    missing = dict.fromkeys(wanted - said.keys(), "does not raise")
    return missing | {place: error for place, error in said.items() if place not in known}


def expected(book: Notebook) -> Iterator[tuple[int, Expected]]:
    """The markers ``# !TSL101 words``, with the number of their cell."""
    for cell, line, text in _lines(book):
        if said := re.search(r"# !(TSL\d+)([^#]*)", text):
            yield cell, Expected(line, said[1], tuple(said[2].split()))


def given_up(book: Notebook) -> set[tuple[int, int]]:
    return {(cell, line) for cell, line, text in _lines(book) if "# ?" in text}


def _lines(book: Notebook) -> Iterator[tuple[int, int, str]]:
    for cell in book.cells:
        for line, text in enumerate(cell.text.split("\n"), 1):
            yield cell.number, line, text


def raised(book: Notebook) -> dict[tuple[int, int], str]:
    """The cell and the line that each error is about -> what it says."""
    shell: Any = InteractiveShell(config=Config(HistoryManager={"enabled": False}))  # type: ignore[no-untyped-call]
    for name in _NO_LINE_MAGIC:
        shell.register_magic_function(lambda line: None, magic_name=name)
    for name in _NO_CELL_MAGIC:
        shell.register_magic_function(lambda line, cell: None, "cell", name)
    found = {}
    with (
        _world(Path(book.path), types.ModuleType("cells"), {}),
        redirect_stdout(StringIO()),
        mock.patch.object(shell, "system"),
        mock.patch.object(shell, "getoutput", return_value=["a"]),
    ):
        for cell in book.cells:
            with mock.patch.object(shell.compile, "get_code_name", lambda *a, n=cell.number: f"cell {n}"):
                result = shell.run_cell(cell.text)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                found[_place(error, cell.number)] = f"{type(error).__name__}: {error}"
    return found


def _place(error: BaseException, cell: int) -> tuple[int, int]:
    """The innermost line of a cell."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [(int(name[1]), line) for file, line in frames if (name := _NAME.fullmatch(file))]
    return ours[-1] if ours else (cell, 0)
