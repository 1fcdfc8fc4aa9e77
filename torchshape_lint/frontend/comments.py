"""Which comments of a function can declare shapes: where they stand decides whose they are.

On the parameters' own lines, behind the ``def`` line, at the head of the body before the first statement, and behind
the first statement if it does not assign the name. Further down a comment is about something else.
`ast_comments` and `cst_comments` find them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from torchshape_lint import ir
from torchshape_lint.frontend.declared import RETURN, from_comment
from torchshape_lint.frontend.declared_sizes import TIMES

_PLAIN = set("int float str bool tuple list dict Tuple List Dict Sequence Callable Size".split())  # types of no tensor
_HERE = {"shape", "input", "inputs", "in"}
_RESULT = {"output", "outputs", "out", "returns", "result"}


def shapes_in(comment: str, at: int) -> list[ir.Declared]:
    if "(" not in comment and "[" not in comment and " x " not in comment and TIMES not in comment:
        return []
    return from_comment(comment, at)


def at_parameter(found: Sequence[ir.Declared], name: str | None) -> list[ir.Declared]:
    """What a comment between parameters declares; a bare shape counts where it can only be of the one ``name``."""
    named = [replace(one, name=name) if one.name is None else one for one in found]
    return [one for one in named if one.name not in (None, RETURN)]


def at_head(found: Sequence[ir.Declared]) -> list[ir.Declared]:
    """What a line of comment before the first statement declares."""
    return [one for one in found if one.name != RETURN]


def behind_first(found: Sequence[ir.Declared], assigned: Collection[str]) -> list[ir.Declared]:
    """``y = f(x)  # x: (n, 3)``: about x, unless the line assigns x; a bare shape is about what the line gives."""
    others = {None, RETURN} | _HERE | _RESULT
    return [one for one in found if one.name not in others and one.name not in assigned]


def addressed(found: Sequence[ir.Declared], params: ir.Parameters) -> tuple[ir.Declared, ...]:
    """Those of them that can be about a parameter, about "the tensor here", or about the result."""
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
