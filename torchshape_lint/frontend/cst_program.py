"""libcst's tree of a file -> `ir.Program`, for what Python's own ``ast`` cannot read: half-typed files, and syntax
newer than the running Python. Positions stay behind until somebody asks (`cst_positions`).
"""

from __future__ import annotations

from functools import cached_property

from torchshape_lint import ir
from torchshape_lint.frontend.cst_origins import Origins
from torchshape_lint.frontend.cst_positions import OffsetWriter, written
from torchshape_lint.frontend.cst_statements import block
from torchshape_lint.frontend.lines import Lines
from torchshape_lint.frontend.literals import docstring
from torchshape_lint.frontend.nesting import room
from torchshape_lint.frontend.recover import Parsed, parse


class Places:
    """Where the nodes of a tree stand, by the ordinals of what they became."""

    def __init__(self, parsed: Parsed, origins: Origins) -> None:
        self.lines = Lines(parsed.text)
        self._module, self._nodes = parsed.module, origins.nodes

    def extent(self, at: int) -> tuple[int, int] | None:
        return self._written.extent(self._nodes[at]) if 0 <= at < len(self._nodes) else None

    @cached_property
    def _written(self) -> OffsetWriter:
        return written(self._module, self.lines.text)


def read_by_cst(text: str, path: str, module: str) -> tuple[ir.Program, Places]:
    """Never raises: what cannot be read is left out, and ``unreadable`` says which lines."""
    parsed = parse(text)
    origins = Origins(parsed.mentions)
    with room():
        body = block(parsed.module.body, origins)
    places, unreadable = Places(parsed, origins), set(parsed.unreadable)
    for extent in map(places.extent, origins.left_out):
        span = places.lines.span(*extent or (0, 0))
        unreadable.update(range(span.line, span.end_line + 1))
    return ir.Program(path, module, body, docstring(body), tuple(sorted(unreadable))), places
