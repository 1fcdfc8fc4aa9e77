"""libcst's tree of a file -> `ir.Program`. Positions stay behind until somebody asks (`frontend.positions`)."""

from __future__ import annotations

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.lower_statements import block, docstring
from torchshape_lint.frontend.origins import Origins


def lower(module: cst.Module, origins: Origins, path: str, name: str, unreadable: tuple[int, ...]) -> ir.Program:
    body = block(module.body, origins)
    return ir.Program(path, name, body, docstring(body), unreadable)
