"""What a test that turned out true (or false) says about sizes and ranks."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor, Value, is_size


def test(m: Machine, frame: Frame, expr: ir.Expr, outcome: bool) -> None:
    """Record what follows from ``expr`` being ``outcome``; what cannot be used is ignored."""
    match expr:
        case ir.UnaryOp(op="not"):
            test(m, frame, expr.operand, not outcome)
        case ir.BoolOp() if (expr.op == "and") == outcome:
            test(m, frame, expr.left, outcome)
            test(m, frame, expr.right, outcome)
        case ir.Compare(ops=("==",)) if outcome:
            _equal(m, frame, expr.left, expr.rights[0])
        case ir.Compare(ops=("!=",)) if not outcome:
            _equal(m, frame, expr.left, expr.rights[0])
        case ir.Compare(ops=("==", "==")) if outcome:
            _equal(m, frame, expr.left, expr.rights[0])
            _equal(m, frame, expr.rights[0], expr.rights[1])


def _equal(m: Machine, frame: Frame, left: ir.Expr, right: ir.Expr) -> None:
    with m.silent():
        try:
            tensor = _rank_of(m, frame, left)
            if tensor is not None:
                wanted = m.evaluate(frame, right)
                if isinstance(wanted, int):
                    m.facts.assume_rank(tensor.shape, (wanted,))
                return
            a, b = m.evaluate(frame, left), m.evaluate(frame, right)
        except Raised:
            return
    equate(m, a, b)


def equate(m: Machine, a: Value, b: Value) -> None:
    """Record that two values are equal, as far as they are sizes or shapes."""
    if is_size(a) and is_size(b):
        m.facts.assume_equal(a, b)  # type: ignore[arg-type]
        return
    if isinstance(b, Shape) and not isinstance(a, Shape):
        a, b = b, a
    if not isinstance(a, Shape):
        return
    items = plain_items(b)
    if items is None:
        return
    m.facts.assume_rank(a, (len(items),))
    shape = m.facts.shape(a)
    if not shape.is_open and len(shape.sizes) == len(items):
        for size, item in zip(shape.sizes, items, strict=True):
            if is_size(item):
                m.facts.assume_equal(size, item)  # type: ignore[arg-type]


def _rank_of(m: Machine, frame: Frame, expr: ir.Expr) -> Tensor | None:
    """The tensor whose rank ``expr`` is: x.dim(), x.ndim, len(x.shape), len(x.size())."""
    match expr:
        case ir.Call(func=ir.Attribute(value=tensor, attr="dim" | "ndimension"), args=()):
            owner = m.evaluate(frame, tensor)
        case ir.Attribute(value=tensor, attr="ndim"):
            owner = m.evaluate(frame, tensor)
        case ir.Call(func=ir.Name(id="len"), args=(ir.Arg(value=ir.Attribute(value=tensor, attr="shape")),)):
            owner = m.evaluate(frame, tensor)
        case ir.Call(
            func=ir.Name(id="len"),
            args=(ir.Arg(value=ir.Call(func=ir.Attribute(value=tensor, attr="size"), args=())),),
        ):
            owner = m.evaluate(frame, tensor)
        case _:
            return None
    return owner if isinstance(owner, Tensor) else None
