"""The Python API: what a script gets, typed and documented."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from tests.harness import ROOT
from tests.program import LINEAR
from torchshape_lint import api
from torchshape_lint.dims import Size

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    return tmp_path / "net.py"


def test_check(net: Path) -> None:
    (finding,) = api.check(net)
    expected: Size | str | None = finding.expected
    assert (finding.path, finding.span.line, finding.code.id, expected) == (str(net), 5, "TSL101", 28)
    assert (finding.actual, finding.hint) == (32, "in_features=28 would fit")
    assert [(place.span.line, place.label) for place in finding.related] == [(4, "in_features is 32")]


def test_text_and_settings(net: Path) -> None:
    assert api.check(net, LINEAR.replace("28", "32")) == []
    assert api.check(net, select="TSL2") == []
    assert api.check(net, LINEAR.rstrip() + "  # noqa: TSL101") == []
    (net.parent / "pyproject.toml").write_text('[tool.torchshape-lint]\nignore = "TSL1"\n', "utf-8")
    assert api.check(net, LINEAR, ignore=["TSL2"]) != []


def test_explain(net: Path) -> None:
    trace = api.explain(net)
    assert [entry.name for entry in trace.entries] == ["<module>"]
    assert [d.code.id for d in trace.diagnostics] == ["TSL101"]
    source = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x): return x.flatten(1)\n"
    (entry,) = api.explain("net.py", "Net", source, inputs=["x=(2, 3, 4)"]).entries
    assert str(entry.output[0]) == "(2, 12)"


def test_errors(net: Path) -> None:
    with pytest.raises(OSError, match=r"gone\.py"):
        api.check("gone.py")
    with pytest.raises(api.SettingError, match="conditonal"):
        api.check(net, conditonal=True)
    with pytest.raises(api.SettingError, match="form"):
        api.explain(net, inputs=["x"])


@pytest.mark.parametrize("name", api.__all__)
def test_everything_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(api, name))
    assert f"\n## {name}\n" in REFERENCE


def test_the_page_runs(net: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(net.parent)
    blocks = re.findall(r"^```python\n(.*?)^```\n+(?:```text\n(.*?)^```)?", PAGE, re.M | re.S)
    assert len(blocks) >= 2
    for code, shown in blocks:
        exec(code, {})
        assert capsys.readouterr().out == shown
