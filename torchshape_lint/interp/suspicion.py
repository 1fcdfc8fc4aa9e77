"""One bug, one report: what is known of a result after its operator was reported as impossible.

Sizes that the author chose for the result (out_features, out_channels, the arguments of a view) stay, so that a second
mistake further on is still found; sizes that came from the data may be part of the first mistake and are forgotten.
"""

from __future__ import annotations

from fractions import Fraction

from torchshape_lint.dims import Poly, Size, fresh
from torchshape_lint.rules.needs import Need
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Layer, ListValue, Tensor, Unknown, Value

_CHOSEN = "out_features out_channels embedding_dim".split()
_KEPT = frozenset("torch.Tensor.view torch.Tensor.reshape torch.reshape".split())


def after_break(value: Value, op: str, layer: Layer | None, broken: list[Need]) -> Value:
    """``value`` without what the broken operator took from its operands."""
    if isinstance(value, (tuple, ListValue)):
        return Unknown("a result of an operator that raises")
    if not isinstance(value, Tensor) or op in _KEPT:
        return value
    if layer is None:
        return _without_disputed(value, broken)
    chosen = [layer.fields.get(name) for name in _CHOSEN if name in layer.fields]
    if op.endswith(("Linear", "Embedding")) and value.shape.sizes:
        return Tensor(open_shape(value.shape.sizes[-1]), value.dtype)
    if not chosen or value.shape.is_open:
        return Unknown("the result of a layer that raises")
    return Tensor(Shape(tuple(_kept(size, chosen) for size in value.shape.sizes)), value.dtype)


def dispute(a: Size, b: Size) -> object:
    """Two sizes that should be equal, so that 64 against 48 and 3*64 against 3*48 are one mistake."""
    if isinstance(a, int) and isinstance(b, int) and a > 0 and b > 0:
        return Fraction(min(a, b), max(a, b))
    return a, b


def _without_disputed(value: Tensor, broken: list[Need]) -> Value:
    """The axes on which the operands agreed are known all the same."""
    disputed = [d for need in broken for d in (need.expected, need.actual)]
    if value.shape.is_open or not any(isinstance(d, (int, Poly)) for d in disputed):
        return Unknown("the result of an operator that raises")
    sizes = tuple(fresh() if any(size == d for d in disputed) else size for size in value.shape.sizes)
    return Tensor(Shape(sizes), value.dtype)


def _kept(size: Size, chosen: list[Value]) -> Size:
    return size if any(type(c) is type(size) and c == size for c in chosen) else fresh()
