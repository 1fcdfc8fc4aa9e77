"""Methods of a PackedSequence, and what unpad_sequence does to its argument."""

from __future__ import annotations

from torchshape_lint.interp.apply_rule import apply_function
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Packed, Tensor, Unknown, Value

_CLASS = "torch.nn.utils.rnn.PackedSequence"
_CONVERSIONS = ("float", "double", "half", "long", "int", "short", "char", "byte")


def _with_data(packed: Packed, data: Value, padded: Shape) -> Packed:
    return Packed.of_padded((data, *packed[1:]), padded, packed.batch_axis, packed.steps)


@known(*(f"{_CLASS}.{name}" for name in ("to", "cuda", "cpu", "pin_memory", *_CONVERSIONS)))
def _moved(h: Here) -> Value:
    """The same sequences elsewhere, or of another type."""
    assert isinstance(h.self, Packed)
    data, name = h.self[0], h.path.rpartition(".")[2]
    if not isinstance(data, Tensor):
        return h.self
    if name in _CONVERSIONS:
        dtype = dtype_of(f"torch.{name}")
    else:
        dtype = None if name == "to" else data.dtype
    return _with_data(h.self, Tensor(data.shape, dtype), h.self.padded)


@known(f"{_CLASS}._replace")
def _replace(h: Here) -> Value:
    """Other data in the same steps."""
    assert isinstance(h.self, Packed)
    data = h.args.keywords.get("data")
    if set(h.args.keywords) != {"data"} or not isinstance(data, Tensor):
        return Unknown("fields of a packed sequence were replaced")
    shape, padded = h.m.facts.shape(data.shape), h.m.facts.shape(h.self.padded)
    if shape.is_open or padded.is_open:
        return _with_data(h.self, data, open_shape(*shape.sizes[1:]))
    return _with_data(h.self, data, Shape((*padded.sizes[:2], *shape.sizes[1:])))


@known("torch.nn.utils.rnn.unpad_sequence")
def _unpad(h: Here) -> Value:
    """Without batch_first torch transposes the argument itself, under all of its names."""
    given = h.arg(0, "padded_sequences")
    value = apply_function(h.m, h.path, h.args, h.site)
    if isinstance(given, Tensor) and h.arg(2, "batch_first", False) is not True:
        turned: Value = Unknown("unpad_sequence may have transposed it")
        if h.arg(2, "batch_first", False) is False:
            turned = apply_function(h.m, "torch.Tensor.transpose", CallArgs((given, 0, 1)), h.site)
        scope = h.frame.scope
        for name in [name for name, held in scope.vars.items() if held is given and isinstance(name, str)]:
            h.m.bind(scope, name, turned)
    return value
