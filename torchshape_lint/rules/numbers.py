"""What torch asks of plain numbers and flags among the arguments, where they are known."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.dtypes import is_floating, is_integer
from torchshape_lint.rules.needs import never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.values import Value


def positive(name: str, value: Value) -> Steps:
    """More than 0."""
    if isinstance(value, (int, float)) and not value > 0:
        yield never(ARGUMENT, f"{name} is {value}, but must be greater than 0", actual=str(value))


def not_negative(name: str, value: Value) -> Steps:
    """0 or more."""
    if isinstance(value, (int, float)) and value < 0:
        yield never(ARGUMENT, f"{name} is {value}, but cannot be negative", actual=str(value))


def in_order(low_name: str, low: Value, high_name: str, high: Value, strictly: bool = False) -> Steps:
    """The first is not greater than the second; less than it where ``strictly``."""
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and (low >= high if strictly else low > high):
        yield never(ARGUMENT, f"{low_name} is {low}, {high_name} {high}: the first must be less")


def flag(name: str, value: Value) -> Steps:
    """True or False, nothing that only counts as one."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        yield never(ARGUMENT, f"{name} is {value!r}, but must be True or False", actual=str(value))


def whole(name: str, value: Value) -> Steps:
    """A whole number: no float, no string."""
    if isinstance(value, (float, str)):
        yield never(ARGUMENT, f"{name} is {value!r}, but must be a whole number", actual=str(value))


def a_number(name: str, value: Value) -> Steps:
    """An int or a float."""
    if isinstance(value, (complex, str)):
        yield never(ARGUMENT, f"{name} is {value!r}, but must be a number", actual=str(value))


def one_of(name: str, value: Value, *allowed: str) -> Steps:
    """One of a few words."""
    if isinstance(value, str) and value not in allowed:
        yield never(ARGUMENT, f"{name} is {value!r}, but must be one of {', '.join(map(repr, allowed))}", actual=value)


def floats(x: Tensor) -> Steps:
    """Elements that are no whole numbers and no truth values, where the type is known."""
    if x.dtype == "bool" or is_integer(x.dtype):
        yield never(ARGUMENT, f"{x.name} is {x.dtype}, but must be floats", actual=x.dtype)


def truth_values(x: Tensor) -> Steps:
    """A mask of bools, where the type is known."""
    if is_floating(x.dtype) or is_integer(x.dtype):
        yield never(ARGUMENT, f"{x.name} is {x.dtype}, but a mask must be bool", actual=x.dtype)
