"""Recurrent networks as torch's own code calls them: torch.lstm, torch.gru_cell ..: the weights say all sizes.

The sequence has its batch axis always. A packed sequence comes as data and batch sizes, the states behind them.
"""

from __future__ import annotations

from torchshape_lint import values
from torchshape_lint.codes import HIDDEN, INPUT_SIZE
from torchshape_lint.dims import Size
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.needs import Many, Result, Rule, Undetermined, rank, same
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule


def _tensors(value: object, name: str, like: Tensor) -> tuple[Tensor, ...]:
    """The tensors of a list as operands; none where it is not all known."""
    items = sequence_items(value) or ()
    found = [
        Tensor(x.shape, f"{name}[{k}]", like.facts, x.dtype)
        for k, x in enumerate(items)
        if isinstance(x, values.Tensor)
    ]
    return tuple(found) if len(found) == len(items) else ()


def _run(
    input: Tensor, weights: object, layers: object, bidirectional: object, batch_first: object, lstm: bool
) -> Rule:
    """The output and the states; with a projection the second weight takes what comes out."""
    if not isinstance(layers, int) or not isinstance(bidirectional, bool) or not isinstance(batch_first, bool):
        return Undetermined("the directions are not known")
    params = _tensors(weights, "params", input)
    if len(params) < 2:
        return Undetermined("the weights are not known")
    yield rank(input, 3)
    for weight in params[:2]:
        yield rank(weight, 2)
    if not lstm:  # torch.lstm asks nothing of the kind: what it gives then is garbage
        yield same(input[-1], params[0][1], INPUT_SIZE)
    directions = 2 if bidirectional else 1
    out: Size = params[1].sizes[1]
    batch = input.sizes[0 if batch_first else 1]
    state = Result((layers * directions, batch, out))
    output = Result((*input.sizes[:2], out * directions))
    if not lstm:
        return Many((output, state))
    cell = Result((layers * directions, batch, params[0].sizes[0] // 4))
    return Many((output, state, cell))


@shape_rule("torch.gru", "torch.rnn_tanh", "torch.rnn_relu")
def rnn(
    input: Tensor,
    hx: Tensor,
    params: object,
    has_biases: object,
    num_layers: object,
    dropout: object,
    train: object,
    bidirectional: object,
    batch_first: object = None,
) -> Rule:
    """(l, n, input_size), (d, n, hidden_size) -> (l, n, hidden_size), (d, n, hidden_size)"""
    if isinstance(params, values.Tensor):
        return Undetermined("a packed sequence")
    return (yield from _run(input, params, num_layers, bidirectional, batch_first, lstm=False))


@shape_rule("torch.lstm")
def lstm(
    input: Tensor,
    hx: object,
    params: object,
    has_biases: object,
    num_layers: object,
    dropout: object,
    train: object,
    bidirectional: object,
    batch_first: object = None,
) -> Rule:
    """(l, n, input_size), (h, c) -> (l, n, hidden_size), (d, n, hidden_size), (d, n, hidden_size)"""
    if isinstance(hx, values.Tensor):
        return Undetermined("a packed sequence")
    return (yield from _run(input, params, num_layers, bidirectional, batch_first, lstm=True))


def _cell(input: Tensor, state: Tensor, w_ih: Tensor, w_hh: Tensor) -> Steps:
    yield rank(input, 2)
    yield rank(state, 2)
    yield rank(w_ih, 2)
    yield rank(w_hh, 2)
    yield same(input[1], w_ih[1], INPUT_SIZE)
    yield same(state[1], w_hh[1], HIDDEN)
    yield same(state[0], input[0], HIDDEN)


@shape_rule("torch.gru_cell", "torch.rnn_tanh_cell", "torch.rnn_relu_cell")
def rnn_cell(input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: object = None, b_hh: object = None) -> Rule:
    """(n, input_size), (n, hidden_size) -> (n, hidden_size)"""
    yield from _cell(input, hx, w_ih, w_hh)
    return hx.sizes


@shape_rule("torch.lstm_cell")
def lstm_cell(input: Tensor, hx: object, w_ih: Tensor, w_hh: Tensor, b_ih: object = None, b_hh: object = None) -> Rule:
    """(n, input_size), (h, c) -> (n, hidden_size), (n, hidden_size)"""
    states = _tensors(hx, "hx", input)
    if len(states) != 2:
        return Undetermined("the states are not known")
    yield from _cell(input, states[0], w_ih, w_hh)
    return Many((Result(states[0].sizes), Result(states[1].shape)))
