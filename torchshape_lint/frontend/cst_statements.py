"""libcst statements -> ir statements. A statement nested too deep to be followed becomes `ir.Unreadable`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from torchshape_lint import ir
from torchshape_lint.frontend import cst_patterns as patterns
from torchshape_lint.frontend.cst_comments import declared_shapes
from torchshape_lint.frontend.cst_expressions import arguments, expression, optional, parameters
from torchshape_lint.frontend.cst_origins import Origins
from torchshape_lint.frontend.literals import docstring
from torchshape_lint.frontend.nesting import CLAUSES

AUGMENTED: dict[type[cst.CSTNode], str] = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
}


def block(statements: Sequence[cst.CSTNode], origins: Origins) -> ir.Block:
    return tuple(lowered for statement in statements for lowered in _lines(statement, origins))


def suite(node: cst.BaseSuite, origins: Origins) -> ir.Block:
    return block(node.body, origins)


def _lines(node: cst.CSTNode, origins: Origins) -> Iterator[ir.Stmt]:
    if isinstance(node, cst.SimpleStatementLine):
        for small in node.body:
            yield _statement(small, origins)
    else:
        yield _statement(node, origins)


def _statement(node: cst.CSTNode, origins: Origins) -> ir.Stmt:
    at = origins.at(node)
    lower = STATEMENTS.get(type(node))
    if lower is None:
        return ir.Unreadable(at)
    try:
        return lower(node, at, origins)
    except RecursionError:
        origins.left_out.append(at)
        return ir.Unreadable(at)


def _expr(node: cst.Expr, at: int, origins: Origins) -> ir.Stmt:
    if isinstance(node.value, cst.Name) and node.value.value in origins.mentions:
        return ir.Unreadable(at, origins.mentions[node.value.value])
    return ir.ExprStmt(at, expression(node.value, origins))


def _assign(node: cst.Assign, at: int, origins: Origins) -> ir.Stmt:
    value = expression(node.value, origins)
    return ir.Assign(at, tuple(expression(target.target, origins) for target in node.targets), value)


def _augmented(node: cst.AugAssign, at: int, origins: Origins) -> ir.Stmt:
    op = AUGMENTED[type(node.operator)]
    return ir.AugAssign(at, expression(node.target, origins), op, expression(node.value, origins))


def _annotated(node: cst.AnnAssign, at: int, origins: Origins) -> ir.Stmt:
    annotation = expression(node.annotation.annotation, origins)
    return ir.AnnAssign(at, expression(node.target, origins), annotation, optional(node.value, origins))


def _return(node: cst.Return, at: int, origins: Origins) -> ir.Stmt:
    return ir.Return(at, optional(node.value, origins))


def _raise(node: cst.Raise, at: int, origins: Origins) -> ir.Stmt:
    return ir.Raise(at, optional(node.exc, origins))


def _assert(node: cst.Assert, at: int, origins: Origins) -> ir.Stmt:
    return ir.Assert(at, expression(node.test, origins))


def _delete(node: cst.Del, at: int, origins: Origins) -> ir.Stmt:
    target = expression(node.target, origins)
    return ir.Delete(at, target.items if isinstance(target, ir.Sequence) else (target,))


def _simple(kind: str) -> Callable[[Any, int, Origins], ir.Stmt]:
    return lambda node, at, origins: ir.Simple(at, kind)


def _scoped(node: cst.Global | cst.Nonlocal, at: int, origins: Origins) -> ir.Stmt:
    kind = "global" if isinstance(node, cst.Global) else "nonlocal"
    return ir.Scoped(at, kind, tuple(item.name.value for item in node.names))


def _type_alias(node: cst.TypeAlias, at: int, origins: Origins) -> ir.Stmt:
    """``type X = ...`` binds X to something that has no shape; its right side is only evaluated on demand."""
    name = ir.Name(origins.at(node.name), node.name.value)
    return ir.Assign(at, (name,), ir.Opaque(at, "type alias", ()))


def dotted(node: cst.BaseExpression | None) -> str:
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        names.append(node.value)
    return ".".join(reversed(names))


def _alias(alias: cst.ImportAlias) -> ir.ImportedName:
    asname = alias.asname.name if alias.asname is not None else None
    return ir.ImportedName(dotted(alias.name), asname.value if isinstance(asname, cst.Name) else None)


def _import(node: Any, at: int, origins: Origins) -> ir.Stmt:
    return ir.Import(at, tuple(map(_alias, node.names)))


def _import_from(node: Any, at: int, origins: Origins) -> ir.Stmt:
    names = None if isinstance(node.names, cst.ImportStar) else tuple(map(_alias, node.names))
    return ir.ImportFrom(at, dotted(node.module), len(node.relative), names)


def _if(node: cst.If, at: int, origins: Origins, clause: int = 0) -> ir.Stmt:
    test, body = expression(node.test, origins), suite(node.body, origins)
    if not isinstance(node.orelse, cst.If):
        return ir.If(at, test, body, _orelse(node.orelse, origins))
    rest = origins.at(node.orelse)
    if clause < CLAUSES:
        return ir.If(at, test, body, (_if(node.orelse, rest, origins, clause + 1),))
    origins.left_out.append(rest)
    return ir.If(at, test, body, (ir.Unreadable(rest),))


def _orelse(node: cst.Else | cst.Finally | None, origins: Origins) -> ir.Block:
    return () if node is None else suite(node.body, origins)


def _for(node: cst.For, at: int, origins: Origins) -> ir.Stmt:
    target, iterable = expression(node.target, origins), expression(node.iter, origins)
    body = suite(node.body, origins)
    return ir.For(at, target, iterable, body, _orelse(node.orelse, origins), node.asynchronous is not None)


def _while(node: cst.While, at: int, origins: Origins) -> ir.Stmt:
    return ir.While(at, expression(node.test, origins), suite(node.body, origins), _orelse(node.orelse, origins))


def _with(node: cst.With, at: int, origins: Origins) -> ir.Stmt:
    items = tuple(
        (expression(item.item, origins), None if item.asname is None else expression(item.asname.name, origins))
        for item in node.items
    )
    return ir.With(at, items, suite(node.body, origins))


def _try(node: cst.Try | cst.TryStar, at: int, origins: Origins) -> ir.Stmt:
    body = suite(node.body, origins)
    handlers = tuple(_handler(handler, origins) for handler in node.handlers)
    return ir.Try(at, body, handlers, _orelse(node.orelse, origins), _orelse(node.finalbody, origins))


def _handler(node: cst.ExceptHandler | cst.ExceptStarHandler, origins: Origins) -> ir.Handler:
    kind = optional(node.type, origins)
    name = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else None
    return ir.Handler(kind, name, suite(node.body, origins))


def _match(node: cst.Match, at: int, origins: Origins) -> ir.Stmt:
    subject = expression(node.subject, origins)
    return ir.Match(at, subject, tuple(_case(case, origins) for case in node.cases))


def _case(node: cst.MatchCase, origins: Origins) -> ir.Case:
    binds, values = tuple(patterns.binds(node.pattern)), patterns.values(node.pattern, origins)
    guard, body = optional(node.guard, origins), suite(node.body, origins)
    return ir.Case(binds, guard, body, values, patterns.always(node.pattern))


def _function(node: cst.FunctionDef, at: int, origins: Origins) -> ir.Stmt:
    name_at = origins.at(node.name)
    decorators = tuple(expression(decorator.decorator, origins) for decorator in node.decorators)
    params = parameters(node.params, origins)
    returns = None if node.returns is None else expression(node.returns.annotation, origins)
    outside, origins.yields = origins.yields, 0
    body = suite(node.body, origins)
    generator, origins.yields = origins.yields > 0, outside
    text = docstring(body)
    return ir.FunctionDef(
        at,
        node.name.value,
        name_at,
        params,
        body,
        decorators,
        returns,
        declared_shapes(node, params, text, body[0].at if body else at, origins),
        node.asynchronous is not None,
        generator,
        text,
    )


def _class(node: cst.ClassDef, at: int, origins: Origins) -> ir.Stmt:
    name_at = origins.at(node.name)
    decorators = tuple(expression(decorator.decorator, origins) for decorator in node.decorators)
    bases = arguments((*node.bases, *node.keywords), origins)
    body = suite(node.body, origins)
    return ir.ClassDef(at, node.name.value, name_at, bases, body, decorators, docstring(body))


STATEMENTS: dict[type[cst.CSTNode], Callable[[Any, int, Origins], ir.Stmt]] = {
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AugAssign: _augmented,
    cst.AnnAssign: _annotated,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Del: _delete,
    cst.Pass: _simple("pass"),
    cst.Break: _simple("break"),
    cst.Continue: _simple("continue"),
    cst.Global: _scoped,
    cst.Nonlocal: _scoped,
    cst.TypeAlias: _type_alias,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.If: _if,
    cst.For: _for,
    cst.While: _while,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
for _lazy, _lower in (("LazyImport", _import), ("LazyImportFrom", _import_from)):  # newer libcst only
    if hasattr(cst, _lazy):
        STATEMENTS[getattr(cst, _lazy)] = _lower
