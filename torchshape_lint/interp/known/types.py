"""What a value is and what it has: isinstance, type, getattr, super."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.dims import Poly, is_sure
from torchshape_lint.interp import classes
from torchshape_lint.interp.attributes import get_attribute, set_attribute
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.operators import united
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.registry import find_layer
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    OPEN,
    Array,
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
    Namespace,
    Packed,
    Partial,
    Real,
    SetValue,
    Stream,
    Super,
    Tensor,
    Unknown,
    Value,
)


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
        from torchshape_lint.interp.escape import escape

        escape(h.m, owner, "an attribute was set by a name that is not known")
    return None


@known("builtins.isinstance")
def _isinstance(h: Here) -> Value:
    value, wanted = h.arg(0), h.arg(1)
    options = plain_items(wanted)
    kinds = [kind for option in (options if options is not None else (wanted,)) for kind in united(option)]
    answers = [_is_instance(value, kind) for kind in kinds]
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
    "numpy.ndarray": (Array,),
    "torch.nn.utils.rnn.PackedSequence": (Packed,),
    "collections.abc.Sequence": (tuple, ListValue, str, Shape),
    "collections.abc.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor, Array),
    "collections.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor, Array),
    "typing.Iterable": (tuple, ListValue, str, DictValue, SetValue, Shape, Stream, Tensor, Array),
    "typing.Sequence": (tuple, ListValue, str, Shape),
    "numbers.Number": (int, float),
    "numbers.Integral": (int,),
    "builtins.type": (ClassValue,),
}


def _is_instance(value: Value, wanted: Value) -> bool | None:
    if isinstance(value, ClassValue) or (isinstance(value, External) and _is_layer_class(value.path)):
        return _of_classes(wanted)
    if isinstance(value, (Unknown, Made, External, Choice)) or (isinstance(value, Tensor) and value.maybe):
        return None
    if isinstance(value, Instance) and isinstance(wanted, (ClassValue, External)):
        return _is_of_class(value, wanted)
    if isinstance(value, Layer) and isinstance(wanted, External):
        answer = classes.derives(value.op, wanted.path)
        return None if answer is False and wanted.path not in _PYTHON_TYPES and _abstract(wanted.path) else answer
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


def _is_of_class(value: Instance, wanted: ClassValue | External) -> bool | None:
    """An object of the analysed code, by its class and what that derives from."""
    order = classes.mro(value.cls)
    if any(entry is wanted or (isinstance(wanted, External) and entry == wanted) for entry in order):
        return True
    unsure = classes.has_unknown_base(value.cls)
    if isinstance(wanted, External):
        answers = [classes.derives(entry.path, wanted.path) for entry in order if isinstance(entry, External)]
        if wanted.path == "torch.nn.Module":
            answers = [classes.is_module(value)]
        if True in answers:
            return True
        unsure = unsure or None in answers
    return None if unsure else False


def _is_layer_class(path: str) -> bool:
    return find_layer(path) is not None or path in classes.CONTAINERS


def _of_classes(wanted: Value) -> bool | None:
    """Is a class itself an instance of ``wanted``?"""
    if not isinstance(wanted, External):
        return False if isinstance(wanted, ClassValue) else None
    if wanted.path in ("builtins.type", "builtins.object"):
        return True
    return False if wanted.path in _PYTHON_TYPES or classes.is_module_path(wanted.path) else None


@known("builtins.globals")
def _globals(h: Here) -> Value:
    scope = h.frame.scope.module
    h.m.outside_reads += 1
    return Namespace(scope.vars) if not scope.open else Namespace({OPEN: True})


@known("builtins.vars")
def _vars(h: Here) -> Value:
    owner = h.arg(0)
    if isinstance(owner, (Instance, Layer)):
        return get_attribute(h.m, h.frame, owner, "__dict__", ir.Name(h.site.at, "vars"))
    return Unknown("the namespace of something unknown")


@known("inspect.isclass")
def _isclass(h: Here) -> Value:
    answer = _is_instance(h.arg(0), External("builtins.type"))
    return answer if answer is not None else Unknown("isclass of something unknown")


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
    if isinstance(value, Tensor) and not value.maybe and value.parameter is False:
        return External("torch.Tensor")
    for kind in (bool, int, float, str, tuple):
        if type(value) is kind:
            return External(f"builtins.{kind.__name__}")
    if isinstance(value, (ListValue, DictValue)):
        return External("builtins.list" if isinstance(value, ListValue) else "builtins.dict")
    return Unknown("a type")
