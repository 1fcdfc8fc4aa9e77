"""Which constructor parameters a file passes somewhere: a default that callers override says nothing about them.

And which names come up in it at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from torchshape_lint import ir
from torchshape_lint.interp.machine import Machine
from torchshape_lint.values import ClassValue, Function

Calls = dict[str, list[ir.Call]]


def passed_parameters(m: Machine, program: ir.Program, cls: ClassValue, init: Function) -> set[str]:
    """Names of ``init``'s parameters that some call of ``cls`` (or of super().__init__ below it) in the file passes."""
    if id(program) not in m.calls:
        m.calls[id(program)] = calls_by_name(program)
    names = [p.name for p in init.node.params.items[1:] if p.kind in ("pos", "any")]
    passed: set[str] = set()
    for call in m.calls[id(program)].get(cls.name, ()):
        for k, arg in enumerate(call.args):
            if arg.star == "*":
                passed.update(names[k:])
            elif arg.star == "**":
                passed.update(p.name for p in init.node.params.items)
            elif arg.keyword:
                passed.add(arg.keyword)
            elif k < len(names):
                passed.add(names[k])
    return passed


def calls_by_name(program: ir.Program) -> Calls:
    """Every call in the file under the name of its function, super().__init__ under those of the bases.

    A function that is handed on may be called with anything.
    """
    found: Calls = {}
    for call, bases in _calls(program.body, ()):
        names = {_last_name(call.func), *(bases if _is_super_init(call) else ())}
        for name in names:
            found.setdefault(name, []).append(call)
        for name in {_last_name(arg.value) for arg in call.args} - names:
            anything = ir.Call(call.at, call.func, (ir.Arg(ir.Const(-1, None), None, "**"),))
            found.setdefault(name, []).append(anything)
    return found


def _calls(root: object, bases: tuple[str, ...]) -> Iterator[tuple[ir.Call, tuple[str, ...]]]:
    """Every call, with the names of the bases of the class that it stands in."""
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        kind = node.__class__
        if kind is tuple:
            waiting += node
        elif (parts := _parts(kind)) is None:
            continue
        elif kind is ir.ClassDef:
            yield from _calls(parts(node), tuple(_last_name(base.value) for base in node.bases))
        else:
            if kind is ir.Call:
                yield node, bases
            waiting += parts(node)


def words_of(root: object) -> frozenset[str]:
    """Every name, attribute and text in a piece of code; what it defines only when it is used."""
    found: set[str] = set()
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
            continue
        if isinstance(node, (ir.Name, ir.Attribute)):
            found.add(_last_name(node))
        elif isinstance(node, ir.Const) and isinstance(node.value, str):
            found.add(node.value)
        if (parts := _parts(node.__class__)) is not None:
            waiting.extend(parts(node))
    return frozenset(found)


_SCALARS = frozenset({"int", "str", "bool", "str | None", "object", "tuple[str, ...]", "frozenset[str] | None"})


@cache
def _parts(kind: type) -> Callable[[Any], tuple[Any, ...]] | None:
    """Reads the fields of a kind of node that may hold nodes; None where there are none."""
    names = [f.name for f in fields(kind) if f.type not in _SCALARS] if is_dataclass(kind) else []
    if len(names) == 1:
        read = attrgetter(names[0])
        return lambda node: (read(node),)
    return attrgetter(*names) if names else None


def _last_name(expr: object) -> str:
    return expr.id if isinstance(expr, ir.Name) else expr.attr if isinstance(expr, ir.Attribute) else ""


def _is_super_init(call: ir.Call) -> bool:
    func = call.func
    return (
        isinstance(func, ir.Attribute)
        and func.attr == "__init__"
        and isinstance(func.value, ir.Call)
        and _last_name(func.value.func) == "super"
    )
