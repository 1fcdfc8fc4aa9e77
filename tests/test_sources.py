"""Which operator takes what another one gave: what pictures draw arrows from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from torchshape_lint.check import explain
from torchshape_lint.diagnostics import Entry

NET = """
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.scale = nn.Parameter(torch.ones(3, 1, 1))

    def helper(self, y):
        return self.conv(y)

    def forward(self, x, other=None):
        {body}

Net()(torch.randn(2, 3, 8, 8){more})
"""


def entry(body: str, more: str = "", text: str = NET) -> Entry:
    lines = "\n        ".join(body.split("; "))
    entries = explain(text.format(body=lines, more=more), "net.py").entries
    return next(entry for entry in entries if entry.name == "Net")


def links(body: str, more: str = "") -> list[tuple[str, tuple[object, ...]]]:
    """The last part of the operator of each step, and the operators (or inputs) that it takes from."""
    steps = entry(body, more).steps
    names = [step.op.rpartition(".")[2] for step in steps]
    return [(n, tuple(names[s] if isinstance(s, int) else s for s in step.sources)) for n, step in zip(names, steps)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return F.relu(self.conv(x))", [("Conv2d", ("x",)), ("relu", ("Conv2d",))]),
        ("return x + self.conv(x)", [("Conv2d", ("x",)), ("add", ("x", "Conv2d"))]),
        ("y = self.conv(x); y += x; return y", [("Conv2d", ("x",)), ("iadd", ("Conv2d", "x"))]),
        ("return torch.cat([x, self.conv(x)], 1)", [("Conv2d", ("x",)), ("cat", ("x", "Conv2d"))]),
        ("a, b, c = x.chunk(3, 1); return b.mul(c)", [("chunk", ("x",)), ("mul", ("chunk", "chunk"))]),
        ("return x * self.scale", [("mul", ("x", None))]),
        ("y = x.flatten(1); x = y.t(); return x", [("flatten", ("x",)), ("t", ("flatten",))]),
        ("kept = [x, self.conv(x)]; return torch.stack(kept)", [("Conv2d", ("x",)), ("stack", ("x", "Conv2d"))]),
    ],
)
def test_sources(body: str, expected: list[tuple[str, tuple[object, ...]]]) -> None:
    assert links(body) == expected


def test_inputs_by_name() -> None:
    assert links("return x @ other", ", torch.randn(8, 4)") == [("matmul", ("x", "other"))]


def test_a_function_stands_behind_its_operators_and_is_no_source_of_what_they_made() -> None:
    found = links("return self.helper(x).relu()")
    assert found == [("Conv2d", ("x",)), ("helper", ("x",)), ("relu", ("Conv2d",))]


def test_an_input_of_unknown_rank_is_still_the_input() -> None:
    text = NET.replace("Net()(torch.randn(2, 3, 8, 8){more})", "")
    steps = entry("y = self.conv(x); return y + x", text=text).steps
    assert [step.sources for step in steps] == [("x",), (0, "x")]


def test_after_a_mistake_the_way_goes_on() -> None:
    steps = entry("x = F.relu(F.linear(x, torch.ones(5, 9))); return x.sum()").steps
    broken = next(k for k, step in enumerate(steps) if step.broken)
    assert [step.op.rpartition(".")[2] for step in steps if step.broken] == ["linear"]
    assert steps[broken].sources[0] == "x" and steps[broken + 1].sources == (broken,)


def test_steps_that_look_alike_are_alike() -> None:
    """Tables show the turns of a loop once: where their tensors come from makes no difference."""
    (step,) = entry("return self.conv(x)").steps
    assert step == replace(step, sources=(7,)) and step != replace(step, broken=True)
