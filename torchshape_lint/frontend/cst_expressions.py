"""libcst expressions -> ir expressions, dispatched by type (libcst's visitors cost more than its parser).

Knows the syntax of Python 3.11-3.15; knows nothing of what names mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend.cst_origins import Origins
from torchshape_lint.frontend.literals import formatted_text, number, string

CONSTANTS = {"None": None, "True": True, "False": False}

OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.Plus: "+",
    cst.Minus: "-",
    cst.BitInvert: "~",
    cst.Not: "not",
    cst.And: "and",
    cst.Or: "or",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}


def expression(node: cst.CSTNode, origins: Origins) -> ir.Expr:
    lower = EXPRESSIONS.get(type(node))
    if lower is None:
        return ir.Opaque(origins.at(node), type(node).__name__, ())
    return lower(node, origins)


def optional(node: cst.CSTNode | None, origins: Origins) -> ir.Expr | None:
    return None if node is None else expression(node, origins)


def _name(node: cst.Name, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    name = node.value
    return ir.Const(at, CONSTANTS[name]) if name in CONSTANTS else ir.Name(at, name)


def _ellipsis(node: cst.Ellipsis, origins: Origins) -> ir.Expr:
    return ir.Const(origins.at(node), ...)


def _number(node: cst.Integer | cst.Float | cst.Imaginary, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    value = number(node.value)
    return ir.Opaque(at, "number", ()) if value is None else ir.Const(at, value)


def _attribute(node: cst.Attribute, origins: Origins) -> ir.Expr:
    return ir.Attribute(origins.at(node), expression(node.value, origins), node.attr.value)


def _call(node: cst.Call, origins: Origins) -> ir.Expr:
    return ir.Call(origins.at(node), expression(node.func, origins), arguments(node.args, origins))


def arguments(args: Any, origins: Origins) -> tuple[ir.Arg, ...]:
    return tuple(
        ir.Arg(expression(arg.value, origins), None if arg.keyword is None else arg.keyword.value, arg.star)
        for arg in args
    )


def _binary(node: cst.BinaryOperation, origins: Origins) -> ir.Expr:
    op = OPERATORS[type(node.operator)]
    return ir.BinOp(origins.at(node), op, expression(node.left, origins), expression(node.right, origins))


def _unary(node: cst.UnaryOperation, origins: Origins) -> ir.Expr:
    return ir.UnaryOp(origins.at(node), OPERATORS[type(node.operator)], expression(node.expression, origins))


def _boolean(node: cst.BooleanOperation, origins: Origins) -> ir.Expr:
    op = OPERATORS[type(node.operator)]
    return ir.BoolOp(origins.at(node), op, expression(node.left, origins), expression(node.right, origins))


def _comparison(node: cst.Comparison, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    ops = tuple(OPERATORS[type(target.operator)] for target in node.comparisons)
    rights = tuple(expression(target.comparator, origins) for target in node.comparisons)
    return ir.Compare(at, expression(node.left, origins), ops, rights)


def _if(node: cst.IfExp, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    return ir.IfExp(
        at, expression(node.test, origins), expression(node.body, origins), expression(node.orelse, origins)
    )


def _subscript(node: cst.Subscript, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    value = expression(node.value, origins)
    items = tuple(_index(element.slice, origins) for element in node.slice)
    if len(items) == 1 and not isinstance(node.slice[0].comma, cst.Comma) and not isinstance(items[0], ir.Starred):
        (item,) = items
        if not isinstance(item, ir.Sequence) or item.kind != "tuple":
            return ir.Subscript(at, value, item)
        items = item.items
    return ir.Subscript(at, value, ir.Sequence(at, "tuple", items))


def _index(node: cst.BaseSlice, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    if isinstance(node, cst.Slice):
        return ir.Slice(at, optional(node.lower, origins), optional(node.upper, origins), optional(node.step, origins))
    assert isinstance(node, cst.Index)
    value = expression(node.value, origins)
    return ir.Starred(at, value) if node.star else value


def _tuple(node: cst.Tuple, origins: Origins) -> ir.Expr:
    return ir.Sequence(origins.at(node), "tuple", _elements(node.elements, origins))


def _list(node: cst.List, origins: Origins) -> ir.Expr:
    return ir.Sequence(origins.at(node), "list", _elements(node.elements, origins))


def _set(node: cst.Set, origins: Origins) -> ir.Expr:
    return ir.Sequence(origins.at(node), "set", _elements(node.elements, origins))


def _elements(elements: Any, origins: Origins) -> tuple[ir.Expr, ...]:
    return tuple(
        _starred(element, origins) if isinstance(element, cst.StarredElement) else expression(element.value, origins)
        for element in elements
    )


def _starred(node: cst.StarredElement, origins: Origins) -> ir.Expr:
    return ir.Starred(origins.at(node), expression(node.value, origins))


def _dict(node: cst.Dict, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    items: list[tuple[ir.Expr | None, ir.Expr]] = []
    for element in node.elements:
        key = expression(element.key, origins) if isinstance(element, cst.DictElement) else None
        items.append((key, expression(element.value, origins)))
    return ir.Dict(at, tuple(items))


def _clauses(loop: cst.CompFor | None, origins: Origins) -> tuple[ir.Clause, ...]:
    clauses = []
    while loop is not None:
        target, iterable = expression(loop.target, origins), expression(loop.iter, origins)
        clauses.append(ir.Clause(target, iterable, tuple(expression(test.test, origins) for test in loop.ifs)))
        loop = loop.inner_for_in
    return tuple(clauses)


def _comprehension(kind: str) -> Callable[[Any, Origins], ir.Expr]:
    def lower(node: Any, origins: Origins) -> ir.Expr:
        at = origins.at(node)
        clauses = _clauses(node.for_in, origins)
        if kind == "dict":
            key = expression(node.key, origins)
            return ir.Comprehension(at, kind, expression(node.value, origins), key, clauses)
        return ir.Comprehension(at, kind, expression(node.elt, origins), None, clauses)

    return lower


def _lambda(node: cst.Lambda, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    params = parameters(node.params, origins)
    yields, body = origins.yields, expression(node.body, origins)
    origins.yields = yields  # a yield in a lambda makes no generator of the function around it
    return ir.Lambda(at, params, body)


def parameters(node: cst.Parameters, origins: Origins) -> ir.Parameters:
    items = [_param(p, "pos", origins) for p in node.posonly_params]
    items += [_param(p, "any", origins) for p in node.params]
    if isinstance(node.star_arg, cst.Param):
        items.append(_param(node.star_arg, "*", origins))
    items += [_param(p, "key", origins) for p in node.kwonly_params]
    if node.star_kwarg is not None:
        items.append(_param(node.star_kwarg, "**", origins))
    return ir.Parameters(tuple(items))


def _param(node: cst.Param, kind: str, origins: Origins) -> ir.Param:
    annotation = None if node.annotation is None else expression(node.annotation.annotation, origins)
    return ir.Param(node.name.value, kind, optional(node.default, origins), annotation)


def _string(node: cst.SimpleString, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    value = string(node.value)
    return ir.Opaque(at, "string", ()) if value is None else ir.Const(at, value)


def _formatted(node: cst.FormattedString, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    return ir.FString(at, _merged(_parts(node, origins)))


def _merged(parts: list[str | ir.Formatted]) -> tuple[str | ir.Formatted, ...]:
    """Texts side by side are one, as in Python's own tree."""
    found: list[str | ir.Formatted] = []
    for part in parts:
        if found and isinstance(part, str) and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


def _parts(node: cst.FormattedString, origins: Origins) -> list[str | ir.Formatted]:
    parts: list[str | ir.Formatted] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(formatted_text(part.value, node.start, node.end))
        elif isinstance(part, cst.FormattedStringExpression):
            parts += _field(part, node, origins)
    return parts


def _field(
    node: cst.FormattedStringExpression, whole: cst.FormattedString, origins: Origins
) -> list[str | ir.Formatted]:
    at = origins.at(node)
    value = expression(node.expression, origins)
    conversion, spec, known = node.conversion, None, True
    if node.format_spec:
        known = all(isinstance(part, cst.FormattedStringText) for part in node.format_spec)
        if known:
            texts = (part.value for part in node.format_spec if isinstance(part, cst.FormattedStringText))
            spec = "".join(formatted_text(text, whole.start, whole.end) for text in texts)
    if node.equal is None:
        return [ir.Formatted(at, value, conversion, spec, known)]
    code = cst.Module([]).code_for_node  # f"{x = }" shows its own source
    shown = code(node.whitespace_before_expression) + code(node.expression) + code(node.equal)
    if conversion is None and node.format_spec is None:
        conversion = "r"
    return [shown, ir.Formatted(at, value, conversion, spec, known)]


def _concatenated(node: cst.ConcatenatedString, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    pieces: list[cst.BaseExpression] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        pieces.append(rest.left)
        rest = rest.right
    pieces.append(rest)
    if all(isinstance(piece, cst.SimpleString) for piece in pieces):
        values = [string(piece.value) for piece in pieces if isinstance(piece, cst.SimpleString)]
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) == len(values):
            return ir.Const(at, "".join(texts))
        octets = [value for value in values if isinstance(value, bytes)]
        return ir.Const(at, b"".join(octets)) if len(octets) == len(values) else ir.Opaque(at, "string", ())
    parts: list[str | ir.Formatted] = []
    for piece in pieces:
        if isinstance(piece, cst.FormattedString):
            parts += _parts(piece, origins)
        elif isinstance(piece, cst.SimpleString) and isinstance(value := string(piece.value), str):
            parts.append(value)
        else:
            return ir.Opaque(at, "string", ())
    return ir.FString(at, _merged(parts))


def _template(node: cst.TemplatedString, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    fields = (part for part in node.parts if isinstance(part, cst.TemplatedStringExpression))
    return ir.Opaque(at, "t-string", tuple(expression(field.expression, origins) for field in fields))


def _walrus(node: cst.NamedExpr, origins: Origins) -> ir.Expr:
    return ir.Walrus(origins.at(node), expression(node.target, origins), expression(node.value, origins))


def _await(node: cst.Await, origins: Origins) -> ir.Expr:
    return ir.Opaque(origins.at(node), "await", (expression(node.expression, origins),))


def _yield(node: cst.Yield, origins: Origins) -> ir.Expr:
    at = origins.at(node)
    origins.yields += 1
    if isinstance(node.value, cst.From):
        return ir.Opaque(at, "yield from", (expression(node.value.item, origins),))
    return ir.Opaque(at, "yield", () if node.value is None else (expression(node.value, origins),))


EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Any, Origins], ir.Expr]] = {
    cst.Name: _name,
    cst.Ellipsis: _ellipsis,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.IfExp: _if,
    cst.Subscript: _subscript,
    cst.Tuple: _tuple,
    cst.List: _list,
    cst.Set: _set,
    cst.StarredElement: _starred,
    cst.Dict: _dict,
    cst.ListComp: _comprehension("list"),
    cst.SetComp: _comprehension("set"),
    cst.DictComp: _comprehension("dict"),
    cst.GeneratorExp: _comprehension("generator"),
    cst.Lambda: _lambda,
    cst.SimpleString: _string,
    cst.FormattedString: _formatted,
    cst.ConcatenatedString: _concatenated,
    cst.NamedExpr: _walrus,
    cst.Await: _await,
    cst.Yield: _yield,
}
if hasattr(cst, "TemplatedString"):  # since libcst 1.8.4; TorchFix, another plugin of flake8, wants 1.5
    EXPRESSIONS[cst.TemplatedString] = _template
