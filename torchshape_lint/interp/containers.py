"""nn.Sequential, ModuleList and ModuleDict: children are fields that hold modules, in the order of their making."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from torchshape_lint.interp.classes import container_path, is_module
from torchshape_lint.interp.doubts import FILLED, LEFT_OPEN, is_child
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import (
    OPEN,
    Choice,
    DictValue,
    Instance,
    Layer,
    Object,
    SliceValue,
    Unknown,
    Value,
    known_slice,
)

ESCAPED = "<escaped>"  # the object was handed to something unknown
MAX_CHILDREN = 10_000


def children(value: Object) -> dict[str, Value]:
    """The child modules by name."""
    return {
        key: child
        for key, child in value.fields.items()
        if isinstance(key, str) and key[:1] not in "<#" and (is_module(child) or isinstance(child, Choice))
    }


def listed(value: Object) -> dict[str, Value]:
    """The entries of a container, unknown ones included."""
    return {str(key): child for key, child in value.fields.items() if is_child(key, child)}


def is_open(value: Object) -> bool:
    """May it have children that nobody saw?"""
    unfilled = isinstance(value, Instance) and container_path(value) is not None and FILLED not in value.fields
    return unfilled or LEFT_OPEN in value.fields or ESCAPED in value.fields


def items_of(value: Layer | Instance) -> tuple[Value, ...] | None:
    """What iterating over a container gives; None when it is none, or not fully known."""
    path = container_path(value)
    if path is None or is_open(value):
        return None
    entries = {k: v for k, v in listed(value).items() if path.endswith(("Dict", "Sequential")) or k.isdigit()}
    return tuple(entries) if path.endswith("Dict") else tuple(entries.values())


def fill(m: Machine, target: Object, path: str, call: CallArgs) -> None:
    """What the constructor of a container does with its arguments."""
    m.store(target, FILLED, True)
    if any(isinstance(v, _Starred) for v in call.positional):
        m.store(target, LEFT_OPEN, True)
        return
    args = call.positional
    if path.endswith("Dict"):
        if args:
            _fill_dict(m, target, args[0])
        return
    if path.endswith("List"):
        if args:
            extend(m, target, args[0])
        return
    if len(args) == 1 and isinstance(args[0], DictValue):
        _fill_dict(m, target, args[0])
        return
    _store(m, target, args, 0)


class _Starred:
    """Stands for ``*args`` of unknown length in a call."""


STARRED = _Starred()


def _fill_dict(m: Machine, target: Object, mapping: Value) -> None:
    if isinstance(mapping, DictValue) and OPEN not in mapping.fields:
        for key, child in mapping.fields.items():
            m.store(target, str(key), child)
        return
    pairs = [plain_items(pair) for pair in plain_items(mapping) or (None,)]
    if all(pair is not None and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs):
        for pair in pairs:
            assert pair is not None
            m.store(target, pair[0], pair[1])
        return
    m.store(target, LEFT_OPEN, True)


def extend(m: Machine, target: Object, modules: Value) -> None:
    items = plain_items(modules)
    if items is None and isinstance(modules, (Layer, Instance)):
        items = items_of(modules)
    if items is None:
        m.store(target, LEFT_OPEN, True)
        return
    _store(m, target, items, len(listed(target)))


def _store(m: Machine, target: Object, children: Sequence[Value], start: int) -> None:
    if start + len(children) > MAX_CHILDREN:
        m.store(target, LEFT_OPEN, True)
        return
    for k, child in enumerate(children, start):
        m.store(target, str(k), child)


def added(m: Machine, target: Layer | Instance, modules: Value, inplace: bool) -> Value:
    """``container += modules``, or the new container that ``container + modules`` is."""
    if not inplace:
        path = container_path(target) or "torch.nn.ModuleList"
        entries: dict[Hashable, Value] = {"training": True, FILLED: True}
        entries.update(listed(target))
        target = Layer(entries, op=path)
    extend(m, target, modules)
    return target


def append(m: Machine, target: Object, child: Value) -> None:
    m.store(target, str(len(listed(target))), child)


def insert(m: Machine, target: Object, index: Value, child: Value) -> None:
    entries = list(listed(target).values())
    if not isinstance(index, int):
        m.store(target, LEFT_OPEN, True)
        return
    entries.insert(index, child)
    _renumber(m, target, entries)


def _renumber(m: Machine, target: Object, entries: list[Value]) -> None:
    for key in listed(target):
        m.store(target, key, MISSING)
    for k, child in enumerate(entries):
        m.store(target, str(k), child)


def get(m: Machine, target: Layer | Instance, index: Value) -> Value:
    """``container[index]``"""
    if is_open(target):
        return Unknown("a child of a module whose children are not all known")
    entries = listed(target)
    if isinstance(index, str):
        return entries.get(index, Unknown(f"no child {index!r} is known"))
    values = list(entries.values())
    if isinstance(index, int) and not isinstance(index, bool):
        return values[index] if -len(values) <= index < len(values) else Unknown("the index is out of range")
    if isinstance(index, SliceValue):
        cut = known_slice(index)
        if cut is not None:
            chosen = list(entries.items())[cut]
            path = container_path(target) or "torch.nn.Sequential"
            fields: dict[object, Value] = {"training": True}
            named = path.endswith("Sequential")
            fields.update((key if named else str(k), child) for k, (key, child) in enumerate(chosen))
            return Layer(fields, op=path)
    return one_of(values)


def one_of(values: list[Value]) -> Value:
    """An entry by an index that is not known: known only when all are alike."""
    from torchshape_lint.interp.join import same_value

    if values and all(same_value(values[0], other) for other in values[1:]):
        return values[0]
    return Unknown("a child by an index that is not known")


def put(m: Machine, target: Object, index: Value, child: Value) -> None:
    """``container[index] = child``"""
    keys = list(listed(target))
    if isinstance(index, str):
        m.store(target, index, child)
    elif isinstance(index, int) and -len(keys) <= index < len(keys):
        m.store(target, keys[index], child)
    else:
        m.store(target, LEFT_OPEN, True)


def delete(m: Machine, target: Object, index: Value) -> None:
    entries = listed(target)
    keys = list(entries)
    if isinstance(index, str) and index in entries:
        m.store(target, index, MISSING)
    elif isinstance(index, int) and -len(keys) <= index < len(keys):
        del entries[keys[index]]
        _renumber(m, target, list(entries.values()))
    else:
        m.store(target, LEFT_OPEN, True)
