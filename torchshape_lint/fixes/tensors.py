"""Where a tensor can be changed before it meets an operator: in the call itself, or where a container is called."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.fixes.tree import Tree, dotted


def incoming(d: Diagnostic, tree: Tree) -> Iterator[cst.BaseExpression]:
    """Expressions of the tensor that comes in, the nearest first."""
    here = tree.at(d.span)
    if isinstance(here, cst.Call):
        if d.span != d.asked.built:
            yield from _tensor_of(here)
        else:
            yield from _into_container(tree, here)


def from_outside(d: Diagnostic, tree: Tree) -> Iterator[cst.BaseExpression]:
    """What the call from outside was given."""
    caller = tree.at(d.asked.caller)
    if isinstance(caller, cst.Call) and d.asked.caller != d.span:
        yield from _tensor_of(caller)


def _tensor_of(call: cst.Call) -> Iterator[cst.BaseExpression]:
    if call.args and not call.args[0].star:
        yield call.args[0].value


def _into_container(tree: Tree, layer: cst.Call) -> Iterator[cst.BaseExpression]:
    """What ``self.layers(x)`` is given, where ``layer`` is the first in ``self.layers = nn.Sequential(layer, ...)``."""
    arg = tree.parent(layer)
    holder = tree.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(holder, cst.Call) or holder.args[0] is not arg:
        return
    statement = tree.parent(holder)
    if isinstance(statement, cst.Assign):
        name = dotted(statement.targets[0].target)
        calls = [call for call in tree.all(cst.Call) if dotted(call.func) == name]
        if len(calls) == 1:
            yield from _tensor_of(calls[0])
