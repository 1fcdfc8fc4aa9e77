"""What runs and is hardly meant, where it takes more than one operator to see it (TSL502 to TSL504)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from torchshape_lint.codes import BATCH_FLATTENED, CLASS_AXIS, FEATURES, TARGET, VIEW_ORDER, Code
from torchshape_lint.dims import Size, as_symbol, exact_quotient
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.machine import Machine
from torchshape_lint.rules.apply import Applied, CallArgs
from torchshape_lint.rules.needs import Need
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Layer, Tensor, Value


@dataclass(frozen=True, slots=True)
class Along:
    """What an operator did along one axis of a tensor. ``result`` is kept, so that its id stays its own."""

    result: Value
    what: str
    shape: Shape
    axis: int


@dataclass(frozen=True, slots=True)
class Call:
    """One operator as it was applied, and where."""

    op: str
    applied: Applied
    args: CallArgs
    layer: Layer | None
    operands: Sequence[Tensor]
    site: Site
    name: str


_SOFTMAX = frozenset(
    f"{where}.{name}"
    for where in ("torch.nn.functional", "torch", "torch.Tensor", "torch.special")
    for name in ("softmax", "log_softmax")
) | {"torch.nn.Softmax", "torch.nn.LogSoftmax"}
_ARGMAX = frozenset(f"{where}.{name}" for where in ("torch", "torch.Tensor") for name in ("argmax", "max"))
_LOSSES = frozenset(
    "torch.nn.CrossEntropyLoss torch.nn.NLLLoss torch.nn.functional.cross_entropy torch.nn.functional.nll_loss".split()
)
_EQUAL = frozenset("operator.eq operator.ne torch.eq torch.ne torch.Tensor.eq torch.Tensor.ne".split())


_RESHAPES = frozenset(
    "torch.Tensor.view torch.Tensor.reshape torch.reshape torch.Tensor.view_as torch.Tensor.reshape_as".split()
)
# What gives axes their places: layers, and whatever the author wrote to split or to move axes. Not products, pads and
# slices: relative positions are shifted by a view between them, which is meant to mix two axes.
_PLACING = re.compile(
    r"torch\.nn\.(?:Linear|Conv\w+|LSTM|GRU|RNN|Embedding|MultiheadAttention)"
    r"|torch\.(?:Tensor\.)?(?:view|reshape|unflatten|permute|transpose|movedim|swapaxes)"
)


def look(m: Machine, call: Call) -> None:
    """Called with every operator that was applied."""
    for need in call.applied.assumed:
        _batch_flattened(m, need, call)
    if call.applied.broken or not call.operands:
        return
    _placed(m, call)
    if call.op in _SOFTMAX or call.op in _ARGMAX:
        _remember(m, call)
    elif call.op in _LOSSES and len(call.operands) > 1:
        _loss(m, call, call.operands[0].shape, call.operands[1].shape)
    elif call.op in _EQUAL and len(call.operands) == 2:
        for one, other in (call.operands, call.operands[::-1]):
            _compared(m, call, m.along.get(id(one)), m.facts.shape(other.shape))


def _report(m: Machine, call: Call, code: Code, words: str, right: Size | str, found: Size | str) -> None:
    m.report(Finding(code, call.site, call.name, words, right, found))


def _batch_flattened(m: Machine, need: Need, call: Call) -> None:
    """A linear layer that fits its input for a batch of one only: the batch axis went into the features."""
    if need.code is not FEATURES or need.found is None or need.wanted is None or not call.operands:
        return
    batch = exact_quotient(need.found.size, need.wanted.size)
    if call.operands[0].shape.rank != 1 or batch is None or isinstance(batch, int) or as_symbol(batch) is None:
        return
    words = f"{need.found.name} is {need.found.size}: the batch axis is flattened too, and {need.wanted.name} "
    words += f"{need.wanted.size} fits a batch of one only"
    _report(m, call, BATCH_FLATTENED, words, need.wanted.size, need.found.size)


def _placed(m: Machine, call: Call) -> None:
    """Whether the axes of the result have places with a meaning; and a view that gives them other places."""
    before, value = call.operands[0], call.applied.value
    results = [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, Tensor)]
    placed = id(before) in m.placed
    if placed and call.op in _RESHAPES and results:
        _view_order(m, call, m.facts.shape(before.shape), m.facts.shape(results[0].shape))
    if _PLACING.fullmatch(call.op) or (
        placed and results and m.facts.shape(before.shape) == m.facts.shape(results[0].shape)
    ):
        m.placed.update((id(result), result) for result in results)


def _view_order(m: Machine, call: Call, before: Shape, after: Shape) -> None:
    """The same sizes in another order: whoever writes that wants ``permute``. Axes of size 1 may stand anywhere."""
    old, new = ([size for size in shape.sizes if size != 1] for shape in (before, after))
    if before.is_open or after.is_open or old == new or Counter(old) != Counter(new):
        return
    words = f"{call.args.words.get(0, 'input')} {before} is viewed as {after}: "
    words += "that mixes the elements of its axes, permute moves them"
    _report(m, call, VIEW_ORDER, words, str(before), str(after))


def _remember(m: Machine, call: Call) -> None:
    """Along which axis a softmax or an argmax went."""
    shape = m.facts.shape(call.operands[0].shape)
    keepdim = call.args.keywords.get("keepdim", call.args.positional[2:3] == (True,))
    dim = call.layer.fields.get("dim") if call.layer else call.args.keywords.get("dim", _second(call.args))
    if dim is None and call.op in _SOFTMAX:
        dim = 0 if shape.rank in (0, 1, 3) else 1  # what torch chooses
    if shape.rank is None or not isinstance(dim, int) or isinstance(dim, bool) or keepdim is not False:
        return
    value = call.applied.value
    result = value[1] if isinstance(value, tuple) and call.op.endswith(".max") and len(value) == 2 else value
    if isinstance(result, Tensor) and -shape.rank <= dim < shape.rank:
        m.along[id(result)] = Along(result, call.op.rpartition(".")[2], shape, dim % shape.rank)


def _second(args: CallArgs) -> Value:
    return args.positional[1] if len(args.positional) > 1 else None


def _loss(m: Machine, call: Call, scores: Shape, target: Shape) -> None:
    """Class scores have their classes in axis 1. (The shapes are those before the loss assumed that they fit.)"""
    if scores.rank is None or target.rank is None or scores.rank < 2 or target.rank != scores.rank - 1:
        return
    along = m.along.get(id(call.operands[0]))
    if along is not None and along.axis != 1 and along.what.lower().endswith("softmax"):
        words = f"its input {scores} is a {along.what} along axis {along.axis}, but the classes are axis 1"
        _report(m, call, CLASS_AXIS, words, 1, along.axis)
    elif target.sizes == scores.sizes[:-1] and any(need.code is TARGET for need in call.applied.assumed):
        words = f"the target {target} fits all axes of {scores} but the last, yet the classes are taken from axis 1"
        _report(m, call, CLASS_AXIS, words, scores.rank - 1, 1)


def _compared(m: Machine, call: Call, along: Along | None, other: Shape) -> None:
    """The best class of each example is compared with labels: one number for each example, not for each class."""
    if along is None or "max" not in along.what or along.shape.rank != 2 or along.axis != 0:
        return
    examples, classes = along.shape.sizes
    if other.sizes == (examples,) and not other.is_open and examples != classes and not isinstance(examples, int):
        words = f"{along.what} along axis 0 of {along.shape} gives ({classes},), one for each class, "
        words += f"but is compared with {other}, one for each example"
        _report(m, call, CLASS_AXIS, words, 1, 0)
