"""An editor: a real client of the protocol that talks to the server, a process of its own, over stdio."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import attrs
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from tests.harness import ROOT
from torchshape_lint.faults import DEBUG

R = TypeVar("R")
LONG = 60.0
NOTHING = lsp.WorkspaceClientCapabilities()

CAPABILITIES = lsp.ClientCapabilities(
    workspace=lsp.WorkspaceClientCapabilities(
        workspace_folders=True,
        inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
        code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        did_change_configuration=lsp.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
        did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
    window=lsp.WindowClientCapabilities(work_done_progress=True),
)


class Editor:
    """Opens folders, files and the server. Places are given by the text that stands there."""

    def __init__(
        self,
        *folders: Path,
        settings: object = None,
        pulled: Callable[[str | None], object] | None = None,
        encodings: Iterable[lsp.PositionEncodingKind] = (),
        capabilities: lsp.ClientCapabilities = CAPABILITIES,
        debug: bool = False,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self.client = LanguageClient("editor", "1")
        self.published: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.messages: list[str] = []
        self.logged: list[str] = []
        self.progress: list[object] = []
        self.refreshed: list[str] = []
        self.registered: list[str] = []
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self._pulled = pulled
        self._listen()
        self._run(self._start(debug))
        capabilities = lsp.ClientCapabilities(
            workspace=attrs.evolve(capabilities.workspace or NOTHING, configuration=pulled is not None),
            text_document=capabilities.text_document,
            window=capabilities.window,
            general=lsp.GeneralClientCapabilities(position_encodings=list(encodings) or None),
        )
        self.answered = self._run(
            self.client.initialize_async(
                lsp.InitializeParams(
                    capabilities=capabilities,
                    root_uri=folders[0].as_uri(),
                    workspace_folders=[lsp.WorkspaceFolder(f.as_uri(), f.name) for f in folders],
                    initialization_options=settings,
                )
            )
        )
        self.client.initialized(lsp.InitializedParams())

    def quit(self) -> tuple[int | None, str]:
        """(exit code, standard error) of the server."""
        server = self.server
        assert server.stderr is not None
        self._run(self.client.shutdown_async(None))
        self.client.exit(None)
        said = self._run(server.stderr.read())
        self._run(self.client.stop())  # type: ignore[no-untyped-call]
        self._loop.close()
        return server.returncode, said.decode()

    @property
    def server(self) -> Process:
        assert self.client._server is not None
        return self.client._server

    # --- typing -------------------------------------------------------------------------------------------------

    def open(self, path: Path, text: str | None = None) -> None:
        text = path.read_text("utf-8") if text is None else text
        self.texts[path], self.versions[path] = text, 1
        item = lsp.TextDocumentItem(path.as_uri(), "python", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def edit(self, path: Path, old: str, new: str) -> None:
        assert old in self.texts[path]
        self.type(path, self.texts[path].replace(old, new))

    def type(self, path: Path, text: str) -> None:
        self.texts[path] = text
        self.versions[path] += 1
        changed = lsp.VersionedTextDocumentIdentifier(self.versions[path], path.as_uri())
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(changed, [whole]))

    def save(self, path: Path) -> None:
        path.write_text(self.texts[path], "utf-8")
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(self._id(path)))

    def close(self, path: Path) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self._id(path)))

    def at(self, path: Path, needle: str, offset: int = 0) -> lsp.Position:
        """The place of a text, in UTF-16 as is usual."""
        before = self.texts[path][: self.texts[path].index(needle) + offset]
        line = before.rpartition("\n")[2]
        return lsp.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    # --- asking -------------------------------------------------------------------------------------------------

    def found(self, path: Path) -> list[lsp.Diagnostic]:
        """What is underlined in the text as it is now."""
        uri = path.as_uri()
        self.until(lambda: uri in self.published and self.published[uri].version == self.versions[path])
        return list(self.published[uri].diagnostics)

    def codes(self, path: Path) -> list[str]:
        return [f"{d.range.start.line + 1} {d.code}" for d in self.found(path)]

    def hover(self, path: Path, position: lsp.Position) -> str:
        found = self._run(self.client.text_document_hover_async(lsp.HoverParams(self._id(path), position)))
        if found is None:
            return ""
        assert isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    def hints(self, path: Path) -> str:
        """The text with its hints in it, as an editor shows it."""
        everything = lsp.Range(lsp.Position(0, 0), lsp.Position(self.texts[path].count("\n") + 1, 0))
        params = lsp.InlayHintParams(self._id(path), everything)
        hints = self._run(self.client.text_document_inlay_hint_async(params)) or []
        lines = self.texts[path].split("\n")
        for hint in reversed(hints):
            row, at = hint.position.line, hint.position.character
            lines[row] = f"{lines[row][:at]}{' ' if hint.padding_left else ''}{hint.label}{lines[row][at:]}"
        return "\n".join(lines)

    def lenses(self, path: Path) -> list[tuple[int, str]]:
        params = lsp.CodeLensParams(self._id(path))
        found = self._run(self.client.text_document_code_lens_async(params)) or []
        return [(lens.range.start.line + 1, lens.command.title) for lens in found if lens.command]

    def actions(self, path: Path, within: lsp.Range) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext(diagnostics=[])
        params = lsp.CodeActionParams(self._id(path), within, context)
        found = self._run(self.client.text_document_code_action_async(params)) or []
        return [action for action in found if isinstance(action, lsp.CodeAction)]

    def apply(self, path: Path, action: lsp.CodeAction) -> None:
        """Do what an action says, as an editor does."""
        assert action.edit is not None and action.edit.changes is not None
        text = self.texts[path]
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        edits = sorted(action.edit.changes[path.as_uri()], key=lambda e: (e.range.start.line, e.range.start.character))
        for edit in reversed(edits):
            start, end = (starts[p.line] + p.character for p in (edit.range.start, edit.range.end))
            text = text[:start] + edit.new_text + text[end:]
        self.type(path, text)

    def command(self, name: str, *arguments: Any) -> Any:
        params = lsp.ExecuteCommandParams(name, arguments=list(arguments))
        return self._run(self.client.workspace_execute_command_async(params))

    def until(self, holds: Callable[[], bool], seconds: float = LONG) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} seconds"
            self.rest(0.02)

    def rest(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))

    def send(self, data: bytes) -> None:
        """Bytes to the server that no client would send."""
        writer = self.client.protocol.writer
        assert writer is not None
        writer.write(data)

    # --- inside -------------------------------------------------------------------------------------------------

    def _run(self, waited: Awaitable[R], seconds: float = LONG) -> R:
        return self._loop.run_until_complete(asyncio.wait_for(waited, seconds))

    async def _start(self, debug: bool) -> None:
        arguments = ("-m", "torchshape_lint", "lsp")
        variables = {**os.environ, DEBUG: "1" if debug else ""}
        await self.client.start_io(sys.executable, *arguments, cwd=str(ROOT), limit=2**24, env=variables)

    def _id(self, path: Path) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(path.as_uri())

    def _listen(self) -> None:
        def configuration(params: lsp.ConfigurationParams) -> list[object]:
            assert self._pulled is not None
            return [self._pulled(item.scope_uri) for item in params.items]

        heard: dict[str, Callable[[Any], object]] = {
            lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self.published.update({params.uri: params}),
            lsp.WINDOW_SHOW_MESSAGE: lambda params: self.messages.append(params.message),
            lsp.WINDOW_LOG_MESSAGE: lambda params: self.logged.append(params.message),
            lsp.WINDOW_WORK_DONE_PROGRESS_CREATE: lambda params: self.progress.append("created"),
            lsp.PROGRESS: lambda params: self.progress.append(params.value),
            lsp.WORKSPACE_INLAY_HINT_REFRESH: lambda params: self.refreshed.append("hints"),
            lsp.WORKSPACE_CODE_LENS_REFRESH: lambda params: self.refreshed.append("lenses"),
            lsp.CLIENT_REGISTER_CAPABILITY: lambda params: self.registered.extend(
                r.method for r in params.registrations
            ),
            lsp.WORKSPACE_CONFIGURATION: configuration,
        }
        for method, handler in heard.items():
            self.client.feature(method)(handler)
