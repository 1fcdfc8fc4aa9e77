"""Shapes in annotations: jaxtyping's ``Float[Tensor, "b 1 28 28"]``, torchtyping's ``TensorType["b", 3]``,
``Annotated[Tensor, ("b", 3)]``, TorchShapeFlow's ``Annotated[Tensor, Shape("b", 3)]``, Pyrefly's ``Tensor[[B, 3]]``,
and strings that hold one of them.
"""

from __future__ import annotations

import re

from torchshape_lint import ir
from torchshape_lint.frontend.ast_expressions import expression
from torchshape_lint.frontend.ast_positions import Places
from torchshape_lint.frontend.declared_sizes import Dims, Group, group, parsed, size
from torchshape_lint.frontend.lines import Lines

_JAXTYPING = re.compile(
    r"(?:B?Float(?:8\w*|16|32|64)?|U?Int(?:2|4|8|16|32|64|eger)?|Integer|Bool|Shaped|Num|Inexact|Real|Complex(?:64|128)?|Key|PRNGKey)"
)
_TENSOR = re.compile(r"(?:\w*Tensor|Parameter)")
_DTYPE = re.compile(r"(?:float|double|half|bfloat|u?int|long|short|bool|complex)\w*|is_named|is_float|Tensor")
_MAX = 400  # letters of a string annotation that we parse


def from_annotation(expr: ir.Expr, name: str | None) -> ir.Declared | None:
    """The shape that an annotation declares for ``name``; None where it declares none."""
    match expr:
        case ir.Const(value=str() as text):
            inner = _parsed(text)
            return None if inner is None else _located(from_annotation(inner, name), expr.at)
        case (
            ir.BinOp(op="|", left=left, right=ir.Const(value=None))
            | ir.BinOp(op="|", left=ir.Const(value=None), right=left)
        ):
            return from_annotation(left, name)
        case ir.Subscript(value=value, index=index):
            head = _last_name(value)
            if head == "Optional":
                return from_annotation(index, name)
            reading = _reading(head, index)
            if reading is None:
                return None
            dims, text, problem = reading
            return ir.Declared(expr.at, name, dims, "annotation", text, problem)
    return None


_OTHER = frozenset(
    "ndarray NDArray ArrayLike DataFrame Series list List Sequence Iterable tuple Tuple dict Dict Mapping".split()
)


def is_no_tensor(expr: ir.Expr) -> bool:
    """Does an annotation say that something else comes in: an array of numpy's, a list?"""
    match expr:
        case ir.BinOp(op="|", left=left, right=right):
            return is_no_tensor(left) or is_no_tensor(right)
        case ir.Subscript(value=value, index=index) if _last_name(value) in ("Optional", "Union"):
            return any(map(is_no_tensor, index.items if isinstance(index, ir.Sequence) else (index,)))
        case ir.Const(value=str() as text):
            return not _OTHER.isdisjoint(re.findall(r"\w+", text))
    return _last_name(expr) in _OTHER


Reading = tuple[Dims | None, str, str]


def _reading(head: str, index: ir.Expr) -> Reading | None:
    items = index.items if isinstance(index, ir.Sequence) and index.kind == "tuple" else (index,)
    if head == "Annotated":
        return _annotated(items)
    if head == "TensorType":
        return _torchtyping(items)
    match items:
        case (array, ir.Const(value=str() as text)) if _JAXTYPING.fullmatch(head) and _TENSOR.search(_last_name(array)):
            return _jaxtyping(text)
        case (ir.Sequence(kind="list", items=sizes),) if head.endswith("Tensor"):
            return _sizes(sizes)
        case (_, _, *_) if head == "Tensor" and not any(_DTYPE.fullmatch(_last_name(item)) for item in items):
            return _sizes(items)
    return None


def _annotated(items: tuple[ir.Expr, ...]) -> Reading | None:
    if not items or not _TENSOR.fullmatch(_last_name(items[0])):
        return None
    for item in items[1:]:
        match item:
            case ir.Sequence(kind="tuple" | "list", items=sizes):
                return _sizes(sizes)
            case ir.Call(func=func, args=args) if _last_name(func) == "Shape":  # TorchShapeFlow's, or another's
                plain = not any(arg.keyword or arg.star for arg in args)
                reading = _sizes(tuple(arg.value for arg in args))
                return reading if plain and not reading[2] else None
            case ir.Const(value=str() as text):
                bracket = text.strip()
                if bracket[:1] not in ("(", "["):
                    bracket = "(" + ", ".join(re.split(r"[,\s]+", bracket)) + ")"
                found: Group | None = group(bracket, 0)
                if found is not None and found.unmistakable and found.end == len(bracket):
                    return found.shape, text, ""
    return None


def _torchtyping(items: tuple[ir.Expr, ...]) -> Reading | None:
    match items:
        case (ir.Const(value=str() as text), *others) if " " in text.strip():
            return _jaxtyping(text) if all(_DTYPE.fullmatch(_last_name(item)) for item in others) else None
    sizes = []
    for item in items:
        if isinstance(item, ir.Slice):  # "name": size
            item = item.upper if item.upper is not None and _size(item.upper) != "?" else item.lower or item
        if not _DTYPE.fullmatch(_last_name(item)):
            sizes.append(item)
    return _sizes(tuple(sizes))


def _sizes(items: tuple[ir.Expr, ...]) -> Reading:
    dims = tuple(_size(item) for item in items)
    text = f"({', '.join(map(_shown, items))}{',' if len(items) == 1 else ''})"
    for item, dim in zip(items, dims):
        if dim is None:
            return None, text, f"{_shown(item)} is not a size"
    if dims.count("...") > 1:
        return None, text, "more than one '...'"
    return tuple(dim for dim in dims if dim is not None), text, ""


def _size(item: ir.Expr) -> int | str | None:
    match item:
        case ir.Const(value=value):
            if value is ...:
                return "..."
            if value is None:
                return "?"
            if isinstance(value, bool) or not isinstance(value, (int, str)):
                return None
            return value if isinstance(value, int) else size(value)
        case ir.Name(id=name):
            return "..." if name in ("Any", "etc") else name
        case ir.Starred():
            return "..."
        case ir.Attribute():
            return "?"
        case ir.UnaryOp(op="-", operand=ir.Const(value=1)):
            return "?"
        case ir.BinOp():
            return size(_shown(item))
        case ir.Subscript(value=value) if _last_name(value) in ("Dim", "Literal"):
            return _size(item.index)
    return None


def _jaxtyping(text: str) -> Reading:
    """Sizes between blanks: ``b``, ``28``, ``*batch``, ``...``, ``_x``, ``#b``, ``?b``, ``h=28``, ``2*h``, ``{n}``."""
    dims = []
    for token in text.split():
        dim = _jaxtyping_size(token)
        if dim is None:
            return None, text, f"{token!r} is not a size"
        dims.append(dim)
    if dims.count("...") > 1:
        return None, text, "more than one '*' or '...'"
    return tuple(dims), text, ""


def _jaxtyping_size(token: str) -> int | str | None:
    marks = re.match(r"[*#?]*", token)
    mark = marks.group() if marks else ""
    rest = token[len(mark) :].rpartition("=")[2]
    if token == "..." or "*" in mark:
        return "..." if token == "..." or re.fullmatch(r"\w+", rest) and not rest[0].isdigit() else None
    if mark or rest.startswith("_") or "{" in rest or "." in rest or "(" in rest:
        return "?" if rest else None  # #b may be 1 instead; {n} is looked up when the program runs
    return size(rest)


def _last_name(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Attribute(attr=name):
            return name
        case ir.Const(value=str() as text):
            return text.rpartition(".")[2]
        case ir.Subscript(value=value):
            return _last_name(value)
        case ir.BinOp(op="|", left=left):
            return _last_name(left)
    return ""


def _shown(expr: ir.Expr) -> str:
    match expr:
        case ir.Const(value=value):
            return "..." if value is ... else str(value)
        case ir.Name(id=name) | ir.Attribute(attr=name):
            return name
        case ir.Starred(value=value):
            return "*" + _shown(value)
        case ir.UnaryOp(op=op, operand=operand):
            return op + _shown(operand)
        case ir.BinOp(op=op, left=left, right=right):
            return f"{_operand(left)}{op}{_operand(right)}"
    return "?"


def _operand(expr: ir.Expr) -> str:
    return f"({_shown(expr)})" if isinstance(expr, ir.BinOp) else _shown(expr)


def _parsed(text: str) -> ir.Expr | None:
    """A string annotation as an expression, if it can hold a shape at all."""
    if "[" not in text or len(text) > _MAX or text.count("[") > 20:
        return None
    tree = parsed(text)
    try:
        return expression(tree, Places(Lines(""))) if tree is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _located(declared: ir.Declared | None, at: int) -> ir.Declared | None:
    if declared is None:
        return None
    return ir.Declared(at, declared.name, declared.dims, declared.source, declared.text, declared.problem)
