"""Deep networks stay readable: what repeats is shown once, and a module that is too much becomes one box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeAlias

from torchshape_lint.diagnostics import Step
from torchshape_lint.report.lanes import row
from torchshape_lint.report.network import Block, Link, Network, Repeat

Group: TypeAlias = Callable[[int, Block], str]
"""The name of the group of a block; empty: it stays alone."""
_LONGEST = 60  # blocks of a repeated part
_LEAST = 2  # blocks that a repetition must save


def folded(network: Network, most: int) -> Network:
    """Repetition shown once; then, while there are more than ``most`` blocks, modules or just neighbours as one."""
    found = _repeated(network)
    deepest = max((block.name.count(".") for block in network.blocks), default=0)
    while len(found.blocks) > most and deepest > 0:
        network = _collapsed(network, _modules(deepest))
        found = _repeated(network)
        deepest -= 1
    if len(found.blocks) > most:
        found = _repeated(_collapsed(network, _neighbours(-(-len(network.blocks) // most))))
    return found


def _repeated(network: Network) -> Network:
    blocks = network.blocks
    marks = [_signature(k, block) for k, block in enumerate(blocks)]
    numbers = {mark: k for k, mark in enumerate(dict.fromkeys(marks))}
    marked = [numbers[mark] for mark in marks]
    kept: list[int] = []
    repeats: list[Repeat] = []
    place: dict[int, int] = {}  # of a block before: its number now
    at = 0
    while at < len(marked):
        length, times = _best(marked, at)
        start = len(kept)
        for k in range(length * times):
            place[at + k] = start + k % length
        kept += range(at, at + length)
        at += length * times
        if times > 1:
            repeats.append(Repeat(start, start + length, times, blocks[at - 1].name))
    turns: list[list[Step]] = [[] for _ in kept]
    for k, now in place.items():
        turns[now] += blocks[k].steps if k != kept[now] else ()
    shown = tuple(replace(b, turns=tuple(more)) if more else b for b, more in zip(_moved(blocks, kept, place), turns))
    return replace(network, blocks=shown, repeats=tuple(repeats))


def _best(marked: Sequence[int], at: int) -> tuple[int, int]:
    """The length and the number of turns of the repetition that starts here and saves most; 1, 1 where none does."""
    best, saved = (1, 1), _LEAST - 1
    for length in range(1, min(_LONGEST, (len(marked) - at) // 2) + 1):
        unit, times = marked[at : at + length], 1
        while marked[at + times * length : at + (times + 1) * length] == unit:
            times += 1
        if length * (times - 1) > saved:
            best, saved = (length, times), length * (times - 1)
    return best


def _signature(number: int, block: Block) -> object:
    """Two blocks of one signature look alike, and take from blocks as far before them."""
    rows = [row(link.source) for link in block.links]
    links = tuple((at if at is None else number - at, str(link.shape)) for at, link in zip(rows, block.links))
    outputs = tuple(map(str, block.output))
    return block.words, links, outputs, block.params, block.finding and block.finding.span, block.broken


def _moved(blocks: Sequence[Block], kept: Sequence[int], place: dict[int, int]) -> tuple[Block, ...]:
    def moved(link: Link) -> Link:
        return replace(link, source=place[link.source]) if isinstance(link.source, int) else link

    return tuple(replace(blocks[k], links=tuple(dict.fromkeys(map(moved, blocks[k].links)))) for k in kept)


def _collapsed(network: Network, group: Group) -> Network:
    """Neighbours of one group become one block; never one with a mistake."""

    def key(numbered: tuple[int, Block]) -> object:
        number, block = numbered
        alone = number, "alone"
        return alone if block.broken or block.finding is not None else group(number, block) or alone

    kept: list[Block] = []
    place: dict[int, int] = {}
    for _, members in groupby(enumerate(network.blocks), key=key):
        numbers, blocks = zip(*members)
        place.update((k, len(kept)) for k in numbers)
        kept.append(_one(blocks, numbers[0], group(numbers[0], blocks[0])))
    return replace(network, blocks=_moved(kept, range(len(kept)), place), repeats=())


def _modules(depth: int) -> Group:
    """By the first ``depth`` parts of their names."""
    return lambda _, block: ".".join(block.name.split(".")[:depth]) if block.name.count(".") >= depth else ""


def _neighbours(count: int) -> Group:
    return lambda number, _: f"part {number // count + 1}"


def _one(members: Sequence[Block], first: int, name: str) -> Block:
    if len(members) == 1:
        return members[0]
    inside = range(first, first + len(members))
    links = tuple(dict.fromkeys(x for block in members for x in block.links if x.source not in inside))
    steps = tuple(step for block in members for step in block.steps)
    return Block(name, steps, links, stands_for=len(steps))
