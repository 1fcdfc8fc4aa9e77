"""An open notebook as an editor sees it: findings, hovers, hints, lenses and fixes of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types as lsp

from tests.lsp.editor import Editor

PROSE = "# A net"
IMPORTS = "!pip install torch\nimport torch\nfrom torch import nn"
NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16 * 8 * 8, 10)

    def forward(self, x):
        return self.fc(torch.flatten(x, 1))"""
CALL = "%%time\nout = Net()(torch.randn(2, 16, 7, 7))"
FAILS = "nn.Linear(3, 4)(torch.randn(2, 5))"


class Notebook:
    """The cells of ``net.ipynb``, opened in an editor. Its first cell is no code."""

    def __init__(self, editor: Editor, folder: Path) -> None:
        self.editor, self.id = editor, lsp.VersionedNotebookDocumentIdentifier(1, (folder / "net.ipynb").as_uri())
        texts = [PROSE, IMPORTS, NET, CALL, FAILS]
        self.cells = [folder / f"cell={k}" for k in range(1, len(texts) + 1)]
        editor.texts.update(zip(self.cells, texts))
        editor.versions.update(dict.fromkeys(self.cells, 1))
        items = [self.item(cell) for cell in self.cells]
        items[0].language_id = "markdown"
        cells = [lsp.NotebookCell(lsp.NotebookCellKind.Code, item.uri) for item in items]
        cells[0].kind = lsp.NotebookCellKind.Markup
        cells[-1].metadata = cast(Any, {"tags": ["raises-exception"]})
        document = lsp.NotebookDocument(self.id.uri, "jupyter-notebook", 1, cells)
        editor.client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(document, items))

    def item(self, cell: Path) -> lsp.TextDocumentItem:
        return lsp.TextDocumentItem(cell.as_uri(), "python", 1, self.editor.texts[cell])

    def changed(self, change: lsp.NotebookDocumentCellChanges) -> None:
        self.id.version += 1
        params = lsp.DidChangeNotebookDocumentParams(self.id, lsp.NotebookDocumentChangeEvent(cells=change))
        self.editor.client.notebook_document_did_change(params)

    def type(self, cell: Path, text: str) -> None:
        self.editor.texts[cell] = text
        self.editor.versions[cell] += 1
        typed = lsp.VersionedTextDocumentIdentifier(self.editor.versions[cell], cell.as_uri())
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.changed(
            lsp.NotebookDocumentCellChanges(text_content=[lsp.NotebookDocumentCellContentChanges(typed, [whole])])
        )

    def remove(self, number: int) -> None:
        closed = [lsp.TextDocumentIdentifier(self.cells[number - 1].as_uri())]
        array = lsp.NotebookCellArrayChange(number - 1, 1)
        self.changed(
            lsp.NotebookDocumentCellChanges(structure=lsp.NotebookDocumentCellChangeStructure(array, did_close=closed))
        )

    def codes(self) -> list[list[str]]:
        """The findings of each cell, as they were told last."""
        told = [self.editor.published.get(cell.as_uri()) for cell in self.cells]
        return [[f"{d.range.start.line + 1} {d.code}" for d in one.diagnostics] if one else [] for one in told]

    def until(self, *codes: list[str]) -> None:
        try:
            self.editor.until(lambda: self.codes() == list(codes), 20)
        except AssertionError:
            assert self.codes() == list(codes)
            raise


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    editor = Editor(tmp_path, settings={"delay": 20})
    yield editor
    assert editor.quit() == (0, "")
    assert not editor.logged


@pytest.fixture
def notebook(editor: Editor, tmp_path: Path) -> Notebook:
    return Notebook(editor, tmp_path)


def test_findings_are_told_by_cell(editor: Editor, notebook: Notebook) -> None:
    notebook.until([], [], ["7 TSL101"], [], [])
    _, _, net, call, _ = notebook.cells
    (found,) = editor.published[net.as_uri()].diagnostics
    assert found.range == lsp.Range(editor.at(net, "self.fc(t"), editor.at(net, "(x, 1))", 7))
    assert "in_features is 1024" in found.message and "called at cell 4, line 2 with (2, 16, 7, 7)" in found.message
    places = [(r.location.uri, r.location.range.start.line + 1) for r in found.related_information or ()]
    assert places == [(net.as_uri(), 4), (call.as_uri(), 2)]
    assert not set(editor.published) - {cell.as_uri() for cell in notebook.cells}


def test_findings_follow_the_cells(editor: Editor, notebook: Notebook) -> None:
    notebook.until([], [], ["7 TSL101"], [], [])
    _, _, net, call, _ = notebook.cells
    notebook.type(net, "# wider\n" + NET)
    notebook.until([], [], ["8 TSL101"], [], [])
    notebook.type(call, CALL.replace("7, 7", "8, 8"))
    notebook.until([], [], [], [], [])
    notebook.type(call, "nn.Linear(3, 4)(torch.randn(2, 5))")
    notebook.until([], [], [], ["1 TSL101"], [])
    notebook.remove(4)
    notebook.until([], [], [], [], [])
    notebook.type(net, NET + "\n\nNet()(torch.randn(2, 16, 7, 7))")
    notebook.until([], [], ["7 TSL101"], [], [])
    closed = lsp.DidCloseNotebookDocumentParams(
        lsp.NotebookDocumentIdentifier(notebook.id.uri),
        [lsp.TextDocumentIdentifier(cell.as_uri()) for cell in notebook.cells],
    )
    editor.client.notebook_document_did_close(closed)
    notebook.until([], [], [], [], [])
    assert editor.hover(net, editor.at(net, "fc(")) == ""


def test_questions_about_a_cell(editor: Editor, notebook: Notebook) -> None:
    _, imports, net, call, _ = notebook.cells
    assert "# (2, 784) -> (..., 10)" in editor.hover(net, editor.at(net, "fc(torch"))
    assert "cell 3, line 7 Net.flatten 16*7*7 = 784" in editor.hover(net, editor.at(net, "fc(torch"))
    assert "out: (..., 10)" in editor.hover(call, editor.at(call, "out"))
    assert editor.hover(imports, lsp.Position(0, 3)) == "" == editor.hover(imports, lsp.Position(7, 9))
    assert "def forward(self, x: (2, 16, 7, 7)):" in editor.hints(net)
    assert editor.hints(call) == CALL.replace("out", "out: (..., 10)")
    assert editor.hints(imports) == IMPORTS
    assert editor.lenses(net)[0] == (1, "as called at cell 4, line 2: (2, 16, 7, 7) -> (..., 10)")
    assert editor.lenses(call) == []
    assert "line" in (table := editor.command("torchshape-lint.explain", net.as_uri(), "Net")) and "(2, 784)" in table


def test_fixes_of_a_cell(editor: Editor, notebook: Notebook) -> None:
    notebook.until([], [], ["7 TSL101"], [], [])
    net = notebook.cells[2]
    within = lsp.Range(editor.at(net, "self.fc(t"), editor.at(net, "self.fc(t"))
    resize, *_, silence = editor.actions(net, within)
    assert editor.actions(notebook.cells[3], within) == []
    assert resize.edit is not None and silence.edit is not None
    noqa = "self.fc(torch.flatten(x, 1))"
    for action, old, new in ((resize, "8 * 8", "7 * 7"), (silence, noqa, noqa + "  # noqa: TSL101")):
        notebook.type(net, NET)
        notebook.until([], [], ["7 TSL101"], [], [])
        assert action.edit is not None and action.edit.changes is not None
        (edit,) = action.edit.changes[net.as_uri()]
        lines = NET.split("\n")
        line, (start, end) = edit.range.start.line, (edit.range.start.character, edit.range.end.character)
        lines[line] = lines[line][:start] + edit.new_text + lines[line][end:]
        assert "\n".join(lines) == NET.replace(old, new)
        notebook.type(net, "\n".join(lines))
        notebook.until([], [], [], [], [])
