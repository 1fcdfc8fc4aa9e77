"""Random questions for what the own code of torch calls: native layers and losses, and other rarely written names."""

from __future__ import annotations

from tests.rules.judge import T
from tests.rules.random_axes import wanted
from tests.rules.random_draws import Dice, Question, asks, call


@asks("batch_norm instance_norm", cpu=True)
def torch_batch_norm(d: Dice, name: str) -> Question:
    x = d.tensor(2, 4, 2, 4)
    c = x.sizes[1]
    own = [d.one(None, T(d.near(c, 8))) for _ in range(2)]
    return call(x, *own, T(d.near(c, 8)), T(c), d.chance(), 0.1, 1e-5, False)


@asks("group_norm", cpu=True)
def torch_group_norm(d: Dice, name: str) -> Question:
    groups = d.number(1, 3)
    x = T(d.number(1, 3), d.near(groups * d.number(1, 3), 6), *d.ints(1, 2, 2, 3))
    return call(x, groups, *(d.one(None, T(d.near(x.sizes[1], 8))) for _ in range(2)))


@asks("layer_norm", cpu=True)
def torch_layer_norm(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    shape = list(d.alike(T(*x.sizes[-d.number(1, 2) :])).sizes)
    return call(x, shape, *(d.one(None, d.alike(T(*shape), 8)) for _ in range(2)))


@asks("binary_cross_entropy_with_logits kl_div poisson_nll_loss hinge_embedding_loss", cpu=True)
def native_loss(d: Dice, name: str) -> Question:
    x = d.tensor()
    extra = [False, False, 1e-8, d.number(0, 2)] if "poisson" in name else []
    return call(x, d.broadcast(x), *extra)


@asks("margin_ranking_loss cosine_embedding_loss triplet_margin_loss")
def native_pairs(d: Dice, name: str) -> Question:
    x = d.tensor(1, 2)
    third = T(*x.sizes[:-1]) if "cosine" in name else x
    return call(x, d.alike(x), d.alike(third))


@asks("rnn_tanh rnn_relu gru")
def native_rnn(d: Dice, name: str) -> Question:
    i, h, n = d.number(1, 4), d.number(2, 4), d.number(1, 3)
    gates = 3 * h if "gru" in name else h
    weights = [T(gates, d.near(i)), T(gates, h), T(gates), T(gates)]
    return call(T(d.number(1, 4), n, i), T(1, n, h), weights, True, 1, 0.0, False, False, False)


@asks("lstm", always=True)
def native_lstm(d: Dice, name: str) -> Question:
    i, h, n = d.number(1, 4), d.number(2, 4), d.number(1, 3)
    weights = [T(4 * h, i), T(4 * h, h), T(4 * h), T(4 * h)]
    return call(T(d.number(1, 4), n, i), [T(1, n, h), T(1, n, h)], weights, True, 1, 0.0, False, False, False)


@asks("rnn_tanh_cell rnn_relu_cell gru_cell lstm_cell", cpu=True)
def native_cell(d: Dice, name: str) -> Question:
    i, h, n = d.number(1, 4), d.number(2, 4), d.number(1, 3)
    gates = h * (4 if "lstm" in name else 3 if "gru" in name else 1)
    state = T(d.near(n, 8), d.near(h, 8))
    hx = [state, state] if "lstm" in name else state
    return call(T(n, i), hx, T(gates, d.near(i)), T(gates, h), T(gates), T(gates))


@asks("conv_tbc F.conv_tbc", cpu=True)
def conv_tbc(d: Dice, name: str) -> Question:
    c, o = d.number(1, 4), d.number(1, 4)
    x = T(d.size(), d.number(1, 3), d.near(c)) if not d.chance(8) else d.tensor()
    return call(x, T(d.number(1, 3), c, o), T(d.near(o)), d.number(0, 2))


@asks("max_pool1d_with_indices", cpu=True)
def max_pool1d_with_indices(d: Dice, name: str) -> Question:
    return call(d.tensor(1, 4), d.number(1, 4), d.number(1, 3), d.number(0, 2), d.number(1, 2), d.chance())


@asks("convolution", cpu=True)
def convolution(d: Dice, name: str) -> Question:
    c = d.number(1, 3)
    x = T(d.number(1, 3), d.near(c), d.size(), d.size())
    return call(x, T(2, c, 1, 2), None, [1, 2], [0, 1], [1, 1], False, [0, 0], 1)


@asks("torch.embedding torch.embedding_bag", cpu=True, unknown=True)
def native_embedding(d: Dice, name: str) -> Question:
    x = d.tensor(1, 1, dtype=d.mostly("int64", "int32", "float32"))
    return call(d.tensor(2, 2), x, *([T(1, dtype=x.dtype)] if "bag" in name else []))


@asks("embedding_renorm_", cpu=True)
def embedding_renorm_(d: Dice, name: str) -> Question:
    return call(d.tensor(2, 2) if not d.chance(4) else d.tensor(1, 3), d.tensor(1, 1, dtype="int64"), 1.0, 2.0)


@asks("native_dropout", always=True)
def native_dropout(d: Dice, name: str) -> Question:
    return call(d.tensor(), 0.5, d.chance())


@asks("affine_grid_generator", cpu=True)
def affine_grid_generator(d: Dice, name: str) -> Question:
    batch = d.number(1, 3)
    return call(T(batch, 2, d.near(3)), (d.near(batch), 3, *d.ints(2, 2)), False)


@asks("segment_reduce", cpu=True, missed=True, always=True)  # the lengths must have the sum that they have
def segment_reduce(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    return call(x, "sum", lengths=T(d.number(1, 3), dtype="int64"), unsafe=True)


@asks("Tensor.resize Tensor.resize_as", cpu=True)
def old_resize(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    return call(x, d.mostly(x, T(*x.sizes[::-1]), T(7))) if name.endswith("as") else call(x, *(wanted(d, x) or [1]))


@asks("binomial", cpu=True)
def binomial(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.broadcast(x))


@asks("torch.range", cpu=True)
def range_with_end(d: Dice, name: str) -> Question:
    start = d.number(-3, 3)
    return call(start, start + d.number(0, 5), d.mostly(d.number(1, 3), 0))


@asks("norm_except_dim frobenius_norm nuclear_norm", cpu=True)
def old_norms(d: Dice, name: str) -> Question:
    x = d.tensor(1, 4)
    if "except" in name:
        return call(x, 2, d.number(0, len(x.sizes) - 1))
    return call(x, (d.dim(x), d.dim(x)), d.chance())


@asks("slice_copy")
def slice_copy(d: Dice, name: str) -> Question:
    x = d.tensor(0, 3)
    return call(x, d.dim(x), d.one(None, d.number(-4, 5)), d.one(None, d.number(-4, 5)), d.number(1, 3))


@asks("frexp Tensor.frexp")
def frexp(d: Dice, name: str) -> Question:
    return call(d.tensor(dtype=d.mostly("float32", "int64")))


@asks("is_same_size Tensor.is_same_size is_complex is_signed Tensor.is_signed", always=True)
def questions(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.alike(x)) if "same" in name else call(x)


@asks("broadcast_shapes")
def broadcast_shapes(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(tuple(x.sizes), tuple(d.broadcast(x).sizes))


@asks("signal.windows.general_cosine", cpu=True)
def general_cosine(d: Dice, name: str) -> Question:
    return call(d.number(-1, 5), a=[0.5, 0.5])


@asks("nn.Transformer.generate_square_subsequent_mask scalar_tensor", always=True)
def from_a_number(d: Dice, name: str) -> Question:
    return call(d.size())


@asks("fake_quantize_per_tensor_affine", cpu=True, always=True)
def fake_quantize(d: Dice, name: str) -> Question:
    return call(d.tensor(), 0.1, 0, 0, 255)


@asks("fake_quantize_per_channel_affine", cpu=True)
def fake_quantize_by_channel(d: Dice, name: str) -> Question:
    x = d.tensor(1, 3)
    dim = d.dim(x)
    size = d.near(x.sizes[dim] if -len(x.sizes) <= dim < len(x.sizes) else 1)
    return call(x, T(size), T(size, dtype="int32"), dim, 0, 255)
