"""Checks of sizes that the analysed code makes itself and that certainly fail: assert, ``if ..: raise``, torch._assert.

Only comparisons of sizes in a function that was given a tensor count, those that read a tensor's shape, and what a
module's constructor asks to be divisible: what a configuration refuses otherwise is no matter of shapes.
"""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.codes import GUARD
from torchshape_lint.interp.apply_rule import expression_words
from torchshape_lint.interp.classes import is_module_class
from torchshape_lint.interp.comparison import truth
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Function, Tensor, Value, is_size
from torchshape_lint.verdicts import NO, YES

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_READING = frozenset("shape ndim size dim numel nelement".split())


def raises(stmts: ir.Block) -> bool:
    """A block that does nothing but raise."""
    return len(stmts) == 1 and isinstance(stmts[0], ir.Raise)


def report(m: Machine, frame: Frame, test: ir.Expr, outcome: bool, at: int) -> None:
    """``test`` is ``outcome`` for certain, and the analysed code raises because of it."""
    if m.quiet:
        return
    comparison = _decisive(m, frame, test, outcome)
    if comparison is None or not (_given_a_tensor(frame) or _reads_a_shape(test) or _divides(frame, comparison)):
        return
    (op,), (right,) = comparison.ops, comparison.rights
    values = _values(m, frame, comparison.left), _values(m, frame, right)
    if not all(is_size(v) or isinstance(v, Shape) for v in values):
        return
    required = _OPPOSITE[op] if _decides(m, frame, comparison) else op
    if required == "!=":
        return
    expected, actual = (v if is_size(v) else str(v) for v in reversed(values))
    words = f"{_words(comparison.left)} is {actual}, but "
    if required != "==":
        words += f"has to be {required} {expected}"
    elif isinstance(right, (ir.Const, ir.Sequence)):
        words += f"has to be {expected}"
    else:
        words += f"{_words(right)} is {expected}"
    m.report(Finding(GUARD, Site(frame.program, at), _name(frame), words, expected, actual))  # type: ignore[arg-type]


def _name(frame: Frame) -> str:
    if frame.function is None:
        return "assert"
    return f"{frame.owner.name}.{frame.name}" if frame.owner is not None else frame.name


def _decisive(m: Machine, frame: Frame, test: ir.Expr, outcome: bool) -> ir.Compare | None:
    """The comparison that alone makes ``test`` ``outcome``."""
    match test:
        case ir.UnaryOp(op="not"):
            return _decisive(m, frame, test.operand, not outcome)
        case ir.BoolOp():
            sides = [side for side in (test.left, test.right) if _decides(m, frame, side) is outcome]
            found = [c for side in sides if (c := _decisive(m, frame, side, outcome)) is not None]
            return found[0] if found else None
        case ir.Compare(ops=(op,)) if op in _OPPOSITE:
            return test
        case ir.BinOp(op="%") if outcome:
            return ir.Compare(test.at, test, ("!=",), (ir.Const(test.at, 0),))
    return None


def _decides(m: Machine, frame: Frame, expr: ir.Expr) -> bool | None:
    verdict = truth(m, _evaluate(m, frame, expr))
    return True if verdict is YES else False if verdict is NO else None


def _evaluate(m: Machine, frame: Frame, expr: ir.Expr) -> Value:
    """The value of an expression that has been evaluated before, without doing what it does again."""
    mark = m.journal.mark()
    try:
        with m.silent():
            return m.evaluate(frame, expr)
    except Raised:
        return None
    finally:
        m.journal.undo(mark)


def _values(m: Machine, frame: Frame, expr: ir.Expr) -> Value:
    value = _evaluate(m, frame, expr)
    items = plain_items(value)
    if items is not None and items and all(map(is_size, items)):
        return Shape(items)  # type: ignore[arg-type]
    return value


def _given_a_tensor(frame: Frame) -> bool:
    if not isinstance(frame.function, Function):
        return False
    names = (p.name for p in frame.function.node.params.items)
    return any(isinstance(frame.scope.vars.get(name), Tensor) for name in names)


def _divides(frame: Frame, comparison: ir.Compare) -> bool:
    """``dim % heads == 0`` in the constructor of a module."""
    sides = (comparison.left, *comparison.rights)
    in_constructor = frame.owner is not None and frame.name == "__init__" and is_module_class(frame.owner)
    return in_constructor and any(isinstance(side, ir.BinOp) and side.op == "%" for side in sides)


def _reads_a_shape(expr: ir.Expr) -> bool:
    match expr:
        case ir.Attribute(attr=name):
            return name in _READING
        case ir.Call(func=function):
            return _reads_a_shape(function) or any(_reads_a_shape(a.value) for a in expr.args)
        case ir.Subscript(value=value):
            return _reads_a_shape(value)
        case ir.BinOp(left=left, right=right) | ir.BoolOp(left=left, right=right):
            return _reads_a_shape(left) or _reads_a_shape(right)
        case ir.UnaryOp(operand=operand):
            return _reads_a_shape(operand)
        case ir.Compare():
            return any(map(_reads_a_shape, (expr.left, *expr.rights)))
    return False


def _words(expr: ir.Expr) -> str:
    """The expression, as far as it is short."""
    match expr:
        case ir.Const(value=value):
            return repr(value)
        case ir.Call(func=ir.Attribute() as function, args=args) if len(args) <= 1:
            return f"{_words(function)}({', '.join(_words(a.value) for a in args)})"
        case ir.Call(func=ir.Name(id="len"), args=(only,)):
            return f"len({_words(only.value)})"
        case ir.BinOp(left=left, op=op, right=right):
            return f"{_words(left)} {op} {_words(right)}"
        case ir.UnaryOp(op="-", operand=operand):
            return f"-{_words(operand)}"
        case ir.Subscript(value=value, index=ir.Const() | ir.UnaryOp() as index):
            return f"{_words(value)}[{_words(index)}]"
    return expression_words(expr) or "it"
