"""A story as a picture shows it: blocks in their order, and which block takes what another one gave.

What keeps a shape (activations, norms, dropout) belongs to the block before it; what gives no tensor is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from torchshape_lint.diagnostics import Diagnostic, Entry, Step, Trace
from torchshape_lint.frozen import dataclass
from torchshape_lint.report.table import short
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import NOWHERE

Kind: TypeAlias = Literal["conv", "linear", "attention", "pool", "light", "join", "other"]

# The first word that is part of an operator's name decides.
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "light",
        "norm relu gelu silu swish elu celu tanh sigmoid softmax softplus dropout identity mish contiguous clone",
    ),
    ("attention", "attention transformer lstm gru rnn"),
    ("pool", "pool interpolate upsample"),
    ("conv", "conv"),
    ("linear", "linear matmul bmm mm einsum embedding"),
    ("join", "cat stack add sub mul div"),
)
_WORDS = 6  # operators of one block that are named
_SHAPES = 6  # of one block that are told
SIGNS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "pow": "**", "matmul": "@"}


def kind(op: str) -> Kind:
    name = op.rpartition(".")[2].lower()
    return next((kind for kind, words in _KINDS if any(word in name for word in words.split())), "other")


def op_text(op: str) -> str:
    """``nn.Conv2d``, ``F.relu``, ``+``."""
    owner, _, name = op.rpartition(".")
    if owner != "operator":
        return short(op)
    return SIGNS.get(name) or (SIGNS[name[1:]] + "=" if name[1:] in SIGNS else "[...]" if name == "getitem" else name)


@dataclass(frozen=True, slots=True)
class Link:
    """What a block takes: from the block of this number, or from an input by its name (None: not known)."""

    source: int | str | None
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class Block:
    """One box of the picture.

    finding: what is reported of it; ``own`` says whether it was this very story that exposed it.
    stands_for: the number of operators, where a whole module is one box.
    turns: the steps of the further turns, where it is part of a repetition.
    """

    name: str
    steps: tuple[Step, ...]
    links: tuple[Link, ...]
    finding: Diagnostic | None = None
    own: bool = True
    stands_for: int = 0
    turns: tuple[Step, ...] = ()

    @property
    def kind(self) -> Kind:
        return "other" if self.stands_for else kind(self.steps[0].op)

    @property
    def broken(self) -> bool:
        return any(step.broken for step in self.steps)

    @property
    def output(self) -> tuple[Shape | None, ...]:
        return self.steps[-1].outputs

    @property
    def params(self) -> int:
        return sum(step.params or 0 for step in self.steps)

    @property
    def words(self) -> str:
        """The operators: ``nn.Conv2d + nn.BatchNorm2d + F.relu``."""
        if self.stands_for:
            return f"{self.stands_for} operators"
        words = [op_text(step.op) for step in self.steps]
        return " \N{RIGHTWARDS ARROW} ".join(words if len(words) <= _WORDS else [*words[:_WORDS], "..."])

    @property
    def mistake(self) -> str:
        """What is wrong, in one sentence; empty where nothing is."""
        if self.finding is not None:
            told = self.finding.headline or self.finding.message
            here = " ".join(told.split()) if self.own else f"here too (line {self.finding.span.line})"
            return f"{self.finding.code}: {here}"
        return "torch raises here" if self.broken else ""

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the file that it stands on."""
        spans = {step.span for step in (*self.steps, *self.turns) if step.span != NOWHERE}
        return tuple(sorted({line for s in spans for line in range(s.line, s.end_line + 1)}))


@dataclass(frozen=True, slots=True)
class Repeat:
    """The blocks ``start`` to ``end`` (exclusive) happen ``times`` times; ``last`` names where the last turn ends."""

    start: int
    end: int
    times: int
    last: str


@dataclass(frozen=True, slots=True)
class Network:
    """One story."""

    entry: Entry
    blocks: tuple[Block, ...]
    repeats: tuple[Repeat, ...] = ()

    @property
    def title(self) -> str:
        return self.entry.name if self.entry.name != "<module>" else "the file itself"

    @property
    def broken(self) -> bool:
        return any(block.broken for block in self.blocks)

    def name(self, source: int | str | None) -> str:
        """What a link comes from, in words."""
        return self.blocks[source].name if isinstance(source, int) else source or "elsewhere"


def networks(trace: Trace) -> list[Network]:
    """The stories of a file that have something to show, each picture once, mere scripts last."""
    found: dict[object, Network] = {}
    for entry in trace.entries:
        blocks = tuple(_blocks(entry, trace.diagnostics))
        if blocks:
            key = entry.name, entry.inputs, tuple((b.name, b.links, b.output) for b in blocks)
            found.setdefault(key, Network(entry, blocks))
    told = [n for n in found.values() if n.entry.name != "<module>"]
    scripts = [n for n in found.values() if n.entry.name == "<module>" and (n.broken or not told)]
    return told + scripts


def visible(text: str) -> str:
    """A name or a message on one line, without signs that are not seen or turn the direction of the others."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def shapes_text(shapes: Iterable[Shape | None]) -> str:
    texts = [shape_text(shape) for shape in shapes]
    left = len(texts) - _SHAPES
    return " ".join(texts) if left <= 0 else " ".join(texts[:_SHAPES]) + f" and {left} more"


def shape_text(shape: Shape | None) -> str:
    return "?" if shape is None else str(shape)


def _blocks(entry: Entry, diagnostics: Sequence[Diagnostic]) -> Iterator[Block]:
    steps = entry.steps
    kept = [k for k, step in enumerate(steps) if _is_shown(k, step, steps)]
    uses = Counter(source for k in kept for source in steps[k].sources)
    chains: list[list[int]] = []
    home: dict[int | str, int] = {}  # of a step: its chain
    for k in kept:
        before = steps[k].sources[0] if len(steps[k].sources) == 1 else None
        at = home.get(before) if isinstance(before, int) else None
        joins = at is not None and chains[at][-1] == before and uses[before] == 1
        if joins and at is not None and not steps[k].broken and kind(steps[k].op) == "light":
            chains[at].append(k)
        else:
            at = len(chains)
            chains.append([k])
        home[k] = at
    root = _root(steps)
    for chain in chains:
        head, parts = steps[chain[0]], tuple(steps[k] for k in chain)
        sources = (*head.sources, *[None] * (len(head.inputs) - len(head.sources)))
        links = [Link(home.get(s) if isinstance(s, int) else s, shape) for s, shape in zip(sources, head.inputs)]
        known = [link for link in links if link.source is not None]
        finding = next((f for step in parts for f in _findings(step, diagnostics)), None)
        own = finding is not None and _tells(entry, finding)
        shown = tuple(dict.fromkeys(known or links))
        yield Block(head.path.removeprefix(root) or op_text(head.op), parts, shown, finding, own)


def _is_shown(k: int, step: Step, steps: Sequence[Step]) -> bool:
    if step.summary:
        return any(k in later.sources for later in steps[k + 1 :])
    return (bool(step.outputs) and not step.op.startswith("torch.nn.init.")) or step.broken


def _root(steps: Sequence[Step]) -> str:
    """The first name of every path, with its dot: it says nothing."""
    roots = {step.path.partition(".")[0] for step in steps}
    return f"{roots.pop()}." if len(roots) == 1 else ""


def _findings(step: Step, diagnostics: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    for d in diagnostics:
        here = step.span != NOWHERE and d.span == step.span
        there = step.elsewhere and any(step.elsewhere == _elsewhere(p.path, p.span.line) for p in d.related[:1])
        if (here or there) and (step.broken or not d.code.torch_raises):
            yield d


def _elsewhere(path: str, line: int) -> str:
    return f"{'/'.join(Path(path).parts[-2:])}:{line}"


def _tells(entry: Entry, finding: Diagnostic) -> bool:
    """Was it this story that exposed the mistake? (It is reported once, with the numbers of one story.)"""
    a, b = finding.story, entry.why
    return not a or entry.name == "<module>" or a.startswith(b) or b.startswith(a)
