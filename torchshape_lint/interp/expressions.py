"""Expressions, each to a value."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Callable

from torchshape_lint import ir
from torchshape_lint.interp import aliases, assume, binding, remembered
from torchshape_lint.interp.apply_rule import expression_words
from torchshape_lint.interp.attributes import get_attribute
from torchshape_lint.interp.comparison import compare_in, truth
from torchshape_lint.interp.containers import STARRED
from torchshape_lint.interp.definitions import make_function
from torchshape_lint.interp.dicts import is_key, merged
from torchshape_lint.interp.flow import Flow, branch
from torchshape_lint.interp.items import get_item
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.join import join_values, of_any_length
from torchshape_lint.interp.journal import Locals
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.modules import resolve
from torchshape_lint.interp.names import builtin
from torchshape_lint.interp.operators import MAX_BITS, binary, unary
from torchshape_lint.interp.scope import Frame, Scope
from torchshape_lint.interp.sequences import distinct, followed
from torchshape_lint.rules.apply import RECEIVER, CallArgs
from torchshape_lint.values import (
    OPEN,
    Bound,
    DictValue,
    External,
    Imported,
    IteratorValue,
    ListValue,
    SetValue,
    SliceValue,
    Stream,
    Tensor,
    Unknown,
    Value,
)
from torchshape_lint.verdicts import MAYBE, NO, YES

MANY = 8  # constants in a row that are one step: tables of names and numbers
MAX_ITEMS = 4096  # of a comprehension
MAX_LABOURED = 256  # of one that has taken more than `MAX_LABOUR` steps
MAX_LABOUR = 20_000
MAX_VAIN = 8  # results in a row of which nothing is known, of such a one
MAX_SPREAD = 100_000  # what ``*items`` may bring in


def evaluate(m: Machine, frame: Frame, expr: ir.Expr) -> Value:
    """The value of an expression."""
    m.budget.tick()
    return _EVALUATE[type(expr)](m, frame, expr)


def _const(m: Machine, frame: Frame, expr: ir.Const) -> Value:
    if type(expr.value) is int and expr.value.bit_length() > MAX_BITS:
        return Unknown("a very large number")
    return expr.value


def _name(m: Machine, frame: Frame, expr: ir.Name) -> Value:
    scope: Scope | None = frame.scope
    if expr.id not in frame.scope.vars or expr.id in frame.scope.outer:
        scope = frame.scope.find(expr.id)
        if scope is not frame.scope.own:
            remembered.note_name(m, scope, expr.id)
    if scope is not None:
        value: Value = scope.vars[expr.id]
        if isinstance(value, Imported):
            value = resolve(m, value)
        if isinstance(value, Tensor) and value.shape.lead is not None:
            known = replace(value, shape=m.facts.shape(value.shape))
            m.renew(value, known)
            return known
        return value
    if expr.id in frame.scope.locals and frame.scope.kind == "function":
        return Unknown(f"{expr.id} may not be bound here")
    module = frame.scope.module
    if module.open:
        return Unknown(f"{expr.id} may come from {module.open}")
    return builtin(expr.id)


def _attribute(m: Machine, frame: Frame, expr: ir.Attribute) -> Value:
    return get_attribute(m, frame, m.evaluate(frame, expr.value), expr.attr, expr)


def read_arguments(m: Machine, frame: Frame, args: tuple[ir.Arg, ...]) -> CallArgs:
    """Evaluate the arguments of a call. ``*args`` of unknown length leaves the marker `containers.STARRED`."""
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    words: dict[int | str, str] = {}
    sources: dict[int | str, int] = {}
    for arg in args:
        value = m.evaluate(frame, arg.value)
        if arg.star == "*":
            items = iterate(m, frame, value)
            known = isinstance(items, tuple) and len(items) + len(positional) <= MAX_SPREAD
            positional.extend(items if known else (STARRED,))  # type: ignore[arg-type]
        elif arg.star == "**":
            if isinstance(value, DictValue) and OPEN not in value.fields:
                keywords.update({str(k): v for k, v in value.fields.items()})
            else:
                keywords["**"] = Unknown("keywords that are not known")
                if isinstance(value, DictValue):
                    keywords.update({str(k): v for k, v in value.fields.items() if k != OPEN})
        else:
            key: int | str = arg.keyword or len(positional)
            word = expression_words(arg.value)
            if word:
                words[key] = word
            sources[key] = arg.value.at
            if arg.keyword:
                keywords[arg.keyword] = value
            else:
                positional.append(value)
    return CallArgs(positional, keywords, words, sources)


def _call(m: Machine, frame: Frame, expr: ir.Call) -> Value:
    function = m.evaluate(frame, expr.func)
    call = read_arguments(m, frame, expr.args)
    if isinstance(expr.func, ir.Attribute) and isinstance(function, Bound):
        receiver = expression_words(expr.func.value)
        if receiver:
            call.words[RECEIVER] = receiver
        value = m.call(frame, function, call, expr.at, expr.func.attr)
        if aliases.reshapes(function.function):
            aliases.reshaped(m, frame, function.receiver, value, expr.func.value)
        return value
    value = m.call(frame, function, call, expr.at, expression_words(expr.func))
    if isinstance(function, External) and aliases.reshapes(function.path) and call.positional:
        aliases.reshaped(m, frame, call.positional[0], value, expr.args[0].value)
    elif "out" in call.keywords and isinstance(function, External):
        given = next((arg.value for arg in expr.args if arg.keyword == "out"), expr)
        aliases.written(m, frame, call.keywords["out"], value, given)
    return value


def _binop(m: Machine, frame: Frame, expr: ir.BinOp) -> Value:
    return binary(m, frame, expr.op, m.evaluate(frame, expr.left), m.evaluate(frame, expr.right), expr)


def _unary(m: Machine, frame: Frame, expr: ir.UnaryOp) -> Value:
    return unary(m, frame, expr.op, m.evaluate(frame, expr.operand), expr)


def _boolop(m: Machine, frame: Frame, expr: ir.BoolOp) -> Value:
    left = m.evaluate(frame, expr.left)
    verdict = truth(m, left)
    if verdict is MAYBE:
        right: list[Value] = []

        def other() -> Value:
            right.append(_assumed(m, frame, expr.left, expr.op == "and", expr.right))
            return right[-1]

        value = _either(m, frame, lambda: left, other, left)
        settled = expr.op == "or"  # a or True, a and False
        return settled if right and right[-1] is settled and _is_truth(expr.left) else value
    if (verdict is YES) == (expr.op == "and"):
        return m.evaluate(frame, expr.right)
    return left


def _is_truth(expr: ir.Expr) -> bool:
    """Does it give True or False for certain, and not 0 or an empty list?"""
    if isinstance(expr, ir.BoolOp):
        return _is_truth(expr.left) and _is_truth(expr.right)
    return (isinstance(expr, ir.Compare) and len(expr.ops) == 1 and isinstance(expr.rights[0], ir.Const)) or (
        isinstance(expr, ir.UnaryOp) and expr.op == "not"
    )


def _assumed(m: Machine, frame: Frame, test: ir.Expr, outcome: bool, expr: ir.Expr) -> Value:
    assume.test(m, frame, test, outcome)
    return m.evaluate(frame, expr)


def _either(m: Machine, frame: Frame, one: Callable[[], Value], other: Callable[[], Value], test: Value) -> Value:
    """Two ways to a value, of which nobody knows which is taken."""
    certain = isinstance(test, Unknown) and test.data
    flow = branch(m, frame, lambda: Flow("value", one()), lambda: Flow("value", other()), certain)
    return flow.value if flow is not None else Unknown("neither way gives a value")


def _compare(m: Machine, frame: Frame, expr: ir.Compare) -> Value:
    left = m.evaluate(frame, expr.left)
    answer: Value = True
    for op, right_expr in zip(expr.ops, expr.rights, strict=True):
        right = m.evaluate(frame, right_expr)
        answer = compare_in(m, frame, op, left, right, expr)
        if len(expr.ops) > 1 and truth(m, answer) is not YES:
            return answer if truth(m, answer) is NO else Unknown("a chain of comparisons")
        left = right
    return answer


def _ifexp(m: Machine, frame: Frame, expr: ir.IfExp) -> Value:
    test = m.evaluate(frame, expr.test)
    verdict = truth(m, test)
    if verdict is MAYBE:
        return _either(
            m,
            frame,
            lambda: _assumed(m, frame, expr.test, True, expr.body),
            lambda: _assumed(m, frame, expr.test, False, expr.orelse),
            test,
        )
    return m.evaluate(frame, expr.body if verdict is YES else expr.orelse)


def _subscript(m: Machine, frame: Frame, expr: ir.Subscript) -> Value:
    return get_item(m, frame, m.evaluate(frame, expr.value), m.evaluate(frame, expr.index), expr)


def _slice(m: Machine, frame: Frame, expr: ir.Slice) -> Value:
    parts = [m.evaluate(frame, part) if part is not None else None for part in (expr.lower, expr.upper, expr.step)]
    return SliceValue(*parts)


def _sequence(m: Machine, frame: Frame, expr: ir.Sequence) -> Value:
    if len(expr.items) > MANY and all(type(item) is ir.Const for item in expr.items):
        return _display(expr.kind, tuple(_const(m, frame, item) for item in expr.items))  # type: ignore[arg-type]
    items: list[Value] = []
    for item in expr.items:
        if isinstance(item, ir.Starred):
            more = iterate(m, frame, m.evaluate(frame, item.value))
            if isinstance(more, Stream) or len(items) + len(more) > MAX_SPREAD:
                if expr.kind == "tuple":
                    return Unknown("a tuple of unknown length")
                return ListValue({"items": Unknown("a list of unknown length")})
            items.extend(more)
        else:
            items.append(m.evaluate(frame, item))
    return _display(expr.kind, tuple(items))


def _display(kind: str, items: tuple[Value, ...]) -> Value:
    if kind == "tuple":
        return followed(items)
    return SetValue({"items": distinct(items)}) if kind == "set" else ListValue({"items": followed(items)})


def _starred(m: Machine, frame: Frame, expr: ir.Starred) -> Value:
    return m.evaluate(frame, expr.value)


def _dict(m: Machine, frame: Frame, expr: ir.Dict) -> Value:
    fields: dict[Any, Value] = {}
    for key_expr, value_expr in expr.items:
        value = m.evaluate(frame, value_expr)
        if key_expr is None:
            more = value if isinstance(value, DictValue) else DictValue({OPEN: True})
            fields = merged(DictValue(fields), more).fields
            continue
        key = m.evaluate(frame, key_expr)
        if is_key(key):
            fields[key] = value
        else:
            fields = {**{k: join_values(old, value) for k, old in fields.items()}, OPEN: True}
    return DictValue(fields if isinstance(followed(tuple(fields.values())), tuple) else {OPEN: True})


def _comprehension(m: Machine, frame: Frame, expr: ir.Comprehension) -> Value:
    scope = Scope("comprehension", frame.scope, Locals())
    inner = Frame(scope, frame.program, frame.function, frame.owner, frame.receiver, mark=frame.mark)
    results: list[Value] = []
    known = _clauses(m, inner, expr, 0, results, m.budget.used)
    if expr.kind == "dict":
        pairs = [r for r in results if isinstance(r, tuple)]
        if known and all(isinstance(key, (str, int, tuple)) for key, _ in pairs):
            return DictValue(dict(pairs))
        return DictValue({OPEN: True})
    if not known:
        why = Unknown("a comprehension over something unknown")
        if len(results) == 1 and expr.kind == "list":
            why = of_any_length(results[0])
        return Stream(why) if expr.kind == "generator" else ListValue({"items": why})
    if expr.kind == "generator":
        return IteratorValue({"items": tuple(results)})
    return _display(expr.kind, tuple(results))


def _clauses(m: Machine, frame: Frame, expr: ir.Comprehension, k: int, results: list[Value], start: int) -> bool:
    """Run clause ``k`` and those inside it; False when the number of results is not known."""
    if k == len(expr.clauses):
        element = m.evaluate(frame, expr.element)
        results.append((m.evaluate(frame, expr.key), element) if expr.key is not None else element)
        known = _is_short(m, results, start)
        if not known:
            results.clear()
        return known
    clause = expr.clauses[k]
    items = iterate(m, frame, m.evaluate(frame, clause.iterable), clause.iterable)
    if isinstance(items, Stream):
        binding.assign(m, frame, clause.target, items.element)
        results.clear()
        with m.silent() if clause.conditions else nullcontext():
            known = _clauses(m, frame, expr, k + 1, results, m.budget.used)
        if not known or len(expr.clauses) > 1:
            results.clear()
        return False
    for item in items:
        binding.assign(m, frame, clause.target, item)
        wanted = True
        for condition in clause.conditions:
            verdict = truth(m, m.evaluate(frame, condition))
            if verdict is MAYBE:
                results.clear()
                return False
            wanted = wanted and verdict is YES
        if wanted and not _clauses(m, frame, expr, k + 1, results, start):
            return False
    return True


def _is_short(m: Machine, results: list[Value], start: int) -> bool:
    """Is a comprehension run on? Not where it is long, or laborious, or gives nothing that is known."""
    if m.budget.used - start <= MAX_LABOUR:
        return len(results) <= MAX_ITEMS
    in_vain = len(results) >= MAX_VAIN and all(isinstance(r, Unknown) for r in results[-MAX_VAIN:])
    return len(results) <= MAX_LABOURED and not in_vain


def _lambda(m: Machine, frame: Frame, expr: ir.Lambda) -> Value:
    return make_function(m, frame, expr, "<lambda>")


def _fstring(m: Machine, frame: Frame, expr: ir.FString) -> Value:
    text = ""
    known = True
    for part in expr.parts:
        if isinstance(part, str):
            text += part
            continue
        value = m.evaluate(frame, part.value)
        if isinstance(value, (str, int, float)) and part.spec_known and len(part.spec or "") < 6:
            try:
                text += format(repr(value) if part.conversion == "r" else value, part.spec or "")
            except (ValueError, TypeError, OverflowError):
                known = False
            known = known and len(text) < 10_000
        else:
            known = False
    return text if known else Unknown("a string with a part that is not known")


def _walrus(m: Machine, frame: Frame, expr: ir.Walrus) -> Value:
    value = m.evaluate(frame, expr.value)
    binding.assign(m, frame, expr.target, value)
    return value


def _opaque(m: Machine, frame: Frame, expr: ir.Opaque) -> Value:
    for part in expr.parts:
        m.evaluate(frame, part)
    return Unknown(f"{expr.what} is not followed")


_EVALUATE: dict[type, Callable[..., Value]] = {
    ir.Const: _const,
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Call: _call,
    ir.BinOp: _binop,
    ir.UnaryOp: _unary,
    ir.BoolOp: _boolop,
    ir.Compare: _compare,
    ir.IfExp: _ifexp,
    ir.Subscript: _subscript,
    ir.Slice: _slice,
    ir.Sequence: _sequence,
    ir.Starred: _starred,
    ir.Dict: _dict,
    ir.Comprehension: _comprehension,
    ir.Lambda: _lambda,
    ir.FString: _fstring,
    ir.Walrus: _walrus,
    ir.Opaque: _opaque,
}
