"""An open notebook is one text, its Python cells in their order, as for the command line; a client knows cells only.

So lines are those of the whole text everywhere in the server, and those of a cell in what the client says and hears.
Which ``.ipynb`` they are kept in does not matter here: it is the client that reads and writes it.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types as lsp

from torchshape_lint.frontend.cells import cells
from torchshape_lint.frontend.notebook import Cell, Notebook
from torchshape_lint.lsp.places import Text
from torchshape_lint.spans import Span

SYNC = lsp.NotebookDocumentSyncOptions([lsp.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook")])


class Cells(Text):
    """``uris`` has those of the cells, by their order; ``at`` makes one of them the one that is spoken of."""

    def __init__(self, found: Mapping[str, Cell], path: str, encoding: str) -> None:
        super().__init__(Notebook("", path, tuple(found.values())).python, "", encoding)
        self.uris = tuple(found)
        self._headings = cells(self.text).lines
        self._spoken_of: int | None = None

    def at(self, uri: str) -> Cells:
        one = copy.copy(self)
        one._spoken_of = self.uris.index(uri) if uri in self.uris else None
        return one

    def uri(self, line: int) -> str:
        return self.uris[self._cell(line)]

    def holds(self, line: int) -> bool:
        return self._spoken_of in (None, self._cell(line))

    def range(self, span: Span) -> lsp.Range:
        """In the cell; what stands at its heading is at its beginning."""
        found, above = super().range(span), self._headings[self._cell(span.line)]
        ends = (lsp.Position(max(end.line - above, 0), end.character) for end in (found.start, found.end))
        return lsp.Range(*ends)

    def place(self, position: lsp.Position) -> tuple[int, int]:
        if self._spoken_of is None:
            return super().place(position)
        first = self._headings[self._spoken_of]
        last = [*self._headings, len(self.lines)][self._spoken_of + 1] - 1
        return super().place(lsp.Position(min(first + position.line, last - 1), position.character))

    def _cell(self, line: int) -> int:
        return max(bisect_right(self._headings, line) - 1, 0)


def python_cells(found: Sequence[lsp.NotebookCell], texts: Mapping[str, tuple[str, str]]) -> dict[str, Cell]:
    """The cells that are read, numbered as in a file; ``texts`` has the language and the text of each."""
    read = {}
    for number, cell in enumerate(found, 1):
        language, text = texts.get(cell.document, ("", ""))
        if cell.kind == lsp.NotebookCellKind.Code and language == "python":
            read[cell.document] = Cell(number, text, "raises-exception" in _tags(cell.metadata))
    return read


def _tags(metadata: Any) -> Sequence[Any]:
    """Clients hand on the metadata of the file, or put them into a table of that name."""
    for table in (metadata, metadata.get("metadata") if isinstance(metadata, Mapping) else None):
        if isinstance(table, Mapping) and isinstance(table.get("tags"), list):
            return list(table["tags"])
    return ()
