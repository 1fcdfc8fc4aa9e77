"""Positions of libcst nodes, computed by writing the tree out once.

libcst's own PositionProvider does the same three times slower: it keeps lines and columns of every token and
builds two objects a node. Here a position is an offset into the text; lines are looked up on demand.
"""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from torchshape_lint.frontend.nesting import room

SPACE = re.compile(r"(?:\s|\\|#[^\r\n]*+)*+")
LOST = re.compile(r"[ \t\f]+")


class _Record:
    """libcst's ``record_syntactic_position``: where a node stands without the whitespace that it owns."""

    __slots__ = ("end", "node", "offset", "start", "writer")

    def __init__(
        self, writer: OffsetWriter, node: cst.CSTNode, start: cst.CSTNode | None, end: cst.CSTNode | None
    ) -> None:
        self.writer, self.node, self.start, self.end = writer, node, start, end

    def __enter__(self) -> None:
        self.offset = self.writer.offset

    def __exit__(self, *exception: object) -> None:
        spans = self.writer.spans
        spans[id(self.node)] = (
            self.offset if self.start is None else spans[id(self.start)][0],
            self.writer.offset if self.end is None else spans[id(self.end)][1],
        )


class OffsetWriter:
    """Stands in for libcst's CodegenState. ``spans``: id of a node -> offsets of its start and end."""

    def __init__(self, module: cst.Module, text: str) -> None:
        self.default_indent, self.default_newline = module.default_indent, module.default_newline
        self.text = text
        self.indent_tokens: list[str] = []
        self.tokens: list[str] = []
        self.offset = 0
        self.spans: dict[int, tuple[int, int]] = {}
        self._open: list[int] = []

    def increase_indent(self, value: str) -> None:
        self.indent_tokens.append(value)

    def decrease_indent(self) -> None:
        self.indent_tokens.pop()

    def add_indent_tokens(self) -> None:
        self.tokens += self.indent_tokens
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.tokens.pop()

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._open.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.spans.setdefault(id(node), (self._open.pop(), self.offset))

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Record:
        return _Record(self, node, start_node, end_node)

    def write(self, module: cst.Module) -> None:
        writer: Any = self
        module._codegen(writer)

    def extent(self, node: cst.CSTNode) -> tuple[int, int]:
        """Offsets of a node as Python's ``ast`` has them: the parentheses of a tuple or a generator belong to it."""
        start, end = self.spans[id(node)]
        if isinstance(node, (cst.Tuple, cst.GeneratorExp)) and node.lpar:
            return self.spans[id(node.lpar[-1])][0], self.spans[id(node.rpar[0])][1]
        if isinstance(node, cst.GeneratorExp):  # the only argument of a call, whose parentheses it takes
            opening = self.text.rindex("(", 0, start)
            while opening > 0 and not SPACE.fullmatch(self.text, opening + 1, start):  # it stands in a comment
                opening = self.text.rindex("(", 0, opening)
            closing = SPACE.match(self.text, end)
            return opening, closing.end() + 1 if closing else end
        if isinstance(node, cst.Slice):  # owns the space behind its last colon
            end = start + len(self.text[start:end].rstrip())
        return start, end


class AligningWriter(OffsetWriter):
    """For the few texts that libcst does not give back exactly (``except (A, B) :`` loses a blank).

    Steps over what is lost.
    """

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        if not self.text.startswith(value, self.offset):
            lost = LOST.match(self.text, self.offset)
            if lost is not None and self.text.startswith(value, lost.end()):
                self.offset = lost.end()
        super().add_token(value)

    def extent(self, node: cst.CSTNode) -> tuple[int, int]:
        start, end = super().extent(node)
        lost = LOST.match(self.text, start)  # a form feed before a statement
        return (start if lost is None else min(lost.end(), end)), end


def written(module: cst.Module, text: str) -> OffsetWriter:
    """``module`` written out, its offsets being those of ``text``."""
    with room():
        writer = OffsetWriter(module, text)
        writer.write(module)
        if "".join(writer.tokens) != text:
            writer = AligningWriter(module, text)
            writer.write(module)
    return writer
