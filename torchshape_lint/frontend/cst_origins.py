"""Where lowered nodes come from: the list that turns an ordinal (``at``) back into a node of libcst."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst


class Origins:
    """``nodes[at]`` is the source of the ir node with that ordinal.

    yields: how many yields were met so far. left_out: ordinals of the statements that could not be followed.
    mentions: for the markers that stand for unreadable lines, the names in those lines.
    """

    __slots__ = ("left_out", "mentions", "nodes", "yields")

    def __init__(self, mentions: Mapping[str, frozenset[str] | None]) -> None:
        self.mentions = mentions
        self.nodes: list[cst.CSTNode] = []
        self.yields = 0
        self.left_out: list[int] = []

    def at(self, node: cst.CSTNode) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1
