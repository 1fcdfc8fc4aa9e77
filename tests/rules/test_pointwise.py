"""Element-wise functions of one and of several tensors against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules import arithmetic, pointwise
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule, known
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Unknown

ONE = {rule for rule in known()[0] if (r := find_rule(rule)) and r.function.__module__ == pointwise.__name__}
INTEGERS = (
    "bitwise",
    "gcd",
    "lcm",
    "shift",
    "invert",
    "operator.and_",
    "operator.or_",
    "xor",
    "operator.iand",
    "operator.ior",
)
MORE = {"mvlgamma": (1,), "fill_": (1.0,), "geometric_": (0.5,), "multigammaln": (1,), "type": (torch.float64,)}
NOT_ON_META = ("random_", "pin_memory", "cuda", "xpu", "share_memory_", "poisson", "type", "cpu")


@pytest.mark.parametrize("name", sorted(ONE))
def test_one_tensor(name: str) -> None:
    last = name.rpartition(".")[2]
    if last in ("pin_memory", "cuda", "xpu", "ipu", "mtia", "share_memory_"):
        pytest.skip("needs a device")
    more = next((args for key, args in MORE.items() if last.removesuffix("_") == key.removesuffix("_")), ())
    whole = any(word in name for word in INTEGERS)
    args = (T(2, 3, dtype="int64" if whole else "float32"), *more)
    if last in ("type_as",):
        args = (args[0], T(1, dtype="int64"))
    judge_function(name, args, device="cpu" if last in NOT_ON_META else "meta")


INTEGER_INPUT = ["exp", "sqrt", "abs", "floor", "neg", "isnan", "sign", "clone", "float", "long"]


@pytest.mark.parametrize("name", INTEGER_INPUT)
def test_integers(name: str) -> None:
    judge_function(f"torch.Tensor.{name}", [T(2, 3, dtype="int64")])


CONVERSIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("to", (T(2, 3), torch.float16), {}),
    ("to", (T(2, 3), "cpu"), {}),
    ("to", (T(2, 3), "cpu", torch.int64), {}),
    ("to", (T(2, 3), T(4, dtype="int64")), {}),
    ("to", (T(2, 3),), {"dtype": torch.float64}),
    ("type", (T(2, 3), torch.int64), {}),
    ("type_as", (T(2, 3), T(5, dtype="bool")), {}),
    ("clamp", (T(2, 3),), {"min": 0}),
    ("clamp", (T(2, 3), T(3), T(2, 1)), {}),
    ("clamp_", (T(2, 3), T(4, 2, 3)), {}),
    ("round", (T(2, 3),), {"decimals": 2}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), CONVERSIONS)
def test_conversions(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    judge_function(f"torch.Tensor.{name}", args, kwargs, device="cpu")


TWO = {rule for rule in known()[0] if (r := find_rule(rule)) and r.function.__module__ == arithmetic.__name__}
TWO = {rule for rule in TWO if (r := find_rule(rule)) and [p.name for p in r.params][:2] == ["input", "other"]}
PAIRS = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((2, 3), (2,)), ((2, 3), (4, 2, 3)), ((), (2, 3))]


@pytest.mark.parametrize("name", sorted(TWO))
def test_two_tensors(name: str) -> None:
    whole = any(word in name for word in INTEGERS) and "logical" not in name
    dtype = "int64" if whole else "float64" if name.endswith("float_power_") else "float32"
    unsure = (name.startswith("torch.") and name.endswith("_")) or name.startswith("operator.i")  # meta is laxer
    for a, b in PAIRS:
        judge_function(name, [T(*a, dtype=dtype), T(*b, dtype=dtype)], device="cpu" if unsure else "meta")


NUMBERS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lt", "eq", "iadd", "isub", "imul"]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name: str) -> None:
    for dtype in ("float32", "int64"):
        judge_function(f"operator.{name}", [T(2, 3, dtype=dtype), 2])
        judge_function(f"operator.{name}", [2, T(2, 3, dtype=dtype)])
    judge_function(f"operator.{name}", [T(2, 3), 0.5])


SEVERAL: list[tuple[str, tuple[Any, ...]]] = [
    ("torch.where", (T(2, 3, dtype="bool"), T(3), 0.0)),
    ("torch.where", (T(2, 3, dtype="bool"), T(3), T(2, 1))),
    ("torch.where", (T(2, 3, dtype="bool"), T(4), T(2, 1))),
    ("torch.Tensor.where", (T(3), T(2, 3, dtype="bool"), T(2, 1))),
    ("torch.lerp", (T(2, 3), T(3), T(2, 1))),
    ("torch.lerp", (T(2, 3), T(3), 0.5)),
    ("torch.lerp", (T(2, 3), T(4), 0.5)),
    ("torch.Tensor.lerp_", (T(2, 3), T(3), 0.5)),
    ("torch.addcmul", (T(3), T(2, 3), T(2, 1))),
    ("torch.addcdiv", (T(3), T(2, 3), T(4, 1))),
    ("torch.Tensor.addcmul_", (T(2, 3), T(3), T(2, 1))),
    ("torch.Tensor.addcmul_", (T(3), T(2, 3), T(2, 1))),
    ("torch.Tensor.masked_fill", (T(2, 3), T(3, dtype="bool"), 0.0)),
    ("torch.Tensor.masked_fill", (T(3), T(2, 3, dtype="bool"), 0.0)),
    ("torch.Tensor.masked_fill", (T(2, 3), T(4, dtype="bool"), 0.0)),
    ("torch.Tensor.masked_fill_", (T(3), T(2, 3, dtype="bool"), 0.0)),
    ("torch.Tensor.masked_fill_", (T(2, 3), T(3, dtype="bool"), 0.0)),
    ("torch.Tensor.copy_", (T(2, 3), T(3))),
    ("torch.Tensor.copy_", (T(2, 3), T(1, 2, 3))),
    ("torch.nn.init.xavier_uniform_", (T(2, 3),)),
    ("torch.nn.init.xavier_uniform_", (T(3),)),
    ("torch.nn.init.kaiming_normal_", (T(3),)),
    ("torch.nn.init.kaiming_normal_", (T(0),)),
    ("torch.nn.init.eye_", (T(3),)),
    ("torch.nn.init.dirac_", (T(3, 3, 3),)),
    ("torch.nn.init.constant_", (T(3), 0.5)),
    ("torch.nn.init.normal_", (T(3), 0.0, 0.02)),
]


@pytest.mark.parametrize(("name", "args"), SEVERAL)
def test_several_tensors(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args, device="cpu")


def test_condition_alone() -> None:
    judge_function("torch.where", [T(2, 3, dtype="bool")], device="cpu", unknown=True)


def run(name: str, *args: object) -> tuple[object, int]:
    rule = find_rule(name)
    assert rule
    applied = apply(rule, CallArgs(list(args)), Facts())
    return applied.value, len(applied.broken)


def test_unknown_operand() -> None:
    x = values.Tensor(Shape((2, 3)))
    assert isinstance(run("operator.add", x, Unknown("why"))[0], Unknown)
    assert isinstance(run("operator.add", Unknown("why"), x)[0], Unknown)


def test_symbols() -> None:
    n, m = symbol("n"), symbol("m")
    x, y = values.Tensor(Shape((n, 3))), values.Tensor(Shape((m, 3)))
    assert run("operator.add", x, y)[1] == 0
    assert run("operator.iadd", x, y)[1] == 0
    assert run("operator.add", x, values.Tensor(Shape((n - 1, 3))))[1] == 0  # n = 2 broadcasts
    assert run("operator.add", x, values.Tensor(Shape((n, 4))))[1] == 1
    assert run("operator.add", x, n)[0] == x


def test_open_shapes() -> None:
    x = values.Tensor(open_shape(64))
    bias, other = values.Tensor(Shape((64,))), values.Tensor(Shape((5, 7, 64)))
    assert run("operator.add", x, bias)[0] == x
    assert run("operator.add", x, x)[0] == x
    both, _ = run("operator.mul", other, x)
    assert isinstance(both, values.Tensor) and both.shape.sizes == (5, 7, 64) and both.shape.is_open
    assert run("operator.add", x, values.Tensor(Shape((63,))))[1] == 1
    assert isinstance(run("torch.relu", x)[0], values.Tensor)
