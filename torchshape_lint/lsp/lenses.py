"""What stands above a class: the stories it was in, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from torchshape_lint.diagnostics import Entry, Trace
from torchshape_lint.lsp.outline import Block, blocks
from torchshape_lint.lsp.places import Text
from torchshape_lint.lsp.shown import story

EXPLAIN = "torchshape-lint.explain"  # the command behind a lens: the whole table
MOST = 3  # stories above one class


def lenses(trace: Trace, text: Text, uri: str) -> list[lsp.CodeLens]:
    outline = blocks(text)
    found: dict[Block, list[Entry]] = {}
    for entry in trace.entries:
        block = _definition(outline, entry)
        if block is not None:
            found.setdefault(block, []).append(entry)
    return [
        lsp.CodeLens(
            text.range_of(block.line, block.column, block.column + len(block.name)),
            lsp.Command(title, EXPLAIN, arguments=[uri, block.name]),
        )
        for block, entries in found.items()
        if text.holds(block.line)
        for title in _titles(entries)
    ]


def _titles(entries: list[Entry]) -> Iterator[str]:
    told = list(dict.fromkeys(map(story, entries)))
    yield from told[:MOST]
    if len(told) > MOST:
        yield f"and {len(told) - MOST} more"
    counts = sorted({entry.params for entry in entries if entry.params is not None})
    if counts:
        yield f"{' or '.join(f'{count:,}' for count in counts)} parameters"


def _definition(outline: list[Block], entry: Entry) -> Block | None:
    """The class or function of an entry; of several with its name the one that its steps lie in."""
    named = [block for block in outline if block.name == entry.name]
    lines = [step.span.line for step in entry.steps]
    inside = (block for block in named if any(block.holds(line) for line in lines))
    return next(inside, named[0] if named else None)
