"""Lanes for the links that do not come from the block just above: residual and concatenated ones."""

from __future__ import annotations

from dataclasses import dataclass

from torchshape_lint.report.network import Network

INPUTS = -1  # the row of the inputs, above the first block


@dataclass(frozen=True, slots=True)
class Lane:
    """A line beside the blocks from row ``start`` to the rows ``ends``, the last of which ends it. 0 is next to them."""

    number: int
    start: int
    ends: tuple[int, ...]
    broken: bool


def lanes(network: Network) -> list[Lane]:
    """What goes past other blocks, in as few lanes as do without overlapping."""
    ends: dict[int, list[int]] = {}
    for k, block in enumerate(network.blocks):
        for source in dict.fromkeys(row(link.source) for link in block.links):
            if source is not None and source < k - 1:
                ends.setdefault(source, []).append(k)
    free: list[int] = []  # for each lane: the row from which on it is free
    found = []
    for start in sorted(ends, key=lambda s: (s, ends[s][-1])):
        number = next((n for n, until in enumerate(free) if until <= start), len(free))
        free[number:] = [ends[start][-1], *free[number + 1 :]]
        broken = any(network.blocks[k].broken for k in ends[start])
        found.append(Lane(number, start, tuple(ends[start]), broken))
    return found


def row(source: int | str | None) -> int | None:
    """The row that a link starts from."""
    return INPUTS if isinstance(source, str) else source
