"""``docs/editors.md``: what can be copied from it is well formed, names the right command and settings, and works."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ROOT
from tests.lsp.test_server import WRONG
from torchshape_lint.lsp import settings

PAGE = (ROOT / "docs/editors.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)
JSON = [json.loads(text) for language, text in BLOCKS if language == "json"]


@pytest.mark.parametrize("language", ["lua", "toml", "elisp", "json"])
def test_every_editor_starts_the_server(language: str) -> None:
    blocks = [text for found, text in BLOCKS if found == language]
    if language == "json":
        blocks = [text for text in blocks if "glspc" in text]
    assert blocks
    for text in (text for text in blocks if "[editor.lsp]" not in text):
        assert re.search(r'"torchshape-lint"\W+(?:\S+ = \W*|"\S+": \W*)?"lsp"', text), text


def test_toml() -> None:
    table, _ = (tomllib.loads(text) for language, text in BLOCKS if language == "toml")
    assert settings.read(table["language-server"]["torchshape-lint"]["config"]).problems == ()


def test_settings() -> None:
    (table,) = (table for table in JSON if settings.SECTION in table)
    found = settings.read(table)
    assert found.problems == ()
    assert set(table[settings.SECTION]) == {
        "inlayHints",
        "codeLens",
        "delay",
        "select",
        "ignore",
        "input",
        *found.given,
    } - {"inputs"}


def test_the_settings_of_the_extension() -> None:
    """As VS Code sends them when nobody has set any: nothing is said, and pyproject.toml still counts."""
    manifest = json.loads((ROOT / "editors/vscode/package.json").read_text("utf-8"))
    table: dict[str, Any] = {}
    for name, about in manifest["contributes"]["configuration"]["properties"].items():
        first, *rest = name.removeprefix("torchshape-lint.").split(".")
        table.setdefault(first, {}) if rest else table.update({first: about["default"]})
        for last in rest:
            table[first][last] = about["default"]
    assert settings.read(table) == settings.Settings()


def test_python_lsp_server(tmp_path: Path) -> None:
    pytest.importorskip("pylsp")
    (table,) = (table for table in JSON if "pylsp" in table)
    (tmp_path / "net.py").write_text(WRONG)
    flake8 = table["pylsp"]["plugins"]["flake8"]
    flake8["executable"] = str(Path(sys.executable).with_name("flake8"))  # the one beside this Python
    found = _Pylsp(tmp_path).findings(table)
    assert [(d["range"]["start"]["line"] + 1, d["code"]) for d in found if d["code"].startswith("TSL")] == [
        (16, "TSL101")
    ]


class _Pylsp:
    """Just enough of a client; that server answers with more than the protocol has words for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "pylsp"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=folder)

    def findings(self, table: dict[str, Any]) -> list[dict[str, Any]]:
        uri, text = (self.folder / "net.py").as_uri(), (self.folder / "net.py").read_text()
        try:
            self._send("initialize", {"capabilities": {}, "rootUri": self.folder.as_uri(), "processId": None}, id=1)
            self._until(lambda message: message.get("id") == 1)
            self._send("initialized", {})
            self._send("workspace/didChangeConfiguration", {"settings": table})
            opened = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            self._send("textDocument/didOpen", {"textDocument": opened})
            told = self._until(lambda message: message.get("method") == "textDocument/publishDiagnostics")
        finally:
            self.process.kill()
            self.process.communicate()
        found: list[dict[str, Any]] = told["params"]["diagnostics"]
        return found

    def _send(self, method: str, params: object, **more: object) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _until(self, wanted: Any) -> dict[str, Any]:
        assert self.process.stdout is not None
        while True:
            length = 0
            while header := self.process.stdout.readline().strip():
                if header.lower().startswith(b"content-length"):
                    length = int(header.split(b":")[1])
            message: dict[str, Any] = json.loads(self.process.stdout.read(length))
            if wanted(message):
                return message
