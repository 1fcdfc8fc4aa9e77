"""The comments of libcst's tree that can declare shapes; `comments` says which those are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.comments import addressed, at_head, at_parameter, behind_first, shapes_in
from torchshape_lint.frontend.cst_origins import Origins
from torchshape_lint.frontend.declared import from_docstring


def declared_shapes(
    node: cst.FunctionDef, params: ir.Parameters, docstring: str | None, docstring_at: int, origins: Origins
) -> tuple[ir.Declared, ...]:
    """In the order of the source."""
    found = [one for part in _parameter_comments(node, origins) for one in part]
    found += _def_line(node, origins)
    before, after, first = _head(node, docstring is not None)
    found += [one for comment in before for one in at_head(_read(comment, origins))]
    if docstring is not None and ("(" in docstring or "[" in docstring):
        found += from_docstring(docstring, docstring_at)
    found += [one for comment in after for one in at_head(_read(comment, origins))]
    if first is not None:
        found += _behind(first, origins)
    return addressed(found, params)


def _read(comment: cst.Comment, origins: Origins) -> list[ir.Declared]:
    found = shapes_in(comment.value, len(origins.nodes))
    if found:
        origins.at(comment)
    return found


def _parameter_comments(node: cst.FunctionDef, origins: Origins) -> Iterator[list[ir.Declared]]:
    params = node.params
    above = _comments(node.whitespace_before_params)
    fresh = isinstance(node.whitespace_before_params, cst.ParenthesizedWhitespace)  # begins a line of its own
    for comment in above:
        yield at_parameter(_read(comment, origins), None)
    everything = (*params.posonly_params, *params.params, params.star_arg, *params.kwonly_params, params.star_kwarg)
    for param in everything:
        if isinstance(param, cst.ParamStar):
            fresh = isinstance(param.comma.whitespace_after, cst.ParenthesizedWhitespace)
        if not isinstance(param, cst.Param):
            continue
        last = not isinstance(param.comma, cst.Comma)
        space: Any = param.whitespace_after_param if last else param.comma.whitespace_after  # type: ignore[union-attr]
        ends = isinstance(space, cst.ParenthesizedWhitespace)
        for k, comment in enumerate(_comments(space)):
            behind = k == 0 and space.first_line.comment is comment
            yield at_parameter(_read(comment, origins), param.name.value if behind and fresh else None)
        fresh = ends


def _comments(space: cst.BaseParenthesizableWhitespace) -> list[cst.Comment]:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return []
    lines = [space.first_line.comment, *(line.comment for line in space.empty_lines)]
    return [comment for comment in lines if comment is not None]


def _def_line(node: cst.FunctionDef, origins: Origins) -> list[ir.Declared]:
    body = node.body
    space = body.header if isinstance(body, cst.IndentedBlock) else getattr(body, "trailing_whitespace", None)
    return [] if space is None or space.comment is None else _read(space.comment, origins)


def _head(
    node: cst.FunctionDef, has_docstring: bool
) -> tuple[Sequence[cst.Comment], Sequence[cst.Comment], cst.SimpleStatementLine | None]:
    """Comments above the docstring and after it, and the first statement if it can carry one more."""
    if not isinstance(node.body, cst.IndentedBlock):
        return (), (), None
    lines = node.body.body
    before = _leading(lines[0]) if has_docstring and lines else ()
    rest = lines[1:] if has_docstring else lines
    if not rest:
        footer = [line.comment for line in node.body.footer if line.comment is not None]
        return before, footer, None
    first = rest[0]
    return before, _leading(first), first if isinstance(first, cst.SimpleStatementLine) else None


def _leading(statement: Any) -> Sequence[cst.Comment]:
    return [line.comment for line in statement.leading_lines if line.comment is not None]


def _behind(first: cst.SimpleStatementLine, origins: Origins) -> list[ir.Declared]:
    comment = first.trailing_whitespace.comment
    if comment is None:
        return []
    assigned = {name for statement in first.body for name in _assigned(statement)}
    return behind_first(_read(comment, origins), assigned)


def _assigned(node: cst.CSTNode) -> Iterator[str]:
    targets: list[cst.CSTNode] = []
    if isinstance(node, cst.Assign):
        targets = [target.target for target in node.targets]
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        targets = [node.target]
    while targets:
        target = targets.pop()
        if isinstance(target, cst.Name):
            yield target.value
        elif isinstance(target, (cst.Tuple, cst.List)):
            targets += [element.value for element in target.elements]
        elif isinstance(target, cst.StarredElement):
            targets.append(target.value)
