"""The table of known functions and methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Value


@dataclass(slots=True)
class Here:
    """A call: the machine, the calling frame, the arguments and the place. ``self`` is a method's receiver."""

    m: Machine
    frame: Frame
    args: CallArgs
    site: Site
    self: Value = None
    path: str = ""

    def arg(self, position: int, name: str = "", default: Value = None) -> Value:
        """The argument at ``position`` or called ``name``."""
        if position < len(self.args.positional):
            return self.args.positional[position]
        return self.args.keywords.get(name, default)

    def call(self, function: Value, *args: Value) -> Value:
        return self.m.call(self.frame, function, CallArgs(args), self.site.at)


Handler: TypeAlias = Callable[[Here], Value]
TABLE: dict[str, Handler] = {}


def known(*paths: str) -> Callable[[Handler], Handler]:
    """Register what calling ``paths`` gives."""

    def register(handler: Handler) -> Handler:
        for path in paths:
            if path in TABLE:
                raise ValueError(f"two handlers for {path}")
            TABLE[path] = handler
        return handler

    return register
