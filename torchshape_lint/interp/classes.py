"""Classes of the analysed code: method resolution order, lookup, what they inherit from torch."""

from __future__ import annotations

import itertools

from torchshape_lint.interp.journal import MISSING
from torchshape_lint.values import ClassValue, External, Instance, Layer, Unknown, Value

LIGHTNING = frozenset(
    f"{package}.LightningModule" for package in ("pytorch_lightning", "lightning", "lightning.pytorch", "pl")
)
CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
LONGEST_ORDER = 100  # of classes; longer ones are not followed


def mro(cls: ClassValue) -> tuple[Value, ...]:
    """The classes that attributes are looked up in, most derived first (C3; depth first where that fails)."""
    if not cls.order:
        order = _linear(cls)
        cls.order = order if len(order) <= LONGEST_ORDER else (cls, Unknown("more base classes than can be followed"))
    return cls.order


def _linear(cls: ClassValue) -> tuple[Value, ...]:
    orders = [list(mro(base)) if isinstance(base, ClassValue) else [base] for base in cls.bases]
    merged = _merge([*orders, list(cls.bases)])
    if merged is None:
        merged = []
        for entry in itertools.chain.from_iterable(orders):
            if not any(entry is known or entry == known for known in merged):
                merged.append(entry)
    return (cls, *merged)


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


def dataclass_of(cls: ClassValue) -> ClassValue | None:
    """The dataclass whose constructor makes objects of ``cls``: nothing before it in the order has one of its own."""
    for entry in mro(cls):
        if isinstance(entry, External) and entry.path in _WITHOUT_INIT:
            continue
        if not isinstance(entry, ClassValue) or "__init__" in entry.fields:
            return None
        if entry.fields.get("<dataclass>"):
            return entry
    return None


_WITHOUT_INIT = ("builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol")


def external_base(cls: ClassValue) -> External | None:
    """The first base that is not of the analysed code and not plain ``object``."""
    for entry in mro(cls):
        if isinstance(entry, External) and entry.path not in ("builtins.object", "abc.ABC", "typing.Generic"):
            return entry
    return None


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
        and name not in _NO_MODULES
    )


_NO_MODULES = frozenset(
    "Parameter ParameterList ParameterDict UninitializedParameter Buffer UninitializedBuffer "
    "LinearCrossEntropyOptions".split()
)


def derives(path: str, wanted: str) -> bool | None:
    """Is torch's layer ``path`` a ``wanted``? None where it depends on whether it was called before."""
    if path == wanted or wanted == "torch.nn.Module" or _BASES.get(path) == wanted:
        return True
    return None if path.startswith("torch.nn.Lazy") and wanted == path.replace("Lazy", "") else False


_BASES = {
    f"torch.nn.{layer}": f"torch.nn.{base}"
    for base, layers in {
        "RNNBase": "RNN LSTM GRU",
        "RNNCellBase": "RNNCell LSTMCell GRUCell",
        "Linear": "LazyLinear",
        "NLLLoss": "NLLLoss2d",
        "Hardtanh": "ReLU6",
        "Upsample": "UpsamplingBilinear2d UpsamplingNearest2d",
        **{f"Conv{n}d": f"LazyConv{n}d" for n in (1, 2, 3)},
        **{f"ConvTranspose{n}d": f"LazyConvTranspose{n}d" for n in (1, 2, 3)},
        **{f"ConstantPad{n}d": f"ZeroPad{n}d" for n in (1, 2, 3)},
    }.items()
    for layer in layers.split()
}


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
