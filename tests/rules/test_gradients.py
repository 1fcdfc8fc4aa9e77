"""Gradients, against torch: what they start from and which shape they have."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function

X, Y = T(2, 3), T(3, 4)


@pytest.mark.parametrize(
    ("x", "gradient"),
    [(T(), None), (T(1, 1), None), (X, None), (X, X), (X, T(3)), (X, T()), (T(), T(1)), (T(1), T()), (T(0), None)],
    ids=str,
)
def test_backward(x: T, gradient: T | None) -> None:
    def real() -> None:
        start = x.real("cpu").requires_grad_()
        (start * 2).backward(gradient.real("cpu") if gradient else None)  # type: ignore[no-untyped-call]

    judge_function("torch.Tensor.backward", (x, gradient), asked=real)


@pytest.mark.parametrize(
    ("outputs", "inputs", "given"),
    [
        (T(), X, None),
        (T(), (X, Y), None),
        (T(), [X], None),
        (X, X, None),
        (X, X, X),
        (X, [X, Y], T(2, 4)),
        ([T(), T()], X, None),
        ([X, T()], X, [X, T()]),
        ([X, T()], X, [X, X]),
    ],
    ids=str,
)
def test_grad(outputs: Any, inputs: Any, given: Any) -> None:
    def several(value: Any) -> list[Any]:
        return list(value) if isinstance(value, (tuple, list)) else [value]

    def real() -> Any:
        leaves = [x.real("cpu").requires_grad_() for x in several(inputs)]
        ends = [x.real("cpu") + sum(leaf.sum() for leaf in leaves) for x in several(outputs)]
        starts = [g.real("cpu") for g in several(given)] if given else None
        return torch.autograd.grad(ends, leaves, starts)

    judge_function("torch.autograd.grad", (outputs, inputs), {"grad_outputs": given}, asked=real)
