"""Contents of small tensors: what we say they are is what torch computes, and whoever writes into them is noticed."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchshape_lint.check import check
from torchshape_lint.rules import contents
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor, Value

UNARY = ("log", "log2", "log10", "exp", "sqrt", "round", "floor", "ceil", "trunc", "neg", "abs", "square")
BINARY = ("add", "sub", "mul", "div", "pow", "floor_divide", "remainder", "maximum", "minimum")
VECTORS = ("sum", "max", "min", "diff", "unique", "int", "long", "float", "double")
SCALARS = st.one_of(st.integers(-4, 40), st.floats(-4, 64, allow_nan=False, width=16), st.sampled_from((0.1, 2.7, 8.3)))


def follow(name: str, *operands: Value, like: torch.Tensor) -> Tensor:
    """What we make of the operator whose result in torch is ``like``."""
    value = Tensor(Shape(tuple(like.shape)), str(like.dtype).removeprefix("torch."))
    numbers = contents.made(f"torch.{name}", CallArgs(operands), value)
    return Tensor(value.shape, value.dtype, numbers=numbers)


def judge(ours: Tensor, theirs: torch.Tensor, what: str) -> int:
    """Every number of torch lies in our bounds; how many are known."""
    row = contents.items(ours)
    if row is None:
        return 0
    numbers = theirs.reshape(-1).tolist()
    assert len(row) == len(numbers), what
    for bounds, number in zip(row, numbers, strict=True):
        assert bounds.low <= number <= bounds.high, what
    return sum(bounds.is_known for bounds in row)


def apply(name: str, ours: Tensor, theirs: torch.Tensor, operand: float) -> tuple[Tensor, torch.Tensor]:
    operands: tuple[float, ...] = (operand,) if name in BINARY and name not in ("maximum", "minimum") else ()
    if name in ("maximum", "minimum"):
        result = getattr(torch, name)(theirs, theirs)
        return follow(name, ours, ours, like=result), result
    function = getattr(torch, name, None) or getattr(torch.Tensor, name)
    result = getattr(theirs, name)(*operands) if name in VECTORS else function(theirs, *operands)
    return follow(name, ours, *operands, like=result), result


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(SCALARS, min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from(UNARY + BINARY + VECTORS), SCALARS), max_size=6),
)
def test_bounds_hold_what_torch_computes(data: list[float], steps: list[tuple[str, float]]) -> None:
    theirs = torch.tensor(data)
    ours = follow("tensor", tuple(data), like=theirs)
    assert contents.items(ours) is not None
    words = f"{data}"
    for name, operand in steps:
        if theirs.dim() == 0 and name in ("diff",):
            continue
        try:
            ours, theirs = apply(name, ours, theirs, operand)
        except RuntimeError:  # torch refuses: integers to negative powers, division by zero
            return
        words += f".{name}({operand})"
        judge(ours, theirs, words)


@pytest.mark.parametrize(
    ("depth", "slope", "start", "step"), [(16, 27.89, 48, 2.09), (22, 24.48, 24, 2.54), (27, 115.89, 232, 2.53)]
)
def test_widths_of_regnet_are_known(depth: int, slope: float, start: int, step: float) -> None:
    """Logarithms and powers in float32, and whole numbers again behind them."""
    theirs = torch.arange(depth)
    ours = follow("arange", depth, like=theirs)
    for name, operand in (("mul", slope), ("add", start), ("div", start), ("log", 0.0), ("div", math.log(step))):
        ours, theirs = apply(name, ours, theirs, operand)
    ours, theirs = apply("round", ours, theirs, 0.0)
    assert judge(ours, theirs, "capacity") == depth
    theirs = torch.pow(step, theirs)
    ours = follow("pow", step, ours, like=theirs)
    for name, operand in (("mul", start), ("div", 8), ("round", 0.0), ("mul", 8), ("int", 0.0)):
        ours, theirs = apply(name, ours, theirs, operand)
    assert judge(ours, theirs, "widths") == depth


@pytest.mark.parametrize(
    ("start", "end", "steps"), [(0, 0.1, 12), (0.0, 0.0, 5), (64, 512, 4), (1.5, -3, 9), (2, 3, 1)]
)
def test_linspace(start: float, end: float, steps: int) -> None:
    theirs = torch.linspace(start, end, steps)
    known = judge(follow("linspace", start, end, steps, like=theirs), theirs, "linspace")
    assert known >= (start in (0, 64, 1.5, 2))


def test_ties_are_not_guessed() -> None:
    """0.1 * 5 is 0.5 up to rounding: on which side it lies, only torch knows."""
    theirs = torch.tensor([0.1]) * 5
    ours = follow("mul", follow("tensor", (0.1,), like=torch.tensor([0.1])), 5, like=theirs)
    ours = follow("round", ours, like=theirs)
    assert judge(ours, theirs.round(), "a tie") == 0


def found_in(source: str) -> list[str]:
    return [d.code.id for d in check(source, "script.py")]


WRITERS = (
    "t[0] = 7",
    "t += 1",
    "t.add_(1)",
    "u = t\nu += 1",
    "u = t.view(3)\nu[0] = 7",
    "u = t[0:2]\nu += 1",
    "for x in t:\n    x += 1",
    "t.numpy()[0] = 7",
    "u = t.long()\nu[0] = 7",
    "u = [t]\nunknown(u)",
    "unknown({'t': t})",
    "torch.add(t, 1, out=t)",
    "buffer = torch.nn.Buffer(t)",
    "t.data[0] = 7",
    "def change(x):\n    x[0] = 7\nchange(t)",
    "if unknown():\n    t[0] = 7",
    "while unknown():\n    t += 1",
)


@pytest.mark.parametrize("writer", WRITERS)
def test_whoever_writes_is_noticed(writer: str) -> None:
    source = "import torch\nfrom torch import nn\nfrom elsewhere import unknown\nt = torch.tensor([1, 2, 3])\n"
    end = "\nnn.Linear(int(t[0].item()), 3)(torch.zeros(1, 4))\n"
    assert found_in(source + end) == ["TSL101"]
    assert found_in(source + writer + end) == []


READERS = (
    "n = t.tolist()[2]",
    "n = int(t[2])",
    "n = t.sum().item() - 3",
    "n = [x.item() for x in t][-1]",
    "n = t.max().item()",
    "n = len(t)",
    "n = int((t * 1.4).round()[1])",
    "n = len(torch.unique(t))",
    "n = t.cpu().detach()[-1].item()",
    "n = int(round(torch.linspace(3, 9, 4).tolist()[0]))",
)


@pytest.mark.parametrize("reader", READERS)
def test_reading(reader: str) -> None:
    """Every one of them gives 3."""
    source = f"import torch\nfrom torch import nn\nt = torch.tensor([1, 2, 3])\n{reader}\n"
    assert found_in(source + "nn.Linear(n, 3)(torch.zeros(1, 4))\n") == ["TSL101"]
    assert found_in(source + "nn.Linear(n, 3)(torch.zeros(1, 3))\n") == []
