"""Expressions of Python's own ``ast`` -> ir expressions, dispatched by type.

Gives what `cst_expressions` gives. Knows nothing of what names mean.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from torchshape_lint import ir
from torchshape_lint.frontend.ast_positions import Chain, Places

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Invert: "~",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def expression(node: ast.AST, places: Places) -> ir.Expr:
    lower = EXPRESSIONS.get(type(node))
    if lower is None:
        return ir.Opaque(places.at(node), type(node).__name__, ())
    return lower(node, places)


def optional(node: ast.AST | None, places: Places) -> ir.Expr | None:
    return None if node is None else expression(node, places)


def _all(nodes: list[ast.expr], places: Places) -> tuple[ir.Expr, ...]:
    return tuple([expression(node, places) for node in nodes])


def _constant(node: ast.Constant, places: Places) -> ir.Expr:
    return ir.Const(places.at(node), node.value)


def _name(node: ast.Name, places: Places) -> ir.Expr:
    return ir.Name(places.at(node), node.id)


def _attribute(node: ast.Attribute, places: Places) -> ir.Expr:
    return ir.Attribute(places.at(node), expression(node.value, places), node.attr)


def _call(node: ast.Call, places: Places) -> ir.Expr:
    at = places.at(node)
    func = expression(node.func, places)
    if node.keywords and node.args and isinstance(node.args[-1], ast.Starred):  # only a star may follow a keyword
        mixed: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        mixed.sort(key=lambda arg: (arg.lineno, arg.col_offset))
        return ir.Call(at, func, arguments(mixed, places))
    return ir.Call(at, func, arguments([*node.args, *node.keywords], places))


def arguments(args: list[ast.expr | ast.keyword], places: Places) -> tuple[ir.Arg, ...]:
    return tuple([_argument(arg, places) for arg in args])


def _argument(arg: ast.expr | ast.keyword, places: Places) -> ir.Arg:
    if isinstance(arg, ast.keyword):
        return ir.Arg(expression(arg.value, places), arg.arg, "**" if arg.arg is None else "")
    if isinstance(arg, ast.Starred):
        return ir.Arg(expression(arg.value, places), None, "*")
    return ir.Arg(expression(arg, places))


def _binary(node: ast.BinOp, places: Places) -> ir.Expr:
    at = places.at(node)
    return ir.BinOp(at, OPERATORS[type(node.op)], expression(node.left, places), expression(node.right, places))


def _unary(node: ast.UnaryOp, places: Places) -> ir.Expr:
    return ir.UnaryOp(places.at(node), OPERATORS[type(node.op)], expression(node.operand, places))


def _boolean(node: ast.BoolOp, places: Places) -> ir.Expr:
    """``a and b and c`` is one node here; in ir it is ``(a and b) and c``."""
    op, count = OPERATORS[type(node.op)], len(node.values)
    ats = [places.at(node), *(places.at(Chain(node, k)) for k in range(count - 1, 1, -1))]
    left = expression(node.values[0], places)
    for value in node.values[1:]:
        left = ir.BoolOp(ats.pop(), op, left, expression(value, places))
    return left


def _comparison(node: ast.Compare, places: Places) -> ir.Expr:
    at = places.at(node)
    ops = tuple([OPERATORS[type(op)] for op in node.ops])
    rights = _all(node.comparators, places)
    return ir.Compare(at, expression(node.left, places), ops, rights)


def _if(node: ast.IfExp, places: Places) -> ir.Expr:
    at = places.at(node)
    return ir.IfExp(at, *_all([node.test, node.body, node.orelse], places))


def _subscript(node: ast.Subscript, places: Places) -> ir.Expr:
    at = places.at(node)
    value = expression(node.value, places)
    if isinstance(node.slice, ast.Tuple):  # stands for several indices, so its place is theirs
        return ir.Subscript(at, value, ir.Sequence(at, "tuple", _all(node.slice.elts, places)))
    return ir.Subscript(at, value, expression(node.slice, places))


def _slice(node: ast.Slice, places: Places) -> ir.Expr:
    at = places.at(node)
    return ir.Slice(at, optional(node.lower, places), optional(node.upper, places), optional(node.step, places))


def _sequence(kind: str) -> Callable[[Any, Places], ir.Expr]:
    return lambda node, places: ir.Sequence(places.at(node), kind, _all(node.elts, places))


def _starred(node: ast.Starred, places: Places) -> ir.Expr:
    return ir.Starred(places.at(node), expression(node.value, places))


def _dict(node: ast.Dict, places: Places) -> ir.Expr:
    at = places.at(node)
    pairs = zip(node.keys, node.values, strict=True)
    return ir.Dict(at, tuple([(optional(key, places), expression(value, places)) for key, value in pairs]))


def _clause(loop: ast.comprehension, places: Places) -> ir.Clause:
    return ir.Clause(expression(loop.target, places), expression(loop.iter, places), _all(loop.ifs, places))


def _comprehension(kind: str) -> Callable[[Any, Places], ir.Expr]:
    def lower(node: Any, places: Places) -> ir.Expr:
        at = places.at(node)
        clauses = tuple([_clause(loop, places) for loop in node.generators])
        if kind != "dict":
            return ir.Comprehension(at, kind, expression(node.elt, places), None, clauses)
        if node.value is None:  # {**d for d in ds}, since 3.15
            return ir.Opaque(at, "dict", ())
        key = expression(node.key, places)
        return ir.Comprehension(at, kind, expression(node.value, places), key, clauses)

    return lower


def _lambda(node: ast.Lambda, places: Places) -> ir.Expr:
    at = places.at(node)
    params = parameters(node.args, places)
    yields, body = places.yields, expression(node.body, places)
    places.yields = yields  # a yield in a lambda makes no generator of the function around it
    return ir.Lambda(at, params, body)


def parameters(node: ast.arguments, places: Places) -> ir.Parameters:
    return ir.Parameters(tuple([_param(*one, places) for one in in_order(node)]))


def in_order(node: ast.arguments) -> list[tuple[ast.arg, str, ast.expr | None]]:
    """Each parameter with its kind and its default."""
    positional = [(arg, "pos") for arg in node.posonlyargs] + [(arg, "any") for arg in node.args]
    bare = len(positional) - len(node.defaults)
    found = [(arg, kind, node.defaults[k - bare] if k >= bare else None) for k, (arg, kind) in enumerate(positional)]
    if node.vararg is not None:
        found.append((node.vararg, "*", None))
    found += [(arg, "key", default) for arg, default in zip(node.kwonlyargs, node.kw_defaults)]
    if node.kwarg is not None:
        found.append((node.kwarg, "**", None))
    return found


def _param(node: ast.arg, kind: str, default: ast.expr | None, places: Places) -> ir.Param:
    annotation = optional(node.annotation, places)
    return ir.Param(node.arg, kind, optional(default, places), annotation)


def _formatted(node: ast.JoinedStr, places: Places) -> ir.Expr:
    at = places.at(node)
    parts: list[str | ir.Formatted] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(_field(part, places))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            parts.append(part.value)
    places.formatted(node, at)
    return ir.FString(at, tuple(parts))


def _field(node: ast.FormattedValue, places: Places) -> ir.Formatted:
    at = places.at(node)
    value = expression(node.value, places)
    conversion = None if node.conversion < 0 else chr(node.conversion)
    if not isinstance(node.format_spec, ast.JoinedStr) or not node.format_spec.values:
        return ir.Formatted(at, value, conversion, None)
    texts = [part.value for part in node.format_spec.values if isinstance(part, ast.Constant)]
    known = len(texts) == len(node.format_spec.values)
    return ir.Formatted(at, value, conversion, "".join(map(str, texts)) if known else None, known)


def _template(node: Any, places: Places) -> ir.Expr:
    at = places.at(node)
    fields = [part.value for part in node.values if not isinstance(part, ast.Constant)]
    return ir.Opaque(at, "t-string", _all(fields, places))


def _walrus(node: ast.NamedExpr, places: Places) -> ir.Expr:
    return ir.Walrus(places.at(node), expression(node.target, places), expression(node.value, places))


def _await(node: ast.Await, places: Places) -> ir.Expr:
    return ir.Opaque(places.at(node), "await", (expression(node.value, places),))


def _yield(what: str) -> Callable[[Any, Places], ir.Expr]:
    def lower(node: Any, places: Places) -> ir.Expr:
        places.yields += 1
        return ir.Opaque(places.at(node), what, () if node.value is None else (expression(node.value, places),))

    return lower


EXPRESSIONS: dict[type[ast.AST], Callable[[Any, Places], ir.Expr]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.IfExp: _if,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _sequence("tuple"),
    ast.List: _sequence("list"),
    ast.Set: _sequence("set"),
    ast.Starred: _starred,
    ast.Dict: _dict,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.DictComp: _comprehension("dict"),
    ast.GeneratorExp: _comprehension("generator"),
    ast.Lambda: _lambda,
    ast.JoinedStr: _formatted,
    ast.NamedExpr: _walrus,
    ast.Await: _await,
    ast.Yield: _yield("yield"),
    ast.YieldFrom: _yield("yield from"),
}
if hasattr(ast, "TemplateStr"):  # since 3.14
    EXPRESSIONS[ast.TemplateStr] = _template
