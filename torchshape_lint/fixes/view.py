"""The numbers of a view."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.dims import product
from torchshape_lint.fixes.product import rewritten
from torchshape_lint.fixes.tree import Tree, integer

_GUESS = "unsafe: the mistake may be further up"


def elements(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``x.view(-1, 16 * 4 * 4)``: all behind the batch axis, as it is."""
    node = tree.at(d.span)
    shape = d.asked.operands[0] if d.asked.operands else None
    if not isinstance(node, cst.Call) or shape is None or shape.is_open or len(shape.sizes) < 3:
        return
    features = product(shape.sizes[1:])
    given = [arg.value for arg in node.args if not arg.star]
    if len(given) < 2 or not isinstance(features, int) or not isinstance(d.actual, int):
        return
    factors = [size for size in shape.sizes[1:] if isinstance(size, int) and size != 1]
    edit = rewritten(tree, given[-1], d.actual, features, factors)
    yield Fix(f"view as (..., {edit.text})", (edit,), False, _GUESS)
    if integer(given[0]) == -1 and len(given) == 2 and isinstance(node.func, cst.Attribute):
        yield from _by_batch(tree, node, node.func.value, given)


def _by_batch(tree: Tree, call: cst.Call, tensor: cst.BaseExpression, given: list[cst.BaseExpression]) -> Iterator[Fix]:
    """``x.view(x.size(0), -1)`` fits whatever comes."""
    if isinstance(tensor, cst.Name):
        edits = tree.replaced(given[0], f"{tensor.value}.size(0)"), tree.replaced(given[1], "-1")
        yield Fix("keep the batch axis, whatever the rest", (tree.joined(call, edits),), False, _GUESS)
