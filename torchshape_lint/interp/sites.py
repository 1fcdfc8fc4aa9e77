"""Which constructor parameters a file passes somewhere: a default that callers override says nothing about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from torchshape_lint import ir
from torchshape_lint.values import ClassValue, Function


def passed_parameters(program: ir.Program, cls: ClassValue, init: Function) -> set[str]:
    """Names of ``init``'s parameters that some call of ``cls`` (or of super().__init__ below it) in the file passes."""
    names = [p.name for p in init.node.params.items[1:] if p.kind in ("pos", "any")]
    passed: set[str] = set()
    for call in calls_of(program, cls.name):
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


def calls_of(program: ir.Program, name: str) -> Iterator[ir.Call]:
    """Every call in the file whose function is called ``name``, and super().__init__ of classes derived from it."""
    yield from _calls(program.body, name, derived=False)


def _calls(node: object, name: str, derived: bool) -> Iterator[ir.Call]:
    if isinstance(node, ir.ClassDef):
        derived = any(_last_name(base.value) == name for base in node.bases)
    if isinstance(node, ir.Call):
        if _last_name(node.func) == name or (derived and _is_super_init(node)):
            yield node
        elif any(_last_name(arg.value) == name for arg in node.args):
            yield ir.Call(node.at, node.func, (ir.Arg(ir.Const(-1, None), None, "**"),))  # handed on: anything may come
    if isinstance(node, tuple):
        for item in node:
            yield from _calls(item, name, derived)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            value = getattr(node, field.name)
            if isinstance(value, tuple) or is_dataclass(value):
                yield from _calls(value, name, derived)


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
