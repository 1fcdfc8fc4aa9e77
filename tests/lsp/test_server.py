"""The language server as an editor sees it: opened, typed into, asked, and shut down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.lsp.editor import Editor

NET = """import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(6 * 15 * 15, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = torch.flatten(x, 1)
        x = self.fc(x)
        return x


net = Net()
out = net(torch.randn(1, 1, 34, 34))
"""
WRONG = NET.replace("15 * 15", "8 * 8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    return folder


@pytest.fixture
def net(project: Path) -> Path:
    file = project / "net.py"
    file.write_text(NET)
    return file


@pytest.fixture
def editor(project: Path) -> Iterator[Editor]:
    editor = Editor(project, settings={"delay": 20})
    yield editor
    code, said = editor.quit()
    assert code == 0 and not said, said
    assert not editor.logged


def test_findings_follow_the_typing(editor: Editor, net: Path) -> None:
    editor.open(net)
    assert editor.codes(net) == []
    editor.edit(net, "15 * 15", "8 * 8")
    (found,) = editor.found(net)
    assert (found.code, found.severity, found.source) == ("TSL101", lsp.DiagnosticSeverity.Error, "torchshape-lint")
    assert found.range == lsp.Range(editor.at(net, "self.fc(x)"), editor.at(net, "self.fc(x)", 10))
    assert found.message == (
        "fc: last axis of x is 1350, but in_features is 384 (6*15*15, not 6*8*8) "
        "[called at line 21 with (1, 1, 34, 34)]; "
        "square pictures of 20..21 fit"
    )
    related = [(r.location.range.start.line + 1, r.message) for r in found.related_information or ()]
    assert related == [(11, "in_features is 384"), (21, "called with (1, 1, 34, 34)")]
    editor.edit(net, "8 * 8", "15 * 15")
    assert editor.codes(net) == []


def test_half_typed_code_never_loses_the_rest(editor: Editor, net: Path) -> None:
    other = "\n\nfc = nn.Linear(3, 4)\nfc(torch.randn(2, 5))\n"
    editor.open(net, WRONG + other)
    whole = editor.codes(net)
    assert whole == ["16 TSL101", "25 TSL101"]
    for half in (
        "y = nn.Linear(",
        "if x",
        "for i in",
        "x = [1, (2",
        "class",
        "def f(self, ",
        "self.",
        "@",
        "z = torch.",
    ):
        editor.type(net, WRONG.replace("net = Net()\n", f"net = Net()\n{half}\n") + other)
        assert editor.codes(net) == ["16 TSL101", "26 TSL101"], half
        assert [title for _, title in editor.lenses(net)][-1:] == ["4,006 parameters"], half
    for half in ("self.", "x", "x +", "if x", "y = self.", "y = torch.flatten(", "while True"):
        editor.type(net, WRONG.replace("x = self.fc(x)", f"{half}\n        x = self.fc(x)") + other)
        assert editor.codes(net) == ["17 TSL101", "26 TSL101"], half
    editor.type(net, WRONG + other)
    assert editor.codes(net) == whole


def test_only_the_last_of_many_keys_is_evaluated(editor: Editor, net: Path) -> None:
    editor.open(net)
    for width in range(2, 60):
        editor.type(net, NET.replace("15 * 15", f"{width} * {width}"))
    (found,) = editor.found(net)
    assert "not 6*59*59" in found.message


def test_a_saved_file_does_not_wait(project: Path, net: Path) -> None:
    """Who saves has stopped typing: the pause that typing is given would be a minute here."""
    editor = Editor(project, settings={"delay": 60_000})
    editor.open(net)
    assert editor.codes(net) == []
    editor.edit(net, "15 * 15", "8 * 8")
    editor.save(net)
    assert editor.codes(net) == ["16 TSL101"]
    code, said = editor.quit()
    assert code == 0 and not said, said


def test_hover(editor: Editor, net: Path) -> None:
    editor.open(net)
    call = editor.hover(net, editor.at(net, "self.conv1(x)", 3))
    assert "# (1, 1, 34, 34) -> (1, 6, 30, 30)" in call
    assert "(34 + 2*0 - 5)//1 + 1 = 30" in call and "156 parameters" in call and "called at line 21" in call
    linear = editor.hover(net, editor.at(net, "self.fc(x)", 3))
    assert "6*15*15 = 1350" in linear  # where its operand comes from
    made = editor.hover(net, editor.at(net, "self.fc = ", 6))
    assert "# (1, 1350) -> (1, 10)" in made
    variable = editor.hover(net, editor.at(net, "x = torch.flatten"))
    assert "x: (1, 1350)" in variable
    cls = editor.hover(net, editor.at(net, "Net(nn"))
    assert "as called at line 21: (1, 1, 34, 34) -> (1, 10)" in cls and "13,666 parameters" in cls
    assert editor.hover(net, editor.at(net, "import")) == ""


def test_inlay_hints(editor: Editor, net: Path) -> None:
    editor.open(net)
    shown = editor.hints(net)
    for line in (
        "self.conv1 = nn.Conv2d(1, 6, 5) -> (1, 6, 30, 30)\n",
        "def forward(self, x: (1, 1, 34, 34)):\n",
        "x: (1, 6, 15, 15) = self.pool(F.relu(self.conv1(x): (1, 6, 30, 30)))\n",
        "x: (1, 1350) = torch.flatten(x, 1)\n",
        "return x -> (1, 10)\n",
        "out: (1, 10) = net(torch.randn(1, 1, 34, 34))\n",
    ):
        assert line in shown


def test_hints_are_symbolic_where_nobody_calls(editor: Editor, net: Path) -> None:
    editor.open(
        net,
        NET[: NET.index("net = Net()")].replace("def forward(self, x):", "def forward(self, x):  # x: (n, 1, 34, 34)"),
    )
    assert "x: (n, 1350) = torch.flatten(x, 1)" in editor.hints(net)


def test_trivial_hints_are_for_those_who_ask(editor: Editor, net: Path) -> None:
    text = "import torch\n\nx = torch.randn(3, 4)\ny = x.relu()\nx = x + 1\nx = x.t()\n"
    editor.open(net, text)
    assert editor.hints(net).splitlines()[2:] == [
        "x = torch.randn(3, 4)",
        "y: (3, 4) = x.relu()",
        "x = x + 1",
        "x: (4, 3) = x.t()",
    ]
    editor.client.workspace_did_change_configuration(
        lsp.DidChangeConfigurationParams({"torchshape-lint": {"inlayHints": {"trivial": True}}})
    )
    editor.until(lambda: "x: (3, 4) = x + 1" in editor.hints(net))


def test_code_lens(editor: Editor, net: Path) -> None:
    editor.open(net, NET + "net(torch.randn(2, 1, 34, 34))\n")
    assert editor.lenses(net) == [
        (6, "as called at line 21: (1, 1, 34, 34) -> (1, 10)"),
        (6, "as called at line 22: (2, 1, 34, 34) -> (2, 10)"),
        (6, "13,666 parameters"),
    ]
    table = editor.command("torchshape-lint.explain", net.as_uri(), "Net")
    assert "net.conv1" in table and table in editor.messages


def test_a_fix(editor: Editor, net: Path) -> None:
    editor.open(net, WRONG)
    (found,) = editor.found(net)
    fixes = [a for a in editor.actions(net, found.range) if not a.title.startswith("Silence")]
    assert list(fixes[0].diagnostics or ()) == [found] and {a.kind for a in fixes} == {lsp.CodeActionKind.QuickFix}
    resize = next(a for a in fixes if a.title.startswith("in_features = 6 * 15 * 15"))
    assert "saved weights" in resize.title and not resize.is_preferred  # saved ones do not fit any more, which is said
    editor.apply(net, resize)
    assert editor.texts[net] == NET
    assert editor.codes(net) == []


def test_a_safe_fix_is_preferred(editor: Editor, net: Path) -> None:
    editor.open(net, NET.replace("        x = torch.flatten(x, 1)\n", ""))
    (found,) = editor.found(net)
    (best,) = (a for a in editor.actions(net, found.range) if a.is_preferred)
    editor.apply(net, best)
    assert "flatten" in editor.texts[net].replace("torch.flatten(x, 1)", "flatten") and editor.codes(net) == []


def test_a_finding_is_silenced(editor: Editor, net: Path) -> None:
    editor.open(net, WRONG)
    (found,) = editor.found(net)
    silence = next(a for a in editor.actions(net, found.range) if a.title.startswith("Silence"))
    editor.apply(net, silence)
    assert "x = self.fc(x)  # noqa: TSL101\n" in editor.texts[net]
    assert editor.codes(net) == []
    assert editor.actions(net, found.range) == []


def test_a_second_code_joins_the_comment(editor: Editor, net: Path) -> None:
    editor.open(net, WRONG.replace("x = self.fc(x)", "x = self.fc(x)  # noqa: E501"))
    (found,) = editor.found(net)
    editor.apply(net, editor.actions(net, found.range)[-1])
    assert "x = self.fc(x)  # noqa: E501,TSL101\n" in editor.texts[net]
    assert editor.codes(net) == []


def test_an_unsaved_buffer_of_an_imported_file(editor: Editor, net: Path, project: Path) -> None:
    net.write_text(NET[: NET.index("net = Net()")])
    main = project / "main.py"
    main.write_text(
        "import torch\nfrom net import Net\n\nnet = Net()\nout = net(torch.randn(2, 1, 34, 34))\nout.view(2, 11)\n"
    )
    editor.open(main)
    assert editor.codes(main) == ["6 TSL301"]
    editor.open(net)
    editor.edit(net, "15, 10)", "15, 11)")  # not saved
    editor.until(lambda: editor.codes(main) == [])
    editor.until(lambda: {"hints", "lenses"} <= set(editor.refreshed))
    editor.close(net)
    editor.until(lambda: editor.codes(main) == ["6 TSL301"])


def test_an_unsaved_buffer_of_a_caller(editor: Editor, net: Path, project: Path) -> None:
    net.write_text(NET[: NET.index("net = Net()")])
    main = project / "main.py"
    main.write_text("import torch\nfrom net import Net\n\nnet = Net()\nout = net(torch.randn(2, 1, 34, 34))\n")
    editor.open(net)
    assert editor.codes(net) == []
    editor.open(main)
    editor.edit(main, "34, 34", "36, 36")  # not saved
    editor.until(lambda: editor.codes(net) == ["16 TSL101"])


def test_a_file_changes_on_the_disk(editor: Editor, net: Path, project: Path) -> None:
    net.write_text(NET[: NET.index("net = Net()")])
    main = project / "main.py"
    main.write_text("import torch\nfrom net import Net\n\nnet = Net()\nout = net(torch.randn(2, 1, 34, 34))\n")
    editor.open(main)
    assert editor.codes(main) == []
    assert editor.registered == ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]
    net.write_text(net.read_text().replace("15 * 15", "8 * 8"))
    changed = [lsp.FileEvent(net.as_uri(), lsp.FileChangeType.Changed)]
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changed))
    editor.until(lambda: editor.codes(main) == ["5 TSL101"])


def test_pyproject_is_read_again(editor: Editor, net: Path, project: Path) -> None:
    editor.open(net, WRONG)
    assert editor.codes(net) == ["16 TSL101"]
    settings = project / "pyproject.toml"
    changed = lsp.DidChangeWatchedFilesParams([lsp.FileEvent(settings.as_uri(), lsp.FileChangeType.Changed)])
    settings.write_text('[tool.torchshape-lint]\nignore = ["TSL101"]\n')
    editor.client.workspace_did_change_watched_files(changed)
    editor.until(lambda: editor.codes(net) == [])
    settings.write_text("[tool.torchshape-lint]\nignroe = 1\n")
    editor.client.workspace_did_change_watched_files(changed)
    editor.until(lambda: editor.codes(net) == ["1 TSL901", "16 TSL101"])
    assert "'ignroe' is not a setting" in editor.found(net)[0].message


def test_progress_of_what_takes_long(editor: Editor, net: Path) -> None:
    classes = "".join(NET[NET.index("class") : NET.index("net =")].replace("Net", f"Net{k}") for k in range(150))
    editor.open(net, NET + classes)
    assert editor.codes(net) == []
    editor.until(lambda: len(editor.progress) >= 3)
    kinds = [getattr(value, "kind", None) or dict(value)["kind"] for value in editor.progress if value != "created"]  # type: ignore[call-overload]
    assert editor.progress[0] == "created" and kinds[:2] == ["begin", "end"]


def test_a_file_without_torch_costs_nothing(editor: Editor, net: Path) -> None:
    editor.open(net, "import os\n\n\nclass Net:\n    pass\n")
    assert editor.codes(net) == [] and editor.lenses(net) == []
