"""Axes that are missing, superfluous, or in another order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.fixes.tensors import from_outside, incoming
from torchshape_lint.fixes.tree import Tree, dotted, integer

_GUESS = "unsafe: another axis may be meant"
_LAYER = "unsafe: the layer may be what is wrong"
_COLOURS = (1, 3, 4)
_PRODUCTS = {"matmul", "mm", "bmm", "dot"}


def channels_first(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """The channels that are wanted stand last, as numpy and TensorFlow have them."""
    shape = d.asked.operands[0] if d.asked.operands else None
    if shape is None or shape.is_open or d.actual is None:
        return
    at = 1 if d.asked.found.startswith("axis 1 ") else 0
    rank = len(shape.sizes)
    if rank < at + 2 or shape.sizes[-1] != d.actual:
        return
    colours = d.actual in _COLOURS
    order = ", ".join(map(str, (*range(at), rank - 1, *range(at, rank - 1))))
    for tensor in itertools.chain(incoming(d, tree), from_outside(d, tree)):
        edits = tree.method(tensor, f"permute({order})")
        yield Fix(f"channels first: permute({order})", edits, colours, "" if colours else _LAYER)


def channel_axis(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """Grey pictures without a channel axis, where one channel is wanted."""
    shape = d.asked.operands[0] if d.asked.operands else None
    if d.actual == 1 and shape is not None and not shape.is_open and d.asked.found.startswith("axis 0 "):
        for tensor in itertools.chain(from_outside(d, tree), incoming(d, tree)):
            yield Fix("a channel axis: unsqueeze(1)", tree.method(tensor, "unsqueeze(1)"), safe=True)


def moved_axis(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``x.unsqueeze(1)`` for ``x.unsqueeze(0)``."""
    for tensor in incoming(d, tree):
        if isinstance(tensor, cst.Call) and isinstance(tensor.func, cst.Attribute):
            if tensor.func.attr.value == "unsqueeze" and len(tensor.args) == 1:
                given = tensor.args[0].value
                for axis in {0, 1} - {integer(given)}:
                    yield Fix(f"unsqueeze({axis})", (tree.replaced(given, str(axis)),), safe=True)


def another_axis(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """One axis too few or too many: the batch axis, the channel axis, or one of size 1."""
    shape = d.asked.operands[0] if d.asked.operands else None
    wanted = [int(word) for word in str(d.expected).split(" or ") if word.isdigit()]
    if shape is None or shape.is_open or not wanted:
        return
    rank, certain = len(shape.sizes), d.asked.built is not None  # its weights say which axis is which
    note = "" if certain else _GUESS
    tensors = list(itertools.chain(from_outside(d, tree), incoming(d, tree)))
    if rank + 1 in wanted:
        for what, axis in (("batch", 0), ("channel", 1)):
            for tensor in tensors:
                edits = tree.method(tensor, f"unsqueeze({axis})")
                yield Fix(f"a {what} axis: unsqueeze({axis})", edits, certain, note)
    if rank - 1 in wanted:
        for axis in (k for k, size in enumerate(shape.sizes) if size == 1):
            for tensor in tensors:
                yield Fix(f"one axis less: squeeze({axis})", tree.method(tensor, f"squeeze({axis})"), certain, note)


def transposed(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``q @ k`` for ``q @ k.transpose(-2, -1)``."""
    node = tree.at(d.span)
    if len({shape.size(-1) for shape in d.asked.operands}) != 1:
        return  # turned round it would not fit either
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.MatrixMultiply):
        right: cst.BaseExpression | None = node.right
    elif isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] in _PRODUCTS and node.args:
        right = node.args[-1].value
    else:
        return
    if right is not None:
        title = f"{tree.source(right)}.transpose(-2, -1)"
        yield Fix(title, tree.method(right, "transpose(-2, -1)"), False, _GUESS)


def other_dim(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """The axis that does exist, or that has the classes, where the wrong one is written out."""
    node = tree.at(d.span)
    if node is None or not isinstance(d.actual, int):
        return
    right = d.expected if isinstance(d.expected, int) else -1
    for arg in tree.all(cst.Arg, node):
        named = arg.keyword is None or arg.keyword.value == "dim"
        if named and integer(arg.value) == d.actual:
            yield Fix(f"dim={right}", (tree.replaced(arg.value, str(right)),), False, _GUESS)
