"""Stories as one SVG picture for a README: boxes to scale, sizes on the arrows; no script, light or dark by itself."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape

from torchshape_lint.diagnostics import Trace
from torchshape_lint.report.folding import folded
from torchshape_lint.report.formats import explain_format
from torchshape_lint.report.lanes import INPUTS, Lane, lanes, row
from torchshape_lint.report.network import Block, Network, networks, shape_text, shapes_text, visible
from torchshape_lint.report.volume import HEIGHT, WIDTH, Scale, extent, scale, volume

MOST = 48  # blocks
BROAD = 720
LANE, EDGE, ARROW, LINE = 14, 20, 28, 17
STYLE = """
svg{--ink:#1f2328;--soft:#57606a;--paper:#fff;--line:#6e7781;--bad:#b3261e;--base:#8c959f;--conv:#1a56a8;
--linear:#6b3fb5;--attention:#a8326e;--pool:#1f7a3d;--join:#8a5a00;
font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9ea7b3;--paper:#0d1117;--line:#8b949e;--bad:#ff7b72;
--base:#6e7681;--conv:#5a9cf0;--linear:#a888ee;--attention:#ea7db4;--pool:#56b870;--join:#d29c3c}}
.paper{fill:var(--paper)}text{fill:var(--ink)}.soft{fill:var(--soft)}.name{font-weight:600}.title{font-size:17px;font-weight:600}
.mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
.edge{fill:none;stroke:var(--line);stroke-width:1.6}.tip{fill:var(--line)}polygon.front{fill:var(--base)}
.conv .front{fill:var(--conv)}.linear .front{fill:var(--linear)}.attention .front{fill:var(--attention)}
.pool .front{fill:var(--pool)}.join .front{fill:var(--join)}
polygon.front,polygon.top,polygon.side{stroke:var(--paper);stroke-width:1}
polygon[stroke-dasharray]{stroke:var(--ink)}polygon.top{fill:var(--line);opacity:.55}
polygon.side{fill:var(--soft);opacity:.75}.bad .front{fill:var(--bad)}.bad.edge{stroke:var(--bad);stroke-width:3}
.bad.tip{fill:var(--bad)}text.bad{fill:var(--bad);font-weight:600}
.turns{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
""".strip().replace("\n", "")


@explain_format("svg")
def svg(trace: Trace, text: str) -> str:
    """All stories, one below the other."""
    stories = [_Story(folded(network, MOST)) for network in networks(trace)]
    rows: list[str] = []
    top = 0
    for story in stories:
        rows += story.drawn(top)
        top += story.height
    tall = max(top, 40)
    if not stories:
        rows.append(_text(EDGE, 25, "nothing to draw: no tensor is followed"))
    words = "; ".join(story.told for story in stories) or "nothing to draw"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BROAD} {tall}" width="{BROAD}" height="{tall}" '
            'role="img" aria-labelledby="title told">',
            f'<title id="title">{_safe(f"Tensor shapes in {trace.path}")}</title>',
            f'<desc id="told">{_safe(words)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{BROAD}" height="{tall}" rx="8"/>',
            *rows,
            "</svg>",
        )
    )


class _Story:
    """Where the rows of one story are, and how they are drawn."""

    def __init__(self, network: Network) -> None:
        self.network, self.lanes = network, lanes(network)
        self.left = EDGE + LANE * (1 + max((lane.number for lane in self.lanes), default=-1))
        self.right = self.left + WIDTH + 16
        self.signs = (BROAD - self.right - EDGE) // 7  # that fit behind a box
        self.scale: Scale = scale(
            [extent(s, b.steps[-1].op) for b in network.blocks for s in b.output]
            + [extent(shape) for _, shape in network.entry.inputs]
        )
        self.tops = [56]  # of the inputs, of every block, of the output
        inputs = network.entry.inputs
        self.tops.append(self.tops[-1] + (24 if inputs else 0))
        for block in network.blocks:
            self.tops.append(self.tops[-1] + ARROW + max(HEIGHT, LINE * len(self._rows(block)) + 6))
        self.height = self.tops[-1] + 64

    @property
    def told(self) -> str:
        """The whole in words."""
        network = self.network
        steps = ", ".join(f"{b.name} gives {shapes_text(b.output)}" for b in network.blocks)
        wrong = ". ".join(b.mistake for b in network.blocks if b.mistake)
        return f"{network.title}: {steps}" + (f". {wrong}" if wrong else "")

    def drawn(self, top: int) -> Iterator[str]:
        entry, blocks = self.network.entry, self.network.blocks
        yield f'<g transform="translate(0 {top})">'
        yield _text(EDGE, 32, f"{self.network.title}", "title")
        if entry.why:
            yield _text(EDGE + 10 * len(self.network.title) + 12, 32, entry.why, "soft")
        if entry.inputs:
            inputs = ", ".join(f"{name} {shape_text(shape)}" for name, shape in entry.inputs)
            yield _text(self.left + WIDTH / 2, self.tops[0] + 14, inputs, "mono", 'text-anchor="middle"')
        for lane in self.lanes:
            yield from self._lane(lane)
        for k, block in enumerate(blocks):
            yield from self._block(k, block)
        for repeat in self.network.repeats:
            y, end = self.tops[repeat.start + 1] + 1, self.tops[repeat.end + 1] - 1
            yield f'<rect class="turns" x="8" y="{y}" width="{BROAD - 16}" height="{end - y}" rx="4"/>'
            yield _text(BROAD - EDGE, y + 16, f"\N{MULTIPLICATION SIGN}{repeat.times}", "name", 'text-anchor="end"')
        last = self.tops[-1]
        yield from self._arrow(last, shapes_text(blocks[-1].output), False)
        total = f"output {shapes_text(entry.output)}"
        total += f", {entry.params:,} parameters" if entry.params else ""
        yield _text(self.left + WIDTH / 2 - 20, last + ARROW + 16, total, "name")
        yield "</g>"

    def _block(self, k: int, block: Block) -> Iterator[str]:
        y = self.tops[k + 1]
        above = [shape_text(x.shape) for x in block.links if row(x.source) == k - 1]
        aside = [shape_text(x.shape) for x in block.links if row(x.source) not in (k - 1, None)]
        if above or aside:
            yield from self._arrow(y, ", ".join(above or aside), block.broken, whole=bool(above))
        style = "bad" if block.broken else block.kind
        shape = block.output[0] if block.output else None
        box = volume(extent(shape, block.steps[-1].op), self.scale, self.left, y + ARROW)
        yield f'<g class="{style}">{box}</g>'
        rows = self._rows(block)
        base = y + ARROW + (max(HEIGHT, LINE * len(rows)) - LINE * len(rows)) / 2 + 13
        for n, (words, name) in enumerate(rows):
            yield _text(self.right, base + n * LINE, words, name)

    def _rows(self, block: Block) -> list[tuple[str, str]]:
        """What stands behind a box."""
        params = f"{block.params:,} parameters" if block.params else ""
        words = "  \N{MIDDLE DOT}  ".join(filter(None, (block.words if block.words != block.name else "", params)))
        formula = next((step.formula for step in block.steps if step.formula), "")
        told = ((block.name, "name"), (words, ""), (formula, "soft mono"))
        rows = [(_cut(text, self.signs), name) for text, name in told if text]
        rows += [(words, "bad") for words in textwrap.wrap(block.mistake, self.signs)]
        return rows

    def _arrow(self, y: float, label: str, bad: bool, whole: bool = True) -> Iterator[str]:
        """From the box above; not ``whole``: from the side."""
        x, name = self.left + WIDTH / 2, "bad " if bad else ""
        start = 0 if whole else 10
        yield f'<path class="{name}edge" d="M{x:g} {y + start}v{ARROW - 10 - start}"/>'
        yield f'<path class="{name}tip" d="M{x - 5:g} {y + ARROW - 11}h10l-5 9z"/>'
        yield _text(x + 12, y + 16, label, "bad mono" if bad else "mono")

    def _lane(self, lane: Lane) -> Iterator[str]:
        """Out of the box on the left, down, and into the arrows of those that take it."""
        x, inner = self.left - LANE * (lane.number + 0.5), self.left + WIDTH / 2
        if lane.start == INPUTS:
            start, out = self.tops[0] + 10, self.left + 4
        else:
            start, out = self.tops[lane.start + 1] + ARROW + HEIGHT // 2, self.left + 14
        for end in lane.ends:
            name = "bad " if self.network.blocks[end].broken else ""
            y = self.tops[end + 1] + 10
            yield f'<path class="{name}edge" d="M{out} {start}H{x + 5:g}q-5 0 -5 5V{y - 5}q0 5 5 5H{inner:g}"/>'
            if any(row(link.source) == end - 1 for link in self.network.blocks[end].links):
                yield f'<path class="{name}tip" d="M{inner - 9:g} {y - 5}v10l8 -5z"/>'


def _text(x: float, y: float, words: str, name: str = "", more: str = "") -> str:
    attributes = (f'class="{name}"' if name else "", more)
    return f'<text x="{x:g}" y="{y:g}"{"".join(f" {a}" for a in attributes if a)}>{_safe(words)}</text>'


def _cut(text: str, signs: int) -> str:
    return text if len(text) <= signs else text[: signs - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _safe(text: str) -> str:
    return escape(visible(text))
