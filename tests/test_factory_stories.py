"""Functions that return a Sequential and that nobody mentions; what torch says of them is in ``fixtures/mistakes``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_modules import codes, found, write
from torchshape_lint import callers
from torchshape_lint.check import check
from torchshape_lint.confirm.replay import judged
from torchshape_lint.faults import DEBUG
from torchshape_lint.options import DEFAULT

MAKE = """
from torch import nn


def make(inner=8):
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(9, inner, 3))
"""
USES = {
    "a call": "def train():\n    print(make()[0])\n",
    "handed on": "print(make)\n",
    "another name": "build = make\n",
    "in a table": "MODELS = {'a': make}\n",
    "by its name": "import sys\nmaker = getattr(sys.modules[__name__], 'make')\n",
    "exported": "__all__ = ['make']\n",
}
IMPORTS = {
    "the function": "from net import make\nprint(make()[0])\n",
    "another name": "from net import make as build\nprint(build()[0])\n",
    "the module": "import net\nprint(net.make()[0])\n",
    "the module, renamed": "import net as n\nprint(n.make()[0])\n",
    "everything": "from net import *\nprint(make()[0])\n",
}


def test_a_chain_that_no_input_passes(tmp_path: Path) -> None:
    (finding,) = check(MAKE, str(tmp_path / "net.py"))
    assert (finding.code.id, finding.span.line, finding.actual, finding.expected) == ("TSL102", 6, 9, 8)
    assert finding.message.endswith("[make() for any input]")


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_who_is_mentioned_is_for_others_to_judge(use: str, tmp_path: Path) -> None:
    assert check(MAKE + "\n\n" + use, str(tmp_path / "net.py")) == []


@pytest.mark.parametrize("marker", [True, False])
@pytest.mark.parametrize("use", IMPORTS.values(), ids=IMPORTS)
def test_who_is_mentioned_elsewhere_too(tmp_path: Path, use: str, marker: bool) -> None:
    if marker:
        (tmp_path / "setup.py").write_text("")
    write(tmp_path, net=MAKE, other="import os\nprint('make')\n")
    assert codes(found(tmp_path, "net.py")) == [("TSL102", 6)]
    write(tmp_path, train=use)
    assert found(tmp_path, "net.py") == []


def test_a_project_that_is_too_large_may_mention_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "setup.py").write_text("")
    write(tmp_path, net=MAKE)
    monkeypatch.setattr(callers, "MAX_FILES", 1)
    assert found(tmp_path, "net.py") == []


@pytest.mark.parametrize(
    "changed",
    [
        MAKE.replace("(9, inner", "(inner, 8"),  # right by default
        MAKE.replace("inner=8", "inner").replace("(9, inner", "(inner, 8"),
        MAKE.replace("inner=8", "inner=None").replace("(9, inner", "(inner or 9, 8"),
        MAKE.replace("inner=8", "*inner"),
        MAKE.replace("return", "raise ValueError\n    return"),
        MAKE.replace("def make", "@register\ndef make"),
        MAKE.replace("def make", "async def make"),
        MAKE.replace("return", "yield"),
        MAKE.replace("return nn.Sequential(", "return nn.ModuleList(nn.Sequential(").rstrip() + ")\n",
        MAKE.replace("return", "wrap(chain := ").rstrip() + ")\n    return chain\n",
    ],
)
def test_what_may_run_is_silent(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEBUG, "1")
    assert check(changed, str(tmp_path / "net.py")) == []


def test_what_a_function_does_with_made_up_arguments_is_no_news(tmp_path: Path) -> None:
    """Only the chain is judged."""
    text = MAKE.replace("(inner=8):", "(inner):\n    nn.Linear(2, inner)(nn.Linear(3, 4).weight)")
    assert codes(check(text, str(tmp_path / "net.py"))) == [("TSL102", 7)]


def test_torch_confirms(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "net.py"
    for text, verdict in ((MAKE, "confirmed"), (MAKE.replace("=8)", ")"), "undecided: make needs inner")):
        path.write_text(text, "utf-8")
        assert [d.verdict for d in judged(text, str(path), check(text, str(path)), DEFAULT)] == [verdict]
