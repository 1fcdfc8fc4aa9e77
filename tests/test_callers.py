"""Stories across the project: a class is judged as other files construct and call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_modules import codes, found, write

NET = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, channels=3, features=4096):
        super().__init__()
        self.conv = nn.Conv2d(channels, 16, 3, padding=1)
        self.fc = nn.Linear(features, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv(x), 2)
        return self.fc(x.flatten(1))


def small_net(channels):
    return Net(channels, 1024)
"""
BROKEN_ALONE = """
from torch import nn


class Pair(nn.Module):
    def __init__(self, width=7):
        super().__init__()
        self.a = nn.Linear(3, width)
        self.b = nn.Linear(8, 2)

    def forward(self, x):
        return self.b(self.a(x))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    write(tmp_path, src__models__init="", src__models__net=NET, src__models__pair=BROKEN_ALONE)
    return tmp_path


CALLERS = {
    "guard": "if __name__ == '__main__':\n    Net(1)(torch.zeros(2, 1, 28, 28))\n",
    "top": "net = Net(1)\nnet(torch.zeros(2, 1, 28, 28))\n",
    "function": "def main():\n    Net(1)(torch.zeros(2, 1, 28, 28))\n",
    "test": "def test_net():\n    assert Net(1)(torch.zeros(2, 1, 28, 28)).shape == (2, 10)\n",
}


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_a_caller_elsewhere_exposes_what_is_wrong(project: Path, caller: str) -> None:
    write(project, scripts__train=f"import torch\nfrom models.net import Net\n\n{caller}")
    (finding,) = found(project, "src/models/net.py")
    assert (finding.code.id, finding.actual, finding.expected) == ("TSL101", 4096, 3136)
    assert "scripts/train.py:" in finding.message and "(2, 1, 28, 28)" in finding.message
    assert finding.origin is None  # this file alone cannot repeat it


def test_a_factory_is_called_elsewhere(project: Path) -> None:
    write(project, train="import torch\nfrom models import net\nnet.small_net(3)(torch.zeros(1, 3, 8, 8))\n")
    assert codes(found(project, "src/models/net.py")) == [("TSL101", 14)]


@pytest.mark.parametrize(
    ("exported", "imported", "name"),
    [
        ("from .net import Net as Base", "from models import Base", "Base"),
        ("from .net import *", "from models import *", "Net"),
        ("", "from models.net import Net as N", "N"),
    ],
)
def test_names_that_are_passed_on(project: Path, exported: str, imported: str, name: str) -> None:
    write(project, src__models__init=exported)
    write(project, train=f"import torch\n{imported}\n{name}(1)(torch.zeros(2, 1, 28, 28))\n")
    assert codes(found(project, "src/models/net.py")) == [("TSL101", 14)]


def test_a_right_caller_is_silent(project: Path) -> None:
    write(project, train="import torch\nfrom models.net import Net\nNet()(torch.zeros(1, 3, 32, 32))\n")
    assert found(project, "src/models/net.py") == []


def test_defaults_count_only_where_nobody_calls_otherwise(project: Path) -> None:
    assert codes(found(project, "src/models/pair.py")) == [("TSL101", 12)]
    write(
        project,
        tests__test_pair="import torch\nfrom models.pair import Pair\n\ndef test():\n    Pair(8)(torch.zeros(1, 3))\n",
    )
    assert found(project, "src/models/pair.py") == []


def test_an_instance_that_is_only_built_is_judged_for_any_input(project: Path) -> None:
    write(project, tests__test_pair="from models.pair import Pair\nimport torch\nnet = Pair(9)\n")
    (finding,) = found(project, "src/models/pair.py")
    assert finding.actual == 8 and finding.expected == 9


def test_findings_of_the_caller_are_its_own(project: Path) -> None:
    write(
        project,
        train="import torch\nfrom torch import nn\nfrom models.net import Net\nNet()(torch.zeros(1, 3, 32, 32))\n"
        "nn.Linear(3, 4)(torch.zeros(1, 5))\n",
    )
    assert found(project, "src/models/net.py") == []
    assert codes(found(project, "train.py")) == [("TSL101", 5)]


def test_a_caller_that_catches_proves_nothing(project: Path) -> None:
    write(
        project,
        test_net="import pytest\nimport torch\nfrom models.net import Net\n\n\ndef test():\n"
        "    with pytest.raises(RuntimeError):\n        Net()(torch.zeros(1, 3, 28, 28))\n",
    )
    assert found(project, "src/models/net.py") == []


def test_files_outside_a_project_have_no_callers(tmp_path: Path) -> None:
    write(tmp_path, net=NET, train="import torch\nfrom net import Net\nNet()(torch.zeros(1, 3, 28, 28))\n")
    assert not any((parent / ".git").exists() for parent in tmp_path.parents), "pytest --basetemp lies in a repository"
    assert found(tmp_path, "net.py") == []


@pytest.mark.parametrize(
    ("before", "reaches"),
    [
        ("def broken(:\n", False),
        ("while True:\n    pass\n", False),
        ("raise SystemExit\n", False),
        ("import net2\n", True),
    ],
)
def test_what_stands_before_the_call_decides_whether_it_counts(project: Path, before: str, reaches: bool) -> None:
    write(project, train=f"import torch\nfrom models.net import Net\n{before}\nNet(1)(torch.zeros(2, 1, 28, 28))\n")
    assert codes(found(project, "src/models/net.py")) == ([("TSL101", 14)] if reaches else [])
