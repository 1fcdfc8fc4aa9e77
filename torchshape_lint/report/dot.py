"""A story in the language of Graphviz: ``torchshape-lint explain net.py --format dot | dot -Tsvg``."""

from __future__ import annotations

from collections.abc import Iterator

from torchshape_lint.diagnostics import Trace
from torchshape_lint.report.folding import folded
from torchshape_lint.report.formats import explain_format
from torchshape_lint.report.network import Block, Network, networks, shape_text, shapes_text, visible

MOST = 120  # blocks
_FILLS = {"conv": "#d3e3fd", "linear": "#e6dcfa", "attention": "#fde7f3", "pool": "#d7f0dc", "join": "#fdecc8"}
_HEAD = (
    "digraph torchshape {",
    "  rankdir=TB;",
    '  node [shape=box, style="filled,rounded", fillcolor="#f1f3f4", fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=10];',
)


@explain_format("dot")
def dot(trace: Trace, text: str) -> str:
    """Every story as a cluster; sizes on the edges, the broken edge red."""
    rows = list(_HEAD)
    for k, network in enumerate(networks(trace)):
        rows += [f"  subgraph cluster_{k} {{", *(f"    {row}" for row in _story(k, network)), "  }"]
    return "\n".join([*rows, "}"])


def _story(k: int, network: Network) -> Iterator[str]:
    shown = folded(network, MOST)
    title = f"{network.title}, {network.entry.why}" if network.entry.why else network.title
    yield f"label={_quoted(title)};"
    for n, (name, shape) in enumerate(network.entry.inputs):
        yield f"s{k}i{n} [shape=oval, label={_quoted(name, shape_text(shape))}];"
    inside = {repeat.start: repeat for repeat in shown.repeats}
    ends = {repeat.end - 1 for repeat in shown.repeats}
    for n, block in enumerate(shown.blocks):
        if n in inside:
            label = _quoted(f"{inside[n].times} times, to {inside[n].last}")
            yield f'subgraph cluster_{k}_{n} {{ style=dashed; label={label}; labeljust="l";'
        yield f"s{k}b{n} [{_looks(block)}];"
        if n in ends:
            yield "}"
    yield f"s{k}out [shape=oval, label={_quoted('output', shapes_text(network.entry.output))}];"
    yield from _edges(k, shown)


def _looks(block: Block) -> str:
    params = f"{block.params:,} parameters" if block.params else ""
    label = _quoted(block.name, block.words if block.words != block.name else "", params, block.mistake)
    if block.broken:
        return f'label={label}, color="#b3261e", penwidth=3, fillcolor="#ffd8d3"'
    fill = _FILLS.get(block.kind)
    return f'label={label}, fillcolor="{fill}"' if fill else f"label={label}"


def _edges(k: int, network: Network) -> Iterator[str]:
    names = {name: n for n, (name, _) in reversed(list(enumerate(network.entry.inputs)))}
    for n, block in enumerate(network.blocks):
        red = ', color="#b3261e", fontcolor="#b3261e", penwidth=3' if block.broken else ""
        for link in block.links:
            if link.source is not None:
                start = f"s{k}b{link.source}" if isinstance(link.source, int) else f"s{k}i{names[link.source]}"
                yield f"{start} -> s{k}b{n} [label={_quoted(shape_text(link.shape))}{red}];"
    last = len(network.blocks) - 1
    yield f"s{k}b{last} -> s{k}out [label={_quoted(shapes_text(network.blocks[last].output))}];"


def _quoted(*rows: str) -> str:
    """A string of the DOT language; rows stand below each other."""
    safe = (visible(row).replace("\\", "\\\\").replace('"', '\\"') for row in rows if row)
    return '"' + "\\n".join(safe) + '"'
