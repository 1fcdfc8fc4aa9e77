"""What is iterated over, and what collects it: range, zip, map, list, dict and the like."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

from torchshape_lint.interp import classes
from torchshape_lint.interp.comparison import truth
from torchshape_lint.interp.dicts import ANY, is_key
from torchshape_lint.interp.enums import plain
from torchshape_lint.interp.iteration import iterate, length
from torchshape_lint.interp.join import join_values
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.machine import Raised
from torchshape_lint.interp.sequences import distinct, plain_items
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import (
    MOST_KEPT,
    OPEN,
    Bound,
    DictValue,
    Instance,
    IteratorValue,
    ListValue,
    Range,
    RangeValue,
    SetValue,
    Stream,
    Tensor,
    Unknown,
    Value,
    is_size,
)
from torchshape_lint.verdicts import MAYBE, NO, YES

MAX_RANGE = 100_000
MAX_DRAWN = 1_000


@known("builtins.len")
def _len(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, Instance) and (found := classes.lookup_class(value.cls, "__len__")):
        return h.call(Bound(found[0], value))  # type: ignore[arg-type]
    return length(h.m, value)


@known("builtins.range")
def _range(h: Here) -> Value:
    args = [plain(value) for value in h.args.positional]
    if not args or not all(is_size(a) for a in args):
        return Stream(Unknown("an element of a range that is not known"))
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    start, stop, step = (h.m.facts.size(v) for v in (start, stop, step))  # type: ignore[arg-type]
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int) and step:
        numbers = range(start, stop, step)
        if not numbers[MAX_RANGE:]:  # a length may be more than Python's len can say
            return Range(numbers)
    return RangeValue(start, stop, step)


@known("builtins.enumerate")
def _enumerate(h: Here) -> Value:
    items = iterate(h.m, h.frame, h.arg(0))
    start = h.arg(1, "start", 0)
    if isinstance(items, Stream):
        return Stream((Unknown("a counter"), items.element))
    if not isinstance(start, int):
        return Stream(Unknown("enumerate from an unknown start"))
    return tuple((k, item) for k, item in enumerate(items, start))


@known("builtins.zip")
def _zip(h: Here) -> Value:
    parts = [iterate(h.m, h.frame, value) for value in h.args.positional]
    known_parts = [p for p in parts if not isinstance(p, Stream)]
    if len(known_parts) == len(parts):
        return tuple(zip(*known_parts, strict=False))
    return Stream(tuple(_another(p.element) if isinstance(p, Stream) else Unknown("an item of a zip") for p in parts))


def _another(element: Value) -> Value:
    """What a stream gives next: of a tensor of which nothing is known the next one need not be alike."""
    if isinstance(element, Tensor) and element.shape.is_open and not element.shape.sizes:
        return replace(element, shape=open_shape())
    return tuple(map(_another, element)) if type(element) is tuple else element


@known("builtins.reversed", "builtins.sorted", "builtins.iter")
def _same_items(h: Here) -> Value:
    if h.path.endswith("iter") and isinstance(h.arg(0), IteratorValue):
        return h.arg(0)
    items = iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream):
        return items
    if h.path.endswith("reversed"):
        return IteratorValue({"items": items[::-1]})
    if h.path.endswith("sorted"):
        backwards = h.args.keywords.get("reverse", False)
        comparable = any(all(isinstance(i, kind) for i in items) for kind in ((int, float), str))
        if set(h.args.keywords) - {"reverse"} or not isinstance(backwards, bool) or not comparable:
            return ListValue({"items": Unknown("a sorted list")})
        ordered: list[Any] = sorted(items, reverse=backwards)
        return ListValue({"items": tuple(ordered)})
    return IteratorValue({"items": items})


@known("builtins.next")
def _next(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, Stream):
        return _another(value.element)
    if not isinstance(value, IteratorValue):
        items = iterate(h.m, h.frame, value)
        return items.element if isinstance(items, Stream) else Unknown("the next of something that is no iterator")
    left = value.fields["items"]
    if not isinstance(left, tuple):
        return Unknown("the next of an iterator that is not known")
    if not left:
        if len(h.args.positional) > 1:
            return h.arg(1)
        raise Raised("StopIteration")
    h.m.store(value, "items", left[1:])
    return left[0]


@known("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset")
def _collect(h: Here) -> Value:
    if not h.args.positional:
        items: tuple[Value, ...] | Stream = ()
    else:
        items = iterate(h.m, h.frame, h.arg(0))
    name = h.path.rpartition(".")[2]
    if isinstance(items, Stream):
        why = Unknown("of unknown length")
        return ListValue({"items": why}) if name == "list" else why
    if name == "tuple":
        return Shape(items) if isinstance(h.arg(0), Shape) else items  # type: ignore[arg-type]
    return ListValue({"items": items}) if name == "list" else SetValue({"items": distinct(items)})


@known("collections.deque")
def _deque(h: Here) -> Value:
    """A list that keeps its last items only."""
    items = iterate(h.m, h.frame, h.arg(0, "iterable", ()))
    most = h.arg(1, "maxlen")
    if isinstance(items, Stream) or not (most is None or type(most) is int) or (most is not None and len(items) > most):
        return Unknown("a deque that is not followed")
    return ListValue({"items": items} if most is None else {"items": items, MOST_KEPT: most})


@known("random.sample", "random.choices")
def _drawn(h: Here) -> Value:
    """Some of a list, in any order: as many as are asked for, each like all of them."""
    items, count = plain_items(h.arg(0, "population")), h.arg(1, "k")
    if not items or type(count) is not int or count > MAX_DRAWN or set(h.args.keywords) - {"k"}:
        return Unknown("drawn by chance", data=True)
    if len(h.args.positional) > 1 and h.path.endswith("choices"):  # these are weights
        return Unknown("drawn by chance", data=True)
    if count > len(items) and h.path.endswith("sample"):
        return Unknown("more than there are")
    return ListValue({"items": (reduce(join_values, items),) * count})


@known("builtins.dict", "collections.OrderedDict", "collections.defaultdict")
def _dict(h: Here) -> Value:
    fields: dict[Any, Value] = {}
    value = h.arg(1 if h.path.endswith("defaultdict") else 0)
    if isinstance(value, DictValue):
        fields.update(value.fields)
    elif value is not None:
        for pair in iterate(h.m, h.frame, value) if plain_items(value) is not None else (None,):  # type: ignore[union-attr]
            pair = plain_items(pair)
            if pair is None or len(pair) != 2 or not is_key(pair[0]):
                fields = {**dict.fromkeys(fields, ANY), OPEN: True}
            else:
                fields[pair[0]] = pair[1]
    fields.update(h.args.keywords)
    if h.path.endswith("defaultdict"):
        fields[OPEN] = True
    return DictValue(fields)


@known("builtins.any", "builtins.all")
def _any(h: Here) -> Value:
    items = iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream):
        return Unknown("any or all of something unknown")
    verdicts = [truth(h.m, item) for item in items]
    wanted = YES if h.path.endswith("any") else NO
    if any(v is wanted for v in verdicts):
        return wanted is YES
    return Unknown("any or all of something unknown") if any(v is MAYBE for v in verdicts) else wanted is NO


@known("builtins.map")
def _map(h: Here) -> Value:
    function, *iterables = h.args.positional
    parts = [iterate(h.m, h.frame, value) for value in iterables]
    if any(isinstance(p, Stream) for p in parts):
        return Stream(Unknown("an element of a map"))
    return tuple(h.call(function, *items) for items in zip(*parts, strict=False))


@known("builtins.filter")
def _filter(h: Here) -> Value:
    function, items = h.arg(0), iterate(h.m, h.frame, h.arg(1))
    if isinstance(items, Stream):
        return Stream(Unknown("an element of a filter"))
    kept = []
    for item in items:
        verdict = truth(h.m, item if function is None else h.call(function, item))
        if verdict is MAYBE:
            return Stream(Unknown("an element of a filter"))
        if verdict is YES:
            kept.append(item)
    return tuple(kept)


@known("builtins.slice")
def _slice(h: Here) -> Value:
    from torchshape_lint.values import SliceValue

    args = list(h.args.positional)
    return SliceValue(*((None, args[0], None) if len(args) == 1 else (*args, None)[:3]))
