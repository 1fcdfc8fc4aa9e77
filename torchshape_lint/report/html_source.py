"""The lines of the source beside the stories; of a long file those that a story is about, and some around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from torchshape_lint.diagnostics import Trace
from torchshape_lint.report.network import Network

WHOLE = 800  # lines of a file that is shown whole
AROUND = 8
LONGEST = 400  # signs of a line
_NEWLINE = re.compile(r"\r\n?|\n")


def source(trace: Trace, text: str, shown: Sequence[Network]) -> Iterator[str]:
    lines = _NEWLINE.split(text.rstrip())
    blocks: dict[int, str] = {}
    for k, network in enumerate(shown):
        for n, block in enumerate(network.blocks):
            for line in block.lines:
                blocks.setdefault(line, f"s{k}b{n}")
    wrong = {line for d in trace.diagnostics for line in range(d.span.line, d.span.end_line + 1)}
    told = [p.span.line for d in trace.diagnostics for p in d.related if p.path == d.path]
    told += [step.span.line for d in trace.diagnostics for step in d.derivation]
    seen = wrong.union(blocks, told)
    near = {n for line in seen for n in range(line - AROUND, line + AROUND + 1)} if len(lines) > WHOLE else None
    yield '<aside class="source" aria-labelledby="source" tabindex="0"><h2 id="source">Source</h2><ol class="code">'
    before = 0
    for number, words in enumerate(lines, 1):
        if near is not None and number not in near:
            continue
        if number > before + 1:
            yield f'<li class="gap">{number - before - 1} lines are left out</li>'
        before = number
        yield _line(number, words, blocks.get(number), number in wrong)
    if before < len(lines):
        yield f'<li class="gap">{len(lines) - before} lines are left out</li>'
    yield "</ol></aside>"


def _line(number: int, line: str, block: str | None, wrong: bool) -> str:
    label = f'<a href="#{block}" aria-label="line {number}, to its block">{number}</a>' if block else str(number)
    style = ' class="wrong-line"' if wrong else ""
    shown = line if len(line) <= LONGEST else line[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"
    return f'<li id="L{number}"{style}><span class="number">{label}</span><code>{escape(shown)}</code></li>'
