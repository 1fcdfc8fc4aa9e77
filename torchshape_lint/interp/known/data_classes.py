"""Dataclasses and named tuples: copies with other fields, and their fields as a dict."""

from __future__ import annotations

from torchshape_lint.interp import classes
from torchshape_lint.interp.definitions import class_fields, fill_dataclass
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import DictValue, Instance, Record, Unknown, Value


@known("dataclasses.replace", "copy.replace")
def _replace(h: Here) -> Value:
    """The constructor runs again, ``__post_init__`` included."""
    value = h.arg(0)
    if not isinstance(value, Instance) or not _is_plain(value):
        return Unknown("a copy of something that is no plain dataclass")
    fields = {name: value.fields.get(name, Unknown(name)) for name, _ in class_fields(value.cls)}
    copy = Instance(cls=value.cls, at=h.site.at)
    fill_dataclass(h.m, h.frame, copy, CallArgs((), {**fields, **h.args.keywords}))
    return copy


@known("dataclasses.asdict")
def _as_dict(h: Here) -> Value:
    """What is inside another dataclass becomes a dict too."""
    return _dict_of(h.arg(0))


def _dict_of(value: Value) -> Value:
    if not isinstance(value, Instance):
        return value
    if not _is_plain(value):
        return Unknown("an object as a dict")
    return DictValue({name: _dict_of(value.fields.get(name, Unknown(name))) for name, _ in class_fields(value.cls)})


def _is_plain(value: Instance) -> bool:
    made = classes.lookup_class(value.cls, "<dataclass>") is not None
    return made and classes.lookup_class(value.cls, "__init__") is None


@known("record._replace")
def _replace_record(h: Here) -> Value:
    assert isinstance(h.self, Record)
    items = dict(zip(h.self.names, h.self, strict=True))
    if "**" in h.args.keywords or not set(h.args.keywords) <= set(items):
        return Unknown("a named tuple with fields that are not known")
    return Record.of(h.self.names, tuple({**items, **h.args.keywords}.values()), h.self.cls)


@known("record._asdict")
def _record_as_dict(h: Here) -> Value:
    assert isinstance(h.self, Record)
    return DictValue(dict(zip(h.self.names, h.self, strict=True)))
