"""Building a layer: its construction rule is run, and arguments, parameters and buffers become its attributes.

Knows nothing of single layers; what each of them makes stands beside its rule.
"""

from __future__ import annotations

import inspect

from torchshape_lint import ir, values
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, construct
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.needs import Construction
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import Rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Layer, Value


def build_layer(
    rule: Rule, call: CallArgs, facts: Facts, *, at: int = -1, program: ir.Program | None = None
) -> tuple[Layer | None, Applied]:
    """The layer that constructing ``rule.name`` makes, None when its arguments cannot be read."""
    applied = construct(rule, call, facts)
    if not isinstance(applied.value, Construction):
        return None, applied
    made = applied.value
    layer = Layer(
        {name: _plain(value) for name, value in applied.bound.items()},
        op=rule.name,
        at=at,
        program=program,
        sources=_sources(rule, call),
        parameters=tuple(made.parameters),
        buffers=tuple(made.buffers),
    )
    dtype = _dtype(applied.bound.get("dtype"))
    for name, sizes in made.parameters.items():
        layer.fields[name] = None if sizes is None else values.Tensor(Shape(sizes), dtype, parameter=True)
    for name, sizes in made.buffers.items():
        given = applied.bound.get(name)  # a loss keeps the weights that it is given
        held = given.dtype if isinstance(given, Tensor) else "int64" if name == "num_batches_tracked" else dtype
        layer.fields[name] = None if sizes is None else values.Tensor(Shape(sizes), held)
    layer.fields["training"] = True
    return layer, applied


def _plain(value: object) -> Value:
    """What a rule was given, as the attribute that it becomes."""
    if isinstance(value, Named):
        return value.size
    if isinstance(value, Tensor):
        return values.Tensor(value.shape, value.dtype, value.folded, value.parameter)
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, dict):
        return values.DictValue({key: _plain(item) for key, item in value.items()})
    return value


def _sources(rule: Rule, call: CallArgs) -> dict[str, int]:
    """The sources of the arguments by parameter instead of by position."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [param.name for param in rule.params if param.kind in kinds]
    found: dict[str, int] = {}
    for key, source in call.sources.items():
        if isinstance(key, str):
            found[key] = source
        elif 0 <= key < len(names):
            found[names[key]] = source
    return found


def _dtype(given: object) -> str | None:
    return "float32" if given is None else dtype_of(given)
