"""Namespaces as dicts: ``x.__dict__``, ``x._modules``, and the module whose code is running."""

from __future__ import annotations

from collections.abc import Hashable

from torchshape_lint.interp import classes
from torchshape_lint.interp.containers import children, is_open
from torchshape_lint.interp.scope import Frame
from torchshape_lint.values import OPEN, Choice, Instance, Layer, ModuleValue, Namespace, Unknown, Value

TABLES = ("_modules", "_parameters", "_buffers")  # of an nn.Module


def of_object(owner: Instance | Layer, name: str) -> Namespace:
    """``owner.__dict__`` or one of a module's tables; what cannot be listed is open."""
    if name == "_modules":
        known = not is_open(owner) and not any(isinstance(v, (Unknown, Choice)) for v in owner.fields.values())
        held: dict[Hashable, Value] = {} if known else {OPEN: True}
        held.update(children(owner))
        return Namespace(held, owner=owner)
    if name in TABLES:
        return Namespace({OPEN: True}, owner=owner)
    if isinstance(owner, Layer) or classes.is_module(owner) or classes.has_unknown_base(owner.cls):
        return Namespace({OPEN: True, **{table: of_object(owner, table) for table in TABLES}}, owner=owner)
    return Namespace({k: v for k, v in owner.fields.items() if str(k)[:1] != "<"}, owner=owner)


def this_module(frame: Frame) -> ModuleValue:
    """The module whose code runs in ``frame``, with its own names."""
    scope = frame.scope.module
    name, path = scope.vars.get("__name__", "__main__"), scope.vars.get("__file__", frame.program.path)
    return ModuleValue(scope.vars, name=str(name), path=str(path), started=True)
