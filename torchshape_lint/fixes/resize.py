"""Another number for a layer: in_features, in_channels, num_features, input_size, normalized_shape."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.fixes.chosen import places
from torchshape_lint.fixes.imports import spelling
from torchshape_lint.fixes.product import rewritten
from torchshape_lint.fixes.tree import Tree, argument, dotted, integer

_WEIGHTS = "unsafe: saved weights of the layer no longer fit"
_LAZY = "unsafe: the layer has no weights before its first call"
_MODEL = "unsafe: another model"


def resize(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """The number that the data has, as the product that it is, where the author wrote his."""
    if not isinstance(d.expected, int) or not isinstance(d.actual, int) or _is_the_tensors_fault(d):
        return
    factors = [size for size in d.asked.folded if isinstance(size, int) and size != 1]
    if len(factors) != sum(size != 1 for size in d.asked.folded):
        factors = []
    for place in _chosen(d, tree):
        edit = rewritten(tree, place, d.actual, d.expected, factors)
        yield Fix(f"{_name(d, tree, place)} = {edit.text}", (edit,), False, _WEIGHTS)


def _is_the_tensors_fault(d: Diagnostic) -> bool:
    """Another number of features would let torch run, and hide what is missing in front of the layer."""
    return d.code is codes.FEATURES and bool(d.advice)


def _chosen(d: Diagnostic, tree: Tree) -> Iterator[cst.BaseExpression]:
    node = tree.at(d.asked.chosen)
    if node is None and d.asked.wanted.startswith("normalized_shape"):
        node = _normalized_shape(d, tree)
    if node is not None:
        yield from places(tree, node)


def _normalized_shape(d: Diagnostic, tree: Tree) -> cst.BaseExpression | None:
    """The number in ``LayerNorm(32)``, ``LayerNorm([8, 32])``."""
    built = tree.at(d.asked.built)
    given = argument(built, "normalized_shape", 0) if isinstance(built, cst.Call) else None
    if given is None or not isinstance(given.value, (cst.Tuple, cst.List)):
        return given.value if given is not None else None
    at = int(d.asked.wanted.partition("[")[2].rstrip("]") or 0)
    return given.value.elements[at].value if at < len(given.value.elements) else None


def _name(d: Diagnostic, tree: Tree, place: cst.BaseExpression) -> str:
    """What is set: the layer's argument, or the author's own name for it."""
    holder = tree.parent(place)
    if isinstance(holder, cst.Assign) and place is holder.value:
        return tree.source(holder.targets[0].target)
    if isinstance(holder, cst.Arg) and holder.keyword is not None:
        return holder.keyword.value
    return d.asked.wanted


def swap(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``Linear(10, 784)`` for ``Linear(784, 10)``: the size that is needed stands in the other place."""
    built = tree.at(d.asked.built)
    if not isinstance(built, cst.Call) or len(built.args) < 2 or any(a.star or a.keyword for a in built.args[:2]):
        return
    first, second = built.args[0].value, built.args[1].value
    if integer(second) == d.expected and integer(first) == d.actual:
        a, b = tree.source(first), tree.source(second)
        edit = tree.joined(built, (tree.replaced(first, b), tree.replaced(second, a)))
        yield Fix(f"swap the arguments: {dotted(built.func)}({b}, {a})", (edit,), False, _WEIGHTS)


def lazy(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``LazyLinear`` takes its in_features from the first batch."""
    built = tree.at(d.asked.built)
    if _is_the_tensors_fault(d):
        return
    if not isinstance(built, cst.Call) or dotted(built.func).rpartition(".")[2] != "Linear" or len(built.args) < 2:
        return
    given = argument(built, "in_features", 0)
    if given is None or given is not built.args[0] or "#" in tree.source(built):
        return
    found = spelling(tree, built.func, "LazyLinear")
    if found is not None:
        name, imported = found
        here = tree.replaced(built.func, name), tree.between(given, built.args[1], "")
        edits = (*imported, tree.joined(built, here))
        yield Fix("LazyLinear, which takes in_features from the first batch", edits, False, _LAZY)


def fewer_groups(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """The next smaller number of groups or heads that divides the channels."""
    if not isinstance(d.actual, int):
        return
    node = tree.at(d.asked.chosen)
    now = integer(node)
    for place in places(tree, node) if node is not None else ():
        now = integer(place) or now
        for number in range((now or 1) - 1, 1, -1):
            if integer(place) is not None and d.actual % number == 0:
                yield Fix(f"{d.asked.wanted} = {number}", (tree.replaced(place, str(number)),), False, _MODEL)
                break
