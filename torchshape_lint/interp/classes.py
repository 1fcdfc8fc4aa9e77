"""Classes of the analysed code: method resolution order, lookup, what they inherit from torch."""

from __future__ import annotations

from torchshape_lint.interp.journal import MISSING
from torchshape_lint.values import ClassValue, External, Instance, Layer, Value

MODULE_ROOTS = ("torch.nn.",)
LIGHTNING = frozenset(
    f"{package}.LightningModule" for package in ("pytorch_lightning", "lightning", "lightning.pytorch", "pl")
)
CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")


def mro(cls: ClassValue) -> list[Value]:
    """The classes that attributes are looked up in, most derived first (C3; depth first where that fails)."""
    merged = _merge([mro(base) if isinstance(base, ClassValue) else [base] for base in cls.bases] + [list(cls.bases)])
    if merged is None:
        merged = []
        for base in cls.bases:
            for entry in mro(base) if isinstance(base, ClassValue) else [base]:
                if not any(entry is known or entry == known for known in merged):
                    merged.append(entry)
    return [cls, *merged]


def _merge(sequences: list[list[Value]]) -> list[Value] | None:
    result: list[Value] = []
    while sequences := [s for s in sequences if s]:
        for sequence in sequences:
            head = sequence[0]
            if not any(_same(head, other) for s in sequences for other in s[1:]):
                break
        else:
            return None
        result.append(head)
        sequences = [s[1:] if _same(s[0], head) else s for s in sequences]
    return result


def _same(a: Value, b: Value) -> bool:
    return a is b or (isinstance(a, External) and a == b)


def lookup_class(cls: ClassValue, name: str, after: ClassValue | None = None) -> tuple[Value, ClassValue] | None:
    """The class attribute ``name`` and the class that has it; ``after`` starts behind that class (for super)."""
    order = mro(cls)
    if after is not None:
        order = order[next((k for k, c in enumerate(order) if c is after), -1) + 1 :]
    for entry in order:
        if isinstance(entry, ClassValue):
            value = entry.fields.get(name, MISSING)
            if value is not MISSING:
                return value, entry
        elif not isinstance(entry, External):
            return None
    return None


def external_base(cls: ClassValue) -> External | None:
    """The first base that is not of the analysed code and not plain ``object``."""
    for entry in mro(cls):
        if isinstance(entry, External) and entry.path not in ("builtins.object", "abc.ABC", "typing.Generic"):
            return entry
    return None


def is_enum(cls: ClassValue) -> bool:
    return any(isinstance(entry, External) and entry.path in _ENUMS for entry in mro(cls))


_ENUMS = frozenset(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"))


def enum_member(cls: ClassValue, name: str, value: Value) -> Instance:
    """The member of an enumeration; the same object each time."""
    key = f"<member {name}>"
    member = cls.fields.get(key)
    if not isinstance(member, Instance):
        member = Instance({"name": name, "value": value}, cls=cls)
        cls.fields[key] = member  # for good, whatever branch asked first
    return member


def has_unknown_base(cls: ClassValue) -> bool:
    return any(not isinstance(entry, (ClassValue, External)) for entry in mro(cls))


def is_module_class(cls: Value) -> bool:
    """Does it derive from torch.nn.Module?"""
    if isinstance(cls, External):
        return is_module_path(cls.path)
    return isinstance(cls, ClassValue) and any(
        isinstance(entry, External) and is_module_path(entry.path) for entry in mro(cls)
    )


def is_module_path(path: str) -> bool:
    if path in LIGHTNING:
        return True
    head, _, name = path.rpartition(".")
    return (
        head in ("torch.nn", "torch.nn.modules", "torch.nn.modules.module")
        and name[:1].isupper()
        and (name not in ("Parameter", "ParameterList", "ParameterDict", "UninitializedParameter"))
    )


def is_module(value: Value) -> bool:
    return isinstance(value, Layer) or (isinstance(value, Instance) and is_module_class(value.cls))


def container_path(value: Value) -> str | None:
    """ "torch.nn.Sequential", "...ModuleList" or "...ModuleDict" where the value is (a subclass of) one."""
    if isinstance(value, Layer):
        return value.op if value.op in CONTAINERS else None
    if isinstance(value, Instance):
        for entry in mro(value.cls):
            if isinstance(entry, External) and entry.path in CONTAINERS:
                return entry.path
    return None
