"""What a function changes outside itself: lists, dicts and names that it has from the functions and the file around it.

Somebody who holds such a function (a hook, a callback) may run it at any time. Knows nothing of who holds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from torchshape_lint import ir
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Scope, bound_names
from torchshape_lint.values import DictValue, Function, ListValue, SetValue, Unknown, Value

_READING = frozenset("get items keys values copy index count format join split startswith endswith".split())

_LOOKING = frozenset("print len str repr int float bool isinstance range enumerate zip sorted sum max min".split())


def changed(m: Machine, function: Function) -> Iterator[Value]:
    """The lists, sets and dicts that running ``function`` may change; names that it binds anew are unknown."""
    key = id(function.node)
    if key not in m.changing:
        m.changing[key] = frozenset(_changing(function.node))
    scope = function.scope
    outer = bound_names(function.node.body)[1] if isinstance(function.node, ir.FunctionDef) else {}
    for name in m.changing[key] | outer.keys():
        holder = scope if isinstance(scope, Scope) else None
        while holder is not None and name not in holder.vars:
            holder = holder.parent
        if holder is None:
            continue
        value = holder.vars[name]
        if isinstance(value, (ListValue, SetValue, DictValue)):
            yield value
        elif name in outer and not isinstance(value, Unknown):
            m.journal.write(holder.vars, name, Unknown("a function that somebody holds may bind it"))


def _changing(node: object) -> Iterator[str]:
    """The names of what code changes or hands on."""
    match node:
        case ir.Call(func=func, args=args):
            if isinstance(func, ir.Attribute) and func.attr not in _READING:
                yield from _root(func.value)
            if not isinstance(func, ir.Name) or func.id not in _LOOKING:
                yield from (arg.value.id for arg in args if isinstance(arg.value, ir.Name))
        case ir.Assign(targets=targets) | ir.Delete(targets=targets):
            for target in targets:
                yield from _owner(target)
        case ir.AugAssign(target=target):
            yield from _root(target)
    if isinstance(node, tuple):
        for item in node:
            yield from _changing(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _changing(getattr(node, field.name))


def _owner(target: ir.Expr) -> Iterator[str]:
    if isinstance(target, (ir.Subscript, ir.Attribute)):
        yield from _root(target.value)
    elif isinstance(target, ir.Sequence):
        for item in target.items:
            yield from _owner(item)


def _root(expr: ir.Expr) -> Iterator[str]:
    """``kept`` of ``kept[0].all``"""
    while isinstance(expr, (ir.Subscript, ir.Attribute)):
        expr = expr.value
    if isinstance(expr, ir.Name):
        yield expr.id
