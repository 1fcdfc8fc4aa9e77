"""Arrays: their shapes and dtypes are those that numpy gives them, and what is not known of them stays unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.harness import Fixture, lint_problems
from torchshape_lint.check import check

SETUP = """
import numpy as np
import torch
a = np.random.rand(4, 6, 3)
b = np.arange(12).reshape(3, 4)
c = np.ones((4, 6), dtype=np.float32)
k = np.random.randint(0, 3, size=(5,))
s = [np.zeros((2, 3)), np.zeros((2, 3))]
"""

EXPRESSIONS = """
a.T | a.transpose() | a.transpose(2, 0, 1) | a.transpose((1, 0, 2)) | np.transpose(a, (2, 1, 0))
a.swapaxes(0, 2) | np.moveaxis(a, -1, 0) | a.reshape(-1, 3) | a.reshape((8, 9)) | np.reshape(a, (2, -1))
a.ravel() | a.flatten() | np.squeeze(a[:1]) | a[:1].squeeze(0) | np.expand_dims(c, 0)
np.expand_dims(c, axis=-1) | c[None] | c[..., np.newaxis] | a[1] | a[1:3] | a[:, -1] | a[..., 0] | a[::2, 1:]
a[[0, 2]] | a[:, [0, 1]] | np.eye(3)[k] | a[b[0]] | a[k[:2], k[1:3]] | a.mean(axis=0) | a.mean(axis=(0, 2))
a.sum(0) | a.max(axis=-1, keepdims=True) | np.mean(a, axis=1) | np.std(a, 2) | np.sum(a, axis=0, keepdims=True)
a.argmax(axis=1) | np.argmax(b, axis=1) | a.any(axis=0) | c.sum(1) | b.max(0) | a + 1 | b / 2 | b * 2 | b + 0.5
c * 2 | c / 3 | 1 - c | -a | a * c[:, :, None] | b // 2 | b ** 2 | a > 0.5 | (a > 0) & (a < 1) | b == 3 | c + c
b.T @ b | a @ np.ones((3, 2)) | np.dot(b, c) | np.matmul(b.T, b) | c.astype(int) | c.astype("float64")
b.astype(np.float32) | a.astype(float) | b.astype(bool) | c.copy() | np.clip(a, 0, 1) | np.abs(b) | np.exp(c)
np.sqrt(a) | np.zeros(5) | np.zeros((2, 3), dtype=int) | np.ones((2, 2), np.float32) | np.full((2, 3), 7)
np.full(4, 0.5) | np.eye(3) | np.eye(2, 5) | np.identity(3) | np.zeros_like(b) | np.ones_like(c, dtype=bool)
np.empty((1, 2, 3), dtype="uint8") | np.arange(7) | np.arange(2, 9) | np.arange(0, 10, 3)
np.arange(5, dtype=np.float32) | np.linspace(0, 1) | np.linspace(0, 1, 9) | np.array([1, 2, 3])
np.array([[1.0, 2], [3, 4]]) | np.array([True, False]) | np.array(s) | np.array([1, 2], dtype=np.float32)
np.asarray([[1], [2]]) | np.array([x for x in c]) | np.array([a[i] for i in range(3)]) | np.array(c.tolist())
np.array(torch.ones(2, 3)) | np.random.rand(3, 2) | np.random.randn(4) | np.random.random((2, 3))
np.random.uniform(0, 1, (3, 3)) | np.random.normal(size=4) | np.random.normal(0, 1, (2, 5))
np.random.randint(10, size=(2, 3)) | np.random.randint(0, 5, 6) | np.random.choice(4, 3)
np.random.choice([1, 2], size=(3, 1)) | np.random.permutation(6) | np.random.permutation(a)
np.random.binomial(1, 0.5, 7) | np.random.default_rng(1).normal(size=(2, 3))
np.random.default_rng(1).integers(0, 4, 5) | np.random.RandomState(0).rand(2, 2) | np.concatenate([a, a])
np.concatenate((a, a), axis=1) | np.stack(s) | np.stack(s, axis=-1) | np.vstack(s) | np.hstack(s)
np.where(c > 0, c, 0) | np.where(b > 1, 1.0, b) | torch.ones(2, 3).numpy()
torch.ones(2).detach().cpu().numpy()
np.cumsum(b) | np.cumsum(a, axis=0) | b.cumsum() | np.sin(a) | np.log1p(c) | np.round(a, 2) | np.flip(a, 0)
"""

CASES = [e.strip() for line in EXPRESSIONS.strip().split("\n") for e in line.split(" | ")]


def result_of(expression: str) -> np.ndarray:
    names: dict[str, object] = {}
    exec(SETUP, names)
    return np.asarray(eval(expression, names))


@pytest.mark.parametrize("expression", CASES)
def test_shape_and_dtype_are_those_of_numpy(expression: str) -> None:
    """The shape is known; the dtype is the right one or not known."""
    array = result_of(expression)
    marker = f"({', '.join(map(str, array.shape))}{',' * (array.ndim == 1)})"
    text = f"{SETUP}t = torch.from_numpy({expression})  # -> {marker}\n"
    assert lint_problems(Fixture(Path("arrays.py"), text)) == []
    wrong = f"if t.dtype != torch.{array.dtype}:\n    torch.ones(2) @ torch.ones(3)\n"
    assert check(text + wrong, "arrays.py") == []


@pytest.mark.parametrize(
    "lines",
    [
        "x = np.ones((4, 3))\nx.shape = (6, 2)",
        "x = np.ones((4, 3))\nx.resize((6, 2))",
        "x = np.ones((4, 3)).view(np.uint8)[:, :2]",
        "x = np.ones((4, 3))\nfor i in range(n):\n    x = x[:, :2]",
        "x = np.ones((4, 3)) if n else np.ones((4, 2))",
        "xs = []\nfor i in range(n):\n    xs.append(np.ones(3))\n    xs.append(np.ones(2))\nx = xs[0]",
        "xs = [np.ones((4, i)) for i in range(n)]\nx = xs[2]",
        "xs = [np.ones(3) for i in range(n)]\nn.change(xs)\nx = np.array(xs)",
        "xs = [np.ones(3) for i in range(n)]\nys = xs\nys += [np.ones(2)] * n\nx = np.array(xs[-1:])",
        "xs = []\nfor i in range(n):\n    xs.append(np.ones(3) if i else np.ones(2))\nx = np.array(xs[1:])",
        "x = np.unique(np.ones((4, 3)), axis=1)",
        "x = np.loadtxt('x.txt')",
    ],
)
def test_what_is_not_known_is_silent(lines: str) -> None:
    text = f"import sys\nimport numpy as np\nimport torch\nn = int(sys.argv[1])\n{lines}\n"
    assert check(text + "torch.tensor(x).float() @ torch.ones(2, 5)\n", "arrays.py") == []


def test_windows_of_any_number() -> None:
    """A list that a loop of unknown length fills: how long it is nobody knows, its items are all alike."""
    text = """
import numpy as np
import torch
from torch import nn

def windows(series, steps):
    xs, ys = [], []
    for i in range(len(series) - steps):
        xs.append(series[i : i + steps])
        ys.append(series[i + steps])
    return np.array(xs), np.array(ys)

x, y = windows(np.sin(np.linspace(0, 100, 5000)), 24)
x = torch.tensor(x, dtype=torch.float32)
nn.Linear(24, 2)(x)
nn.Linear(25, 2)(x)
"""
    assert [d.span.line for d in check(text, "windows.py")] == [16]
