"""Builtin functions and types of Python."""

from __future__ import annotations

import math
from typing import Any

from torchshape_lint import ir
from torchshape_lint.dims import Poly, bounds, is_sure
from torchshape_lint.dims import floordiv as floor_divide
from torchshape_lint.interp import classes
from torchshape_lint.interp.attributes import get_attribute, set_attribute
from torchshape_lint.interp.iteration import iterate, length
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.operators import binary, compare, plain_items, truth
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    OPEN,
    Bound,
    Choice,
    ClassValue,
    DictValue,
    External,
    Function,
    Instance,
    Layer,
    ListValue,
    Made,
    Partial,
    Range,
    RangeValue,
    Real,
    SetValue,
    Stream,
    Super,
    Tensor,
    Unknown,
    Value,
    is_size,
)
from torchshape_lint.verdicts import MAYBE, NO, YES

MAX_RANGE = 100_000


@known("builtins.print", "builtins.input", "builtins.help", "builtins.exit", "builtins.quit", "builtins.breakpoint")
def _nothing(h: Here) -> Value:
    if h.path.endswith(("exit", "quit")):
        from torchshape_lint.interp.machine import Raised

        raise Raised("exit")
    return None


@known("builtins.len")
def _len(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, Instance) and (found := classes.lookup_class(value.cls, "__len__")):
        return h.call(Bound(found[0], value))  # type: ignore[arg-type]
    return length(h.m, value)


@known("builtins.range")
def _range(h: Here) -> Value:
    args = list(h.args.positional)
    if not args or not all(is_size(a) for a in args):
        return Stream(Unknown("an element of a range that is not known"))
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    start, stop, step = (h.m.facts.size(v) for v in (start, stop, step))  # type: ignore[arg-type]
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int) and step:
        numbers = range(start, stop, step)
        if len(numbers) <= MAX_RANGE:
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
    return Stream(tuple(p.element if isinstance(p, Stream) else Unknown("an item of a zip") for p in parts))


@known("builtins.reversed", "builtins.sorted", "builtins.iter")
def _same_items(h: Here) -> Value:
    items = iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream):
        return items
    if h.path.endswith("reversed"):
        return items[::-1]
    if h.path.endswith("sorted"):
        if (
            h.args.keywords
            or not all(isinstance(i, (int, float)) for i in items)
            and not all(isinstance(i, str) for i in items)
        ):
            return ListValue({"items": Unknown("a sorted list")})
        ordered: list[Any] = sorted(items)
        return ListValue({"items": tuple(ordered)})
    return items


@known("builtins.next")
def _next(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, Stream):
        return value.element
    items = iterate(h.m, h.frame, value)
    if isinstance(items, Stream):
        return items.element
    return items[0] if len(items) == 1 else Unknown("the next of several")


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
    return ListValue({"items": items}) if name == "list" else SetValue({"items": items})


@known("builtins.dict", "collections.OrderedDict", "collections.defaultdict")
def _dict(h: Here) -> Value:
    fields: dict[Any, Value] = {}
    value = h.arg(1 if h.path.endswith("defaultdict") else 0)
    if isinstance(value, DictValue):
        fields.update(value.fields)
    elif value is not None:
        for pair in iterate(h.m, h.frame, value) if plain_items(value) is not None else (None,):  # type: ignore[union-attr]
            pair = plain_items(pair)
            if pair is None or len(pair) != 2 or not isinstance(pair[0], (str, int, tuple)):
                fields[OPEN] = True
            else:
                fields[pair[0]] = pair[1]
    fields.update(h.args.keywords)
    if h.path.endswith("defaultdict"):
        fields[OPEN] = True
    return DictValue(fields)


@known("builtins.int", "math.floor", "math.trunc")
def _int(h: Here) -> Value:
    value = h.arg(0, default=0)
    if isinstance(value, (int, float, str)):
        try:
            return math.floor(value) if h.path.endswith("floor") else int(value)  # type: ignore[arg-type]
        except (ValueError, TypeError, OverflowError):
            return Unknown("int of something that is no number")
    if isinstance(value, Poly) and is_sure(value):
        return value
    if isinstance(value, Real):
        low, _ = bounds(value.size)
        if low is not None and low >= 0 and is_sure(value.size):  # int() and floor() agree
            return floor_divide(value.size * value.factor.numerator, value.factor.denominator)
    return Unknown("an int of something unknown", isinstance(value, Unknown) and value.data)


@known("builtins.float", "builtins.complex")
def _float(h: Here) -> Value:
    value = h.arg(0, default=0.0)
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except ValueError:
            return Unknown("a float of something that is no number")
    return value if isinstance(value, Real) else Unknown("a float of something unknown")


@known("builtins.str", "builtins.repr")
def _str(h: Here) -> Value:
    value = h.arg(0, default="")
    return str(value) if isinstance(value, (int, float, str, type(None))) else Unknown("a string")


@known("builtins.bool")
def _bool(h: Here) -> Value:
    verdict = truth(h.m, h.arg(0, default=False))
    return Unknown("a bool") if verdict is MAYBE else verdict is YES


@known("builtins.abs")
def _abs(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, (int, float)):
        return abs(value)
    if isinstance(value, Tensor):
        return h.m.call_with(h.frame, External("torch.abs"), value, at=h.site.at)
    if isinstance(value, Poly):
        low, _ = bounds(value)
        return value if low is not None and low >= 0 else Unknown("an absolute value")
    return Unknown("an absolute value")


@known("builtins.round")
def _round(h: Here) -> Value:
    value, digits = h.arg(0), h.arg(1)
    if isinstance(value, (int, float)) and (digits is None or isinstance(digits, int)):
        try:
            return round(value, digits) if digits is not None else round(value)
        except (ValueError, OverflowError):
            return Unknown("a rounded number")
    return Unknown("a rounded number")


@known("builtins.max", "builtins.min")
def _extreme(h: Here) -> Value:
    items = h.args.positional if len(h.args.positional) > 1 else iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream) or h.args.keywords or not items:
        return Unknown("an extreme of something unknown")
    largest = h.path.endswith("max")
    if all(isinstance(i, (int, float)) for i in items):
        return max(items) if largest else min(items)  # type: ignore[type-var]
    best = items[0]
    for item in items[1:]:
        order = compare(h.m, ">=" if largest else "<=", best, item)
        if order is True:
            continue
        if order is not False:
            return Unknown("an extreme of sizes that are not known")
        best = item
    return best


@known("builtins.sum", "math.prod", "numpy.prod", "numpy.sum")
def _fold(h: Here) -> Value:
    items = iterate(h.m, h.frame, h.arg(0))
    if isinstance(items, Stream):
        return Unknown("a sum of unknown length")
    adding = h.path.endswith("sum")
    answer = h.arg(1, "start", 0 if adding else 1) if not h.path.startswith("numpy") else (0 if adding else 1)
    node = ir.Const(h.site.at, None)
    for item in items:
        answer = binary(h.m, h.frame, "+" if adding else "*", answer, item, node)
    return answer


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


@known("builtins.super")
def _super(h: Here) -> Value:
    if h.args.positional:
        owner, receiver = h.arg(0), h.arg(1)
    else:
        owner, receiver = h.frame.owner, h.frame.receiver
        if owner is None and h.frame.scope.kind == "comprehension":
            return Unknown("super in a comprehension")
    return Super(owner, receiver) if isinstance(owner, ClassValue) else Unknown("super outside a class")


@known("builtins.getattr")
def _getattr(h: Here) -> Value:
    name = h.arg(1)
    if not isinstance(name, str):
        return Unknown("an attribute by a name that is not known")
    value = get_attribute(h.m, h.frame, h.arg(0), name, ir.Name(h.site.at, name))
    if len(h.args.positional) > 2 and not _is_there(h.arg(0), name):
        return h.arg(2) if isinstance(h.arg(0), (Instance, Layer)) and _all_known(h.arg(0)) else Unknown("getattr")
    return value


@known("builtins.hasattr")
def _hasattr(h: Here) -> Value:
    owner, name = h.arg(0), h.arg(1)
    if isinstance(name, str) and _is_there(owner, name):
        return True
    if isinstance(owner, (Instance, Layer)) and isinstance(name, str) and _all_known(owner):
        return False
    return Unknown("hasattr of something unknown")


def _is_there(owner: Value, name: str) -> bool:
    if isinstance(owner, Instance):
        return name in owner.fields or classes.lookup_class(owner.cls, name) is not None
    return isinstance(owner, (Layer, ClassValue)) and name in owner.fields


_MODULE_NAMES = frozenset(
    "to cuda cpu train eval parameters forward modules children state_dict apply training named_parameters "
    "__call__ load_state_dict register_buffer zero_grad".split()
)


def _all_known(owner: Value) -> bool:
    """May a missing attribute be taken as missing?"""
    from torchshape_lint.interp.containers import ESCAPED

    if isinstance(owner, Layer):
        return False
    assert isinstance(owner, Instance)
    base = classes.external_base(owner.cls)
    return (
        ESCAPED not in owner.fields
        and not classes.has_unknown_base(owner.cls)
        and classes.lookup_class(owner.cls, "__getattr__") is None
        and (base is None or base.path == "torch.nn.Module")
    )


@known("builtins.setattr")
def _setattr(h: Here) -> Value:
    owner, name, value = h.arg(0), h.arg(1), h.arg(2)
    if isinstance(name, str):
        set_attribute(h.m, h.frame, owner, name, value, ir.Name(h.site.at, name))
    else:
        from torchshape_lint.interp.attributes import escape

        escape(h.m, owner, "an attribute was set by a name that is not known")
    return None


@known("builtins.isinstance")
def _isinstance(h: Here) -> Value:
    value, wanted = h.arg(0), h.arg(1)
    options = plain_items(wanted)
    answers = [_is_instance(value, option) for option in (options if options is not None else (wanted,))]
    if any(a is True for a in answers):
        return True
    return False if all(a is False for a in answers) else Unknown("isinstance of something unknown")


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "builtins.int": (int,),
    "builtins.float": (float, Real),
    "builtins.str": (str,),
    "builtins.bool": (bool,),
    "builtins.tuple": (tuple, Shape),
    "builtins.list": (ListValue,),
    "builtins.dict": (DictValue,),
    "builtins.set": (SetValue,),
    "torch.Tensor": (Tensor,),
    "torch.nn.Module": (Layer,),
    "torch.Size": (Shape,),
    "collections.abc.Sequence": (tuple, ListValue, str, Shape),
    "collections.abc.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor),
    "collections.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor),
    "typing.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor),
    "typing.Sequence": (tuple, ListValue, str, Shape),
    "numbers.Number": (int, float),
    "numbers.Integral": (int,),
}


def _is_instance(value: Value, wanted: Value) -> bool | None:
    if isinstance(value, (Unknown, Made, External, Choice)) or (isinstance(value, Tensor) and value.maybe):
        return None
    if isinstance(value, Instance) and isinstance(wanted, (ClassValue, External)):
        order = classes.mro(value.cls)
        if any(entry is wanted or (isinstance(wanted, External) and entry == wanted) for entry in order):
            return True
        if isinstance(wanted, External) and wanted.path == "torch.nn.Module":
            return classes.is_module(value) or (None if classes.has_unknown_base(value.cls) else False)
        return None if classes.has_unknown_base(value.cls) else False
    if isinstance(value, Layer) and isinstance(wanted, External):
        if wanted.path in (value.op, "torch.nn.Module"):
            return True
        return None if _abstract(wanted.path) else False
    if isinstance(wanted, ClassValue):
        return False
    if not isinstance(wanted, External):
        return None
    if isinstance(value, Poly):
        if not is_sure(value):
            return None
        return wanted.path in ("builtins.int", "numbers.Number", "numbers.Integral")
    if wanted.path in _PYTHON_TYPES:
        return isinstance(value, _PYTHON_TYPES[wanted.path])
    if wanted.path == "torch.nn.Parameter" and isinstance(value, Tensor):
        return value.parameter
    if classes.is_module_path(wanted.path):
        return False if isinstance(value, (int, float, str, tuple, ListValue, DictValue, Tensor, type(None))) else None
    return None


def _abstract(path: str) -> bool:
    """Private base classes of torch's layers (_BatchNorm): which layers derive from them is not known here."""
    return path.rpartition(".")[2].startswith("_") or not classes.is_module_path(path)


@known("builtins.issubclass")
def _issubclass(h: Here) -> Value:
    cls, wanted = h.arg(0), h.arg(1)
    if isinstance(cls, ClassValue) and isinstance(wanted, (ClassValue, External)):
        if any(e is wanted or (isinstance(wanted, External) and e == wanted) for e in classes.mro(cls)):
            return True
    return Unknown("issubclass")


@known("builtins.callable")
def _callable(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, (Function, Bound, ClassValue, Partial, Layer)):
        return True
    return (
        False if isinstance(value, (int, float, str, tuple, type(None), ListValue, DictValue)) else Unknown("callable")
    )


@known("builtins.type")
def _type(h: Here) -> Value:
    value = h.arg(0)
    if len(h.args.positional) != 1:
        return Unknown("a class made by type()")
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Layer):
        return External(value.op)
    for kind in (bool, int, float, str, tuple):
        if type(value) is kind:
            return External(f"builtins.{kind.__name__}")
    if isinstance(value, (ListValue, DictValue)):
        return External("builtins.list" if isinstance(value, ListValue) else "builtins.dict")
    return Unknown("a type")


@known("builtins.divmod")
def _divmod(h: Here) -> Value:
    node = ir.Const(h.site.at, None)
    return tuple(binary(h.m, h.frame, op, h.arg(0), h.arg(1), node) for op in ("//", "%"))


@known("builtins.pow", "math.pow")
def _pow(h: Here) -> Value:
    value = binary(h.m, h.frame, "**", h.arg(0), h.arg(1), ir.Const(h.site.at, None))
    return float(value) if h.path == "math.pow" and isinstance(value, (int, float)) else value
