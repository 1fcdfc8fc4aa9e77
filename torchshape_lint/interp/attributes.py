"""Attributes: of tensors, modules, instances, classes and what lies outside the analysed code."""

from __future__ import annotations

import math
from functools import reduce

from torchshape_lint import ir
from torchshape_lint.interp import arrays, classes, enums, frames, namespaces, remembered
from torchshape_lint.interp.apply_rule import apply_function
from torchshape_lint.interp.containers import ESCAPED
from torchshape_lint.interp.doubts import LEFT_OPEN
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.join import join_values
from torchshape_lint.interp.journal import MISSING
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.modules import member, outside, run
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.rules.dtypes import FLOATING, is_floating
from torchshape_lint.rules.registry import find_reread
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
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
    ModuleValue,
    Packed,
    Partial,
    Record,
    SetValue,
    Super,
    Tensor,
    Unknown,
    Value,
)

_CONSTANTS: dict[str, Value] = {
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "math.tau": math.tau,
    "numpy.pi": math.pi,
    "numpy.inf": math.inf,
    "numpy.newaxis": None,
    "torch.pi": math.pi,
    "torch.inf": math.inf,
    "typing.TYPE_CHECKING": True,
}
_TENSOR_PROPERTIES = frozenset({"T", "mT", "H", "mH", "real", "imag"})
# What torch's operators with several results call them (torch.max(x, 1).indices).
_NAMED_RESULTS = {
    name: k
    for names in ("values indices", "U S V", "U S Vh", "Q R", "eigenvalues", "output loss")
    for k, name in enumerate(names.split())
}
_SAME_TENSOR = frozenset({"data", "grad"})
_EITHER = frozenset("device requires_grad is_cuda grad_fn is_leaf".split())  # of one tensor now this, now that
_OF_STORAGE = frozenset(
    "layout is_nested is_sparse is_sparse_csr is_quantized is_mkldnn is_cpu is_ipu is_maia is_meta is_mps is_mtia "
    "is_vulkan is_xla is_xpu grad_dtype itemsize name nbytes output_nr retains_grad "
    "volatile _version _base _grad".split()
)


def get_attribute(m: Machine, frame: Frame, owner: Value, name: str, node: ir.Node) -> Value:
    """``owner.name``"""
    match owner:
        case External() | ClassValue() | ModuleValue() | Function():
            value = _of_namespace(m, frame, owner, name)
            m.journal.read.add(name)
            remembered.note_read(m, value)
            return value
        case Tensor():
            return _of_tensor(m, frame, owner, name, node)
        case Array():
            return arrays.attribute(m, owner, name)
        case Instance():
            return of_instance(m, frame, owner, name, node)
        case Layer():
            return _of_layer(owner, name)
        case Super():
            return _of_super(m, frame, owner, name, node)
        case Packed() if name not in owner.names:
            return Bound(f"torch.nn.utils.rnn.PackedSequence.{name}", owner)
        case Record():
            return _of_record(m, frame, owner, name, node)
        case tuple() if name in _NAMED_RESULTS and len(owner) > _NAMED_RESULTS[name]:
            return owner[_NAMED_RESULTS[name]]
        case ListValue() | DictValue() | SetValue() | Shape() | str() | tuple() | int() | float():
            kind = "shape" if isinstance(owner, Shape) else type(owner).__name__.removesuffix("Value").lower()
            kind = "dict" if isinstance(owner, DictValue) else kind
            return Bound(f"{kind}.{name}", owner)
    return _of_others(m, frame, owner, name, node)


def _of_namespace(m: Machine, frame: Frame, owner: External | ClassValue | ModuleValue | Function, name: str) -> Value:
    match owner:
        case External():
            path = f"{owner.path}.{name}"
            return _CONSTANTS[path] if path in _CONSTANTS else outside(m, frame.program.path, path)
        case ClassValue():
            return _of_class(owner, name)
        case ModuleValue():
            return member(m, owner, name)
    if name in owner.fields:
        return owner.fields[name]
    return owner.name if name == "__name__" else Unknown(f"attribute {name} of a function")


def _of_others(m: Machine, frame: Frame, owner: Value, name: str, node: ir.Node) -> Value:
    match owner:
        case Unknown():
            return owner
        case Made():
            return _of_made(owner, name)
        case Choice():
            options = [get_attribute(m, frame, o, name, node) for o in owner.options if o is not None]
            return reduce(join_values, options)
        case Partial():
            return {"func": owner.function, "args": owner.args}.get(name, Unknown(f"attribute {name} of a partial"))
    return Unknown(f"attribute {name} of {type(owner).__name__}")


def _of_tensor(m: Machine, frame: Frame, owner: Tensor, name: str, node: ir.Node) -> Value:
    if name == "shape":
        return m.facts.shape(owner.shape)
    if name == "ndim" and not owner.maybe:
        rank = m.facts.shape(owner.shape).rank
        return rank if rank is not None else Unknown("the rank is not known")
    if name in _SAME_TENSOR:
        return owner if name == "data" else Unknown("a gradient")
    if name in _TENSOR_PROPERTIES:
        return apply_function(m, f"torch.Tensor.{name}", CallArgs((owner,)), Site(frame.program, node.at))
    if name == "dtype":
        certain = not is_floating(owner.dtype) or (owner.dtype != FLOATING and m.facts.widths_hold())
        return External(f"torch.{owner.dtype}") if owner.dtype and certain else Unknown("the dtype is not known")
    if name in _EITHER or name in _OF_STORAGE:
        return Unknown(f"tensor.{name}", data=name in _EITHER)
    return Bound(f"torch.Tensor.{name}", owner)


def _of_layer(owner: Layer, name: str) -> Value:
    if name in owner.fields:
        return owner.fields[name]
    if ESCAPED in owner.fields or LEFT_OPEN in owner.fields:
        return Unknown("a module that something unknown may have changed")
    if name == "__class__":
        return External(owner.op)
    if name == "__dict__" or name in namespaces.TABLES:
        return namespaces.of_object(owner, name)
    return Bound(f"torch.nn.Module.{name}", owner)


# Python finds these methods of nn.Module before a submodule of the same name (self.to = nn.Linear(..)).
_METHODS_FIRST = frozenset("to cuda cpu train eval float half double type apply parameters modules children".split())


def of_instance(m: Machine, frame: Frame, owner: Instance, name: str, node: ir.Node) -> Value:
    """An attribute of an object: its own, its classes', or what it inherits from torch."""
    if (
        name in owner.fields
        and name[:1] != "<"
        and not (name in _METHODS_FIRST and classes.is_module(owner.fields[name]))
    ):
        return owner.fields[name]
    if name == "__class__":
        return owner.cls
    if name == "__dict__" or (name in namespaces.TABLES and classes.is_module(owner)):
        return namespaces.of_object(owner, name)
    found = classes.lookup_class(owner.cls, name)
    changed = ESCAPED in owner.fields
    if found is not None and (not changed or isinstance(found[0], Function) or classes.is_module(owner)):
        return _bind(m, frame, found[0], owner, node)
    if changed:
        return Unknown("an object that something unknown may have changed")
    layer = owner.fields.get("<layer>")
    if isinstance(layer, Layer) and name in layer.fields:
        return layer.fields[name]
    if classes.lookup_class(owner.cls, "__getattr__") or classes.has_unknown_base(owner.cls):
        return Unknown(f"attribute {name} of an object of which not everything is known")
    if name == "__init__" and classes.lookup_class(owner.cls, "<dataclass>"):
        return Bound("dataclass.__init__", owner)
    base = classes.external_base(owner.cls)
    if base is not None:
        if name == "training" and classes.is_module_class(owner.cls):
            return True
        kind = "torch.nn.Module" if classes.is_module_path(base.path) else base.path
        return Bound(f"{kind}.{name}", owner)
    return Unknown(f"no attribute {name} is known")


def _of_record(m: Machine, frame: Frame, owner: Record, name: str, node: ir.Node) -> Value:
    """An item of a named tuple by its name, or what its class adds."""
    if name in owner.names:
        return owner[owner.names.index(name)]
    found = classes.lookup_class(owner.cls, name) if owner.cls is not None else None
    if found is not None:
        return _bind(m, frame, found[0], owner, node)
    return owner.names if name == "_fields" else Bound(f"record.{name}", owner)


def _bind(m: Machine, frame: Frame, value: Value, receiver: Value, node: ir.Node) -> Value:
    """What a class attribute is when it is read through an object."""
    if not isinstance(value, Function):
        return value
    match value.kind:
        case "static":
            return value
        case "class":
            return Bound(value, receiver.cls if isinstance(receiver, (Instance, Record)) else receiver)
        case "property":
            return m.call_with(frame, Bound(value, receiver), at=node.at)
        case "setter":
            return Unknown("a property with a setter")
    return Bound(value, receiver)


def _of_class(owner: ClassValue, name: str) -> Value:
    found = classes.lookup_class(owner, name)
    if found is not None:
        value = found[0]
        if enums.is_enum(owner) and enums.is_member(owner, name, value):
            return enums.member(found[1], name, value)
        return Bound(value, owner) if isinstance(value, Function) and value.kind == "class" else value
    if name == "__name__":
        return owner.name
    base = classes.external_base(owner)
    if base is not None and not classes.has_unknown_base(owner):
        return External(f"{base.path}.{name}")
    return Unknown(f"attribute {name} of class {owner.name}")


def _of_super(m: Machine, frame: Frame, owner: Super, name: str, node: ir.Node) -> Value:
    receiver = owner.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, ClassValue):
        return Unknown("super of something unknown")
    order = classes.mro(cls)
    position = next((k for k, entry in enumerate(order) if entry is owner.owner), -1)
    for entry in order[position + 1 :]:
        if isinstance(entry, ClassValue):
            value = entry.fields.get(name, MISSING)
            if value is not MISSING:
                return _bind(m, frame, value, receiver, node)
            if name == "__init__" and "<dataclass>" in entry.fields:
                return Bound("dataclass.__init__", receiver)
        elif not isinstance(entry, External):
            return Unknown(f"super().{name}: a base class is not known")
        elif entry.path not in ("abc.ABC", "typing.Generic", "typing.Protocol"):
            return Bound(f"{entry.path}.{name}", receiver)
    return Bound(f"builtins.object.{name}", receiver)


def _of_made(owner: Made, name: str) -> Value:
    if owner.path in ("inspect.Parameter", "inspect.Signature") and name in dict(owner.keywords):
        return dict(owner.keywords)[name]
    if name == "dataset" and owner.path == "torch.utils.data.DataLoader":
        return owner.argument(0, "dataset")
    if name in ("data", "targets") and owner.path.startswith("torchvision.datasets."):
        from torchshape_lint.interp.datasets import whole

        return whole(owner, name)
    if owner.path in frames.FOLLOWED:
        return frames.attribute(owner, name)
    return Bound(f"{owner.path if owner.path.startswith(_FOLLOWED) else 'made'}.{name}", owner)


_FOLLOWED = ("numpy.random.Generator", "PIL.Image.Image", "sklearn.preprocessing.")


def set_attribute(m: Machine, frame: Frame, owner: Value, name: str, value: Value, node: ir.Node) -> None:
    """``owner.name = value``"""
    if isinstance(owner, Instance):
        found = classes.lookup_class(owner.cls, name)
        if found is not None and isinstance(found[0], Function) and found[0].kind in ("property", "setter"):
            value = Unknown("assigned through a property")
        if isinstance(owner.fields.get("<layer>"), Layer) and name not in owner.fields:
            layer = owner.fields["<layer>"]
            assert isinstance(layer, Layer)
            if name in layer.fields:
                _set_on_layer(m, layer, name, value)
        m.store(owner, name, value)
        if ESCAPED in owner.fields and not classes.is_module(value):
            escape(m, value, "whoever has the object has it, too")
    elif isinstance(owner, Layer):
        _set_on_layer(m, owner, name, value)
    elif isinstance(owner, Array):
        arrays.reshaped_in_place()
    elif isinstance(owner, ModuleValue):
        run(m, owner)
        m.store(owner, name, value)
    elif isinstance(owner, (ClassValue, Function)):
        m.store(owner, name, value)
    elif isinstance(owner, External):  # monkey-patching: neither it nor what it belongs to is known any more
        m.patched.update((f"{owner.path}.{name}", owner.path))
    elif isinstance(owner, Choice):
        for option in owner.options:
            why = f"{name} was set on one of several objects"
            set_attribute(m, frame, option, name, Unknown(why), node)
            escape(m, option, why)
    else:
        escape(m, value, "something unknown holds it")


def _set_on_layer(m: Machine, layer: Layer, name: str, value: Value) -> None:
    m.store(layer, name, value)
    reread = find_reread(layer.op)
    if name not in layer.parameters or reread is None:
        return
    if isinstance(value, Tensor):
        shapes = {n: t.shape for n in layer.parameters if isinstance(t := layer.fields.get(n), Tensor)}
        if name in shapes and not m.facts.shape(shapes[name]).is_open:
            shapes = {n: m.facts.shape(s) for n, s in shapes.items()}
            for key, number in reread(shapes).items():
                m.store(layer, f"#{key}", number)
            return
    if value is not None:
        for key in [
            k for k in layer.fields if isinstance(k, str)
        ]:  # an unknown weight: nothing that it decides is known any more
            if key in _DECIDED_BY_WEIGHT:
                m.store(layer, f"#{key}", Unknown(f"{name} was replaced by something unknown"))


_DECIDED_BY_WEIGHT = frozenset(
    "in_features out_features in_channels out_channels kernel_size num_features num_embeddings embedding_dim "
    "normalized_shape num_parameters input_size hidden_size".split()
)
