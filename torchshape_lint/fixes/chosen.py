"""Where a number can be changed: at the argument itself, where its name got it, or where a caller hands it in."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint.fixes.tree import Tree, argument, dotted

_DEPTH = 4


def places(tree: Tree, node: cst.BaseExpression, depth: int = _DEPTH) -> Iterator[cst.BaseExpression]:
    """Expressions that decide the value of ``node``, the most fitting first; itself where it is written out."""
    name = dotted(node)
    if not name:
        yield node
        return
    if depth:
        own = list(_assigned(tree, name))
        if len(own) == 1 and tree.uses[_key(name)] == 2:  # used here and nowhere else
            yield from places(tree, own[0], depth - 1)
        yield from _handed_in(tree, node, depth - 1)
    yield node


def _key(name: str) -> str:
    return f".{name.rpartition('.')[2]}" if "." in name else name


def _assigned(tree: Tree, name: str) -> Iterator[cst.BaseExpression]:
    for statement in tree.all(cst.Assign):
        if any(dotted(target.target) == name for target in statement.targets):
            yield statement.value
    for annotated in tree.all(cst.AnnAssign):
        if dotted(annotated.target) == name and annotated.value is not None:
            yield annotated.value


def _handed_in(tree: Tree, node: cst.BaseExpression, depth: int) -> Iterator[cst.BaseExpression]:
    """What callers pass for a parameter of the function around, and its default."""
    function = tree.enclosing(node, cst.FunctionDef)
    if function is None or not isinstance(node, cst.Name):
        return
    names = [p.name.value for p in (*function.params.posonly_params, *function.params.params)]
    if node.value not in names:
        return
    owner = tree.enclosing(function, cst.ClassDef)
    position = names.index(node.value) - (owner is not None)
    called = owner.name.value if owner and function.name.value == "__init__" else function.name.value
    for call in tree.all(cst.Call):
        if dotted(call.func).rpartition(".")[2] == called:
            arg = argument(call, node.value, position)
            if arg is not None:
                yield from places(tree, arg.value, depth)
    parameter = (*function.params.posonly_params, *function.params.params)[names.index(node.value)]
    if parameter.default is not None:
        yield parameter.default
