"""What a tensor says of itself, against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import GUISES, Case, Guise, Known, T, judge_function
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import External, Unknown

X = T(2, 3, 4)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("size", (X,)),
        ("size", (X, 1)),
        ("size", (X, -1)),
        ("size", (X, 3)),
        ("size", (T(), 0)),
        ("size", (T(),)),
        ("dim", (X,)),
        ("ndimension", (X,)),
        ("numel", (X,)),
        ("nelement", (T(),)),
        ("__len__", (X,)),
        ("__len__", (T(),)),
    ],
    ids=str,
)
def test_method(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.Tensor.{name}", args)


@pytest.mark.parametrize("attribute", ["shape", "ndim", "dtype"])
@pytest.mark.parametrize("x", [X, T(), T(3, dtype="int64")], ids=str)
def test_attribute(attribute: str, x: T) -> None:
    rule = find_rule(f"torch.Tensor.{attribute}")
    assert rule

    def run(guise: Guise, known: Known, facts: Facts) -> Applied:
        return apply(rule, CallArgs([values.Tensor(guise(x, known), x.dtype)]), facts)

    Case(f"{x}.{attribute}", lambda: getattr(x.real("meta"), attribute), run).judge(GUISES)


def value(name: str, shape: Shape, *args: Any) -> Any:
    rule = find_rule(f"torch.Tensor.{name}")
    assert rule
    return apply(
        rule, CallArgs((values.Tensor(shape, "float32"), *args), words={0: "x"}), Facts(widths_hold=lambda: True)
    ).value


def test_named_sizes() -> None:
    n = symbol("n")
    assert value("size", Shape((n, 3))) == (n, 3)
    assert value("size", Shape((n, 3)), 0) == n
    assert value("numel", Shape((n, 3))) == 3 * n
    assert value("dtype", Shape((n,))) == External("torch.float32")


def test_unknown_rank() -> None:
    x = open_shape(4, 5)
    assert value("shape", x) == x
    assert value("size", x, -1) == 5
    assert str(value("size", x, 0)) == "x.size(0)"
    assert isinstance(value("dim", x), Unknown)
    assert isinstance(value("numel", x), Unknown)


@pytest.mark.parametrize("x", [T(), T(1, 1), T(2), T(3, 4)], ids=str)
@pytest.mark.parametrize("name", ["item", "__bool__", "__int__", "__float__"])
def test_one_element(name: str, x: T) -> None:
    judge_function(f"torch.Tensor.{name}", (x,), device="cpu", unknown=True)


@pytest.mark.parametrize("name", ["item", "tolist"])
def test_contents_are_not_known(name: str) -> None:
    answer = value(name, Shape((1,)))
    assert isinstance(answer, Unknown)
    assert answer.data
