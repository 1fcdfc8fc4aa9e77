"""Where classes and functions stand, and what a line binds: by the text alone, which may be half typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchshape_lint.frozen import dataclass
from torchshape_lint.lsp.places import Text

_HEADER = re.compile(r"([ \t]*)(class|(?:async[ \t]+)?def)[ \t]+(\w+)")
_TARGETS = re.compile(r"\s*([\w.]+(?:\s*,\s*[\w.*]+)*)\s*(?::[^=]+)?(?:[-+*/@%&|^]|//|\*\*|<<|>>)?=(?!=)")
_NAME = re.compile(r"[\w.]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A class or function: its name, where that stands, and the lines of its body."""

    name: str
    is_class: bool
    line: int
    column: int
    end: int

    def holds(self, line: int) -> bool:
        return self.line <= line <= self.end


@dataclass(frozen=True, slots=True)
class Target:
    """A name that a line binds, and the column behind it."""

    name: str
    column: int
    end: int


def blocks(text: Text) -> list[Block]:
    """In the order of their lines, outer ones first."""
    found = []
    for number, line in enumerate(text.lines, 1):
        if header := _HEADER.match(line):
            end = _end(text.lines, number, len(header[1]))
            found.append(Block(header[3], header[2] == "class", number, header.start(3) + 1, end))
    return found


def _end(lines: list[str], header: int, indent: int) -> int:
    """The last line of a block; what closes a bracket and comments stand where they like."""
    last = header
    for number, line in enumerate(lines[header:], header + 1):
        code = line.strip()
        if not code or code[0] in "#)]}":
            continue
        if len(line) - len(line.lstrip()) <= indent:
            break
        last = number
    return last


def innermost(found: list[Block], line: int, *, is_class: bool) -> Block | None:
    """The class or function around a line."""
    around = [block for block in found if block.is_class == is_class and block.holds(line)]
    return around[-1] if around else None


def targets(line: str) -> list[Target]:
    """``x`` and ``y`` of ``x, y = ...``; with a star or an index there is no saying what a name gets."""
    found = _TARGETS.match(line)
    if found is None or "*" in found[1]:
        return []
    at = found.start(1)
    return [Target(m[0], at + m.start() + 1, at + m.end() + 1) for m in _NAME.finditer(found[1])]


def parameters(text: Text, function: Block) -> Iterator[tuple[int, Target]]:
    """(line, parameter) of a function whose header is written down; ``self`` among them."""
    depth, name = 0, False
    for number in range(function.line, function.end + 1):
        line = text.line(number)
        start = function.column - 1 if number == function.line else 0
        for token in re.finditer(r"#.*|\w+|[^\w\s]", line[start:]):
            word = token[0]
            if word.startswith("#"):
                break
            if word in "([{":
                depth += 1
                name = depth == 1
            elif word in ")]}":
                depth -= 1
                if depth == 0:
                    return
            elif depth == 1 and name and word.isidentifier():
                yield number, Target(word, start + token.start() + 1, start + token.end() + 1)
                name = False
            elif depth == 1:
                name = word == "," or name and word == "*"


def code_end(line: str) -> int:
    """The column behind the code of a line, before a comment."""
    code = re.match(r"""(?:"[^"]*"|'[^']*'|[^#"'])*""", line)
    return len((code[0] if code else line).rstrip()) + 1
