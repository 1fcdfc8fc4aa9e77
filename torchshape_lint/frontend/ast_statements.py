"""Statements of Python's own ``ast`` -> ir statements. Gives what `cst_statements` gives."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from torchshape_lint import ir
from torchshape_lint.frontend import ast_patterns
from torchshape_lint.frontend.ast_comments import declared_shapes
from torchshape_lint.frontend.ast_expressions import OPERATORS, arguments, expression, optional, parameters
from torchshape_lint.frontend.ast_positions import Named, Places
from torchshape_lint.frontend.literals import docstring
from torchshape_lint.frontend.nesting import CLAUSES, too_deep


class TooDeep(Exception):
    """A statement is nested deeper than anybody follows; `recover` says what is left of the file."""


def block(statements: Sequence[ast.stmt], places: Places) -> ir.Block:
    return tuple([_statement(statement, places) for statement in statements])


def _statement(node: ast.stmt, places: Places) -> ir.Stmt:
    at = places.at(node)
    lower = STATEMENTS.get(type(node))
    if lower is None:
        return ir.Unreadable(at)
    _check_depth(node, places)
    return lower(node, at, places)


def _check_depth(node: Any, places: Places) -> None:
    """Of a simple statement, of the head of one with a body, of a whole match."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    decorators, body = getattr(node, "decorator_list", None), getattr(node, "body", None)
    first = decorators[0].lineno if decorators else node.lineno
    if too_deep(places.lines.between(first, body[0].lineno if body else node.end_lineno)):
        raise TooDeep


def _expr(node: ast.Expr, at: int, places: Places) -> ir.Stmt:
    return ir.ExprStmt(at, expression(node.value, places))


def _assign(node: ast.Assign, at: int, places: Places) -> ir.Stmt:
    value = expression(node.value, places)
    return ir.Assign(at, tuple([expression(target, places) for target in node.targets]), value)


def _augmented(node: ast.AugAssign, at: int, places: Places) -> ir.Stmt:
    op = OPERATORS[type(node.op)]
    return ir.AugAssign(at, expression(node.target, places), op, expression(node.value, places))


def _annotated(node: ast.AnnAssign, at: int, places: Places) -> ir.Stmt:
    annotation = expression(node.annotation, places)
    return ir.AnnAssign(at, expression(node.target, places), annotation, optional(node.value, places))


def _return(node: ast.Return, at: int, places: Places) -> ir.Stmt:
    return ir.Return(at, optional(node.value, places))


def _raise(node: ast.Raise, at: int, places: Places) -> ir.Stmt:
    return ir.Raise(at, optional(node.exc, places))


def _assert(node: ast.Assert, at: int, places: Places) -> ir.Stmt:
    return ir.Assert(at, expression(node.test, places))


def _delete(node: ast.Delete, at: int, places: Places) -> ir.Stmt:
    targets = tuple([expression(target, places) for target in node.targets])
    match targets:
        case (ir.Sequence(items=items),):
            return ir.Delete(at, items)
    return ir.Delete(at, targets)


def _simple(kind: str) -> Callable[[Any, int, Places], ir.Stmt]:
    return lambda node, at, places: ir.Simple(at, kind)


def _scoped(kind: str) -> Callable[[Any, int, Places], ir.Stmt]:
    return lambda node, at, places: ir.Scoped(at, kind, tuple(node.names))


def _type_alias(node: Any, at: int, places: Places) -> ir.Stmt:
    """``type X = ...`` binds X to something that has no shape; its right side is only evaluated on demand."""
    return ir.Assign(at, (expression(node.name, places),), ir.Opaque(at, "type alias", ()))


def _names(aliases: list[ast.alias]) -> tuple[ir.ImportedName, ...]:
    return tuple([ir.ImportedName(alias.name, alias.asname) for alias in aliases])


def _import(node: ast.Import, at: int, places: Places) -> ir.Stmt:
    return ir.Import(at, _names(node.names))


def _import_from(node: ast.ImportFrom, at: int, places: Places) -> ir.Stmt:
    names = None if node.names[0].name == "*" else _names(node.names)
    return ir.ImportFrom(at, node.module or "", node.level, names)


def _if(node: ast.If, at: int, places: Places, clause: int = 0) -> ir.Stmt:
    test, body = expression(node.test, places), block(node.body, places)
    match node.orelse:
        case [ast.If() as orelse]:  # an elif, mostly
            if clause >= CLAUSES:
                raise TooDeep
            _check_depth(orelse, places)
            return ir.If(at, test, body, (_if(orelse, places.at(orelse), places, clause + 1),))
    return ir.If(at, test, body, block(node.orelse, places))


def _for(node: ast.For | ast.AsyncFor, at: int, places: Places) -> ir.Stmt:
    target, iterable = expression(node.target, places), expression(node.iter, places)
    body = block(node.body, places)
    return ir.For(at, target, iterable, body, block(node.orelse, places), isinstance(node, ast.AsyncFor))


def _while(node: ast.While, at: int, places: Places) -> ir.Stmt:
    return ir.While(at, expression(node.test, places), block(node.body, places), block(node.orelse, places))


def _with(node: ast.With | ast.AsyncWith, at: int, places: Places) -> ir.Stmt:
    items = [(expression(item.context_expr, places), optional(item.optional_vars, places)) for item in node.items]
    return ir.With(at, tuple(items), block(node.body, places))


def _try(node: Any, at: int, places: Places) -> ir.Stmt:
    body = block(node.body, places)
    handlers = tuple([_handler(handler, places) for handler in node.handlers])
    return ir.Try(at, body, handlers, block(node.orelse, places), block(node.finalbody, places))


def _handler(node: ast.ExceptHandler, places: Places) -> ir.Handler:
    _check_depth(node, places)
    return ir.Handler(optional(node.type, places), node.name, block(node.body, places))


def _match(node: ast.Match, at: int, places: Places) -> ir.Stmt:
    subject = expression(node.subject, places)
    return ir.Match(at, subject, tuple([_case(case, places) for case in node.cases]))


def _case(node: ast.match_case, places: Places) -> ir.Case:
    binds, values = tuple(ast_patterns.binds(node.pattern)), ast_patterns.values(node.pattern, places)
    guard, body = optional(node.guard, places), block(node.body, places)
    return ir.Case(binds, guard, body, values, ast_patterns.always(node.pattern))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, at: int, places: Places) -> ir.Stmt:
    name_at = places.at(Named(node))
    decorators = tuple([expression(decorator, places) for decorator in node.decorator_list])
    params = parameters(node.args, places)
    returns = optional(node.returns, places)
    outside, places.yields = places.yields, 0
    body = block(node.body, places)
    generator, places.yields = places.yields > 0, outside
    text = docstring(body)
    declared = declared_shapes(node, params, text, body[0].at, places)
    is_async = isinstance(node, ast.AsyncFunctionDef)
    return ir.FunctionDef(
        at, node.name, name_at, params, body, decorators, returns, declared, is_async, generator, text
    )


def _class(node: ast.ClassDef, at: int, places: Places) -> ir.Stmt:
    name_at = places.at(Named(node))
    decorators = tuple([expression(decorator, places) for decorator in node.decorator_list])
    bases = arguments([*node.bases, *node.keywords], places)
    body = block(node.body, places)
    return ir.ClassDef(at, node.name, name_at, bases, body, decorators, docstring(body))


STATEMENTS: dict[type[ast.AST], Callable[[Any, int, Places], ir.Stmt]] = {
    ast.Expr: _expr,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Pass: _simple("pass"),
    ast.Break: _simple("break"),
    ast.Continue: _simple("continue"),
    ast.Global: _scoped("global"),
    ast.Nonlocal: _scoped("nonlocal"),
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
}
if hasattr(ast, "TypeAlias"):  # since 3.12
    STATEMENTS[ast.TypeAlias] = _type_alias
