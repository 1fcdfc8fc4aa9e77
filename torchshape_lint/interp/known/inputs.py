"""Inputs that summary tools are given as sizes."""

from __future__ import annotations

from torchshape_lint.interp.known.table import Here
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor, Value, is_size


def summary_inputs(h: Here) -> tuple[Value, ...] | None:
    """The tensors that ``summary(model, sizes)`` runs the model with; None where they are not known."""
    sizes = h.arg(1, "input_size")
    if isinstance(sizes, Tensor):
        return (sizes,)
    data = h.args.keywords.get("input_data")
    if data is not None:
        return data if isinstance(data, tuple) else (data,)
    items = plain_items(sizes)
    if not items:
        return None
    several = [plain_items(item) for item in items]
    shapes = [s for s in several if s is not None] if all(s is not None for s in several) else [items]
    batch: tuple[Value, ...] = () if h.path.startswith("torchinfo") else (2,)
    inputs: list[Value] = []
    for shape in shapes:
        if not all(is_size(size) for size in shape):
            return None
        inputs.append(Tensor(Shape((*batch, *shape)), "float32"))  # type: ignore[arg-type]
    return tuple(inputs)
