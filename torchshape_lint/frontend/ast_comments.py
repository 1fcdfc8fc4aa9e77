"""The comments of a function that can declare shapes, from its text: ``ast`` has none. `comments` says which those are.

Nearly no function has one, so its text is broken into tokens only where a ``#`` is followed by what could be a shape.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator

from torchshape_lint import ir
from torchshape_lint.frontend.ast_expressions import in_order
from torchshape_lint.frontend.ast_positions import Places
from torchshape_lint.frontend.comments import addressed, at_head, at_parameter, behind_first, shapes_in
from torchshape_lint.frontend.declared import from_docstring
from torchshape_lint.frontend.declared_sizes import TIMES
from torchshape_lint.frontend.lines import NEWLINE, Lines
from torchshape_lint.frozen import dataclass

_POSSIBLE = re.compile(rf"#[^\r\n]*(?:[(\[{TIMES}]| x )")
_LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_BLANK = re.compile(r"([ \t\f]*)(?:#.*)?[\r\n]*")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Comment:
    """logical: how many logical lines end before it, the ``def`` being the first. depth: brackets open around it."""

    text: str
    line: int
    start: int
    logical: int
    depth: int
    alone: bool  # on its line


def declared_shapes(
    node: Function, params: ir.Parameters, docstring: str | None, docstring_at: int, places: Places
) -> tuple[ir.Declared, ...]:
    """In the order of the source."""
    first, last = _head(node.body, docstring is not None, places.lines)
    comments = list(_comments(node, last, places.lines))
    head = 1 if docstring is None else 2  # the logical line of the first statement
    body = places.lines.offset(node.body[0].lineno, node.body[0].col_offset)
    found: list[ir.Declared] = []
    for comment in comments:
        if comment.logical == 0 and comment.depth == 0:
            found += _read(comment, places)
        elif comment.logical == 0 and comment.depth == 1 and comment.start < body:
            found += at_parameter(_read(comment, places), _name_before(comment, node, places.lines))
        elif 0 < comment.logical < head and comment.alone:
            found += at_head(_read(comment, places))
    if docstring is not None and ("(" in docstring or "[" in docstring):
        found += from_docstring(docstring, docstring_at)
    for comment in comments:
        if comment.logical == head and comment.alone and not comment.depth:
            found += at_head(_read(comment, places))
        elif comment.logical == head and not comment.depth:
            found += behind_first(_read(comment, places), {name for one in first for name in _assigned(one)})
    return addressed(found, params)


def _head(body: list[ast.stmt], has_docstring: bool, lines: Lines) -> tuple[list[ast.stmt], int]:
    """The statements of the first line after the docstring, if they are simple, and the last line that matters."""
    indent, last = body[0].col_offset, body[0].end_lineno or 0
    if has_docstring:
        body = [statement for statement in body if statement.lineno > last]
    if not body:  # the comments below, as long as one of them stands as far right as the body
        line = last
        while (blank := _BLANK.fullmatch(lines.between(line + 1, line + 1))) and blank.group():
            line += 1
            if "#" in blank.group() and len(blank.group(1)) >= indent:
                last = line
        return [], last
    if hasattr(body[0], "body") or isinstance(body[0], ast.Match):
        decorators = getattr(body[0], "decorator_list", [])
        return [], min(one.lineno for one in (body[0], *decorators)) - 1
    first = [body[0]]
    for statement in body[1:]:
        if statement.lineno != first[-1].end_lineno:
            break
        first.append(statement)
    return first, first[-1].end_lineno or 0


def _comments(node: Function, last: int, lines: Lines) -> Iterator[_Comment]:
    if _POSSIBLE.search(lines.between(node.lineno, last)) is None:
        return
    content = (NEWLINE.sub("\n", lines.between(line, line)) for line in range(node.lineno, last + 1))
    logical = depth = 0
    alone = True
    try:
        for token in tokenize.generate_tokens(lambda: next(content, "")):
            if token.type == tokenize.COMMENT:
                line = node.lineno + token.start[0] - 1
                yield _Comment(token.string, line, lines.starts[line - 1] + token.start[1], logical, depth, alone)
            elif token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
            logical += token.type == tokenize.NEWLINE
            alone = token.type in _LAYOUT
    except (tokenize.TokenError, SyntaxError):  # the end of the text is none of the function
        return


def _name_before(comment: _Comment, node: Function, lines: Lines) -> str | None:
    """The parameter that begins the line at whose end the comment stands."""
    if comment.alone:
        return None
    for arg, _, default in reversed(in_order(node.args)):
        start = lines.offset(arg.lineno, arg.col_offset)
        if start < comment.start:
            before = lines.text[lines.starts[arg.lineno - 1] : start]
            ends = (default or arg).end_lineno == comment.line
            return arg.arg if ends and not before.strip("* \t\f") else None
    return None


def _read(comment: _Comment, places: Places) -> list[ir.Declared]:
    found = shapes_in(comment.text, len(places.nodes))
    if found:
        places.at((comment.start, comment.start + len(comment.text)))
    return found


def _assigned(statement: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = list(statement.targets)
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        targets = [statement.target]
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
        elif isinstance(target, ast.Starred):
            targets.append(target.value)
