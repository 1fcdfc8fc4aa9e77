"""The initial state of a recurrent layer, where it is made of plain numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.fixes.chosen import places
from torchshape_lint.fixes.tree import Tree, argument, dotted

_MADE = {"zeros", "ones", "randn", "rand", "empty"}


def state(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``h0 = torch.zeros(1, 16, 128)``, and its cell state, with as many layers and directions as the layer has."""
    axis = re.match(r"axis (\d) of ", d.asked.found)
    call = tree.at(d.span)
    given = argument(call, "hx", 1) if isinstance(call, cst.Call) else None
    if axis is None or given is None or not isinstance(d.expected, int):
        return
    tensors = [e.value for e in given.value.elements] if isinstance(given.value, cst.Tuple) else [given.value]
    edits = tuple(edit for tensor in tensors for edit in _sized(tree, tensor, int(axis[1]), d.expected))
    if edits:
        yield Fix(f"a state whose axis {axis[1]} is {d.expected}", edits, safe=True)


def _sized(tree: Tree, tensor: cst.BaseExpression, axis: int, size: int) -> Iterator[Edit]:
    made = next(places(tree, tensor))
    if isinstance(made, cst.Call) and dotted(made.func).rpartition(".")[2] in _MADE:
        sizes = [arg.value for arg in made.args if arg.keyword is None and not arg.star]
        if axis < len(sizes) and tree.source(sizes[axis]) != str(size):
            yield tree.replaced(sizes[axis], str(size))
