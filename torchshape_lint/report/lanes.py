"""Lanes for the links that do not come from the block just above: residual and concatenated ones."""

from __future__ import annotations

from torchshape_lint.frozen import dataclass
from torchshape_lint.report.network import Network

MOST = 8
INPUTS = -1  # the row of the inputs, above the first block


@dataclass(frozen=True, slots=True)
class Lane:
    """A line beside the blocks from row ``start`` to the rows ``ends``; number 0 is next to them."""

    number: int
    start: int
    ends: tuple[int, ...]


def lanes(network: Network) -> list[Lane]:
    """What goes past other blocks, in as few lanes as do without overlapping; what finds no room is left out."""
    ends: dict[int, list[int]] = {}
    for k, block in enumerate(network.blocks):
        for source in dict.fromkeys(row(link.source) for link in block.links):
            if source is not None and source < k - 1:
                ends.setdefault(source, []).append(k)
    taken: list[list[tuple[int, int]]] = []  # for each lane: from where to where
    found = []
    for start in sorted(ends, key=lambda s: (ends[s][-1] - s, s)):  # short ones lie inside of long ones
        end = ends[start][-1]
        number = next((n for n, parts in enumerate(taken) if all(end <= a or start >= b for a, b in parts)), len(taken))
        taken[number:] = [[*(taken[number] if number < len(taken) else []), (start, end)], *taken[number + 1 :]]
        if number < MOST:
            found.append(Lane(number, start, tuple(ends[start])))
    return found


def row(source: int | str | None) -> int | None:
    """The row that a link starts from."""
    return INPUTS if isinstance(source, str) else source
