"""Quick fixes of every kind that an author may choose: applied as an editor does, and the finding is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.lsp.editor import Editor

HEAD = "import torch\nfrom torch import nn\n\n"
KINDS = {
    "LazyLinear, which takes in_features from the first batch": (
        "fc = nn.Linear(4 * 8, 10)\nfc(torch.randn(2, 28))\n",
        "fc = nn.LazyLinear(10)\nfc(torch.randn(2, 28))\n",
    ),
    "padding=2": (
        "pool = nn.AvgPool2d(7, stride=1)\npool(torch.randn(1, 4, 4, 4))\n",
        "pool = nn.AvgPool2d(7, stride=1, padding=2)\npool(torch.randn(1, 4, 4, 4))\n",
    ),
    "declare (n, 5)": (
        "def f(x):  # x: (n, 4)\n    return nn.Linear(5, 2)(x)\n\n\nf(torch.randn(3, 5))\n",
        "def f(x):  # x: (n, 5)\n    return nn.Linear(5, 2)(x)\n\n\nf(torch.randn(3, 5))\n",
    ),
    "a channel axis: unsqueeze(1)": (
        "conv = nn.Conv2d(1, 4, 3)\nconv(torch.randn(8, 28, 28))\n",
        "conv = nn.Conv2d(1, 4, 3)\nconv(torch.randn(8, 28, 28).unsqueeze(1))\n",
    ),
    "nn.Flatten() in front": (
        "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 10))\nnet(torch.randn(2, 1, 28, 28))\n",
        "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))\n"
        "net(torch.randn(2, 1, 28, 28))\n",
    ),
    "in_features = 16 at line 11": (
        "class Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
        "        self.fc = nn.Linear(width, 2)\n\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
        "Net(32)(torch.randn(3, 16))\n",
        "class Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
        "        self.fc = nn.Linear(width, 2)\n\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
        "Net(16)(torch.randn(3, 16))\n",
    ),
}


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    editor = Editor(tmp_path, settings={"delay": 20})
    yield editor
    assert editor.quit() == (0, "")


@pytest.mark.parametrize("title", KINDS)
def test_it_is_offered_and_does_what_it_says(editor: Editor, tmp_path: Path, title: str) -> None:
    before, after = KINDS[title]
    net = tmp_path / "net.py"
    editor.open(net, HEAD + before)
    assert len(editor.found(net)) == 1
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    actions = {action.title: action for action in editor.actions(net, everywhere)}
    (chosen,) = (action for name, action in actions.items() if name.partition(" (unsafe")[0] == title)
    editor.apply(net, chosen)
    assert editor.texts[net] == HEAD + after
    assert editor.codes(net) == []
