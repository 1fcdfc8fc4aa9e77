"""Methods of nn.Module that give its parameters and buffers another dtype: ``half``, ``to(x)``, ``apply`` .."""

from __future__ import annotations

from collections.abc import Iterator

from torchshape_lint.interp.containers import children
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.machine import Machine
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import is_device, is_floating
from torchshape_lint.values import (
    Bound,
    Choice,
    DictValue,
    Function,
    Instance,
    Layer,
    ListValue,
    Object,
    Partial,
    Tensor,
    Value,
)

_METHOD = "torch.nn.Module."


@known(*(_METHOD + name for name in ("float", "half", "double", "bfloat16")))
def _to_float(h: Here) -> Value:
    _convert(h.m, h.self, dtype_of(f"torch.{h.path.removeprefix(_METHOD)}"), set())
    return h.self


@known(_METHOD + "to", _METHOD + "type")
def _to(h: Here) -> Value:
    for target in (*h.args.positional, *h.args.keywords.values()):
        if is_device(target) and not h.path.endswith("type"):
            continue
        _convert(h.m, h.self, target.dtype if isinstance(target, Tensor) else dtype_of(target), set())
    return h.self


@known(_METHOD + "apply")
def _apply(h: Here) -> Value:
    """The function is called with every module, those inside first."""
    function, modules = h.arg(0, "fn"), list(_inside(h.self, set()))
    if isinstance(function, (Function, Bound, Partial)) and len(modules) <= _MOST_MODULES:
        for module in modules:
            h.call(function, module)
    else:  # it may set other weights
        _convert(h.m, h.self, None, set())
    return h.self


_MOST_MODULES = 400


def _inside(module: Value, seen: set[int]) -> Iterator[Value]:
    if isinstance(module, Object) and id(module) not in seen:
        seen.add(id(module))
        for child in children(module).values():
            yield from _inside(child, seen)
        yield module


def _convert(m: Machine, value: Value, dtype: str | None, seen: set[int]) -> None:
    """All floats of a module become ``dtype``, None for one that is not known; what is no parameter may stay."""
    if isinstance(value, Choice):
        for option in value.options:
            _convert(m, option, dtype, seen)
    if not isinstance(value, (Instance, Layer, ListValue, DictValue)) or id(value) in seen:
        return
    seen.add(id(value))
    for name, held in list(value.fields.items()):
        if isinstance(held, Tensor):
            _store(m, value, name, held, dtype)
        elif isinstance(held, tuple):  # of a plain list nobody knows whether it holds parameters
            m.store(value, name, tuple(_cast(item, None) if isinstance(item, Tensor) else item for item in held))
            for item in held:
                _convert(m, item, None, seen)
        elif held is not MISSING:
            _convert(m, held, dtype if isinstance(held, (Instance, Layer, Choice)) else None, seen)


def _store(m: Machine, owner: Object, name: object, held: Tensor, dtype: str | None) -> None:
    sure = held.parameter or (isinstance(owner, Layer) and name in owner.buffers)
    cast = _cast(held, dtype if sure else held.dtype if held.dtype == dtype else None)
    if cast is not held:
        m.store(owner, name, cast)


def _cast(x: Tensor, dtype: str | None) -> Tensor:
    """A float, or something of unknown type, in another type; complex numbers and integers have rules of their own."""
    if x.dtype == dtype or not (x.dtype is None or is_floating(x.dtype)):
        return x
    plain = x.dtype is not None and not x.dtype.startswith("complex") and is_floating(dtype)
    return Tensor(x.shape, dtype if plain else None, x.folded, x.parameter, x.maybe)
