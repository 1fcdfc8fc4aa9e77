"""Operands that fit when they are of another dtype, or have an axis more or less; a target as its loss wants it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.fixes.tree import Tree, dotted, integer
from torchshape_lint.spans import Span

_CASTS = {"float32": "float", "float64": "double", "float16": "half", "bfloat16": "bfloat16", "int64": "long"}


def cast(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``x.float()`` for what meets weights of float32."""
    for dtype in (d.expected, d.actual):
        method = _CASTS.get(str(dtype))
        for operand in _operands(tree, d) if method else ():
            yield Fix(f"{tree.source(operand)}.{method}()", tree.method(operand, f"{method}()"), safe=True)


def target(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """The target with an axis more or less. Where torch broadcasts the two, the value of the loss changes."""
    operands = list(_operands(tree, d))
    if len(operands) < 2:
        return
    for change in ("unsqueeze(1)", "squeeze(1)"):
        title = f"{tree.source(operands[1])}.{change}"
        runs = d.code is codes.LOSS_BROADCAST
        note = "unsafe: the value of the loss changes" if runs else ""
        yield Fix(title, tree.method(operands[1], change), not runs, note)


def _operands(tree: Tree, d: Diagnostic) -> Iterator[cst.BaseExpression]:
    node = tree.at(d.span)
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute) and "." not in dotted(node.func.value) and not dotted(node.func):
            yield node.func.value
        yield from (arg.value for arg in node.args if not arg.star and integer(arg.value) is None)
    elif isinstance(node, cst.BinaryOperation):
        yield from (node.left, node.right)


def constructed(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``Net(x)``: the instance that there is takes the tensor, or a new one."""
    node = tree.at(d.span)
    if not isinstance(node, cst.Call):
        return
    name = dotted(node.func)
    made = [
        target
        for statement in tree.all(cst.Assign)
        if isinstance(statement.value, cst.Call) and dotted(statement.value.func) == name and not statement.value.args
        for target in statement.targets
        if tree.enclosing(statement, cst.FunctionDef) is tree.enclosing(node, cst.FunctionDef)
    ]
    if name and len(made) == 1:
        instance = tree.source(made[0].target)
        yield Fix(f"call the instance: {instance}(...)", (tree.replaced(node.func, instance),), safe=True)
    if name:
        yield Fix(
            f"construct it first: {name}()(...)",
            (tree.after(node.func, "()"),),
            False,
            "unsafe: new weights with every call",
        )


def whole_number(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``planes / 4`` for a size: // gives the same as an int."""
    node = tree.at(d.span)
    for arg in node.args if isinstance(node, cst.Call) else ():
        division = arg.value
        if isinstance(division, cst.BinaryOperation) and isinstance(division.operator, cst.Divide):
            left, right = tree.span(division.left), tree.span(division.right)
            span = Span(left.end_line, left.end_column, right.line, right.column)
            cut = tree.lines.cut(Edit(span, ""))
            words = tree.text[cut.start : cut.end]
            if words.count("/") == 1 and "#" not in words:
                fixed = Edit(span, words.replace("/", "//"))
                yield Fix(f"{tree.source(division).replace('/', '//', 1)}", (fixed,), safe=True)
