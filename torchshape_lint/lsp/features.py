"""What the client can ask and tell, each handed to where it is known."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from dataclasses import replace

from lsprotocol import types as lsp
from pygls.exceptions import PyglsError

from torchshape_lint.faults import debugging
from torchshape_lint.frontend.relocated import by_cell
from torchshape_lint.lsp import settings as settings_of
from torchshape_lint.lsp.actions import actions, touched
from torchshape_lint.lsp.documents import Document
from torchshape_lint.lsp.hints import hints
from torchshape_lint.lsp.hover import hover
from torchshape_lint.lsp.lenses import EXPLAIN, lenses
from torchshape_lint.lsp.server import Server
from torchshape_lint.lsp.settings import SECTION
from torchshape_lint.report.table import table

_WATCHED = ("**/*.py", "**/pyproject.toml")


def serve() -> int:
    """Over standard input and output, until the client says exit; 1 if it goes without saying goodbye."""
    log = logging.StreamHandler(sys.stderr)
    log.addFilter(_in_one_line)
    logging.basicConfig(handlers=[log], level=logging.WARNING, format="%(name)s: %(message)s")
    server = complete()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anybody prints must not mix with the answers
        server.start_io(stdout=answers)
    return int(not server.dismissed)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Bad input from a client is one line in its log; what it still sends after saying goodbye is none."""
    if debugging():
        return True
    text = record.getMessage()
    lines = [line for line in text.splitlines() if line.strip()]
    ends = list(dict.fromkeys([*lines[:1], *lines[-1:], *([repr(record.exc_info[1])] if record.exc_info else [])]))
    record.msg, record.args, record.exc_info, record.exc_text = ": ".join(ends), (), None, None
    return not text.startswith("Server shutting down")


def complete() -> Server:
    """A server that knows everything there is to ask."""
    server = Server()
    _settings(server)
    _files(server)
    _notebooks(server)
    _questions(server)
    return server


def _settings(server: Server) -> None:
    """Beginning and end, and what is set in between."""

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.everywhere = settings_of.read(params.initialization_options)

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        for problem in server.everywhere.problems:
            server.say(lsp.MessageType.Warning, f"torchshape-lint: {problem}")
        await _register(server)
        if server.can("workspace.configuration"):
            await server.pull()
            server.documents.again()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: lsp.DidChangeConfigurationParams) -> None:
        if server.can("workspace.configuration"):
            await server.pull()
        elif (ours := settings_of.section(params.settings)) is not None:
            server.everywhere = server.understood(ours)
        server.documents.again()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        if server.can("workspace.configuration"):
            await server.pull()
            server.documents.again()

    @server.feature(lsp.SHUTDOWN)
    async def shutdown(*_: object) -> None:
        server.dismissed = True
        await server.documents.close()


def _files(server: Server) -> None:
    """What the user opens, types, saves and closes."""

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def disk(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.documents.again()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.documents.saved(params.text_document.uri)  # maybe a pyproject.toml, for clients that watch no files

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.documents.remove(params.text_document.uri)
        server.forget([params.text_document.uri])


def _notebooks(server: Server) -> None:
    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenNotebookDocumentParams) -> None:
        server.notebook_changed(params.notebook_document.uri)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeNotebookDocumentParams) -> None:
        server.notebook_changed(params.notebook_document.uri)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveNotebookDocumentParams) -> None:
        server.documents.saved(params.notebook_document.uri)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseNotebookDocumentParams) -> None:
        server.notebook_closed(params.notebook_document.uri)


def _questions(server: Server) -> None:
    """What the client asks about an open file; the answer is about the text as it is when it asks."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def on_hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        if document is None:
            return None
        trace = (await document.known()).trace
        text = document.seen.at(params.text_document.uri)
        return hover(trace, text, params.position, markdown=server.reads_markdown)

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def on_hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = server.document(params.text_document.uri)
        if document is None or not (settings := server.settings(document.uri)).hints:
            return []
        trace = (await document.known()).trace
        return hints(trace, document.seen.at(params.text_document.uri), params.range, trivial=settings.trivial)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    async def on_lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        document = server.document(params.text_document.uri)
        if document is None or not server.settings(document.uri).lenses:
            return []
        trace, uri = (await document.known()).trace, params.text_document.uri
        return lenses(trace, document.seen.at(uri), uri)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    async def on_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document, only = server.document(params.text_document.uri), params.context.only
        wanted = only is None or any(lsp.CodeActionKind.QuickFix.startswith(kind) for kind in only)
        if document is None or not wanted:
            return []
        answer, text = await document.known(), document.seen.at(params.text_document.uri)
        found = touched(answer.found, text, params.range)
        return actions(await server.documents.mended(document, found), text)

    @server.command(EXPLAIN)
    async def on_explain(uri: str, name: str = "") -> str:
        document = server.document(uri)
        text = "" if document is None else await _table(document, name)
        await server.show(text or "torchshape-lint: nothing to explain")
        return text


async def _register(server: Server) -> None:
    """Ask for what some clients tell only when asked: settings, and files that change on the disk."""
    watched = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(glob) for glob in _WATCHED])
    wanted: dict[str, tuple[str, object]] = {
        "did_change_watched_files": (lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, watched),
        "did_change_configuration": (lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": SECTION}),
    }
    registrations = [
        lsp.Registration(str(uuid.uuid4()), method, options)
        for name, (method, options) in wanted.items()
        if server.can(f"workspace.{name}.dynamic_registration")
    ]
    if not registrations:
        return
    try:
        await server.client_register_capability_async(lsp.RegistrationParams(registrations))
    except PyglsError as error:
        server.log(f"the client tells of no changes: {error}")


async def _table(document: Document, name: str) -> str:
    trace = (await document.known()).trace
    entries = tuple(entry for entry in trace.entries if not name or entry.name == name)
    told = replace(trace, entries=entries)
    return table(by_cell(told, document.path, document.seen.text)) if entries else ""
