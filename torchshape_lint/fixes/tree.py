"""A file as libcst reads it, for those who want to change it: nodes by place, parents, and edits of nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from torchshape_lint.diagnostics import Edit
from torchshape_lint.fixes.edits import Lines
from torchshape_lint.spans import Span

N = TypeVar("N")
_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)


class Unreadable(ValueError):
    """Text that libcst cannot read, or does not give back exactly."""


class Tree:
    """Nodes and where they stand. Parentheses around an expression are not part of it."""

    def __init__(self, text: str) -> None:
        try:
            wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
            self._ranges = wrapper.resolve(PositionProvider)
            self._parents = wrapper.resolve(ParentNodeProvider)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise Unreadable from error
        self.text, self.module, self.lines = text, wrapper.module, Lines(text)
        if self.module.code != text:
            raise Unreadable

    def span(self, node: cst.CSTNode) -> Span:
        place = self._ranges[node]
        return Span(place.start.line, place.start.column + 1, place.end.line, place.end.column + 1)

    def source(self, node: cst.CSTNode) -> str:
        cut = self.lines.cut(self.replaced(node, ""))
        return self.text[cut.start : cut.end]

    def at(self, span: Span | None) -> cst.BaseExpression | None:
        """The expression that stands just there; of several the outermost."""
        return self._by_span.get(span) if span is not None else None

    @cached_property
    def _by_span(self) -> dict[Span, cst.BaseExpression]:
        found: dict[Span, cst.BaseExpression] = {}
        for node in _walk(self.module):
            if isinstance(node, cst.BaseExpression):
                found.setdefault(self.span(node), node)
        return found

    def all(self, kind: type[N], below: cst.CSTNode | None = None) -> Iterator[N]:
        """The nodes of a kind, parents first, in the order of the text."""
        return (node for node in _walk(self.module if below is None else below) if isinstance(node, kind))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def enclosing(self, node: cst.CSTNode, kind: type[N]) -> N | None:
        """The nearest node of this kind around another."""
        found = self.parent(node)
        while found is not None and not isinstance(found, kind):
            found = self.parent(found)
        return found

    @cached_property
    def uses(self) -> Counter[str]:
        """How often each name stands in the file, attributes with their dot."""
        attributes = {id(node.attr) for node in self.all(cst.Attribute)}
        keywords = {id(node.keyword) for node in self.all(cst.Arg) if node.keyword is not None}
        names = [node for node in self.all(cst.Name) if id(node) not in keywords]
        return Counter(f".{name.value}" if id(name) in attributes else name.value for name in names)

    # --- edits ------------------------------------------------------------------------------------------------------

    def replaced(self, node: cst.CSTNode, text: str) -> Edit:
        return Edit(self.span(node), text)

    def joined(self, node: cst.CSTNode, edits: Iterable[Edit]) -> Edit:
        """Edits within a node as one."""
        whole = self.lines.cut(self.replaced(node, ""))
        pieces, at = [], whole.start
        for cut in sorted(map(self.lines.cut, edits)):
            pieces += [self.text[at : cut.start], cut.text]
            at = cut.end
        return self.replaced(node, "".join([*pieces, self.text[at : whole.end]]))

    def between(self, start: cst.CSTNode, end: cst.CSTNode, text: str) -> Edit:
        """From the beginning of one node to that of another."""
        a, b = self.span(start), self.span(end)
        return Edit(Span(a.line, a.column, b.line, b.column), text)

    def before(self, node: cst.CSTNode, text: str) -> Edit:
        span = self.span(node)
        return Edit(Span(span.line, span.column, span.line, span.column), text)

    def after(self, node: cst.CSTNode, text: str) -> Edit:
        span = self.span(node)
        return Edit(Span(span.end_line, span.end_column, span.end_line, span.end_column), text)

    def method(self, node: cst.BaseExpression, call: str) -> tuple[Edit, ...]:
        """``x`` becomes ``x.flatten(1)``; what binds less than a dot gets parentheses."""
        if isinstance(node, _ATOMS):
            return (self.after(node, f".{call}"),)
        return (self.before(node, "("), self.after(node, f").{call}"))


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)


def argument(call: cst.Call, name: str, position: int | None) -> cst.Arg | None:
    """The argument that is given by this keyword, or at this place."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == name:
            return arg
    if position is None or position >= len(call.args) or any(a.star or a.keyword for a in call.args[: position + 1]):
        return None
    return call.args[position]


def dotted(node: cst.CSTNode) -> str:
    """``nn.Linear`` as text; "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr.value}" if owner else ""
    return ""


def integer(node: cst.CSTNode | None) -> int | None:
    """The number that a literal is."""
    if isinstance(node, cst.Integer):
        return node.evaluated_value
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = integer(node.expression)
        return None if inner is None else -inner
    return None
