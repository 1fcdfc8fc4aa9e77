"""What a program says, and values as text: print, str, repr; exit ends the story."""

from __future__ import annotations

from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.values import (
    Unknown,
    Value,
)


@known("builtins.print", "builtins.input", "builtins.help", "builtins.exit", "builtins.quit", "builtins.breakpoint")
def _nothing(h: Here) -> Value:
    if h.path.endswith(("exit", "quit")):
        from torchshape_lint.interp.machine import Raised

        raise Raised("exit")
    return None


@known("builtins.str", "builtins.repr")
def _str(h: Here) -> Value:
    value = h.arg(0, default="")
    return str(value) if isinstance(value, (int, float, str, type(None))) else Unknown("a string")
