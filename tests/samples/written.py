"""Values of torch's sample databases as Python source: ``torch.zeros((2, 3), dtype=torch.int64)``, ``(1, 2)``.

A tensor keeps its shape, dtype and layout, its contents only where they are asked for. What has no literal raises
`NotWritable` with the reason.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import torch

CONTENTS = "contents"  # in place of the function that fills a tensor
_MOST_ELEMENTS = 200


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
    if dataclasses.is_dataclass(value) and hasattr(torch.nn, type(value).__name__):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"torch.nn.{type(value).__name__}({arguments((), fields)})"
    if isinstance(value, torch.nn.Module):
        raise NotWritable("a layer among the arguments")
    if callable(value):
        return _function(value)
    raise NotWritable(f"a {type(value).__name__} among the arguments")


def _tensor(value: torch.Tensor, fill: str) -> str:
    if value.is_nested or value.is_quantized or value.layout in (torch.sparse_bsr, torch.sparse_bsc):
        raise NotWritable("a nested, quantised or blocked tensor")
    if value.layout is not torch.strided:
        return f"{_tensor(value.to_dense(), fill)}.{_LAYOUTS[value.layout]}"
    shape = tuple(value.shape)
    if fill == CONTENTS and (value.is_meta or not 0 < value.numel() <= _MOST_ELEMENTS):
        fill = "rand"
    if fill == "rand" and not value.is_floating_point() and not value.is_complex():
        fill = "zeros"
    dtype = "" if value.dtype is torch.float32 else f", dtype={value.dtype}"
    return f"torch.tensor({written(value.tolist())}{dtype})" if fill == CONTENTS else f"torch.{fill}({shape}{dtype})"


_LAYOUTS = {
    torch.sparse_coo: "to_sparse()",
    torch.sparse_csr: "to_sparse_csr()",
    torch.sparse_csc: "to_sparse_csc()",
}


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
