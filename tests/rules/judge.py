"""Torch as the judge of the rules: one case is put to both, and acceptance and shapes must agree.

Each case that torch accepts is also put to the rule with symbols for its sizes, and with inputs of unknown rank: what
the rule then says must hold for the real numbers. `T(2, 3)` stands for a tensor; everything else is itself.
Knows nothing of layers made of other modules written in Python.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.parameter import UninitializedTensorMixin  # type: ignore[attr-defined]

from torchshape_lint import values
from torchshape_lint.dims import Poly, Size, Sym, fresh, substitute, symbols
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.layers import build_layer
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Lead, Shape, open_shape
from torchshape_lint.values import External, Layer, ListValue, SliceValue, Unknown, Value


class T:
    """A tensor of these sizes."""

    def __init__(self, *sizes: int, dtype: str = "float32") -> None:
        self.sizes, self.dtype = sizes, dtype

    def __repr__(self) -> str:
        return f"T{self.sizes}"

    def real(self, device: str) -> torch.Tensor:
        dtype: torch.dtype = getattr(torch, self.dtype)
        return torch.zeros(self.sizes, dtype=dtype, device=device)


class P:
    """A packed sequence of the rows of a tensor."""

    def __init__(self, padded: T, lengths: list[int], **options: bool) -> None:
        self.padded, self.lengths, self.options = padded, lengths, options

    def __repr__(self) -> str:
        return f"P({self.padded}, {self.lengths})"

    def real(self, device: str) -> torch.nn.utils.rnn.PackedSequence:
        return torch.nn.utils.rnn.pack_padded_sequence(self.padded.real(device), self.lengths, **self.options)

    def abstract(self, guise: Guise, known: Known) -> Value:
        rule = find_rule("torch.nn.utils.rnn.pack_padded_sequence")
        assert rule
        call = CallArgs([_abstract(self.padded, guise, known), tuple(self.lengths)], self.options)
        return apply(rule, call, Facts()).value


# What torch raises when it refuses an argument or a shape.
REFUSALS = (
    RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, AssertionError, AttributeError, KeyError,
    ZeroDivisionError,
)  # fmt: skip


class Known(dict[Sym, Size]):
    """The real numbers behind the symbols, and the real sizes behind the unknown axes at the front of open shapes."""

    def __init__(self) -> None:
        super().__init__()
        self.leads: dict[Lead, tuple[int, ...]] = {}

    def learn(self, facts: Facts) -> None:
        """What a rule has assumed splits a lead into a shorter one and sizes."""
        for lead, sizes in list(self.leads.items()):
            shape = facts.shape(Shape((), lead))
            if shape.lead is not None:
                self.leads[shape.lead] = sizes[: len(sizes) - len(shape.sizes)]


def _certainly() -> bool:
    """The types of the tensors are those that torch is asked with."""
    return True


Guise = Callable[[T, Known], Shape]  # how a tensor is shown to the rule


def _numbers(tensor: T, known: Known) -> Shape:
    return Shape(tensor.sizes)


def _named(size: int, known: Known) -> Poly:
    name = fresh("s", 0 if size == 0 else 1)
    known[next(iter(symbols(name)))] = size
    return name


def _all_symbols(tensor: T, known: Known) -> Shape:
    return Shape(tuple(_named(size, known) for size in tensor.sizes))


def _symbolic_batch(tensor: T, known: Known) -> Shape:
    return Shape((*(_named(size, known) for size in tensor.sizes[:1]), *tensor.sizes[1:]))


def _open(tensor: T, known: Known) -> Shape:
    return _opened(tensor, 0, known)


def _open_tail(tensor: T, known: Known) -> Shape:
    return _opened(tensor, len(tensor.sizes[1:][-2:]), known)


def _opened(tensor: T, kept: int, known: Known) -> Shape:
    """The shape with its last ``kept`` axes; what really stands before them is remembered."""
    sizes = tuple(int(size) for size in tensor.sizes)
    shape = open_shape(*sizes[len(sizes) - kept :])
    assert shape.lead is not None
    known.leads[shape.lead] = sizes[: len(sizes) - kept]
    return shape


GUISES: tuple[Guise, ...] = (_all_symbols, _symbolic_batch, _open, _open_tail)


@dataclass
class Case:
    """One question: how torch answers it, how the rule answers it for tensors in a guise, and what is allowed.

    unknown: the rule may say that it does not know; missed: it may be silent where torch raises.
    """

    words: str
    torch: Callable[[], Any]
    rule: Callable[[Guise, Known, Facts], Applied]
    unknown: bool = False
    missed: bool = False

    def judge(self, guises: Sequence[Guise]) -> Applied:
        real, refusal = self._ask_torch()
        if refusal:
            applied = self.rule(_numbers, Known(), Facts(widths_hold=_certainly))
            assert any(need.code.torch_raises for need in applied.broken) or self.missed, (
                f"{self.words}: torch raises {refusal}, the rule: {applied.value}"
            )
            assert all(need.words() for need in applied.broken)
            return applied
        applied = self._agrees(_numbers, real)
        for guise in guises:
            self._agrees(guise, real)
        return applied

    def _ask_torch(self) -> tuple[Any, str]:
        try:
            return self.torch(), ""
        except REFUSALS as error:
            return None, f"{type(error).__name__}: {error}"

    def _agrees(self, guise: Guise, real: Any) -> Applied:
        known = Known()
        facts = Facts(widths_hold=_certainly)
        applied = self.rule(guise, known, facts)
        words = f"{self.words} [{guise.__name__.strip('_')}]"
        broken = [need.words() for need in applied.broken if need.code.torch_raises]
        assert not broken, f"{words}: torch accepts, the rule says {broken}"
        for need in applied.assumed:
            need.words()
        for derivation in applied.derivations:
            assert derivation.words()
        if guise is _numbers and not self.unknown:
            assert not isinstance(applied.value, Unknown), f"{words}: not known: {applied.value.why}"
            undecided = applied.assumed and "Lazy" not in self.words  # a lazy layer learns from its first input
            assert not undecided, f"{words}: undecided: {[need.words() for need in applied.assumed]}"
        known.learn(facts)
        _same(real, applied.value, known, facts, words, loose=self.unknown or guise is not _numbers)
        return applied


def _same(real: Any, ours: Value, known: Known, facts: Facts, words: str, loose: bool) -> None:
    """Does ``ours`` hold for the real result? With ``loose`` it may know less."""
    if isinstance(ours, Unknown):
        assert loose, f"{words}: {ours.why}"
    elif isinstance(real, torch.Tensor):
        assert isinstance(ours, values.Tensor), f"{words}: a tensor, not {ours}"
        _same_shape(tuple(real.shape), ours.shape, known, facts, words, loose)
        dtype = str(real.dtype).rpartition(".")[2]
        assert ours.dtype in (dtype, None), f"{words}: {dtype}, not {ours.dtype}"
    elif isinstance(real, torch.Size):
        _same_shape(tuple(real), ours if isinstance(ours, Shape) else Shape(ours), known, facts, words, loose)  # type: ignore[arg-type]
    elif isinstance(real, dict):
        assert isinstance(ours, values.DictValue) and real.keys() == ours.fields.keys(), f"{words}: {real}, not {ours}"
        for key, value in real.items():
            _same(value, ours.fields[key], known, facts, words, loose)
    elif isinstance(real, (tuple, list)):
        items = ours.fields["items"] if isinstance(ours, ListValue) else ours
        if loose and isinstance(items, Unknown):
            return
        assert isinstance(items, tuple) and len(items) == len(real), f"{words}: {len(real)} results, not {items}"
        for a, b in zip(real, items, strict=True):
            _same(a, b, known, facts, words, loose)
    elif isinstance(ours, Poly):
        _same_shape((real,), Shape((ours,)), known, facts, words, loose)
    elif isinstance(ours, External):
        assert str(real).rpartition(".")[2] == ours.path.rpartition(".")[2], f"{words}: {real}, not {ours}"
    else:
        assert real == ours, f"{words}: {real}, not {ours}"


def _same_shape(real: tuple[int, ...], ours: Shape, known: Known, facts: Facts, words: str, loose: bool) -> None:
    shape = facts.shape(ours)
    sentence = f"{words}: torch gives {real}, the rule {shape}"
    assert shape.lead is None or loose, sentence
    assert len(shape.sizes) == len(real) or (shape.lead and len(shape.sizes) < len(real)), sentence
    if shape.lead is not None:  # the same unknown axes must be the same sizes, in operands and results alike
        front = real[: len(real) - len(shape.sizes)]
        claimed = known.leads.setdefault(shape.lead, front)
        assert claimed == front, f"{sentence}: its leading axes are {front}, not {claimed}"
    for a, b in zip(reversed(real), reversed(shape.sizes)):
        size = substitute(b, known)
        undecided = isinstance(size, Poly) and loose  # a fresh symbol says nothing
        assert size == a or undecided, f"{sentence}: {size} is not {a}"


def judge_function(
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    unknown: bool = False,
    missed: bool = False,
    device: str = "meta",
    guises: Sequence[Guise] = GUISES,
    asked: Callable[[], Any] | None = None,
) -> Applied:
    """Put a function, method or operator to both; ``asked`` is torch's part where a plain call will not do."""
    keywords = dict(kwargs or {})
    rule = find_rule(name)
    assert rule, f"no rule for {name}"

    def run(guise: Guise, known: Known, facts: Facts) -> Applied:
        call = CallArgs([_abstract(a, guise, known) for a in args], _abstracts(keywords, guise, known))
        return apply(rule, call, facts)

    def real() -> Any:
        found = resolve(name)
        asked = found if callable(found) else found.__get__  # a property such as torch.Tensor.T
        return asked(*_real(tuple(args), device), **_real(keywords, device))

    return Case(f"{name}{tuple(args)} {keywords or ''}", asked or real, run, unknown, missed).judge(guises)


def judge_layer(
    name: str,
    init_args: Sequence[Any] = (),
    init_kwargs: Mapping[str, Any] | None = None,
    call: Sequence[Any] = (),
    call_kwargs: Mapping[str, Any] | None = None,
    *,
    training: bool = True,
    unknown: bool = False,
    missed: bool = False,
    device: str = "meta",
    guises: Sequence[Guise] = GUISES,
    parameters: bool = True,
) -> Applied:
    """Put a layer's construction and a call of it to both; in ``call`` a bare tuple of ints is a tensor.

    ``parameters``: compare parameters, buffers and plain attributes too.
    """
    inits, keywords = dict(init_kwargs or {}), dict(call_kwargs or {})
    inputs = [T(*a) if isinstance(a, tuple) and all(isinstance(k, int) for k in a) else a for a in call]
    make, rule = find_layer(name), find_rule(name)
    assert make and rule, f"no layer {name}"
    words = f"{name}{tuple(init_args)} {inits or ''}({', '.join(map(str, inputs))}, {keywords or ''})"

    def run(guise: Guise, known: Known, facts: Facts) -> Applied:
        arguments = CallArgs([_abstract(a, _numbers, known) for a in init_args], _abstracts(inits, _numbers, known))
        layer, applied = build_layer(make, arguments, facts)
        if layer is None or applied.broken:
            return applied
        layer.fields["training"] = training
        if parameters and guise is _numbers and (module := built()) is not None:
            _same_attributes(module, layer, words)
        call_args = CallArgs([_abstract(a, guise, known) for a in inputs], _abstracts(keywords, guise, known))
        return apply(rule, call_args, facts, layer)

    def built() -> torch.nn.Module | None:
        with torch.device(device):
            try:
                module: torch.nn.Module = resolve(name)(*_real(tuple(init_args), device), **_real(inits, device))
            except REFUSALS:  # which `real` will tell
                return None
            return module.train(training)

    def real() -> Any:
        with torch.device(device):
            module = resolve(name)(*_real(tuple(init_args), device), **_real(inits, device)).train(training)
        return module(*_real(tuple(inputs), device), **_real(keywords, device))

    return Case(words, real, run, unknown, missed).judge(guises)


def _same_attributes(module: torch.nn.Module, layer: Layer, words: str) -> None:
    theirs = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    ours = {key: layer.fields[key] for key in (*layer.parameters, *layer.buffers) if layer.fields[key] is not None}
    if not any(isinstance(value, UninitializedTensorMixin) for value in theirs.values()):
        shapes = [(key, tuple(value.shape)) for key, value in theirs.items()]
        found = [(key, value.shape.sizes) for key, value in ours.items() if isinstance(value, values.Tensor)]
        assert found == shapes, f"{words}: parameters are {shapes}, not {found}"
    for key, value in layer.fields.items():
        theirs_now = getattr(module, str(key), None)
        if isinstance(theirs_now, (int, str, tuple)) and value is not None and not isinstance(value, values.Tensor):
            plain = value.fields["items"] if isinstance(value, ListValue) else value
            assert plain == theirs_now, f"{words}: its {key} is {theirs_now}, not {plain}"


def resolve(name: str) -> Any:
    """What a full dotted name means; never a module, though one may have the same name as the function in it."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


def _real(value: Any, device: str) -> Any:
    if isinstance(value, (T, P)):
        return value.real(device)
    if isinstance(value, (tuple, list)):
        return type(value)(_real(item, device) for item in value)
    if isinstance(value, dict):
        return {key: _real(item, device) for key, item in value.items()}
    return value


def _abstracts(keywords: Mapping[str, Any], guise: Guise, known: Known) -> dict[str, Value]:
    return {key: _abstract(value, guise, known) for key, value in keywords.items()}


def _abstract(value: Any, guise: Guise, known: Known) -> Value:
    """A real argument as the interpreter would hold it."""
    if isinstance(value, T):
        return values.Tensor(guise(value, known), value.dtype)
    if isinstance(value, P):
        return value.abstract(guise, known)
    if isinstance(value, torch.Size):
        return Shape(tuple(value))
    if isinstance(value, tuple):
        return tuple(_abstract(item, guise, known) for item in value)
    if isinstance(value, list):
        return ListValue({"items": tuple(_abstract(item, guise, known) for item in value)})
    if isinstance(value, slice):
        return SliceValue(value.start, value.stop, value.step)
    if isinstance(value, torch.dtype):
        return External(str(value))
    if isinstance(value, dict):
        return values.DictValue({key: _abstract(item, guise, known) for key, item in value.items()})
    return value


def tensors(value: Any) -> Iterator[values.Tensor]:
    """The tensors of an abstract result, nested ones in order."""
    if isinstance(value, values.Tensor):
        yield value
    elif isinstance(value, ListValue):
        yield from tensors(value.fields["items"])
    elif isinstance(value, tuple):
        for item in value:
            yield from tensors(item)
