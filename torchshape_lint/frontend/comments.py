"""Which comments of a function can declare shapes: where they stand decides whose they are.

On the parameters' own lines, behind the ``def`` line, at the head of the body before the first statement, and behind
the first statement if it does not assign the name. Further down a comment is about something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.declared import RETURN, from_comment, from_docstring
from torchshape_lint.frontend.declared_sizes import TIMES
from torchshape_lint.frontend.origins import Origins

_PLAIN = set("int float str bool tuple list dict Tuple List Dict Sequence Callable Size".split())  # types of no tensor
_HERE = {"shape", "input", "inputs", "in"}
_RESULT = {"output", "outputs", "out", "returns", "result"}


def declared_shapes(
    node: cst.FunctionDef, params: ir.Parameters, docstring: str | None, docstring_at: int, origins: Origins
) -> tuple[ir.Declared, ...]:
    """In the order of the source."""
    found = [one for part in _parameter_comments(node, origins) for one in part]
    found += _def_line(node, origins)
    before, after, first = _head(node, docstring is not None)
    found += [one for comment in before for one in _read(comment, origins) if one.name != RETURN]
    if docstring is not None and ("(" in docstring or "[" in docstring):
        found += from_docstring(docstring, docstring_at)
    found += [one for comment in after for one in _read(comment, origins) if one.name != RETURN]
    if first is not None:
        found += _behind(first, origins)
    if not found:
        return ()
    names = {p.name for p in params.items}
    tensors = {p.name for p in params.items[:1] if p.name not in ("self", "cls")}
    tensors |= {p.name for p in params.items[1:]}
    tensors -= {p.name for p in params.items if _never_a_tensor(p)}
    return tuple(one for declared in found if (one := _addressed(declared, names, tensors)) is not None)


def _addressed(one: ir.Declared, names: set[str], tensors: set[str]) -> ir.Declared | None:
    """The declaration of a parameter, of "the tensor here" or of the result; None if it is of anything else."""
    said = (one.name or "").lower()
    if one.name not in names:
        if said in _HERE:
            one = replace(one, name=None)
        elif said in _RESULT:
            one = replace(one, name=RETURN)
    if one.name is None and one.dims is not None:
        words = [dim for dim in one.dims if isinstance(dim, str) and dim.isidentifier()]
        return None if words and len(words) == len(one.dims) and all(word in names for word in words) else one
    return one if one.name in tensors | {None, RETURN} else None


def _never_a_tensor(param: ir.Param) -> bool:
    if param.kind in ("*", "**") or isinstance(param.default, (ir.Sequence, ir.Dict)):
        return True
    if isinstance(param.default, ir.Const) and param.default.value is not None:
        return True
    annotation = param.annotation.value if isinstance(param.annotation, ir.Subscript) else param.annotation
    return (
        isinstance(annotation, (ir.Name, ir.Attribute))
        and (annotation.id if isinstance(annotation, ir.Name) else annotation.attr) in _PLAIN
    )


def _read(comment: cst.Comment, origins: Origins) -> list[ir.Declared]:
    text = comment.value
    if "(" not in text and "[" not in text and " x " not in text and TIMES not in text:
        return []
    found = from_comment(text, len(origins.nodes))
    if found:
        origins.at(comment)
    return found


def _parameter_comments(node: cst.FunctionDef, origins: Origins) -> Iterator[list[ir.Declared]]:
    params = node.params
    if node.whitespace_before_params.empty and len(params.params) + len(params.kwonly_params) == 0:
        return
    above = _comments(node.whitespace_before_params)
    fresh = isinstance(node.whitespace_before_params, cst.ParenthesizedWhitespace)  # begins a line of its own
    for comment in above:
        yield [one for one in _read(comment, origins) if one.name not in (None, RETURN)]
    for param in (*params.posonly_params, *params.params, params.star_arg, *params.kwonly_params):
        if not isinstance(param, cst.Param):
            fresh = False
            continue
        last = not isinstance(param.comma, cst.Comma)
        space: Any = param.whitespace_after_param if last else param.comma.whitespace_after  # type: ignore[union-attr]
        ends = isinstance(space, cst.ParenthesizedWhitespace)
        for k, comment in enumerate(_comments(space)):
            behind = k == 0 and space.first_line.comment is comment
            for one in _read(comment, origins):
                if one.name is None and behind and fresh:
                    yield [replace(one, name=param.name.value)]
                elif one.name not in (None, RETURN):
                    yield [one]
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
    """``y = f(x)  # x: (n, 3)``: about x, unless the line assigns x; a bare shape is about what the line gives."""
    comment = first.trailing_whitespace.comment
    if comment is None:
        return []
    assigned = {name for statement in first.body for name in _assigned(statement)}
    return [one for one in _read(comment, origins) if one.name not in {None, RETURN} | _HERE | _RESULT | assigned]


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
