"""A product of the author's with other numbers in it: ``4 * 8 * 8`` becomes ``4 * 7 * 7``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import libcst as cst

from torchshape_lint.diagnostics import Edit
from torchshape_lint.fixes.tree import Tree, dotted, integer

_MANY = 4  # times a name is still likely to be meant: two directions, three parts, four gates


def rewritten(tree: Tree, node: cst.BaseExpression, now: int, wanted: int, factors: Sequence[int]) -> Edit:
    """What makes an expression of value ``now`` give ``wanted``."""
    leaves = list(_leaves(node))
    if len(leaves) > 1 and len(leaves) == len(factors):
        edits = _by_factor(tree, leaves, now, list(factors))
        if edits:
            return tree.joined(node, edits)
    if not factors:
        literals = [leaf for leaf in leaves if integer(leaf) is not None]
        rest = now // (integer(literals[0]) or 1) if len(literals) == 1 else 0  # what the author has names for
        if len(leaves) == 2 and rest == wanted:
            return tree.replaced(node, tree.source(next(leaf for leaf in leaves if leaf is not literals[0])))
        if len(leaves) > 1 and rest > 1 and wanted % rest == 0:
            return tree.joined(node, (tree.replaced(literals[0], str(wanted // rest)),))
    return tree.replaced(node, _spelt(tree, node, leaves, now, wanted, factors))


def _leaves(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The factors of a product as they are written."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    else:
        yield node


def _values(leaves: Sequence[cst.BaseExpression], whole: int) -> list[int | None]:
    """What each factor is; a single unknown one follows from the whole."""
    values = [integer(leaf) for leaf in leaves]
    known = math.prod(v for v in values if v is not None)
    if values.count(None) == 1 and known and whole % known == 0:
        values[values.index(None)] = whole // known
    return values


def _by_factor(tree: Tree, leaves: list[cst.BaseExpression], now: int, factors: list[int]) -> tuple[Edit, ...]:
    """Each wrong factor put right where it stands; () where a wrong one is no literal."""
    wrong = []
    for leaf, value in zip(leaves, _values(leaves, now), strict=True):
        if value in factors:
            factors.remove(value)
        else:
            wrong.append(leaf)
    if any(integer(leaf) is None for leaf in wrong):
        return ()
    return tuple(tree.replaced(leaf, str(factor)) for leaf, factor in zip(wrong, factors, strict=True))


def _spelt(
    tree: Tree,
    node: cst.BaseExpression,
    leaves: Sequence[cst.BaseExpression],
    now: int,
    wanted: int,
    factors: Sequence[int],
) -> str:
    """The number as the product that it is, with the author's names where they are factors of it."""
    names = {v: tree.source(x) for x, v in zip(leaves, _values(leaves, now), strict=True) if v and dotted(x)}
    tight = "*" if "*" in tree.source(node) and " " not in tree.source(node) else " * "
    if len(factors) > 1:
        return tight.join(names.get(factor, str(factor)) for factor in factors)
    if len(leaves) == 1 and dotted(node):
        times = wanted // now if now and wanted % now == 0 else 0
        if 1 < times <= _MANY:
            return f"{times} * {tree.source(node)}"
    return str(wanted)
