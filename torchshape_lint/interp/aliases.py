"""A tensor that gets another shape in place has it under all its names: all but the one it was called by are unknown.

The same tensor is the same value object; where the rank is not known, values are renewed: equal shapes stand for it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from torchshape_lint import ir
from torchshape_lint.interp import binding
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.shapes import same_shape
from torchshape_lint.values import Imported, Object, Tensor, Unknown, Value
from torchshape_lint.verdicts import YES

# What gives a tensor itself another shape.
_METHODS = (
    "unsqueeze squeeze transpose t swapaxes swapdims resize resize_as resize_as_sparse sparse_resize "
    "sparse_resize_and_clear as_strided set"
).split()
_RESHAPING = frozenset(
    [f"torch.Tensor.{name}_" for name in _METHODS]
    + [f"torch.{name}_" for name in ("resize_as", "resize_as_sparse", "as_strided", "squeeze", "unsqueeze")]
)


def reshapes(path: Value) -> bool:
    """Does this function give a tensor itself another shape?"""
    return isinstance(path, str) and path in _RESHAPING


def reshaped(m: Machine, frame: Frame, old: Value, new: Value, target: ir.Expr) -> None:
    """The tensor ``old``, which stands in the code as ``target``, is ``new`` from now on."""
    if isinstance(old, Tensor):
        _Forgetting(m, old).everywhere(frame)
    while isinstance(target, ir.Call) and isinstance(target.func, ir.Attribute) and target.func.attr.endswith("_"):
        target = target.func.value  # x.squeeze_(0).t_(): every one of them gives x back
    if isinstance(target, (ir.Name, ir.Attribute)):
        binding.assign(m, frame, target, new)


def written(m: Machine, frame: Frame, old: Value, new: Value, target: ir.Expr) -> None:
    """``out=old``: torch gives it the shape of what is written."""
    olds = old if isinstance(old, tuple) else (old,)
    news = new if isinstance(old, tuple) and isinstance(new, tuple) else (new,) * len(olds)
    for one, other in zip(olds, news, strict=False):
        if isinstance(one, Tensor) and not (isinstance(other, Tensor) and same_shape(one.shape, other.shape) is YES):
            reshaped(m, frame, one, other, target if isinstance(old, Tensor) else ir.Const(-1, None))


class _Forgetting:
    def __init__(self, m: Machine, tensor: Tensor) -> None:
        self.m, self.tensor = m, tensor
        self.shape = m.facts.shape(tensor.shape)
        self.seen: set[int] = set()

    def everywhere(self, frame: Frame) -> None:
        """In all scopes that are open, and in all objects that can be reached from them."""
        for active in (*self.m.frames, frame):
            scope = active.scope
            while scope is not None and id(scope.vars) not in self.seen:
                self._in(scope.vars)
                scope = scope.parent  # type: ignore[assignment]

    def _in(self, start: dict[Hashable, Any]) -> None:
        pending = [start]
        while pending:
            slots = pending.pop()
            if id(slots) in self.seen:
                continue
            self.seen.add(id(slots))
            for key, value in list(slots.items()):
                kept = self._without(value, pending)
                if kept is not value:
                    self.m.journal.write(slots, key, kept)

    def _without(self, value: Value, pending: list[dict[Hashable, Any]]) -> Value:
        if isinstance(value, Tensor):
            return Unknown("it was reshaped in place under another name") if self._is(value) else value
        if isinstance(value, Object):
            pending.append(value.fields)
        elif type(value) is tuple:
            items = tuple(self._without(item, pending) for item in value)
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        elif isinstance(value, Imported):
            pending.append(value.module.fields)
        return value

    def _is(self, value: Tensor) -> bool:
        if value is self.tensor:
            return True
        return self.shape.is_open and self.m.facts.shape(value.shape) == self.shape
