"""One story of the page: a list of blocks from top to bottom, each with the arrows into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from torchshape_lint.diagnostics import Diagnostic, Step
from torchshape_lint.report.lanes import INPUTS, Lane, lanes, row
from torchshape_lint.report.network import Block, Link, Network, op_text, shape_text, shapes_text
from torchshape_lint.report.volume import HEIGHT, WIDTH, Scale, extent, scale, volume
from torchshape_lint.spans import NOWHERE

_STEPS = 24  # of a derivation, from the end
_BETWEEN = ' <span class="soft">\N{MIDDLE DOT}</span> '
_WRONG = ' <span aria-hidden="true">\N{MULTIPLICATION X}</span> does not fit'


def story(number: int, network: Network) -> Iterator[str]:
    """A section; the script makes it the panel of a tab."""
    why = f' <span class="soft">{escape(network.entry.why)}</span>' if network.entry.why else ""
    yield f'<section class="story" id="story{number}" aria-label="{escape(network.title)}">'
    yield f"<h2>{escape(network.title)}{why}</h2>"
    yield from _facts(network)
    yield from _Rows(number, network).drawn()
    yield "</section>"


def place(line: int) -> str:
    """A link to a line of the source."""
    return f'<a href="#L{line}">line {line}</a>'


def size(text: str) -> str:
    return f'<span class="size">{escape(text)}</span>'


def _facts(network: Network) -> Iterator[str]:
    entry = network.entry
    facts = [f"{entry.params:,} parameters"] if entry.params else []
    facts += [f"assumed: {text}" for text in entry.assumed]
    facts += [entry.fits] if entry.fits else []
    if facts:
        yield '<ul class="facts">' + "".join(f"<li>{escape(fact)}</li>" for fact in facts) + "</ul>"


class _Rows:
    """The rows of one story, with the lanes that go past them."""

    def __init__(self, number: int, network: Network) -> None:
        self.number, self.network, self.lanes = number, network, lanes(network)
        self.scale: Scale = scale(extent(s, b.steps[-1].op) for b in network.blocks for s in b.output)

    def drawn(self) -> Iterator[str]:
        network = self.network
        count = 1 + max((lane.number for lane in self.lanes), default=-1)
        yield f'<ol class="net" style="--lanes:{count}">'
        if network.entry.inputs:
            inputs = ", ".join(f"{escape(name)} {size(shape_text(shape))}" for name, shape in network.entry.inputs)
            yield f'<li class="row">{self._passing(INPUTS)}<p class="what"><strong>Input</strong> {inputs}</p></li>'
        for k, block in enumerate(network.blocks):
            yield from self._row(k, block)
        last = network.blocks[-1].output
        yield f'<li class="row"><div class="edges straight">{size(shapes_text(last))}</div>'
        output = f" {size(shapes_text(network.entry.output))}" if network.entry.output else ""
        yield f'<p class="what"><strong>Output</strong>{output}</p></li>'
        yield "</ol>"

    def _row(self, k: int, block: Block) -> Iterator[str]:
        repeat = next((r for r in self.network.repeats if r.start <= k < r.end), None)
        style = "row" + (" broken" if block.broken else "") + (" turns" if repeat else "")
        yield f'<li class="{style}">{self._passing(k)}'
        if repeat is not None and repeat.start == k:
            many = _blocks(repeat.end - repeat.start)
            yield f'<p class="times">\N{MULTIPLICATION SIGN}{repeat.times}: {many}, up to {escape(repeat.last)}</p>'
        yield self._edges(k, block)
        lines = f' data-lines="{" ".join(map(str, block.lines))}"' if block.lines else ""
        yield f'<div class="block {block.kind}" id="s{self.number}b{k}"{lines}>'
        shape = block.output[0] if block.output else None
        faces = volume(extent(shape, block.steps[-1].op), self.scale)
        yield f'<svg class="volume" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{faces}</svg>'
        after = self.network.blocks[k + 1].links if k + 1 < len(self.network.blocks) else [Link(k, None)]
        gives = "" if any(link.source == k for link in after) else f"<p>gives {size(shapes_text(block.output))}</p>"
        yield f'<div class="what">{"".join(_what(block))}{gives}</div></div>'
        yield from _finding(block)
        yield "</li>"

    def _edges(self, k: int, block: Block) -> str:
        """The arrows into a block; those that come from further up say from where."""
        above = [link for link in block.links if row(link.source) == k - 1]
        style = "straight" if above else "aside" if any(row(x.source) is not None for x in block.links) else ""
        told = [self._edge(link, k) for link in block.links]
        if block.broken and told:
            told[-1] += _WRONG if len(told) == 1 else _WRONG.replace("does not fit", "do not fit together")
        return f'<div class="edges {style}"><ul><li>{"</li><li>".join(told)}</li></ul></div>' if told else ""

    def _edge(self, link: Link, k: int) -> str:
        shape = size(shape_text(link.shape))
        if row(link.source) == k - 1:
            return shape
        source = escape(self.network.name(link.source))
        if isinstance(link.source, int):
            source = f'<a href="#s{self.number}b{link.source}">{source}</a>'
        return f'{shape} <span class="soft">from</span> {source}'

    def _passing(self, k: int) -> str:
        return "".join(_pieces(lane, k) for lane in self.lanes if lane.start <= k <= lane.ends[-1])


def _pieces(lane: Lane, k: int) -> str:
    """What row ``k`` draws of a lane: its start, its ends, or a line that passes."""
    names = ["starts"] if k == lane.start else ["ends"] if k in lane.ends else []
    if lane.start < k < lane.ends[-1]:
        names.append("through")
    return "".join(f'<span class="lane {name}" style="--lane:{lane.number}"></span>' for name in names)


def _blocks(count: int) -> str:
    return "this block" if count == 1 else f"these {count} blocks"


def _what(block: Block) -> Iterator[str]:
    yield f"<h3>{escape(block.name)}</h3>"
    parts = [escape(block.words)] if block.words != block.name else []
    parts += [f'<span class="count">{block.params:,} parameters</span>'] if block.params else []
    firsts = list(dict.fromkeys(step.span.line for step in block.steps if step.span != NOWHERE))
    parts += [place(line) for line in firsts[:4]]
    parts += [] if firsts else [escape(block.steps[0].elsewhere)]
    yield f"<p>{_BETWEEN.join(filter(None, parts))}</p>"
    formulas = dict.fromkeys(step.formula for step in block.steps if step.formula)
    for formula in list(formulas)[: 3 if not block.stands_for else 0]:
        yield f'<p class="formula">{escape(formula)}</p>'


def _finding(block: Block) -> Iterator[str]:
    """The mistake, with everything that is known of it."""
    d = block.finding
    if d is None or not block.own:
        if block.mistake:
            yield f'<div class="finding"><p class="wrong">{escape(block.mistake)}</p></div>'
        return
    style = "wrong" if d.code.torch_raises else "doubtful"
    yield f'<div class="finding"><p class="{style}">{escape(block.mistake)}</p><dl>'
    for title, text in _remarks(d):
        yield f"<dt>{title}</dt><dd>{text}</dd>"
    yield "</dl>"
    yield from _derivation([s for s in d.derivation if s.formula or s.inputs != s.outputs][-_STEPS:])
    yield "</div>"


def _remarks(d: Diagnostic) -> Iterator[tuple[str, str]]:
    if d.story:
        yield "story", escape(d.story)
    if d.expected is not None and d.actual is not None and not d.advice:
        number = f"{escape(d.asked.wanted)} = " if d.asked.wanted else ""
        yield "expected", f"{number}{size(str(d.expected))}, found {size(str(d.actual))}"
    for other in d.related:
        where = place(other.span.line) if other.path == d.path else escape(f"{other.path}:{other.span.line}")
        yield "see", f"{where}: {escape(other.label)}"
    if d.fits:
        yield "fits", escape(d.fits)
    for way in filter(None, (d.advice, d.fix)):
        yield "fix", f"<code>{escape(way)}</code>" if way == d.fix else escape(way)
    if d.verdict:
        yield "torch", escape(d.verdict)
    for note in d.notes:
        if " is chosen at " not in note:  # its place stands above
            yield "note", escape(note)


def _derivation(steps: Sequence[Step]) -> Iterator[str]:
    if not steps:
        return
    yield '<div class="scroll" tabindex="0" role="group" aria-label="Derivation"><table>'
    yield "<caption>How the size came about</caption><thead><tr>"
    yield (
        "".join(f'<th scope="col">{name}</th>' for name in ("Line", "Operator", "Arithmetic", "Gives"))
        + "</tr></thead><tbody>"
    )
    for step in steps:
        line = place(step.span.line) if step.span != NOWHERE else escape(step.elsewhere)
        yield f"<tr><td>{line}</td><td>{escape(f'{step.path} {op_text(step.op)}')}</td>"
        yield f'<td class="sum">{escape(step.formula)}</td><td>{escape(shapes_text(step.outputs))}</td></tr>'
    yield "</tbody></table></div>"
