"""A flatten that is missing, or that takes the batch axis along."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.fixes.chosen import places
from torchshape_lint.fixes.imports import spelling
from torchshape_lint.fixes.tensors import incoming
from torchshape_lint.fixes.tree import Tree, argument, dotted, integer
from torchshape_lint.shapes import is_flat_size, is_unflattened
from torchshape_lint.spans import Span

_KEEPING = {"view", "reshape", "flatten"}  # methods that give a new tensor


def flatten(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """All behind the batch axis makes just the features that the layer has; or would, if the pictures were others."""
    shape = d.asked.operands[0] if d.asked.operands else None
    if shape is None or not (is_flat_size(shape, d.actual) or is_unflattened(shape, d.actual)):
        return
    yield from _discarded(d, tree)
    for tensor in incoming(d, tree):
        yield Fix(f"flatten {tree.source(tensor)} first", tree.method(tensor, "flatten(1)"), safe=True)
    layer = tree.at(d.asked.built)
    if d.span == d.asked.built and isinstance(layer, cst.Call) and isinstance(tree.parent(layer), cst.Arg):
        flatten = spelling(tree, layer.func, "Flatten")
        if flatten is not None:
            name, imported = flatten
            yield Fix(f"{name}() in front", (*imported, _in_front(tree, layer, f"{name}()")), safe=True)


def _in_front(tree: Tree, layer: cst.Call, text: str) -> Edit:
    """Another argument before this one, on a line of its own where the author has one line each."""
    at = tree.span(layer)
    start = tree.lines.offset(at.line, 1)
    indent = tree.text[start : start + at.column - 1]
    newline = "\r\n" if "\r\n" in tree.text else "\n"
    return tree.before(layer, f"{text}, " if indent.strip() else f"{text},{newline}{indent}")


def _discarded(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``out.view(out.size(0), -1)`` alone on a line: its result goes nowhere."""
    for tensor in incoming(d, tree):
        name = dotted(tensor)
        function = tree.enclosing(tensor, cst.FunctionDef)
        for statement in tree.all(cst.Expr, function) if name and function is not None else ():
            call = statement.value
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
                if dotted(call.func.value) == name and call.func.attr.value in _KEEPING:
                    title = f"keep the result of {call.func.attr.value}: {name} = ..."
                    yield Fix(title, (tree.before(call, f"{name} = "),), safe=True)


def keep_batch(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``torch.flatten(x)``, ``x.flatten()``, ``x.view(-1)``: from axis 1 on, and the batch stays."""
    behind = [tree.at(step.span) for step in reversed(d.derivation[-4:]) if not step.elsewhere]
    for call in (*incoming(d, tree), *behind):
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
            for edit in _kept(tree, call, call.func):
                yield Fix("keep the batch axis", (edit,), safe=True)


def _kept(tree: Tree, call: cst.Call, func: cst.Attribute) -> Iterator[Edit]:
    method, tensor = func.attr.value, tree.source(func.value)
    if method == "flatten":
        position = int(dotted(func.value) == "torch")
        start = argument(call, "start_dim", position)
        if start is None and len(call.args) == position:
            text = f"({', '.join([*map(tree.source, call.args), '1'])})"
            yield _arguments(tree, call, text)
        for place in places(tree, start.value) if start is not None else ():
            if integer(place) == 0:
                yield tree.replaced(place, "1")
    elif method in ("view", "reshape") and dotted(func.value) and [tree.source(a) for a in call.args] == ["-1"]:
        yield _arguments(tree, call, f"({tensor}.size(0), -1)")


def _arguments(tree: Tree, call: cst.Call, text: str) -> Edit:
    func, whole = tree.span(call.func), tree.span(call)
    return Edit(Span(func.end_line, func.end_column, whole.end_line, whole.end_column), text)
