"""Statements: assignment, branches that may be undecided, loops that may be of unknown length, definitions."""

from __future__ import annotations

import contextlib
from typing import Callable

from torchshape_lint import ir
from torchshape_lint.interp import assume, binding, definitions, guards, imports, loops
from torchshape_lint.interp.comparison import compare, truth
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.flow import Flow, branch
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.operators import binary
from torchshape_lint.interp.scope import Frame
from torchshape_lint.values import External, Unknown, Value
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, some


def execute(m: Machine, frame: Frame, block: ir.Block) -> Flow | None:
    """Run a block."""
    for stmt in block:
        m.budget.tick()
        flow = _EXECUTE[type(stmt)](m, frame, stmt)
        if flow is not None:
            return flow
    return None


def _line(m: Machine, frame: Frame, stmt: ir.Stmt, value: Value) -> None:
    if not m.quiet:
        m.lines[id(frame.program), stmt.at] = value


def _assign(m: Machine, frame: Frame, stmt: ir.Assign) -> None:
    value = m.evaluate(frame, stmt.value)
    for target in stmt.targets:
        binding.assign(m, frame, target, value)
    _line(m, frame, stmt, value)


def _aug_assign(m: Machine, frame: Frame, stmt: ir.AugAssign) -> None:
    target = stmt.target
    left = m.evaluate(frame, target)
    right = m.evaluate(frame, stmt.value)
    value = binary(m, frame, stmt.op, left, right, stmt, inplace=True)
    binding.assign(m, frame, target, value)
    _line(m, frame, stmt, value)


def _ann_assign(m: Machine, frame: Frame, stmt: ir.AnnAssign) -> None:
    if stmt.value is not None:
        value = m.evaluate(frame, stmt.value)
        binding.assign(m, frame, stmt.target, value)
        _line(m, frame, stmt, value)
    if frame.scope.kind == "class" and isinstance(stmt.target, ir.Name):
        fields = frame.scope.vars.get("<fields>", ())
        if isinstance(fields, tuple):  # else they differ between branches
            m.journal.write(frame.scope.vars, "<fields>", (*fields, (stmt.target.id, stmt.value is not None)))


def _expression(m: Machine, frame: Frame, stmt: ir.ExprStmt) -> None:
    match stmt.value:
        case ir.Call(func=ir.Attribute(attr="_assert") as function, args=(ir.Arg(value=test), *_)):
            if m.evaluate(frame, function) == External("torch._assert"):
                _hold(m, frame, test, stmt.at)
                return
    _line(m, frame, stmt, m.evaluate(frame, stmt.value))


def _return(m: Machine, frame: Frame, stmt: ir.Return) -> Flow:
    value = m.evaluate(frame, stmt.value) if stmt.value is not None else None
    _line(m, frame, stmt, value)
    return Flow("return", value)


def _if(m: Machine, frame: Frame, stmt: ir.If) -> Flow | None:
    value = m.evaluate(frame, stmt.test)
    verdict = truth(m, value)
    if verdict is not MAYBE:
        block = stmt.body if verdict is YES else stmt.orelse
        if guards.raises(block):
            guards.report(m, frame, stmt.test, verdict is YES, block[0].at)
        return execute(m, frame, block)
    certain = isinstance(value, Unknown) and value.data
    return branch(
        m,
        frame,
        lambda: _assumed(m, frame, stmt.test, True, stmt.body),
        lambda: _assumed(m, frame, stmt.test, False, stmt.orelse),
        certain,
    )


def _assumed(m: Machine, frame: Frame, test: ir.Expr, outcome: bool, block: ir.Block) -> Flow | None:
    assume.test(m, frame, test, outcome)
    return execute(m, frame, block)


def _with(m: Machine, frame: Frame, stmt: ir.With) -> Flow | None:
    swallows = False
    for item, target in stmt.items:
        manager = m.evaluate(frame, item)
        swallows = swallows or loops.may_swallow(manager)
        if target is not None:
            binding.assign(m, frame, target, loops.entered(manager))
    if not swallows:
        return execute(m, frame, stmt.body)
    return branch(m, frame, lambda: execute(m, frame, stmt.body), lambda: None)


def _try(m: Machine, frame: Frame, stmt: ir.Try) -> Flow | None:
    """The body, or a handler that starts with nothing known of what the body changes."""

    def body() -> Flow | None:
        return execute(m, frame, stmt.body) or execute(m, frame, stmt.orelse)

    if not stmt.handlers:
        flow = execute(m, frame, stmt.body)
        return execute(m, frame, stmt.finalbody) or flow

    def handlers() -> Flow | None:
        mark = m.journal.mark()
        with m.silent(), contextlib.suppress(Raised):
            execute(m, frame, stmt.body)
        for mapping, key, _, born in m.journal.take(mark).values():
            if mapping is not m.facts.symbols and mapping is not m.facts.leads:  # those are simply not assumed
                m.journal.write(mapping, key, Unknown("assigned in a try block"), born)
        return _handlers(m, frame, stmt.handlers)

    flow = branch(m, frame, body, handlers)
    return execute(m, frame, stmt.finalbody) or flow


def _handlers(m: Machine, frame: Frame, handlers: tuple[ir.Handler, ...]) -> Flow | None:
    first, *rest = handlers

    def one() -> Flow | None:
        if first.name:
            m.bind(frame.scope, first.name, Unknown("an exception"))
        return execute(m, frame, first.body)

    return branch(m, frame, one, lambda: _handlers(m, frame, tuple(rest))) if rest else one()


def _raise(m: Machine, frame: Frame, stmt: ir.Raise) -> None:
    raise Raised("raise")


def _assert(m: Machine, frame: Frame, stmt: ir.Assert) -> None:
    _hold(m, frame, stmt.test, stmt.at)


def _hold(m: Machine, frame: Frame, test: ir.Expr, at: int) -> None:
    """``test`` is true from here on, or the analysed code has raised."""
    verdict = truth(m, m.evaluate(frame, test))
    if verdict is NO:
        guards.report(m, frame, test, False, at)
        raise Raised("assert")
    if verdict is MAYBE:
        assume.test(m, frame, test, True)


def _delete(m: Machine, frame: Frame, stmt: ir.Delete) -> None:
    for target in stmt.targets:
        binding.delete(m, frame, target)


def _simple(m: Machine, frame: Frame, stmt: ir.Simple) -> Flow | None:
    return None if stmt.kind == "pass" else Flow(stmt.kind)


def _scoped(m: Machine, frame: Frame, stmt: ir.Scoped) -> None:
    frame.scope.outer.update(dict.fromkeys(stmt.names, stmt.kind))


def _match(m: Machine, frame: Frame, stmt: ir.Match) -> Flow | None:
    subject = m.evaluate(frame, stmt.subject)
    return _cases(m, frame, subject, stmt.cases)


def _cases(m: Machine, frame: Frame, subject: Value, cases: tuple[ir.Case, ...]) -> Flow | None:
    if not cases:
        return None
    case, rest = cases[0], cases[1:]
    verdict = _matches(m, frame, subject, case)

    def taken() -> Flow | None:
        for name in case.binds:
            m.bind(frame.scope, name, subject if case.always else Unknown("bound by a pattern"))
        return execute(m, frame, case.body)

    if verdict is YES:
        return taken()
    if verdict is NO:
        return _cases(m, frame, subject, rest)
    return branch(m, frame, taken, lambda: _cases(m, frame, subject, rest))


def _matches(m: Machine, frame: Frame, subject: Value, case: ir.Case) -> Verdict:
    if case.guard is not None:
        return MAYBE
    if case.always:
        return YES
    if case.values is None:
        return MAYBE
    return some(truth(m, compare(m, "==", subject, m.evaluate(frame, value))) for value in case.values)


def _unreadable(m: Machine, frame: Frame, stmt: ir.Unreadable) -> None:
    """Lines that nobody could parse may have done anything to the names that they mention."""
    names = stmt.names if stmt.names is not None else frozenset(map(str, frame.scope.vars))
    for name in names:
        holder = frame.scope.find(name) or frame.scope
        if stmt.names is not None and name in holder.vars:
            escape(m, holder.vars[name], "after lines that cannot be parsed")
        m.journal.write(holder.vars, name, Unknown("after lines that cannot be parsed"))


_EXECUTE: dict[type, Callable[..., Flow | None]] = {
    ir.Assign: _assign,
    ir.AugAssign: _aug_assign,
    ir.AnnAssign: _ann_assign,
    ir.ExprStmt: _expression,
    ir.Return: _return,
    ir.If: _if,
    ir.For: loops.for_loop,
    ir.While: loops.while_loop,
    ir.With: _with,
    ir.Try: _try,
    ir.Raise: _raise,
    ir.Assert: _assert,
    ir.Delete: _delete,
    ir.Simple: _simple,
    ir.Scoped: _scoped,
    ir.Import: imports.import_names,
    ir.ImportFrom: imports.import_from,
    ir.Match: _match,
    ir.FunctionDef: definitions.define_function,
    ir.ClassDef: definitions.define_class,
    ir.Unreadable: _unreadable,
}
