"""The contents of small tensors of constants while the program runs: who knows them, and who makes us forget.

Names share tensors and tensors share memory, so contents are trusted only as long as nothing but known reading and
arithmetic has touched the memory: any other operator, and any unknown function, may keep a way to write into it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from torchshape_lint.contents import WHOLE, Bounds
from torchshape_lint.interp.machine import Machine
from torchshape_lint.rules import contents
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import DictValue, Instance, Layer, ListValue, Numbers, Object, Tensor, Unknown, Value

_NUMBER = frozenset(f"torch.Tensor.{name}" for name in ("item", "__int__", "__float__", "__index__"))


def after(m: Machine, path: str, call: CallArgs, value: Value) -> Value:
    """What the operator ``path`` gave, with its contents where they follow from those of its operands."""
    if path in _NUMBER:
        return _number(path, call.positional[0], value)
    if isinstance(value, Tensor):
        value = _filled(value, contents.made(path, call, value))
    if not contents.follows(path, call):
        forget(m, *call.positional, *call.keywords.values())
    return value


def _filled(value: Tensor, numbers: Numbers | None) -> Tensor:
    """``value`` with its contents; where torch looked at contents to find the size (unique), so can we."""
    row = numbers.fields["items"] if numbers is not None else None
    if not isinstance(row, tuple):
        return value
    if value.shape.rank == 1 and not isinstance(value.shape.numel, int):
        value = replace(value, shape=Shape((len(row),)))
    fits = value.shape.rank in (0, 1) and value.shape.numel == len(row)
    return replace(value, numbers=numbers) if fits else value


def _number(path: str, operand: Value, value: Value) -> Value:
    row = contents.items(operand)
    if row is None or len(row) != 1 or not isinstance(operand, Tensor) or operand.numbers is None:
        return value
    if path.endswith("__int__"):
        number = contents.number(Bounds(math.trunc(row[0].low), math.trunc(row[0].high)), WHOLE)
    else:
        number = contents.number(row[0], operand.numbers.error)
    return Unknown("a number that is known only roughly", number=True) if number is None else number


def listed(tensor: Tensor) -> tuple[Value, ...] | None:
    """``tensor.tolist()`` of a vector, where its contents are known."""
    row = contents.items(tensor)
    if row is None or tensor.numbers is None or tensor.shape.rank != 1:
        return None
    numbers = (contents.number(bounds, tensor.numbers.error) for bounds in row)
    return tuple(Unknown("a number that is known only roughly", number=True) if n is None else n for n in numbers)


def rows(tensor: Tensor) -> tuple[Value, ...] | None:
    """The elements of a vector as tensors that share its memory, where its contents are known."""
    row = contents.items(tensor)
    if row is None or tensor.numbers is None or tensor.shape.rank != 1:
        return None
    error = tensor.numbers.error
    return tuple(
        Tensor(Shape(()), tensor.dtype, numbers=Numbers({"items": (b,)}, error=error, whole=tensor.numbers))
        for b in row
    )


def forget(m: Machine, *values: Value) -> None:
    """Something that we do not follow got hold of ``values``: it may write into every tensor in them."""
    waiting, seen = list(values), set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, Tensor):
            _forget(m, value.numbers)
        elif isinstance(value, (tuple, ListValue, DictValue, Instance, Layer)) and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(_held(value))


def _held(value: tuple[Value, ...] | Object) -> Iterable[Value]:
    """What can be reached from a value; of modules and other objects, the tensors that they hold themselves."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, (Instance, Layer)):
        return [item for item in value.fields.values() if isinstance(item, Tensor)]
    return value.fields.values()


def _forget(m: Machine, numbers: Numbers | None) -> None:
    while numbers is not None:
        if isinstance(numbers.fields["items"], tuple):
            m.store(numbers, "items", None)
        numbers = numbers.whole
