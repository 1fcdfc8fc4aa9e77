"""A story as a Mermaid flowchart, in a fence: GitHub and GitLab draw it in comments and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchshape_lint.diagnostics import Trace
from torchshape_lint.report.folding import folded
from torchshape_lint.report.formats import explain_format
from torchshape_lint.report.network import Block, Network, networks, shape_text, shapes_text, visible

MOST = 60  # blocks; GitHub draws no more than 500 arrows and 50,000 characters
_STYLES = (
    "classDef broken fill:#ffd8d3,stroke:#b3261e,stroke-width:3px,color:#1f1f1f",
    "classDef io fill:#e8eaed,stroke:#5f6368,color:#1f1f1f",
    "classDef conv fill:#d3e3fd,stroke:#1a56a8,color:#1f1f1f",
    "classDef linear fill:#e6dcfa,stroke:#6b3fb5,color:#1f1f1f",
)


@explain_format("mermaid")
def mermaid(trace: Trace, text: str) -> str:
    """A flowchart for each story; sizes on the arrows, the broken arrow red."""
    stories = [_story(folded(network, MOST)) for network in networks(trace)]
    return "\n\n".join(stories) or _fenced("  nothing[nothing to draw: no tensor is followed]")


def _story(network: Network) -> str:
    title = f"{network.title}, {network.entry.why}" if network.entry.why else network.title
    arrows = list(_arrows(network))
    red = ",".join(str(k) for k, (_, broken) in enumerate(arrows) if broken)
    return _fenced(
        f'  subgraph story["{_safe(title)}"]',
        "    direction TB",
        *(f"    {row}" for row in _nodes(network)),
        *(f"    {arrow}" for arrow, _ in arrows),
        "  end",
        *(f"  {style}" for style in _STYLES),
        *([f"  linkStyle {red} stroke:#b3261e,stroke-width:3px"] if red else []),
    )


def _fenced(*rows: str) -> str:
    return "\n".join(("```mermaid", "flowchart TB", *rows, "```"))


def _nodes(network: Network) -> Iterator[str]:
    for n, (name, shape) in enumerate(network.entry.inputs):
        yield f'i{n}(["{_safe(f"{name} {shape_text(shape)}")}"]):::io'
    inside = {repeat.start: repeat for repeat in network.repeats}
    ends = {repeat.end - 1 for repeat in network.repeats}
    for n, block in enumerate(network.blocks):
        if n in inside:
            yield f'subgraph r{n}["{inside[n].times} times, to {_safe(inside[n].last)}"]'
        yield f'b{n}["{_label(block)}"]{_class(block)}'
        if n in ends:
            yield "end"
    yield f'out(["{_safe("output " + shapes_text(network.entry.output))}"]):::io'


def _label(block: Block) -> str:
    rows = [block.name, block.words if block.words != block.name else "", block.mistake]
    if block.params:
        rows.insert(2, f"{block.params:,} parameters")
    return "<br/>".join(_safe(row) for row in rows if row)


def _class(block: Block) -> str:
    name = "broken" if block.broken else block.kind
    return f":::{name}" if name in ("broken", "conv", "linear") else ""


def _arrows(network: Network) -> Iterator[tuple[str, bool]]:
    names = {name: n for n, (name, _) in reversed(list(enumerate(network.entry.inputs)))}
    for n, block in enumerate(network.blocks):
        for link in block.links:
            if link.source is not None:
                start = f"b{link.source}" if isinstance(link.source, int) else f"i{names[link.source]}"
                arrow = "==>" if block.broken else "-->"
                yield f'{start} {arrow}|"{_safe(shape_text(link.shape))}"| b{n}', block.broken
    last = len(network.blocks) - 1
    yield f'b{last} -->|"{_safe(shapes_text(network.blocks[last].output))}"| out', False


def _safe(text: str) -> str:
    """Nothing but letters, digits, blanks and harmless signs; the rest as Mermaid's entities (``#35;`` is a #)."""
    return re.sub(r"[^\w .,:()/+*=?\N{RIGHTWARDS ARROW}-]", lambda found: f"#{ord(found[0])};", visible(text))
