"""Real torch as the judge of findings: every verdict, every kind of story, and what must never happen."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.findings import FINDING
from torchshape_lint import codes
from torchshape_lint.confirm.replay import judged, replay
from torchshape_lint.diagnostics import Kind, Story
from torchshape_lint.dims import symbol
from torchshape_lint.options import DEFAULT, Options
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.spans import Span

N, H = symbol("n"), symbol("h")

NET = """\
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, c=4):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, c, 3, padding=1),
            nn.BatchNorm2d(BN),
        )
        self.fc = nn.Linear(
            4*28*28, 10)
    def forward(self, x):
        x = self.body(x)
        return self.fc(x.flatten(1))
def main():
    net = Net().to("cuda:0", non_blocking=True).cuda()
    x = torch.randn(2, 1, 28, 28, device="cuda").cuda()
    y = net(
       x)
if __name__ == "__main__":
    main()
"""
WRONG, RIGHT = NET.replace("BN", "8"), NET.replace("BN", "c")
PICTURES = (("x", Shape((N, 1, 28, 28))),)


def ask(tmp_path: Path, text: str, story: Story, *lines: int, options: Options = DEFAULT) -> list[str]:
    path = tmp_path / "net.py"
    path.write_text(text, "utf-8")
    return [str(answer) for answer in replay(text, str(path), story, [(n, n) for n in lines], options)]


@pytest.mark.parametrize(
    "story",
    [
        Story("script"),
        Story("function", "main"),
        Story("class", "Net", inputs=PICTURES),
        Story("declared", "Net.forward", inputs=PICTURES),
    ],
    ids=lambda story: story.kind,
)
def test_an_error_confirms_the_call_and_the_layer_in_its_container(tmp_path: Path, story: Story) -> None:
    call, layer, later, other = ask(tmp_path, WRONG, story, 13, 8, 14, 7)
    assert call == layer == "confirmed"
    assert later.startswith("undecided: the story ends at line 13 with RuntimeError")
    assert other.startswith("undecided")


def test_what_runs_is_refuted(tmp_path: Path) -> None:
    assert ask(tmp_path, RIGHT, Story("script"), 13, 8, 10) == ["refuted"] * 3


def test_what_is_not_reached_is_undecided(tmp_path: Path) -> None:
    text = "import torch\nif not torch:\n    torch.zeros(2) + torch.zeros(3)\n"
    assert ask(tmp_path, text, Story("script"), 3) == ["undecided: the line did not run"]


def test_values_are_asked_of_the_cpu(tmp_path: Path) -> None:
    text = "import torch\nx = torch.ones(2)\nif x.sum().item() > 1:\n    x + torch.ones(3)\n"
    assert ask(tmp_path, text, Story("script"), 4) == ["confirmed"]


def test_what_only_meta_lets_pass_is_not_refuted(tmp_path: Path) -> None:
    text = "import torch\ntorch.nn.Embedding(3, 4)(torch.full((2,), 9))\n"
    assert ask(tmp_path, text, Story("script"), 2) == ["confirmed"]


def test_another_dtype_is_tried(tmp_path: Path) -> None:
    text = "import torch\nclass Net(torch.nn.Module):\n def __init__(self, k):\n  super().__init__()\n"
    text += "  self.e = torch.nn.Embedding(5, k)\n  self.fc = torch.nn.Linear(8, 2)\n"
    text += " def forward(self, words):\n  x = self.e(words)\n  return self.fc(x)\n"
    story = Story("class", "Net", inputs=(("words", Shape((N, H))),), constructor=(("k", 9),))
    assert ask(tmp_path, text, story, 9) == ["confirmed"]
    assert ask(tmp_path, text, replace(story, constructor=(("k", 8),)), 9) == ["refuted"]
    assert ask(tmp_path, text, replace(story, constructor=()), 9) == ["undecided: Net needs k"]


def test_what_precedes_a_broken_line_of_the_file_can_be_used(tmp_path: Path) -> None:
    text = WRONG.replace('if __name__ == "__main__"', "open('no such data')\nif 1")
    assert ask(tmp_path, text, Story("class", "Net", inputs=PICTURES), 8) == ["confirmed"]
    assert ask(tmp_path, text, Story("script"), 8)[0].startswith(
        "undecided: the story ends at line 20 with FileNotFound"
    )


@pytest.mark.parametrize(
    ("kind", "name", "shape", "why"),
    [
        ("class", "Net", open_shape(28), "the rank of x is not known"),
        ("class", "Gone", Shape((N,)), "there is no Gone"),
        ("declared", "main", Shape((N,)), "the call cannot be made"),
    ],
)
def test_what_cannot_be_repeated_says_why(tmp_path: Path, kind: Kind, name: str, shape: Shape, why: str) -> None:
    (answer,) = ask(tmp_path, WRONG, Story(kind, name, inputs=(("x", shape),)), 13)
    assert answer.startswith(f"undecided: {why}")


def test_a_time_limit(tmp_path: Path) -> None:
    start = time.monotonic()
    options = Options(confirm_seconds=1.0)
    assert ask(tmp_path, "while True: pass", Story("script"), 1, options=options) == [
        "undecided: not finished after 1 s"
    ]
    assert time.monotonic() - start < 20


def test_a_sudden_end(tmp_path: Path) -> None:
    assert ask(tmp_path, "import os\nos._exit(3)", Story("script"), 1) == ["undecided: the process ended with code 3"]


def test_sys_exit_is_the_end_of_a_story(tmp_path: Path) -> None:
    text = "import sys, torch\ntorch.zeros(2)\nsys.exit(1)\n"
    assert ask(tmp_path, text, Story("script"), 2) == ["refuted"]


def test_no_such_interpreter(tmp_path: Path) -> None:
    (answer,) = ask(tmp_path, WRONG, Story("script"), 13, options=Options(python=str(tmp_path / "python")))
    assert "cannot be started" in answer


def test_no_torch_in_the_interpreter(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n', "utf-8")
    bare.chmod(0o755)
    (answer,) = ask(tmp_path, WRONG, Story("script"), 13, options=Options(python=str(bare)))
    assert answer.startswith("undecided: torch cannot be imported")


def test_the_module_is_imported_with_its_package(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "sizes.py").write_text("K = 3\n", "utf-8")
    text = "import torch\nfrom .sizes import K\ndef f():\n    torch.ones(K) + torch.ones(4)\n"
    assert ask(package, text, Story("function", "f"), 4) == ["confirmed"]


def test_the_text_counts_not_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("broken(", "utf-8")
    assert str(replay(WRONG, str(path), Story("script"), [(8, 8)], DEFAULT)[0]) == "confirmed"


def test_findings_get_their_verdicts(tmp_path: Path) -> None:
    path = str(tmp_path / "net.py")
    real = replace(FINDING, path=path, span=Span(13, 13, 13, 25))
    elsewhere = replace(real, path="other.py")
    unknown = replace(real, origin=None)
    doubtful = replace(real, code=codes.LOSS_BROADCAST)
    verdicts = [d.verdict for d in judged(WRONG, path, [real, elsewhere, unknown, doubtful], DEFAULT)]
    strange = "undecided: this story cannot be repeated"
    assert verdicts == ["confirmed", strange, strange, None]
