"""Reading half-typed files: the smallest range of lines that cannot be parsed is left out, the rest is read by libcst.

A line left out becomes a marker statement (lowered to `ir.Unreadable`), so line numbers stay right. Where the mistake
is, Python's own parser says best; libcst's word is taken where Python is older than the syntax of the file.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Mapping

import libcst as cst

from torchshape_lint.frontend.half_typed import touched
from torchshape_lint.frontend.lines import NEWLINE
from torchshape_lint.frontend.nesting import ELIFS, Logical, logical_lines, too_deep
from torchshape_lint.frozen import dataclass

MARKER = "__torchshape_lint_unreadable_{}__"  # with the number of its line
ATTEMPTS = 20
LARGE = 2_000  # lines; ask Python first, for a failing parse costs libcst as much as a good one
LINES = 40_000  # parsed in vain, at most

_INDENT = re.compile(r"[ \t\f]*")
_CLAUSE = re.compile(r"[ \t\f]*(?:else|elif|except|finally)\b")
_ON_LINE = re.compile(r"on line (\d+)$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of what could be read, its text (markers included) and the lines that were left out.

    mentions: the names that the lines a marker stands for could touch; None where they could touch any name.
    """

    module: cst.Module
    text: str
    unreadable: tuple[int, ...]
    mentions: Mapping[str, frozenset[str] | None]


def parse(text: str) -> Parsed:
    """Never raises."""
    draft = _Draft(text)
    if len(re.findall(r"\belif\b", text)) > ELIFS:
        return draft.nothing()
    for line in reversed(too_deep(text)):
        draft.leave_out(line.first, draft.block_end(line.first, line.last))
    for number, content in enumerate(draft.lines if "\0" in text else (), 1):
        if "\0" in content:
            draft.leave_out(number, number)
    budget = LINES
    for attempt in range(ATTEMPTS):
        asked = attempt > 0 or len(draft.lines) > LARGE
        blamed = draft.blamed_by_python() if asked else None
        if blamed is None:
            result = _attempt(draft.text)
            if isinstance(result, cst.Module):
                return Parsed(result, draft.text, tuple(sorted(draft.left_out)), draft.mentions)
            blamed = None if asked else draft.blamed_by_python()
            blamed = blamed or (*draft.range(draft.suspect(result)), None)
            budget -= len(draft.lines)
        if budget < 0:
            break
        draft.leave_out(*blamed)
    return draft.nothing()


def _attempt(text: str) -> cst.Module | int:
    """The tree, or the line that libcst complains about."""
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return error.raw_line
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - a panic of the native parser is not an Exception
        return 1


class _Draft:
    """A text under repair, as lines with their newlines."""

    def __init__(self, text: str) -> None:
        self.original = _split(text)
        self.lines = list(self.original)
        self.left_out: set[int] = set()
        self.mentions: dict[str, frozenset[str] | None] = {}

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def nothing(self) -> Parsed:
        return Parsed(cst.Module([]), "", tuple(range(1, len(self.lines) + 1)), {})

    def indent(self, number: int) -> str:
        found = _INDENT.match(self.lines[number - 1])
        return found.group() if found else ""

    def blank(self, number: int) -> bool:
        content = self.lines[number - 1].strip()
        return not content or content.startswith("#")

    def left_of(self, number: int, indent: str) -> bool:
        """The line has code, and no more indentation than that."""
        return not self.blank(number) and len(self.indent(number)) <= len(indent)

    def leave_out(self, first: int, last: int, indent: str | None = None) -> None:
        marker = MARKER.format(first)
        self.mentions[marker] = touched("".join(self.original[first - 1 : last]), "".join(self.original))
        marker = (self.indent(first) if indent is None else indent) + marker
        for number in range(first, last + 1):
            content = self.lines[number - 1]
            newline = content[len(content.rstrip("\r\n")) :]
            self.lines[number - 1] = (marker if number == first else "") + newline
            self.left_out.add(number)

    def blamed_by_python(self) -> tuple[int, int, str | None] | None:
        """The lines to leave out, and the indentation of what takes their place; None for libcst to decide."""
        error = _python_error(self.text)
        if error is None:
            return None
        on_line = _ON_LINE.search(error.msg or "")
        number = int(on_line.group(1)) if on_line else error.lineno or 1
        if "expected 'except'" in error.msg:
            number = self.try_above(number)
        first, last = self.range(self.suspect(number))
        if not isinstance(error, IndentationError):
            return None if self.readable(first, last) else (first, last, None)  # Python may be too old for this line
        if "unexpected indent" not in error.msg:
            return first, last, None
        before = next((n for n in range(first - 1, 0, -1) if not self.blank(n)), None)
        indent = "" if before is None else self.indent(before)
        after = range(last + 1, len(self.lines) + 1)
        end = next((n for n in after if self.left_of(n, indent)), len(self.lines) + 1)
        return first, max(n for n in range(last, end) if n == last or not self.blank(n)), indent

    def suspect(self, number: int) -> int:
        """The line itself; if it was left out before, what it hangs on: a decorator, or the header around it."""
        number = min(max(number, 1), len(self.lines))
        if number not in self.left_out and not self.blank(number):
            return number
        depth = len(self.indent(number))
        for above in range(number - 1, 0, -1):
            if self.blank(above) or above in self.left_out:
                continue
            if number not in self.left_out or self.lines[above - 1].lstrip().startswith("@"):
                return above
            if len(self.indent(above)) < depth:
                return above
        return next((n for n in range(1, len(self.lines) + 1) if n not in self.left_out and not self.blank(n)), 1)

    def try_above(self, number: int) -> int:
        """The ``try`` that misses its handlers."""
        depth = len(self.indent(number))
        tries = (n for n in range(min(number, len(self.lines)), 0, -1) if self.lines[n - 1].lstrip().startswith("try"))
        return next((n for n in tries if len(self.indent(n)) >= depth), number)

    def range(self, number: int) -> tuple[int, int]:
        """The logical line around a line, with the block that hangs on it."""
        logical = next((line for line in logical_lines(self.text) if line.last >= number), None)
        return (number, number) if logical is None else self.hanging(logical, number)

    def hanging(self, logical: Logical, number: int) -> tuple[int, int]:
        first = next((n for n in range(logical.first, number) if not self.blank(n)), number)
        depth, last = len(self.indent(first)), first
        while last < logical.last:
            content = self.lines[last].lstrip()
            if last >= number and content and len(self.indent(last + 1)) <= depth and content[0] not in ")]}":
                break  # an unclosed bracket ends where a line stands as far left as it began
            last += 1
        while last > max(first, number) and self.blank(last):
            last -= 1
        return first, self.block_end(first, last)

    def block_end(self, first: int, last: int) -> int:
        depth, end = len(self.indent(first)), last
        for number in range(last + 1, len(self.lines) + 1):
            if self.blank(number):
                continue
            inside = len(self.indent(number))
            if inside > depth or inside == depth and _CLAUSE.match(self.lines[number - 1]):
                end = number
            else:
                break
        return end

    def readable(self, first: int, last: int) -> bool:
        """libcst can read these lines alone."""
        return isinstance(_attempt(textwrap.dedent("".join(self.lines[first - 1 : last]))), cst.Module)


def _split(text: str) -> list[str]:
    ends = [match.end() for match in NEWLINE.finditer(text)]
    starts = [0, *ends]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)])]


def _python_error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        pass
    return None
