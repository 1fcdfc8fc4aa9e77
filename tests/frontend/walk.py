"""Every ir node under one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from torchshape_lint import ir


def nodes(tree: object) -> Iterator[ir.Node]:
    if isinstance(tree, tuple):
        for item in tree:
            yield from nodes(item)
    elif dataclasses.is_dataclass(tree):
        if isinstance(tree, ir.Node):
            yield tree
        for field in dataclasses.fields(tree):
            yield from nodes(getattr(tree, field.name))
