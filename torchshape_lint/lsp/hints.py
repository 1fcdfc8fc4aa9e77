"""Shapes beside the code: of parameters, of variables, of what a layer gives.

A hint is trivial, and not shown unless asked for, when it says what stands there anyway: an operator that leaves the
shape as it is, sizes that are typed on the line, nothing at all. Of several stories the last is shown, everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types as lsp

from torchshape_lint.diagnostics import Entry, Step, Trace
from torchshape_lint.lsp.outline import Block, blocks, code_end, innermost, parameters, targets
from torchshape_lint.lsp.places import Text
from torchshape_lint.lsp.shown import is_known, shape, shapes, steps
from torchshape_lint.shapes import Shape
from torchshape_lint.spans import NOWHERE


def hints(trace: Trace, text: Text, within: lsp.Range, *, trivial: bool) -> list[lsp.InlayHint]:
    """The hints inside a range, in the order of their places; one at a place."""
    first, last = (text.place(end)[0] for end in (within.start, within.end))
    placed: dict[tuple[int, int], str] = {}
    for line, column, label in _Hints(trace, text, trivial):
        if first <= line <= last:
            placed.setdefault((line, column), label)
    return [
        lsp.InlayHint(text.position(*place), label, kind=lsp.InlayHintKind.Type, padding_left=label[:1] != ":")
        for place, label in sorted(placed.items())
    ]


class _Hints:
    """(line, column, label) of every hint."""

    def __init__(self, trace: Trace, text: Text, trivial: bool) -> None:
        self.trace, self.text, self.trivial = trace, text, trivial
        self.outline = blocks(text)

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        yield from self._inputs()
        yield from self._statements()
        yield from self._layers()

    def _inputs(self) -> Iterator[tuple[int, int, str]]:
        """What comes into a forward, in its header."""
        given = {(e.name, name): of for e in self.trace.entries for name, of in e.inputs}
        for block in self.outline:
            around = innermost(self.outline, block.line, is_class=True)
            if block.is_class or block.name != "forward" or around is None:
                continue
            for line, parameter in parameters(self.text, block):
                of = given.get((around.name, parameter.name))
                if is_known(of):
                    yield line, parameter.end, f": {shape(of)}"

    def _statements(self) -> Iterator[tuple[int, int, str]]:
        """What a statement binds, behind the name; what it returns or throws away, behind the line."""
        held: dict[tuple[Block | None, str], Sequence[Shape]] = {}
        for number, found in sorted(self.trace.lines.items()):
            line = self.text.line(number)
            names = targets(line)
            around = innermost(self.outline, number, is_class=False)
            if names and names[0].name.startswith("self.") and around is not None and around.name == "__init__":
                continue  # a parameter or buffer, typed there
            if not names:
                if self.trivial or not self._typed(line, found):
                    yield number, code_end(line), f"-> {shapes(found)}"
                continue
            each = [[of] for of in found] if len(names) == len(found) else [found] if len(names) == 1 else []
            for name, of in zip(names, each):
                same = held.get((around, name.name)) == of
                held[around, name.name] = of
                if self.trivial or not (same or self._typed(line, of)):
                    yield number, name.end, f": {shapes(of)}"

    def _typed(self, line: str, found: Sequence[Shape]) -> bool:
        """Every shape says nothing, or stands on the line as it is."""
        return all(not is_known(of) or str(of).strip("(),") in line for of in found)

    def _layers(self) -> Iterator[tuple[int, int, str]]:
        """What a layer gives: where it is made, and where its call stands inside of another."""
        for entry, step in steps(reversed(self.trace.entries)):
            if step.span == NOWHERE or not any(map(is_known, step.outputs)):
                continue
            if not self.trivial and step.outputs == step.inputs[:1]:
                continue
            made = self._made(entry, step)
            if made is not None:
                yield made, code_end(self.text.line(made)), f"-> {shapes(step.outputs)}"
            if self._inside(step):
                yield step.span.end_line, step.span.end_column, f": {shapes(step.outputs)}"

    def _made(self, entry: Entry, step: Step) -> int | None:
        """The line ``self.fc = ...`` of the class whose code calls ``self.fc``."""
        name = step.path.rpartition(".")[2]
        around = innermost(self.outline, step.span.line, is_class=True)
        if around is None or not step.source.startswith(f"self.{name}("):
            return None
        for number in range(around.line, around.end + 1):
            if any(target.name == f"self.{name}" for target in targets(self.text.line(number))):
                return number
        return None

    def _inside(self, step: Step) -> bool:
        """A layer's call as an argument of another call: the next character of the code is not the end of it."""
        if not step.source.startswith("self."):
            return False
        rest = self.text.line(step.span.end_line)[step.span.end_column - 1 :]
        return rest[:1] in (")", ",", ".")
