"""The judges must notice what is wrong with a fixture: a judge that accepts everything proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Expected, Fixture, same_shapes, shapes

HEAD = "import torch\nfrom torch import nn\n"
NET = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(
            nn.ReLU(),
            nn.Linear(4, 2),
        )

    def forward(self, x):  # x: (n, 4)
        return self.fc(x)
"""


def problems(text: str) -> str:
    pytest.importorskip("torch")
    from tests.torch_judge import torch_problems

    return "\n".join(torch_problems(Fixture(Path("fixture.py"), text)))


def test_markers_are_read() -> None:
    line = "y = f(x)  # -> (n, 2*h), (_,) # !TSL101 196 256 # ?why"
    fixture = Fixture(Path("f.py"), f"def forward(x):  # x: (n, 3, h, 4)\n{line}\n")
    assert fixture.inputs(1, 1) == {"x": (11, 3, 37, 4)}
    assert fixture.gives == {2: ((11, 74), (None,))}
    assert fixture.errors == (Expected(2, "TSL101", ("196", "256")),)
    assert fixture.given_up == {2}
    assert "TSL" not in fixture.bare
    assert "(n, 3, h, 4)" in fixture.bare
    assert fixture.bare.count("\n") == fixture.text.count("\n")
    assert len(fixture.bare.split("\n")[0]) == len("def forward(x):  # x: (n, 3, h, 4)")


def test_words_are_whole_words() -> None:
    expected = Expected(3, "TSL101", ("196",))
    assert expected.fits(3, "TSL101", "is 196, but")
    assert not expected.fits(3, "TSL101", "is 1968, but")
    assert not expected.fits(4, "TSL101", "is 196, but")
    assert not expected.fits(3, "TSL102", "is 196, but")


def test_shapes_are_only_arithmetic() -> None:
    assert shapes("(n, 2*(n//2)), ()", {"n": 5}) == ((5, 4), ())
    assert same_shapes(((5, 4), ()), ((None, 4), ()))
    assert not same_shapes(((5, 4),), ((5, 4), ()))
    with pytest.raises(SyntaxError):
        shapes("(__import__('os'),)", {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "nn.Linear(3, 4)(torch.randn(2, 3))\n", ""),
        (HEAD + "nn.Linear(3, 4)(torch.randn(2, 5))\n", "torch raises at 3"),
        (HEAD + "nn.Linear(3, 4)(torch.randn(2, 5))  # !TSL101\n", ""),
        (HEAD + "nn.Linear(3, 4)(torch.randn(2, 5))  # ?why\n", ""),
        (HEAD + "nn.Linear(3, 4)(torch.randn(2, 3))  # !TSL101\n", "torch does not raise at 3"),
        (HEAD + "x = 0  # !TSL101\nnn.Linear(3, 4)(torch.randn(2, 5))\n", "torch raises at 4"),
        (HEAD + "x = torch.randn(2, 3)  # -> (2, 4)\n", "line 3 gives ((2, 3),)"),
        (HEAD + "if torch.cuda.is_available() is None:\n    x = torch.randn(2)  # -> (2,)\n", "never gives"),
        (HEAD + "x = torch.zeros(2)\nx += 1  # -> (2,)\n", ""),
        (HEAD + "def bad():\n    torch.randn(2)\n", "bad: torch runs it"),
        (HEAD + "def good():\n    torch.randn(-2)  # ?\n", "good: is called good"),
        (HEAD + "def bad():\n    torch.randn(-2)  # !TSL110\n", ""),
        (NET, ""),
        (NET.replace("return self.fc(x)", "return self.fc(x)  # -> (n, 2)"), ""),
        (NET.replace("return self.fc(x)", "return self.fc(x)  # -> (n, 3)"), "gives ((11, 2),)"),
        (NET.replace("nn.Linear(4, 2),", "nn.Linear(5, 2),"), "torch raises at 9"),
        (NET.replace("nn.Linear(4, 2),", "nn.Linear(5, 2),  # !TSL101"), ""),
        (NET.replace("# x: (n, 4)", "# try (3, 4) # try (3, 5)"), "torch raises at 9"),
    ],
)
def test_torch_judges(text: str, problem: str) -> None:
    found = problems(text)
    assert found == "" if problem == "" else problem in found
