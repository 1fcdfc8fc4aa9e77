"""Torch's questions with the types of their tensors mixed: no false alarm, and no result of another type than torch's.

A wrong type of a result would be reported where it meets a tensor that has torch's.
"""

from __future__ import annotations

import random
import re
import warnings

import pytest
import torch

from tests.samples.questions import databases
from torchshape_lint.check import check
from torchshape_lint.options import Options

pytestmark = pytest.mark.timeout(600)
_TENSOR = re.compile(r"(torch\.(?:zeros|ones)\(\([^()]*\))\)")
_DTYPES = "float32 float32 float64 float64 float64 float16 bfloat16 complex64 int64 int32 bool uint8".split()
_EVERY = 5  # of so many questions one is asked
_LINES = 200  # of one file


def _mixed(source: str, chance: random.Random) -> str:
    return _TENSOR.sub(lambda match: f"{match[1]}, dtype=torch.{chance.choice(_DTYPES)})", source)


def _accepted() -> list[str]:
    """Lines that torch accepts; behind each that gives a tensor, a product with another of torch's type."""
    chance = random.Random(0)
    lines = []
    for question in [question for db in databases() for question in db.questions][::_EVERY]:
        line, names = _mixed(question.source, chance), {"torch": torch}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(line, names)
            except Exception:  # noqa: BLE001 (whatever torch refuses is no question here)
                continue
        result = names["y"]
        if isinstance(result, torch.Tensor):
            line += f"; torch.dot(y.new_zeros(1), torch.zeros(1, dtype={result.dtype}))"
        lines.append(line)
    return lines


def test_mixed_types() -> None:
    lines = _accepted()
    assert len(lines) > 1000
    alarms = []
    for start in range(0, len(lines), _LINES):
        part = lines[start : start + _LINES]
        found = check("import torch\n" + "\n".join(part) + "\n", "samples.py", Options(seconds=60))
        alarms += [f"{d.code} {d.message}: {part[d.span.line - 2]}" for d in found if d.code.torch_raises]
    assert not alarms, "\n".join(alarms)
