"""Values of torch's sample databases as Python source: ``torch.zeros((2, 3), dtype=torch.int64)``, ``(1, 2)``.

A tensor keeps its shape and dtype, not its contents. What has no literal raises `NotWritable` with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch


class NotWritable(Exception):
    """A value that cannot stand in a line of source, and why."""


def written(value: object, fill: str = "zeros") -> str:
    """``value`` as an expression; tensors are made by ``torch.<fill>``."""
    match value:
        case torch.Tensor():
            return _tensor(value, fill)
        case None | bool() | int() | str() | complex():
            return repr(value)
        case float():
            return repr(value) if math.isfinite(value) else f"float('{value}')"
        case torch.Size():
            return f"torch.Size({tuple(value)})"
        case tuple():
            items = [written(item, fill) for item in value]
            return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
        case list():
            return f"[{', '.join(written(item, fill) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{written(k, fill)}: {written(v, fill)}" for k, v in value.items()) + "}"
        case slice():
            return f"slice({written(value.start)}, {written(value.stop)}, {written(value.step)})"
        case torch.device():
            return repr(value.type)
        case torch.dtype() | torch.layout() | torch.memory_format():
            return str(value)
    if value is Ellipsis:
        return "..."
    if callable(value):
        return _function(value)
    raise NotWritable(f"a {type(value).__name__} among the arguments")


def _tensor(value: torch.Tensor, fill: str) -> str:
    if value.layout is not torch.strided or value.is_nested or value.is_quantized:
        raise NotWritable("a sparse, nested or quantised tensor")
    shape = tuple(value.shape)
    if fill == "rand" and not value.is_floating_point() and not value.is_complex():
        fill = "zeros"
    dtype = "" if value.dtype is torch.float32 else f", dtype={value.dtype}"
    return f"torch.{fill}({shape}{dtype})"


def _function(value: Callable[..., object]) -> str:
    name = getattr(value, "__name__", "")
    for path, place in (("torch", torch), ("torch.nn.functional", torch.nn.functional)):
        if name and getattr(place, name, None) is value:
            return f"{path}.{name}"
    raise NotWritable("a function among the arguments")


def arguments(args: Sequence[object], kwargs: Mapping[str, object], fill: str = "zeros") -> str:
    """What stands between the brackets of a call."""
    parts = [written(arg, fill) for arg in args]
    return ", ".join([*parts, *(f"{name}={written(value, fill)}" for name, value in kwargs.items())])
