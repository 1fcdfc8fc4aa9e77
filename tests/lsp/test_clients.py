"""What differs between clients: settings, folders, encodings, bad manners, the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.harness import ROOT
from tests.lsp.editor import Editor
from tests.lsp.test_server import NET, WRONG
from tests.program import run

BARE = lsp.ClientCapabilities()
SHOUTING = "import torch\n\nß, 𝔁, x = 'é𝔁', '𝔁', torch.randn(2, 3); y = x.view(7)\n"  # noqa: RUF001


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "one", tmp_path / "two"
    for folder in made:
        folder.mkdir()
        (folder / "pyproject.toml").write_text("")
        (folder / "net.py").write_text(WRONG)
    return made


def test_two_workspaces_with_settings_of_their_own(folders: tuple[Path, Path]) -> None:
    one, two = folders
    settings = {
        one.as_uri(): {"ignore": ["TSL101"]},
        two.as_uri(): {"inlayHints": False, "codeLens": {"enable": False}},
    }
    editor = Editor(one, two, pulled=lambda scope: settings.get(scope or "", {}))
    editor.open(one / "net.py")
    editor.open(two / "net.py")
    editor.until(lambda: editor.codes(one / "net.py") == [] and editor.codes(two / "net.py") == ["16 TSL101"])
    editor.until(lambda: editor.hints(two / "net.py") == WRONG)
    assert editor.lenses(two / "net.py") == []
    assert editor.lenses(one / "net.py") and editor.hints(one / "net.py") != WRONG
    settings[one.as_uri()] = {}
    editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(None))
    editor.until(lambda: editor.codes(one / "net.py") == ["16 TSL101"])
    third = lsp.WorkspaceFoldersChangeEvent(added=[], removed=[lsp.WorkspaceFolder(two.as_uri(), "two")])
    editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(third))
    editor.until(lambda: editor.lenses(two / "net.py") != [])
    assert editor.quit() == (0, "")


def test_settings_that_come_while_a_file_is_evaluated(folders: tuple[Path, Path]) -> None:
    net, settings = folders[0] / "net.py", {"ignore": ["TSL203"]}
    editor = Editor(folders[0], pulled=lambda scope: settings)
    editor.rest(0.3)
    editor.open(net)
    editor.rest(0.1)  # the first evaluation starts a process, which takes longer
    settings["ignore"] = ["TSL101"]
    editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(None))
    assert editor.codes(net) == []
    assert editor.quit() == (0, "")


def test_each_workspace_has_its_pyproject(folders: tuple[Path, Path]) -> None:
    one, two = folders
    (one / "pyproject.toml").write_text('[tool.torchshape-lint]\nignore = ["TSL1"]\n')
    editor = Editor(one, two)
    for folder in folders:
        editor.open(folder / "net.py")
    assert editor.codes(one / "net.py") == []
    assert editor.codes(two / "net.py") == ["16 TSL101"]
    assert editor.quit() == (0, "")


def test_settings_that_make_no_sense(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    settings = {
        "torchshape-lint": {"selekt": "TSL1", "delay": "soon", "inlayHints": {"x": 1}, "confirm": True, "input": None}
    }
    editor = Editor(folders[0], settings=settings)
    editor.open(net)
    assert editor.codes(net) == ["16 TSL101"]
    said = "\n".join(editor.messages)
    for words in ("'selekt' is not a setting", "expected milliseconds", "enable and trivial", "code is never run"):
        assert words in said
    editor.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"other": {}, "torchshape-lint": []})
    )
    editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams([1, "x"]))
    assert editor.codes(net) == ["16 TSL101"]
    assert editor.quit() == (0, "")


def test_a_client_that_shows_no_markdown(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    hover = lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.PlainText])
    editor = Editor(
        folders[0], capabilities=lsp.ClientCapabilities(text_document=lsp.TextDocumentClientCapabilities(hover=hover))
    )
    editor.open(net)
    told = editor.hover(net, editor.at(net, "self.fc(x)", 3))
    assert (
        told
        == """self.fc(x)  # (1, 1350) -> (..., 10)

nn.Linear · weight (10, 384) · 3,850 parameters

line 14 net.conv1 (34 + 2*0 - 5)//1 + 1 = 30, weight (6, 1, 5, 5) (1, 6, 30, 30)
line 14 net.pool (30 + 2*0 - 2)//2 + 1 = 15 (1, 6, 15, 15)
line 15 net.flatten 6*15*15 = 1350 (1, 1350)

called at line 21"""
    )
    assert editor.quit() == (0, "")


def test_confirm_in_pyproject_runs_nothing_here(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    (folders[0] / "pyproject.toml").write_text("[tool.torchshape-lint]\nconfirm = true\n")
    editor = Editor(folders[0])
    editor.open(net, WRONG + f"open({str(folders[0] / 'ran')!r}, 'w')\n")
    assert editor.codes(net) == ["16 TSL101"]
    assert "[" not in editor.found(net)[0].message.replace("[called", "")
    assert editor.quit() == (0, "")
    assert not (folders[0] / "ran").exists()


@pytest.mark.parametrize("encoding", [None, *lsp.PositionEncodingKind])
def test_position_encodings(folders: tuple[Path, Path], encoding: lsp.PositionEncodingKind | None) -> None:
    net = folders[0] / "net.py"
    editor = Editor(folders[0], encodings=[encoding] if encoding else [])
    assert editor.answered.capabilities.position_encoding == (encoding or lsp.PositionEncodingKind.Utf16)
    line = SHOUTING.splitlines()[2]
    codec = {"utf-8": ("utf-8", 1), "utf-32": ("utf-32-le", 4)}.get(encoding or "", ("utf-16-le", 2))
    start = len(line[: line.index("x.view(7)")].encode(codec[0])) // codec[1]
    editor.open(net, SHOUTING)
    (found,) = editor.found(net)
    assert found.range == lsp.Range(lsp.Position(2, start), lsp.Position(2, start + 9))
    assert "x.view(7)" in editor.hover(net, lsp.Position(2, start + 3))
    assert editor.quit() == (0, "")


def test_a_form_feed_ends_no_line(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    editor = Editor(folders[0])
    editor.open(net, NET.replace("\n\n\nclass", "\n\x0c\n\nclass"))
    assert editor.codes(net) == []
    editor.edit(net, "15 * 15", "8 * 8")
    assert editor.codes(net) == ["16 TSL101"]
    assert editor.quit() == (0, "")


def test_a_client_that_can_do_nothing(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    editor = Editor(folders[0], capabilities=BARE)
    editor.open(net)
    assert editor.codes(net) == ["16 TSL101"]
    assert editor.registered == editor.progress == editor.refreshed == []
    assert editor.quit() == (0, "")


def test_bad_input_is_one_line_in_the_log(folders: tuple[Path, Path]) -> None:
    net, ghost = folders[0] / "net.py", folders[0] / "ghost.py"
    editor = Editor(folders[0])
    editor.open(net)
    assert editor.codes(net) == ["16 TSL101"]
    for body in (
        b"{",
        b"[]",
        b'{"jsonrpc": "2.0", "method": "no/such"}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didOpen"}',
    ):
        editor.send(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    editor.texts[ghost] = ""
    far = lsp.Position(9999, 9999)
    assert editor.hover(ghost, far) == "" and editor.hints(ghost) == "" and editor.lenses(ghost) == []
    assert editor.actions(ghost, lsp.Range(far, far)) == []
    assert editor.hover(net, far) == "" and editor.hover(net, lsp.Position(0, 9999)) == ""
    assert editor.actions(net, lsp.Range(far, far)) == []
    assert editor.command("torchshape-lint.explain", "file:///nowhere.py", "x") == ""
    with pytest.raises(Exception, match=r"no\.such"):
        editor.command("no.such")
    for text in (
        "\0",
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "torch(" * 5000,
        "torch\n" + "(" * 9999,
    ):
        editor.type(net, text)
        editor.found(net)
    editor.type(net, WRONG)
    assert editor.codes(net) == ["16 TSL101"]
    code, said = editor.quit()
    assert code == 0 and "Traceback" not in said and len(said.splitlines()) < 15


def test_a_client_that_tells_twice(folders: tuple[Path, Path]) -> None:
    """The older Generic LSP Client of VS Code does: beside its library, in ranges without a start or an end."""
    net = folders[0] / "net.py"
    editor = Editor(folders[0], settings={"conditional": True})
    editor.open(net)
    editor.open(net)
    assert editor.codes(net) == ["16 TSL101"]
    change = {"range": {}, "rangeOffset": 3, "rangeLength": 0, "text": "9"}
    params = {"textDocument": {"uri": net.as_uri(), "version": 2}, "contentChanges": [change]}
    body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).encode()
    editor.send(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    editor.edit(net, "8 * 8", "15 * 15")
    assert editor.codes(net) == []
    code, said = editor.quit()
    assert code == 0 and "Traceback" not in said and len(said.splitlines()) < 5, said


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="its processes are looked up in /proc")
def test_the_evaluating_process_may_die(folders: tuple[Path, Path]) -> None:
    net = folders[0] / "net.py"
    editor = Editor(folders[0])
    editor.open(net)
    assert editor.codes(net) == ["16 TSL101"]
    (child,) = _children(editor.server.pid)
    os.kill(child, signal.SIGKILL)
    editor.edit(net, "8 * 8", "15 * 15")
    editor.edit(net, "15 * 15", "9 * 9")
    editor.until(lambda: editor.codes(net) == ["16 TSL101"])
    (other,) = _children(editor.server.pid)
    assert other != child
    assert editor.quit() == (0, "")
    assert not Path(f"/proc/{other}").exists()


def test_a_client_that_is_gone(folders: tuple[Path, Path]) -> None:
    command = [sys.executable, "-m", "torchshape_lint", "lsp", "--stdio"]
    gone = subprocess.run(command, input=b"", capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert (gone.returncode, gone.stdout, gone.stderr) == (1, b"", b"")


def test_without_the_extra(tmp_path: Path) -> None:
    ran = run(tmp_path, "lsp", missing=("pygls", "lsprotocol"), hidden=tmp_path)
    assert ran.code == 2 and not ran.out
    assert ran.err == "torchshape-lint: the language server needs pygls: pip install 'torchshape-lint[lsp]'\n"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
