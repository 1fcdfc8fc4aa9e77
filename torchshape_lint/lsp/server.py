"""The server: open files, the settings of each workspace folder, and what it tells the client unasked."""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
import tempfile
import uuid
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.capabilities import get_capability
from pygls.exceptions import PyglsError
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from torchshape_lint.lsp import settings as settings_of
from torchshape_lint.lsp.documents import Document, Documents
from torchshape_lint.lsp.exchange import Answer
from torchshape_lint.lsp.findings import diagnostic
from torchshape_lint.lsp.notebooks import SYNC, Cells, python_cells
from torchshape_lint.lsp.places import Text
from torchshape_lint.lsp.settings import SECTION, Settings

SLOW = 0.7  # seconds after which an evaluation shows its progress


class Server(LanguageServer):
    """The open files, and the settings of each workspace folder."""

    def __init__(self) -> None:
        # Whole texts: pygls counts form feeds as line ends when it applies parts of one.
        super().__init__("torchshape-lint", _version(), lsp.TextDocumentSyncKind.Full, SYNC)
        self.documents = Documents(self.settings, self.publish, self.watched)
        self.cells: dict[str, str] = {}  # the notebook of each cell
        self.everywhere = Settings()
        self.folders: dict[str, Settings] = {}
        self.dismissed = False
        self._shown: tempfile.TemporaryDirectory[str] | None = None

    # --- settings -----------------------------------------------------------------------------------------------

    def settings(self, uri: str) -> Settings:
        """Those of the innermost workspace folder around a file."""
        around = [folder for folder in self.folders if uri.startswith(folder.rstrip("/") + "/")]
        return self.folders[max(around, key=len)] if around else self.everywhere

    def understood(self, values: object) -> Settings:
        found = settings_of.read(values)
        for problem in found.problems:
            self.say(lsp.MessageType.Warning, f"torchshape-lint: {problem}")
        return found

    async def pull(self) -> None:
        """Ask the client for the settings of every workspace folder."""
        folders = list(self.workspace.folders)
        items = [lsp.ConfigurationItem(section=SECTION), *(lsp.ConfigurationItem(f, SECTION) for f in folders)]
        try:
            values = await self.workspace_configuration_async(lsp.ConfigurationParams(items))
        except PyglsError as error:
            self.log(f"the client gives no settings: {error}")
            return
        if values and values[0] is not None:
            self.everywhere = self.understood(values[0])
        self.folders = {f: self.understood(v) for f, v in zip(folders, values[1:]) if v is not None and v != values[0]}

    def can(self, capability: str) -> bool:
        return bool(get_capability(self.client_capabilities, capability))

    @property
    def reads_markdown(self) -> bool:
        formats = get_capability(self.client_capabilities, "text_document.hover.content_format")
        return not formats or lsp.MarkupKind.Markdown in formats

    def changed(self, uri: str) -> None:
        """A file was opened or edited. What is no Python file is left alone, and cells: they are their notebook's."""
        if not uri.startswith(("file:", "untitled:")):
            return
        now = self.workspace.get_text_document(uri)
        if now.language_id in (None, "", "python") or uri.endswith((".py", ".pyi")):
            self.documents.put(uri, to_fs_path(uri) or now.path, now.version, Text(now.source, uri, self.encoding))

    def notebook_changed(self, uri: str) -> None:
        """A notebook was opened or edited. It is one document; its cells are none."""
        now = self.workspace.get_notebook_document(notebook_uri=uri)
        if now is None:
            return
        opened = self.workspace.text_documents  # by their names without escapes, which are not those to answer with
        texts = {c.document: opened[name] for c in now.cells if (name := unquote(c.document)) in opened}
        found = python_cells(now.cells, {uri: (text.language_id or "", text.source) for uri, text in texts.items()})
        path = to_fs_path(uri) or uri
        before = self.documents.all[uri].text.uris if uri in self.documents.all else ()
        self.documents.put(uri, path, now.version, Cells(found, path, self.encoding))
        self.forget(set(before) - found.keys())
        self.cells |= dict.fromkeys(found, uri)

    def notebook_closed(self, uri: str) -> None:
        if (document := self.documents.all.get(uri)) is not None:
            self.documents.remove(uri)
            self.forget(document.text.uris)

    def forget(self, uris: Iterable[str]) -> None:
        """Nothing is to be said of these files any more."""
        for uri in uris:
            self.cells.pop(uri, None)
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def document(self, uri: str) -> Document | None:
        """The document of an open file, or of a cell of an open notebook."""
        return self.documents.all.get(self.cells.get(uri, uri))

    @property
    def encoding(self) -> str:
        return lsp.PositionEncodingKind(self.workspace.position_encoding or "utf-16").value

    # --- telling ------------------------------------------------------------------------------------------------

    def publish(self, document: Document, elsewhere: bool) -> None:
        answer = document.answer
        if answer.failed:
            self.log(f"{document.path}: {answer.failed}")
        seen = document.seen
        version = document.version if seen.uris == (document.uri,) else None  # cells have versions of their own
        for uri in seen.uris:
            here = (d for d in answer.found if d.path == document.path and seen.uri(d.span.line) == uri)
            found = [diagnostic(d, seen) for d in here]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))
        if elsewhere:
            if self.can("workspace.inlay_hint.refresh_support"):
                self.workspace_inlay_hint_refresh(None)
            if self.can("workspace.code_lens.refresh_support"):
                self.workspace_code_lens_refresh(None)

    async def watched(self, document: Document, evaluation: Awaitable[Answer]) -> Answer:
        """An evaluation that takes its time shows that it is at work."""
        running = asyncio.ensure_future(evaluation)
        await asyncio.wait({running}, timeout=SLOW)
        if running.done() or not self.can("window.work_done_progress"):
            return await running
        token = str(uuid.uuid4())
        try:
            await self.work_done_progress.create_async(token)
        except PyglsError:
            return await running
        name = Path(document.path).name
        self.work_done_progress.begin(token, lsp.WorkDoneProgressBegin("torchshape-lint", message=f"evaluating {name}"))
        try:
            return await running
        finally:
            self.work_done_progress.end(token, lsp.WorkDoneProgressEnd())
            self.work_done_progress.tokens.pop(token, None)

    def say(self, kind: lsp.MessageType, message: str) -> None:
        self.window_show_message(lsp.ShowMessageParams(kind, message))

    def log(self, message: str) -> None:
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, message))

    async def show(self, text: str) -> None:
        """A table is for a window of its own; a client that opens none gets it as a message."""
        if not self.can("window.show_document.support"):
            self.say(lsp.MessageType.Info, text)
            return
        self._shown = self._shown or tempfile.TemporaryDirectory(prefix="torchshape-lint-")
        file = Path(self._shown.name) / "explanation.txt"
        file.write_text(text + "\n", "utf-8")
        uri = from_fs_path(str(file)) or ""
        await self.window_show_document_async(lsp.ShowDocumentParams(uri, take_focus=True))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What the client sent could not be understood: that is for its log, not for a window in front of the user."""
        logging.getLogger(__name__).warning("%s: %s", getattr(source, "__name__", source), error)


def _version() -> str:
    try:
        return importlib.metadata.version("torchshape-lint")
    except importlib.metadata.PackageNotFoundError:
        return "0"
