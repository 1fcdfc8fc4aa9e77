"""Recurrent layers: RNN, LSTM and GRU over sequences, and their cells.

Knows batch_first, bidirectional, proj_size, unbatched and packed sequences and initial states.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT, HIDDEN, INPUT_SIZE
from torchshape_lint.dims import Size
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import same_dtype
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Many,
    Need,
    Outcome,
    Plain,
    Result,
    Rule,
    Undetermined,
    holds,
    never,
    not_less,
    rank,
    same,
)
from torchshape_lint.rules.numbers import flag, whole
from torchshape_lint.rules.operands import Named, PackedSequence, Tensor
from torchshape_lint.rules.packed import how_many, repacked
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, decided


@layer("torch.nn.RNN")
def rnn_layer(
    input_size: Named | float | str,
    hidden_size: Named | float | str,
    num_layers: Size = 1,
    nonlinearity: object = "tanh",
    bias: bool | int | str = True,
    batch_first: object = False,
    dropout: object = 0.0,
    bidirectional: bool = False,
    proj_size: int = 0,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight_ih_l0: (hidden_size, input_size), .. for each layer and direction"""
    if isinstance(nonlinearity, str):
        known = nonlinearity in ("tanh", "relu")
        yield holds(decided(known), ARGUMENT, lambda: f"nonlinearity is {nonlinearity!r}, but must be 'tanh' or 'relu'")
    input_size = yield from _named("input_size", input_size)
    hidden_size = yield from _named("hidden_size", hidden_size)
    yield from _sizes(input_size, hidden_size, num_layers, dropout)
    yield from flag("bias", bias)
    yield from flag("batch_first", batch_first)
    if proj_size:
        yield never(ARGUMENT, "proj_size is for LSTM only")
    return _weights(1, input_size.size, hidden_size.size, num_layers, bool(bias), bidirectional, 0)


@layer("torch.nn.GRU")
def gru_layer(
    input_size: Named | float | str,
    hidden_size: Named | float | str,
    num_layers: Size = 1,
    bias: bool | int | str = True,
    batch_first: object = False,
    dropout: object = 0.0,
    bidirectional: bool = False,
    proj_size: int = 0,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight_ih_l0: (3*hidden_size, input_size), .. for each layer and direction"""
    input_size = yield from _named("input_size", input_size)
    hidden_size = yield from _named("hidden_size", hidden_size)
    yield from _sizes(input_size, hidden_size, num_layers, dropout)
    yield from flag("bias", bias)
    yield from flag("batch_first", batch_first)
    if proj_size:
        yield never(ARGUMENT, "proj_size is for LSTM only")
    return _weights(3, input_size.size, hidden_size.size, num_layers, bool(bias), bidirectional, 0)


@layer("torch.nn.LSTM")
def lstm_layer(
    input_size: Named | float | str,
    hidden_size: Named | float | str,
    num_layers: Size = 1,
    bias: bool | int | str = True,
    batch_first: object = False,
    dropout: object = 0.0,
    bidirectional: bool = False,
    proj_size: int = 0,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight_ih_l0: (4*hidden_size, input_size), .. for each layer and direction"""
    input_size = yield from _named("input_size", input_size)
    hidden_size = yield from _named("hidden_size", hidden_size)
    yield from _sizes(input_size, hidden_size, num_layers, dropout)
    yield from flag("bias", bias)
    yield from flag("batch_first", batch_first)
    yield not_less(Named(proj_size, "proj_size"), 0, ARGUMENT)
    yield holds(
        at_least(hidden_size.size, proj_size + 1),
        ARGUMENT,
        lambda: f"proj_size is {proj_size}, but must be smaller than hidden_size {hidden_size.size}",
    )
    return _weights(4, input_size.size, hidden_size.size, num_layers, bool(bias), bidirectional, proj_size)


def _named(name: str, value: Named | float | str) -> Generator[Need | Derivation, None, Named]:
    """A size; a float or a string is none."""
    yield from whole(name, value)
    assert isinstance(value, Named)  # otherwise the need has ended the rule
    return value


def _sizes(input_size: Named, hidden_size: Named, num_layers: Size, dropout: Value) -> Steps:
    yield not_less(input_size, 1, ARGUMENT)
    yield not_less(hidden_size, 1, ARGUMENT)
    yield not_less(Named(num_layers, "num_layers"), 1, ARGUMENT)
    if isinstance(dropout, (int, float)):
        yield holds(decided(0 <= dropout <= 1), ARGUMENT, lambda: f"dropout is {dropout}, but must be within 0..1")


def _weights(
    gates: int, input_size: Size, hidden: Size, layers: Size, bias: bool, bidirectional: bool, proj: int
) -> Construction:
    parameters: dict[str, tuple[Size, ...] | None] = {}
    out = proj or hidden
    directions = ("", "_reverse") if bidirectional else ("",)
    for k in range(layers if isinstance(layers, int) else 0):
        enters = input_size if k == 0 else out * len(directions)
        for direction in directions:
            end = f"_l{k}{direction}"
            parameters[f"weight_ih{end}"] = (hidden * gates, enters)
            parameters[f"weight_hh{end}"] = (hidden * gates, out)
            if bias:
                parameters[f"bias_ih{end}"] = parameters[f"bias_hh{end}"] = (hidden * gates,)
            if proj:
                parameters[f"weight_hr{end}"] = (proj, hidden)
    return Construction(parameters)


@dataclass(frozen=True, slots=True)
class _Run:
    """One pass: the output and the shapes of the states."""

    output: Outcome
    batch: tuple[Size, ...]
    states: Size


def _sequence(
    input: Tensor | PackedSequence,
    input_size: Named,
    out: Size,
    layers: Size,
    bidirectional: bool,
    batch_first: Value,
) -> Generator[Need | Derivation, None, _Run | None]:
    if isinstance(input, PackedSequence):
        return (yield from _packed(input, input_size, out, layers, bidirectional))
    yield rank(input, 2, 3)
    yield same(input[-1], input_size, INPUT_SIZE)
    directions = 2 if bidirectional else 1
    if bidirectional:
        yield Derivation(lambda: f"2 directions * {out} = {out * 2}")
    front = input.sizes[:-1]
    batch: tuple[Size, ...] = ()
    if input.rank == 3:
        if not isinstance(batch_first, bool):
            return None
        batch = (front[0],) if batch_first else (front[1],)
    return _Run(Result((*front, out * directions)), batch, layers * directions)


def _packed(
    input: PackedSequence, input_size: Named, out: Size, layers: Size, bidirectional: bool
) -> Generator[Need | Derivation, None, _Run]:
    """Each step holds one row per sequence that is so long; what comes out is packed likewise."""
    yield rank(input.padded, 3)
    yield same(input.padded[-1], input_size, INPUT_SIZE)
    directions = 2 if bidirectional else 1
    batch = how_many(input)
    return _Run(Plain(repacked(input, batch, out * directions)), (batch,), layers * directions)


@shape_rule("torch.nn.RNN", "torch.nn.GRU")
def rnn(
    input: Tensor | PackedSequence,
    hx: Tensor | None = None,
    *,
    input_size: Named,
    hidden_size: Named,
    num_layers: Size,
    bidirectional: bool,
    batch_first: object,
    weight_ih_l0: Tensor | None = None,
) -> Rule:
    """(l, n, input_size), (d, n, hidden_size)? -> (l, n, hidden_size), (d, n, hidden_size)"""
    run = yield from _sequence(input, input_size, hidden_size.size, num_layers, bidirectional, batch_first)
    yield from _as_weight(input, weight_ih_l0)
    if run is None:
        return Undetermined("batch_first is not known")
    state = (run.states, *run.batch, hidden_size.size)
    yield from _state(hx, state)
    return Many((run.output, Result(state, _dtype(input))))


@shape_rule("torch.nn.LSTM")
def lstm(
    input: Tensor | PackedSequence,
    hx: object = None,
    *,
    input_size: Named,
    hidden_size: Named,
    num_layers: Size,
    bidirectional: bool,
    batch_first: object,
    proj_size: int,
    weight_ih_l0: Tensor | None = None,
) -> Rule:
    """(l, n, input_size), (h, c)? -> (l, n, hidden_size), ((d, n, hidden_size), (d, n, hidden_size))"""
    out = proj_size or hidden_size.size
    run = yield from _sequence(input, input_size, out, num_layers, bidirectional, batch_first)
    yield from _as_weight(input, weight_ih_l0)
    if run is None:
        return Undetermined("batch_first is not known")
    h, c = (run.states, *run.batch, out), (run.states, *run.batch, hidden_size.size)
    yield from _pair(hx, h, c, input)
    return Many((run.output, Many((Result(h, _dtype(input)), Result(c, _dtype(input))))))


def _dtype(input: Tensor | PackedSequence) -> str | None:
    return input.padded.dtype if isinstance(input, PackedSequence) else input.dtype


def _as_weight(input: Tensor | PackedSequence, weight: Tensor | None) -> Steps:
    """The input has the dtype of the weights."""
    if weight is not None:
        yield from same_dtype(weight, input if isinstance(input, Tensor) else input.padded)


def _state(state: Tensor | None, wanted: tuple[Size, ...]) -> Steps:
    """A state must have exactly the shape ``wanted``."""
    if state is None or state.rank is None:
        return
    shape = Shape(wanted)
    if state.rank != len(wanted):
        words = f"{state.name} is {state.shape}, but {shape} is needed"
        yield holds(decided(False), HIDDEN, lambda: words, expected=str(shape), actual=str(state.shape))
        return
    for k, size in enumerate(wanted):
        need = same(state[k], Named(size, f"axis {k} of the state {shape}"), HIDDEN)
        yield replace(need, expected=size, actual=state[k].size)  # the state is wrong, not the layer


def _pair(hx: Value, h: tuple[Size, ...], c: tuple[Size, ...], input: Tensor | PackedSequence) -> Steps:
    """The two states of an LSTM, as far as they are known."""
    facts = input.padded.facts if isinstance(input, PackedSequence) else input.facts
    if isinstance(hx, values.Tensor):
        yield never(HIDDEN, f"the state is one tensor {facts.shape(hx.shape)}, but a pair (h, c) is needed")
    items = sequence_items(hx)
    if items is None or len(items) != 2:
        return
    for item, name, wanted in zip(items, ("h", "c"), (h, c), strict=True):
        if isinstance(item, values.Tensor):
            state = Tensor(item.shape, name, facts, item.dtype)
            if name == "c" and isinstance(input, PackedSequence):
                wanted = _spread(state, wanted)
            yield from _state(state, wanted)


def _spread(state: Tensor, wanted: tuple[Size, ...]) -> tuple[Size, ...]:
    """Beside a packed sequence torch lets one cell state stand for the whole batch."""
    return (wanted[0], state.sizes[1], wanted[2]) if state.rank == 3 and equal(state.sizes[1], 1) is not NO else wanted


@layer("torch.nn.RNNCell")
def rnn_cell_layer(
    input_size: Named,
    hidden_size: Named,
    bias: bool | int | str = True,
    nonlinearity: object = "tanh",
    device: object = None,
    dtype: object = None,
) -> Construction:
    """weight_ih: (hidden_size, input_size), weight_hh: (hidden_size, hidden_size)"""
    return _cell_weights(1, input_size.size, hidden_size.size, bool(bias))


@layer("torch.nn.LSTMCell")
def lstm_cell_layer(
    input_size: Named, hidden_size: Named, bias: bool | int | str = True, device: object = None, dtype: object = None
) -> Construction:
    """weight_ih: (4*hidden_size, input_size), weight_hh: (4*hidden_size, hidden_size)"""
    return _cell_weights(4, input_size.size, hidden_size.size, bool(bias))


@layer("torch.nn.GRUCell")
def gru_cell_layer(
    input_size: Named, hidden_size: Named, bias: bool | int | str = True, device: object = None, dtype: object = None
) -> Construction:
    """weight_ih: (3*hidden_size, input_size), weight_hh: (3*hidden_size, hidden_size)"""
    return _cell_weights(3, input_size.size, hidden_size.size, bool(bias))


def _cell_weights(gates: int, enters: Size, hidden: Size, bias: bool) -> Construction:
    both = (hidden * gates,) if bias else None
    return Construction(
        {
            "weight_ih": (hidden * gates, enters),
            "weight_hh": (hidden * gates, hidden),
            "bias_ih": both,
            "bias_hh": both,
        }
    )


@shape_rule("torch.nn.RNNCell", "torch.nn.GRUCell")
def rnn_cell(
    input: Tensor,
    hx: Tensor | None = None,
    *,
    input_size: Named,
    hidden_size: Named,
    weight_ih: Tensor | None = None,
) -> Rule:
    """(n, input_size), (n, hidden_size)? -> (n, hidden_size), also without n"""
    yield rank(input, 1, 2)
    yield same(input[-1], input_size, INPUT_SIZE)
    yield from _as_weight(input, weight_ih)
    state = (*input.sizes[:-1], hidden_size.size)
    square = hx is not None and hx.rank == 2 and all(equal(size, hidden_size.size) is not NO for size in hx.sizes)
    if input.rank == 1 and square:
        return Undetermined("torch checks the wrong axis of the state: RNNCell takes a square one")
    yield from _state(hx, state)
    return state


@shape_rule("torch.nn.LSTMCell")
def lstm_cell(
    input: Tensor, hx: object = None, *, input_size: Named, hidden_size: Named, weight_ih: Tensor | None = None
) -> Rule:
    """(n, input_size), (h, c)? -> (n, hidden_size), (n, hidden_size), also without n"""
    yield rank(input, 1, 2)
    yield same(input[-1], input_size, INPUT_SIZE)
    yield from _as_weight(input, weight_ih)
    state = (*input.sizes[:-1], hidden_size.size)
    yield from _pair(hx, state, state, input)
    results: tuple[Outcome, ...] = (Result(state), Result(state))
    return Many(results)
