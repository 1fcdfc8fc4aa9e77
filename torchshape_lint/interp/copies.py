"""Copies of mutable values. Knows nothing of who wants them."""

from __future__ import annotations

import operator

from torchshape_lint.values import Choice, DictValue, Instance, Layer, ListValue, SetValue, Value


def shallow(value: Value) -> Value:
    """What ``copy.copy`` gives."""
    return copy_value(value, {}, deep=False)


def copy_value(value: Value, done: dict[int, Value], deep: bool = True) -> Value:
    """A copy of a mutable value, sharing within it kept."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, tuple) and deep:
        items = tuple(copy_value(item, done) for item in value)
        return value if all(map(operator.is_, items, value)) else items  # a range or a named tuple stays one
    if isinstance(value, Choice) and deep:
        return Choice(tuple(copy_value(option, done) for option in value.options))
    if not isinstance(value, (ListValue, DictValue, SetValue, Instance, Layer)):
        return value
    if isinstance(value, Instance):
        copied: Instance | Layer | ListValue | DictValue | SetValue = Instance(cls=value.cls, at=value.at)
    elif isinstance(value, Layer):
        copied = Layer(
            op=value.op,
            at=value.at,
            program=value.program,
            sources=value.sources,
            parameters=value.parameters,
            buffers=value.buffers,
        )
    else:
        copied = type(value)()
    done[id(value)] = copied
    copied.fields.update({k: copy_value(v, done) if deep else v for k, v in value.fields.items()})
    return copied
