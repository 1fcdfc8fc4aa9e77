"""Methods of lists, dicts, strings, tuples and sets."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from torchshape_lint import ir
from torchshape_lint.dims import product
from torchshape_lint.interp import dicts
from torchshape_lint.interp.attributes import set_attribute
from torchshape_lint.interp.comparison import same
from torchshape_lint.interp.dicts import is_key
from torchshape_lint.interp.doubts import may_miss
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.join import join_values, of_any_length
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.modules import resolve
from torchshape_lint.interp.sequences import distinct, followed, plain_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    MOST_KEPT,
    OPEN,
    DictValue,
    External,
    ListValue,
    Namespace,
    Object,
    SetValue,
    Stream,
    Unknown,
    Value,
    any_item,
)
from torchshape_lint.verdicts import MAYBE, YES

MAX_ITEMS = 10_000
_LONG_NUMBER = re.compile(r"\d{5}")


def _items(value: Value) -> tuple[Value, ...] | None:
    return plain_items(value)


def _set(h: Here, items: Value) -> None:
    assert isinstance(h.self, (ListValue, SetValue))
    h.m.store(h.self, "items", items)


@known("list.append", "set.add")
def _append(h: Here) -> Value:
    items = _items(h.self)
    if items is not None:
        _set(h, _kept(h, (*items, h.arg(0))) if len(items) < MAX_ITEMS else Unknown("a very long list"))
    elif (element := any_item(h.self)) is not None:
        _set(h, of_any_length(join_values(element, h.arg(0))))
    return None


@known("list.extend", "list.__iadd__", "set.update")
def _extend(h: Here) -> Value:
    items, more = _items(h.self), iterate(h.m, h.frame, h.arg(0))
    if items is None or isinstance(more, Stream) or len(items) + len(more) > MAX_ITEMS:
        _set(h, Unknown("extended by something unknown"))
    else:
        _set(h, _kept(h, items + more))
    return None


def _kept(h: Here, items: tuple[Value, ...]) -> Value:
    """What a list (all of them), a set (each once) or a deque (the last ones) keeps."""
    most = h.self.fields.get(MOST_KEPT) if isinstance(h.self, ListValue) else None
    if most is not None and len(items) > most:  # type: ignore[operator]
        items = items[len(items) - most :]  # type: ignore[operator]
    return distinct(items) if isinstance(h.self, SetValue) else followed(items)


@known("list.insert")
def _insert(h: Here) -> Value:
    items, index = _items(h.self), h.arg(0)
    if items is None or not isinstance(index, int):
        _set(h, Unknown("inserted at an index that is not known"))
    else:
        changed = list(items)
        changed.insert(index, h.arg(1))
        _set(h, tuple(changed))
    return None


@known("list.pop")
def _pop(h: Here) -> Value:
    items, index = _items(h.self), h.arg(0, default=-1)
    if items is None or not isinstance(index, int) or not -len(items) <= index < len(items):
        _set(h, Unknown("popped at an index that is not known"))
        return Unknown("popped from something unknown")
    k = index % len(items)
    _set(h, items[:k] + items[k + 1 :])
    return items[k]


@known("list.reverse")
def _reverse(h: Here) -> Value:
    items = _items(h.self)
    _set(h, items[::-1] if items is not None else Unknown("reversed"))
    return None


@known("list.sort", "list.remove", "set.discard", "set.remove")
def _reorder(h: Here) -> Value:
    _set(h, Unknown("changed in a way that is not followed"))
    return None


@known("list.clear", "set.clear")
def _clear(h: Here) -> Value:
    _set(h, ())
    return None


@known("list.copy", "set.copy")
def _copy(h: Here) -> Value:
    assert isinstance(h.self, (ListValue, SetValue))
    return type(h.self)(dict(h.self.fields))


@known("list.index", "tuple.index", "list.count", "tuple.count")
def _index(h: Here) -> Value:
    items = _items(h.self)
    if items is None:
        return Unknown("an index")
    verdicts = [same(h.m, item, h.arg(0)) for item in items]
    if any(v is MAYBE for v in verdicts):
        return Unknown("an index")
    if h.path.endswith("count"):
        return sum(v is YES for v in verdicts)
    return next((k for k, v in enumerate(verdicts) if v is YES), Unknown("not in the list"))


@known("shape.numel")
def _numel(h: Here) -> Value:
    assert isinstance(h.self, Shape)
    shape = h.m.facts.shape(h.self)
    return product(shape.sizes) if not shape.is_open else Unknown("the number of elements is not known")


def _may_explode(name: str, text: str, args: list[Any]) -> bool:
    """A width or a replacement that would make the string enormous."""
    if name == "format":
        return _LONG_NUMBER.search(text) is not None
    return name == "replace" and len(args) > 1 and (len(text) + 1) * len(str(args[1])) > MAX_ITEMS


# --- dicts ----------------------------------------------------------------------------------------------------------


@known("dict.get", "dict.pop", "dict.setdefault")
def _get(h: Here) -> Value:
    assert isinstance(h.self, DictValue)
    key, default = h.arg(0), h.arg(1)
    if not is_key(key):
        if not h.path.endswith("get"):
            escape(h.m, h.self, "an entry was taken out or added")
        return Unknown("an entry by a key that is not known")
    value = h.self.fields.get(key, MISSING)
    if value is MISSING:
        if OPEN in h.self.fields:
            return Unknown("an entry of a dict that is not fully known")
        if h.path.endswith("setdefault"):
            h.m.store(h.self, key, default)
        return default
    if may_miss(h.self, key):
        value = join_values(resolve(h.m, value), default)
    if h.path.endswith("pop"):
        h.m.store(h.self, key, MISSING)
        if isinstance(h.self, Namespace):
            escape(h.m, h.self, "an attribute was taken away")
    return resolve(h.m, value)


@known("dict.keys", "dict.values", "dict.items")
def _entries(h: Here) -> Value:
    assert isinstance(h.self, DictValue)
    if OPEN in h.self.fields:
        why = Unknown("an entry of a dict that is not fully known")
        return Stream((why, why) if h.path.endswith("items") else why)
    which = h.path.rpartition(".")[2]
    fields: dict[Any, Value] = h.self.fields
    return tuple(fields) if which == "keys" else tuple(fields.values()) if which == "values" else tuple(fields.items())


@known("dict.update")
def _update(h: Here) -> Value:
    assert isinstance(h.self, DictValue)
    keywords: dict[Hashable, Value] = dict(h.args.keywords.items())
    others = [*h.args.positional[:1], DictValue(keywords)]
    for other in others:
        pairs = h.call(External("builtins.dict"), other) if plain_items(other) is not None else other
        if isinstance(h.self, Namespace) and h.self.owner is not None:
            _update_attributes(h, h.self.owner, pairs)
        else:
            dicts.update(h.m, h.self, pairs)
    return None


def _update_attributes(h: Here, owner: Object, other: Value) -> None:
    """``self.__dict__.update(other)``"""
    if not isinstance(other, DictValue) or OPEN in other.fields:
        escape(h.m, owner, "attributes were set by names that are not known")
    for key, value in other.fields.items() if isinstance(other, DictValue) else ():
        if isinstance(key, str) and key != OPEN:
            set_attribute(h.m, h.frame, owner, key, value, ir.Name(h.site.at, key))


@known("dict.popitem")
def _popitem(h: Here) -> Value:
    """The last entry."""
    assert isinstance(h.self, DictValue)
    if OPEN in h.self.fields or not h.self.fields:
        h.m.store(h.self, OPEN, True)
        return Unknown("an entry of a dict that is not fully known")
    key, value = list(h.self.fields.items())[-1]
    h.m.store(h.self, key, MISSING)
    return key, value


@known("dict.fromkeys")
def _fromkeys(h: Here) -> Value:
    """One value under many keys."""
    keys = plain_items(h.arg(0))
    if keys is None or not all(isinstance(key, (str, int)) for key in keys):
        return DictValue({OPEN: True})
    return DictValue({key: h.arg(1) for key in keys if isinstance(key, (str, int))})


@known("dict.copy")
def _copy_dict(h: Here) -> Value:
    assert isinstance(h.self, DictValue)
    return DictValue(dict(h.self.fields))


# --- strings --------------------------------------------------------------------------------------------------------


@known(
    *(
        f"str.{name}"
        for name in "lower upper strip lstrip rstrip title capitalize startswith endswith replace split rsplit format "
        "isdigit join count find partition rpartition removeprefix removesuffix islower isupper".split()
    )
)
def _string(h: Here) -> Value:
    name = h.path.rpartition(".")[2]
    args = [plain_items(a) if isinstance(a, (tuple, ListValue)) else a for a in h.args.positional]
    values = [*args, *h.args.keywords.values()]
    simple = all(isinstance(a, (str, int, float)) for a in values) or (
        name == "join" and len(args) == 1 and isinstance(args[0], tuple) and all(isinstance(s, str) for s in args[0])
    )
    if not simple or not isinstance(h.self, str) or _may_explode(name, h.self, args):
        return Unknown("a string that is not known")
    try:
        result = getattr(h.self, name)(*args, **h.args.keywords)
    except Exception:  # noqa: BLE001 (the analysed code raises here)
        return Unknown("a string method that raises")
    if isinstance(result, str) and len(result) > 100_000:
        return Unknown("a very long string")
    return ListValue({"items": tuple(result)}) if isinstance(result, list) else result
