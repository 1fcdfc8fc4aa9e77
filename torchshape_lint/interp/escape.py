"""What is handed to something unknown may be changed by it: from then on it is unknown itself."""

from __future__ import annotations

from torchshape_lint.interp import classes, contents
from torchshape_lint.interp.closures import changed
from torchshape_lint.interp.containers import ESCAPED
from torchshape_lint.interp.machine import Machine
from torchshape_lint.values import (
    OPEN,
    Bound,
    Choice,
    ClassValue,
    DictValue,
    External,
    Function,
    Imported,
    Instance,
    Layer,
    ListValue,
    ModuleValue,
    Namespace,
    Partial,
    SetValue,
    Unknown,
    Value,
)

DEFINED = (ClassValue, External, Function, Imported, ModuleValue)  # what nobody binds anew by accident


def escape(m: Machine, value: Value, why: str) -> None:
    """``value`` was handed to something unknown, which may have changed it."""
    contents.forget(m, value)  # and what lies in it, as far as a list reaches and one object
    _escape(m, value, why)


def _escape(m: Machine, value: Value, why: str) -> None:
    match value:
        case Instance() | Layer():
            _object(m, value, why)
        case Namespace() if value.owner is not None:
            escape(m, value.owner, why)
        case DictValue():
            _dict(m, value, why)
        case ListValue():
            items = value.fields["items"]
            if not isinstance(items, Unknown) or items.element is not None:
                m.store(value, "items", Unknown(why))
                _escape(m, items, why)
        case SetValue():
            m.store(value, "items", Unknown(why))
        case Function():
            _hold(m, value, why)
        case Bound():
            escape(m, value.receiver, why)
            _escape(m, value.function, why)
        case tuple():
            for item in value:
                _escape(m, item, why)
        case Choice() | Partial():
            for item in value.options if isinstance(value, Choice) else value.args:
                escape(m, item, why)


def _hold(m: Machine, function: Function, why: str) -> None:
    """Whoever holds a function may run it, now and later."""
    for value in changed(m, function):
        m.held[function] = why
        _escape(m, value, why)


def run_held(m: Machine) -> None:
    """Something was run that may run the functions that somebody holds."""
    for function, why in m.held.items():
        for value in list(changed(m, function)):
            _escape(m, value, why)


def _object(m: Machine, value: Instance | Layer, why: str) -> None:
    """A module is not called any more; the attributes of any other object may be anything."""
    if ESCAPED in value.fields:
        return
    m.store(value, ESCAPED, why)
    for key, child in list(value.fields.items()):
        if isinstance(child, (Instance, Layer, ListValue, DictValue)):
            escape(m, child, why)
        elif not classes.is_module(value) and str(key)[:1] != "<":
            m.store(value, key, Unknown(why))


def _dict(m: Machine, value: DictValue, why: str) -> None:
    entries = [(key, item) for key, item in value.fields.items() if not isinstance(item, Unknown) and key != OPEN]
    m.store(value, OPEN, True)
    for key, item in entries:
        if not (isinstance(value, Namespace) and isinstance(item, DEFINED)):
            m.store(value, key, Unknown(why))
            _escape(m, item, why)
