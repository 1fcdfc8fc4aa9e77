"""Modules of other files: found as Python would find them, read as source, never imported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from torchshape_lint.check import check
from torchshape_lint.diagnostics import Diagnostic

BLOCK = """
import torch.nn as nn

raise_if_imported = 1 / 0


class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, padding=1)

    def forward(self, x):
        return self.conv(x)
"""
USE = """
net = Block(3, 8)
net(torch.randn(2, 3, 4, 4))
net(torch.randn(2, 1, 4, 4))
"""


def write(root: Path, **files: str) -> None:
    """Files by path, with ``__`` for a slash."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/').replace('/init', '/__init__')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, name: str) -> list[Diagnostic]:
    path = root / name
    return check(path.read_text(), str(path))


def codes(diagnostics: list[Diagnostic]) -> list[tuple[str, int]]:
    return [(d.code.id, d.span.line) for d in diagnostics]


LAYOUTS = {
    "beside": ({"blocks": BLOCK}, "train", "from blocks import Block"),
    "module": ({"blocks": BLOCK}, "train", "import blocks\nBlock = blocks.Block"),
    "renamed": ({"nets__init": "", "nets__blocks": BLOCK}, "train", "from nets.blocks import Block as B\nBlock = B"),
    "package": ({"nets__init": "from .blocks import Block", "nets__blocks": BLOCK}, "train", "from nets import Block"),
    "star": ({"nets__init": "from .blocks import *", "nets__blocks": BLOCK}, "train", "from nets import *"),
    "all": (
        {"nets__init": "from .blocks import *", "nets__blocks": f"__all__ = ['Block']\n{BLOCK}"},
        "train",
        "import nets\nBlock = nets.Block",
    ),
    "submodule": ({"nets__init": "", "nets__blocks": BLOCK}, "train", "import nets.blocks\nBlock = nets.blocks.Block"),
    "namespace": ({"nets__blocks": BLOCK}, "train", "from nets.blocks import Block"),
    "relative": ({"nets__init": "", "nets__blocks": BLOCK}, "nets__net", "from .blocks import Block"),
    "upwards": (
        {"nets__init": "", "nets__deep__init": "", "nets__blocks": BLOCK},
        "nets__deep__net",
        "from ..blocks import Block",
    ),
    "root": ({"pyproject": "", "nets__blocks": BLOCK}, "scripts__train", "from nets.blocks import Block"),
    "dot": (
        {"nets__init": "from . import blocks\nfrom .blocks import Block", "nets__blocks": BLOCK},
        "train",
        "from nets import blocks\nBlock = blocks.Block",
    ),
    "circular": (
        {
            "nets__init": "",
            "nets__blocks": "from nets import other\n" + BLOCK,
            "nets__other": "from nets import blocks",
        },
        "train",
        "from nets.blocks import Block",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str, tmp_path: Path) -> None:
    files, main, imports = LAYOUTS[layout]
    write(tmp_path, **files, **{main: f"import torch\n{imports}{USE}"})
    (tmp_path / "pyproject.toml").write_text("")
    last = imports.count("\n") + 5
    [finding] = found(tmp_path, f"{main.replace('__', '/')}.py")
    assert (finding.code.id, finding.span.line) == ("TSL102", last)
    assert "axis 1 of x is 1, but in_channels is 3" in finding.message
    assert "in Block.forward, " in finding.message
    assert re.search(r"blocks\.py:1[34]\)", finding.message)


def test_a_src_layout(tmp_path: Path) -> None:
    write(
        tmp_path, src__nets__init="", src__nets__blocks=BLOCK, train=f"import torch\nfrom nets.blocks import Block{USE}"
    )
    (tmp_path / "pyproject.toml").write_text("")
    assert codes(found(tmp_path, "train.py")) == [("TSL102", 5)]


def test_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, train=f"import torch\nfrom nowhere import Block{USE}")
    assert found(tmp_path, "train.py") == []


def test_the_other_file_has_its_own_findings(tmp_path: Path) -> None:
    wrong = BLOCK.replace("return self.conv(x)", "return nn.Linear(3, 4)(nn.Linear(5, 6)(x))")
    write(tmp_path, blocks=wrong, train="import torch\nfrom blocks import Block\nprint(Block)\n")
    assert found(tmp_path, "train.py") == []
    assert codes(found(tmp_path, "blocks.py")) == [("TSL101", 13)]


def test_an_unreadable_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "blocks.py").write_bytes(b"\xff\xfe\x00class Block(")
    write(tmp_path, train=f"import torch\nfrom blocks import Block{USE}torch.nn.Linear(3, 4)(torch.randn(2, 5))\n")
    assert codes(found(tmp_path, "train.py")) == [("TSL101", 6)]


RESNET = """
from enum import Enum
from torch import nn


class Weights(Enum):
    DEFAULT = {"categories": ["a"] * 7}


class ResNet(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.conv = nn.Conv2d(3, 512, 3)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        return self.fc(self.avgpool(self.conv(x)).flatten(1))


def resnet18(*, weights=None, **kwargs):
    if weights is not None:
        kwargs["num_classes"] = len(weights.value["categories"])
    return ResNet(**kwargs)
"""
HEADS = """
import torch
from torch import nn
from torchvision import models

picture = torch.randn(2, 3, 32, 32)
labels = torch.zeros(2, dtype=torch.long)
model = models.resnet18()
for p in model.parameters():
    p.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 10)
good = nn.CrossEntropyLoss()(model(picture), labels)
model.fc = nn.Linear(2048, 10)
model(picture)
body = nn.Sequential(*list(models.resnet18().children())[:-1])
nn.Linear(512, 3)(body(picture).flatten(1))
nn.Linear(256, 3)(body(picture).flatten(1))
seven = models.resnet18(weights=models.Weights.DEFAULT)
nn.Linear(7, 2)(seven(picture))
nn.Linear(8, 2)(seven(picture))
"""


def test_transfer_learning(tmp_path: Path) -> None:
    """Torchvision's models are read as source where they are; its data sets and transforms are known by name."""
    write(
        tmp_path,
        torchvision__init="",
        torchvision__models__init="from .resnet import *",
        torchvision__models__resnet=RESNET,
    )
    write(tmp_path, train=HEADS)
    assert codes(found(tmp_path, "train.py")) == [("TSL101", 14), ("TSL101", 17), ("TSL101", 20)]


def test_without_torchvision_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchshape_lint.project._installed_roots", lambda: ())
    write(tmp_path, train=HEADS)
    assert found(tmp_path, "train.py") == []


LONG = """
import os


def build(path):
    found = {}
    for entry in os.scandir(path):
        if entry.is_dir():
            found[entry.name] = build(entry.path)
        else:
            for line in open(entry.path):
                for word in line.split():
                    found[word] = [letter for letter in word]
    return found
"""


def test_a_file_that_takes_too_long_is_one_of_which_nothing_is_known(tmp_path: Path) -> None:
    turns = "kept = []\nfor a in range(500):\n    for b in range(500): kept = [a, b, len(kept)]\n"
    write(tmp_path, blocks=f"{BLOCK}\n{turns * 9}\n", other=BLOCK)
    use = "from blocks import Block as Unknown\nfrom other import Block"
    write(tmp_path, train=f"import torch\n{use}\nUnknown(3, 8)(torch.randn(2, 1, 4, 4)){USE}")
    assert codes(found(tmp_path, "train.py")) == [("TSL102", 7)]


def test_a_decorator_that_takes_too_long_is_not_followed(tmp_path: Path) -> None:
    long = "    for a in range(500):\n        for b in range(500): kept = [a, b, len(kept)]\n"
    documented = f"def documented(made):\n    kept = []\n{long}    return made\n"
    both = BLOCK.replace("class Block", "@documented\nclass Block") + BLOCK.replace("Block", "Plain")
    write(tmp_path, blocks=f"{documented}{both}", train=f"import torch\nfrom blocks import *\nBlock(3, 8){USE}")
    assert codes(found(tmp_path, "train.py")) == []
    (tmp_path / "train.py").write_text((tmp_path / "train.py").read_text().replace("= Block(", "= Plain("))
    assert codes(found(tmp_path, "train.py")) == [("TSL102", 6)]


def test_files_that_a_decorator_needs_do_not_count_against_it(tmp_path: Path) -> None:
    turns = "kept = []\nfor a in range(500): kept = [a, len(kept), a + 1, a + 2, a + 3]\n"
    marked = "def marked(made):\n    print(Block)\n    return made\n"
    write(tmp_path, blocks=f"{BLOCK}\n{turns * 3}", marks=f"from blocks import Block\n{marked}")
    make = "from blocks import Block as B\nfrom marks import marked\n@marked\ndef Block(i, o):\n    return B(i, o)"
    write(tmp_path, train=f"import torch\n{make}{USE}")
    assert codes(found(tmp_path, "train.py")) == [("TSL102", 9)]


def test_a_function_that_calls_itself_on_what_it_finds(tmp_path: Path) -> None:
    write(tmp_path, lazy=LONG + "\n".join(f"found{k} = build('{k}')" for k in range(90)), blocks=BLOCK)
    use = "import lazy\nfrom blocks import Block\nprint(lazy.found89)"
    write(tmp_path, train=f"import torch\n{use}{USE}")
    assert codes(found(tmp_path, "train.py")) == [("TSL102", 7)]
