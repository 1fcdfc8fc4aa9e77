"""Which comments of a function can declare shapes: where they stand decides whose they are."""

from __future__ import annotations

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.origins import Origins


def declared_shapes(
    node: cst.FunctionDef, docstring: str | None, docstring_at: int, origins: Origins
) -> tuple[ir.Declared, ...]:
    return ()
