"""What is under the cursor: an operator, a variable, a layer where it is made, a class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from torchshape_lint.derivation import behind
from torchshape_lint.diagnostics import Entry, Step, Trace
from torchshape_lint.frontend.cells import cells
from torchshape_lint.lsp.outline import blocks, innermost, targets
from torchshape_lint.lsp.places import Text
from torchshape_lint.lsp.shown import shape, shapes, steps, story
from torchshape_lint.report.table import short
from torchshape_lint.spans import NOWHERE, Span

MOST = 4  # stories in one hover; the first of the others tell nothing new
LONGEST = 8  # operators of a derivation, the last ones
_MARKUP = re.compile(r"^```\w+\n|\n```$|`", re.M)


def hover(trace: Trace, text: Text, position: lsp.Position, *, markdown: bool = True) -> lsp.Hover | None:
    """None where nothing is known."""
    line, column = text.place(position)
    told = list(_bound(trace, text, line, column) or _operator(trace, text, line, column))
    if not told:
        return None
    value = "\n\n---\n\n".join(dict.fromkeys(told))
    if markdown:
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, value))
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.PlainText, _plain(value)))


def _plain(markdown: str) -> str:
    """For a client that shows text as it is. Some show its first line alone: a call and its shapes are on one."""
    return _MARKUP.sub("", markdown).replace("\n# ", "  # ")


def _bound(trace: Trace, text: Text, line: int, column: int) -> Iterable[str]:
    """A name where it is bound: a class, a layer, a variable."""
    outline = blocks(text)
    block = next((b for b in outline if b.line == line and b.column <= column <= b.column + len(b.name)), None)
    if block is not None:
        return _stories(e for e in trace.entries if e.name == block.name)
    bound = next((t for t in targets(text.line(line)) if t.column <= column <= t.end), None)
    if bound is None:
        return ()
    around = innermost(outline, line, is_class=True)
    if bound.name.startswith("self.") and around is not None:
        name = bound.name.removeprefix("self.")
        uses = [(e, s) for e, s in steps(trace.entries) if s.path.endswith(f".{name}") and around.holds(s.span.line)]
        if uses:
            return _told(uses, text)
    found = trace.lines.get(line)
    return [f"```python\n{bound.name}: {shapes(found)}\n```", *_operators_of(trace, text, line)] if found else ()


def _operators_of(trace: Trace, text: Text, line: int) -> Iterator[str]:
    """The operator whose result a line binds: the widest one."""
    found = [(e, s) for e, s in steps(trace.entries) if s.span.line == line and s.span != NOWHERE]
    widest = max((_width(s.span) for _, s in found), default=None)
    yield from _told([(e, s) for e, s in found if _width(s.span) == widest], text)


def _operator(trace: Trace, text: Text, line: int, column: int) -> Iterable[str]:
    """The smallest call around the cursor."""
    found = [(e, s) for e, s in steps(trace.entries) if s.span != NOWHERE and s.span.holds(line, column)]
    if not found:
        return ()
    smallest = min(_width(s.span) for _, s in found)
    return _told([(e, s) for e, s in found if _width(s.span) == smallest], text)


def _width(span: Span) -> tuple[int, int]:
    lines = span.end_line - span.line
    return lines, span.end_column - span.column if not lines else span.end_column


def _told(found: list[tuple[Entry, Step]], text: Text) -> Iterator[str]:
    """Each operator as it went, once for all stories in which it went the same."""
    ways: dict[tuple[object, ...], list[tuple[Entry, Step]]] = {}
    for entry, step in found:
        ways.setdefault((step.op, step.inputs, step.outputs, step.formula), []).append((entry, step))
    for same in list(ways.values())[:MOST]:
        entry, step = same[0]
        yield "\n\n".join(_paragraphs(step, entry, [e for e, _ in same], text))


def _paragraphs(step: Step, entry: Entry, entries: list[Entry], text: Text) -> Iterator[str]:
    source = " ".join(step.source.split())
    yield f"```python\n{source}\n# {shapes(step.inputs) or 'no tensors'} -> {shapes(step.outputs)}\n```"
    about = [f"`{short(step.op)}`", f"`{step.formula}`" if step.formula else ""]
    about.append(f"{step.params:,} parameters" if step.params else "")
    yield " · ".join(filter(None, about))
    led = behind(entry.steps[: entry.steps.index(step)], step)[-LONGEST:]
    led = [s for s in led if s.formula or s.inputs != s.outputs]
    if led:
        where = cells(text.text).words
        rows = [f"{where(s.span.line)} {s.path} {s.formula} {shapes(s.outputs)}" for s in led if s.span != NOWHERE]
        yield "\n".join(("```text", *(" ".join(row.split()) for row in rows), "```"))
    yield "; ".join(dict.fromkeys(e.why for e in entries if e.why))


def _stories(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in list(entries)[:MOST]:
        about = [story(entry)]
        about += [f"{name}: `{shape(of)}`" for name, of in entry.inputs if len(entry.inputs) > 1]
        about += [f"{entry.params:,} parameters"] if entry.params is not None else []
        about += [f"assumed: {text}" for text in entry.assumed]
        about += [entry.fits] if entry.fits else []
        yield "\n\n".join(about)
