"""The same questions with names for sizes, and with inputs of unknown rank: no answer may contradict torch's."""

from __future__ import annotations

import ast
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch

from tests.rules.judge import GUISES, T, judge_function, judge_layer
from tests.samples.coverage import tables
from tests.samples.table import Mark

pytestmark = pytest.mark.timeout(600)  # the first test asks all questions
_MOST = 4  # of one operator
_PARTS = 8


@dataclass
class Unreadable(Exception):
    """A line that is more than one call."""

    why: str


@dataclass(frozen=True)
class Call:
    """A line of the table, taken apart: what is called with what; for a layer also how it is made."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    made: Call | None = None


def _call(source: str) -> Call:
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        raise Unreadable("no call")
    call = node.value
    args, kwargs = tuple(map(_value, call.args)), {k.arg or "": _value(k.value) for k in call.keywords}
    if isinstance(call.func, ast.Call):
        made = _call(f"y = {ast.unparse(call.func)}")
        if any(isinstance(arg, tuple) for arg in args):
            raise Unreadable("the judge takes a tuple for a tensor")
        return Call(made.name, args, kwargs, made)
    name = _dotted(call.func)
    if name is not None:
        return Call(name, args, kwargs)
    assert isinstance(call.func, ast.Attribute)
    return Call(f"torch.Tensor.{call.func.attr}", (_value(call.func.value), *args), kwargs)


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    head = _dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{head}.{node.attr}" if head and isinstance(node, ast.Attribute) else None


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and _dotted(node.func) == "torch.zeros":
        dtype = node.keywords[0].value.attr if node.keywords else "float32"  # type: ignore[attr-defined]
        return T(*ast.literal_eval(node.args[0]), dtype=dtype)
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [_value(item) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.Attribute) and (_dotted(node) or "").startswith("torch."):
        found = getattr(torch, node.attr, None)
        if isinstance(found, torch.dtype):
            return found
    if isinstance(node, ast.Call) and _dotted(node.func) in ("torch.Size", "slice"):
        return (torch.Size if _dotted(node.func) == "torch.Size" else slice)(*map(_value, node.args))
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise Unreadable(ast.unparse(node)) from None


@cache
def _calls() -> list[Call]:
    """At most `_MOST` of each operator, evenly chosen."""
    chosen: dict[str, list[Call]] = defaultdict(list)
    for db, rows in tables():
        for row in rows:
            if row.mark is Mark.RIGHT:
                calls = chosen[f"{db.name} {row.question.operator}"]
                with suppress(Unreadable):
                    calls.append(_call(row.question.source))
    return [call for calls in chosen.values() if calls for call in calls[:: -(-len(calls) // _MOST)]]


def _judge(call: Call) -> None:
    plain = all(x.sizes and all(x.sizes) for x in (*call.args, *call.kwargs.values()) if isinstance(x, T))
    guises = GUISES if plain else GUISES[:2]  # where the rank is unknown, nobody thinks of scalars and empty axes
    if call.made is not None:
        made = call.made
        judge_layer(call.name, made.args, made.kwargs, call.args, call.kwargs, device="cpu", guises=guises)
    else:
        judge_function(call.name, call.args, call.kwargs, device="cpu", guises=guises)


@pytest.mark.parametrize("part", range(_PARTS))
def test_in_every_guise(part: int) -> None:
    broken = []
    for call in _calls()[part::_PARTS]:
        try:
            _judge(call)
        except AssertionError as problem:
            broken.append(str(problem).partition("\n")[0])
    assert not broken, "\n".join(broken)
