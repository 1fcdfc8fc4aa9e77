"""torch.layer_norm, torch.kl_div and the like: what torch.nn.functional calls, with parameters of its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.rules.judge import T, judge_function

X = T(2, 6, 5)
C = T(6)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("layer_norm", (X, (5,))),
        ("layer_norm", (X, (6, 5), T(6, 5), T(6, 5))),
        ("layer_norm", (X, (6,))),
        ("layer_norm", (X, (5,), C)),
        ("layer_norm", (X, ())),
        ("group_norm", (X, 3, C, C)),
        ("group_norm", (T(1, 6), 6)),
        ("group_norm", (X, 4)),
        ("group_norm", (X, 3, T(5))),
        ("group_norm", (T(6), 3)),
        ("batch_norm", (X, C, C, C, C, False, 0.1, 1e-5, True)),
        ("batch_norm", (X, None, None, None, None, True, 0.1, 1e-5, True)),
        ("batch_norm", (T(1, 6), None, None, None, None, True, 0.1, 1e-5, True)),
        ("batch_norm", (X, None, None, T(5), T(5), False, 0.1, 1e-5, True)),
        ("batch_norm", (X, T(5), None, C, C, False, 0.1, 1e-5, True)),
        ("batch_norm", (T(6), None, None, None, None, True, 0.1, 1e-5, True)),
        ("instance_norm", (X, C, C, None, None, True, 0.1, 1e-5, True)),
        ("instance_norm", (T(2, 6, 1), C, C, C, C, True, 0.1, 1e-5, True)),
        ("instance_norm", (X, T(5), None, None, None, True, 0.1, 1e-5, True)),
        ("instance_norm", (X, None, None, T(5), T(5), False, 0.1, 1e-5, True)),
    ],
    ids=str,
)
def test_norms(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")


@pytest.mark.parametrize("reduction", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("binary_cross_entropy_with_logits", (X, X, None, None)),
        ("binary_cross_entropy_with_logits", (X, X, T(5), T(5))),
        ("binary_cross_entropy_with_logits", (X, X, T(4), None)),
        ("kl_div", (X, X)),
        ("kl_div", (X, T(2, 6, 4))),
        ("poisson_nll_loss", (X, X, True, False, 1e-8)),
        ("poisson_nll_loss", (X, T(2, 5, 5), True, False, 1e-8)),
        ("hinge_embedding_loss", (X, X, 1.0)),
        ("hinge_embedding_loss", (X, T(4), 1.0)),
        ("margin_ranking_loss", (C, C, C, 0.0)),
        ("margin_ranking_loss", (C, C, T(5), 0.0)),
        ("cosine_embedding_loss", (T(2, 6), T(2, 6), T(2), 0.0)),
        ("cosine_embedding_loss", (T(2, 6), T(2, 6), T(3), 0.0)),
        ("triplet_margin_loss", (T(2, 6), T(2, 6), T(2, 6), 1.0, 2.0, 1e-6, False)),
        ("triplet_margin_loss", (T(2, 6), T(2, 6), T(2, 5), 1.0, 2.0, 1e-6, False)),
        ("ctc_loss", (T(6, 2, 5), T(2, 3, dtype="int64"), (6, 6), (3, 3), 0)),
        ("ctc_loss", (T(6, 2, 5), T(3, 3, dtype="int64"), (6, 6), (3, 3), 0)),
    ],
    ids=str,
)
def test_losses(name: str, args: tuple[Any, ...], reduction: int) -> None:
    judge_function(f"torch.{name}", (*args, reduction), device="cpu")


INT = "int64"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("embedding", (T(10, 3), T(2, 4, dtype=INT))),
        ("embedding", (T(10, 3), T(2, 4))),
        ("embedding", (T(10), T(2, dtype=INT))),
        ("embedding_renorm_", (T(10, 3), T(2, dtype=INT), 1.0, 2.0)),
        ("embedding_renorm_", (T(10), T(2, dtype=INT), 1.0, 2.0)),
        ("native_dropout", (X, 0.5, True)),
        ("conv_tbc", (T(5, 2, 6), T(3, 6, 4), T(4), 1)),
        ("conv_tbc", (T(5, 2, 6), T(3, 6, 4), T(4))),
        ("conv_tbc", (T(5, 2, 6), T(3, 5, 4), T(4))),
        ("conv_tbc", (T(5, 2, 6), T(3, 6, 4), T(6))),
        ("conv_tbc", (T(5, 6), T(3, 6, 4), T(4))),
        ("conv_tbc", (T(2, 2, 6), T(4, 6, 4), T(4))),
        ("convolution", (X, T(4, 6, 3), T(4), (1,), (1,), (1,), False, (0,), 1)),
        ("convolution", (X, T(4, 3, 3), None, (2,), (0,), (1,), False, (0,), 2)),
        ("convolution", (X, T(4, 6, 3), T(4), (1,), (1,), (1,), True, (0,), 1)),
        ("convolution", (X, T(6, 4, 3), T(4), (2,), (1,), (1,), True, (1,), 1)),
        ("convolution", (T(2, 6, 8, 8), T(4, 6, 3, 3), None, (1, 2), (0, 1), (1, 1), False, (0, 0), 1)),
        ("convolution", (X, T(4, 5, 3), None, (1,), (1,), (1,), False, (0,), 1)),
        ("max_pool1d_with_indices", (X, 2)),
        ("max_pool1d_with_indices", (X, 3, 1, 1)),
        ("max_pool1d_with_indices", (X, 9)),
        ("affine_grid_generator", (T(2, 2, 3), (2, 3, 4, 5), False)),
        ("affine_grid_generator", (T(2, 3, 4), (2, 3, 4, 5), False)),
        ("binomial", (X, X)),
        ("binomial", (X, T(2, 6, 4))),
        ("slice_copy", (X, 1, 1, 3)),
        ("slice_copy", (X, -1, -4, None, 2)),
        ("slice_copy", (X, 0, 5)),
        ("slice_copy", (X, 3)),
        ("slice_copy", (T(),)),
        ("split_copy", (X, 4, 1)),
        ("view_as_complex_copy", (T(3, 2),)),
        ("view_as_complex_copy", (T(3, 3),)),
        ("addmv_", (T(3), T(3, 4), T(4))),
        ("addmv_", (T(3), T(3, 4), T(3))),
        ("is_complex", (X,)),
        ("is_signed", (T(2, dtype="uint8"),)),
        ("is_same_size", (X, X)),
        ("is_same_size", (X, T(2, 6, 4))),
        ("range", (0, 5)),
        ("range", (1, 10, 2)),
        ("range", (0, 1, 0.25)),
        ("range", (5, 1, -2)),
        ("norm_except_dim", (X, 2, 0)),
        ("norm_except_dim", (X, 2, 2)),
        ("norm_except_dim", (X, 2, -1)),
        ("frobenius_norm", (X, (1, 2))),
        ("frobenius_norm", (X, (1,), True)),
        ("nuclear_norm", (T(3, 4),)),
        ("nuclear_norm", (T(3, 4), True)),
        ("nuclear_norm", (X,)),
        ("nuclear_norm", (X, (0, 2))),
        ("nuclear_norm", (X, (0, 2), True)),
        ("nuclear_norm", (X, (0,))),
        ("nuclear_norm", (T(4),)),
        ("nuclear_norm", (T(4), (0, 1))),
    ],
    ids=str,
)
def test_others(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")


def test_given_memory() -> None:
    judge_function("torch.frombuffer", (bytearray(8),), {"dtype": torch.int8, "count": 3}, device="cpu")
    judge_function("torch.frombuffer", (bytearray(8),), {"dtype": torch.int8}, device="cpu", unknown=True)


@pytest.mark.parametrize(
    "shapes",
    [((2, 1), (3,)), ((), (4,)), (5, (2, 5)), ((2, 3), (3, 2)), ((2, 3), [1, 1, 3], 1), (), ((0,), (1,))],
    ids=str,
)
def test_broadcast_shapes(shapes: tuple[Any, ...]) -> None:
    judge_function("torch.broadcast_shapes", shapes)


@pytest.mark.parametrize("axis", [0, 1])
def test_segments(axis: int) -> None:
    for lengths in (T(3, dtype=INT), T(2, 3, dtype=INT)):
        segments = {"lengths": lengths, "axis": axis, "unsafe": True}
        judge_function("torch.segment_reduce", (X, "sum"), segments, device="cpu")
    offsets = {"offsets": T(4, dtype=INT), "unsafe": True}
    judge_function("torch.segment_reduce", (X, "sum"), offsets, device="cpu")


def test_memory_of_another() -> None:
    judge_function("torch.Tensor.set_", (X, T(7)), device="cpu")
    judge_function("torch.Tensor.set_", (X,), device="cpu")
    judge_function("torch.Tensor.set_", (X, X, 0, (5, 12), (12, 1)), device="cpu")


def test_resized() -> None:
    judge_function("torch.Tensor.resize", (X, 12, 5), device="cpu")
    judge_function("torch.Tensor.resize_as", (X, T(5, 12)), device="cpu")


@pytest.mark.parametrize("last", [False, True])
def test_embedding_bag(last: bool) -> None:
    indices, offsets = T(6, dtype=INT), T(2, dtype=INT)
    judge_function("torch.embedding_bag", (T(10, 3), indices, offsets, False, 0, False, None, last), unknown=True)
    judge_function("torch.embedding_bag", (T(10, 3), indices, offsets, False, 0, False, T(5), last), device="cpu")


def weights(gates: int, enters: int = 5, hidden: int = 4, out: int = 4, directions: int = 1) -> list[T]:
    one = [T(gates * hidden, enters), T(gates * hidden, out), T(gates * hidden), T(gates * hidden)]
    return (one if out == hidden else [*one, T(out, hidden)]) * directions


S = T(7, 2, 5)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("gru", (S, T(1, 2, 4), weights(3), True, 1, 0.0, False, False, False)),
        ("gru", (S, T(1, 7, 4), weights(3), True, 1, 0.0, False, False, True)),
        ("gru", (S, T(2, 2, 4), weights(3, directions=2), True, 1, 0.0, False, True, False)),
        ("gru", (T(7, 2, 6), T(1, 2, 4), weights(3), True, 1, 0.0, False, False, False)),
        ("gru", (T(7, 5), T(1, 4), weights(3), True, 1, 0.0, False, False, False)),
        ("rnn_tanh", (S, T(1, 2, 4), weights(1), True, 1, 0.0, False, False, False)),
        ("rnn_relu", (S, T(1, 2, 4), weights(1, 6), True, 1, 0.0, False, False, False)),
        ("lstm", (S, [T(1, 2, 4), T(1, 2, 4)], weights(4), True, 1, 0.0, False, False, False)),
        ("lstm", (S, [T(1, 2, 3), T(1, 2, 4)], weights(4, out=3), True, 1, 0.0, False, False, False)),
        ("lstm", (S, [T(2, 7, 4), T(2, 7, 4)], weights(4, directions=2), True, 1, 0.0, False, True, True)),
        ("lstm", (T(7, 5), [T(1, 2, 4), T(1, 2, 4)], weights(4), True, 1, 0.0, False, False, False)),
        ("gru_cell", (T(2, 5), T(2, 4), *weights(3))),
        ("gru_cell", (T(2, 6), T(2, 4), *weights(3))),
        ("gru_cell", (T(2, 5), T(2, 3), *weights(3))),
        ("gru_cell", (T(2, 5), T(3, 4), *weights(3))),
        ("rnn_tanh_cell", (T(2, 5), T(2, 4), *weights(1)[:2])),
        ("rnn_relu_cell", (T(2, 5), T(2, 5), *weights(1))),
        ("rnn_relu_cell", (T(5), T(4), *weights(1))),
        ("rnn_tanh_cell", (T(1, 5), T(2, 4), *weights(1))),
        ("rnn_tanh_cell", (T(2, 5), T(1, 4), *weights(1))),
        ("gru_cell", (T(2, 5), T(1, 4), *weights(3))),
        ("lstm_cell", (T(2, 5), [T(1, 4), T(1, 4)], *weights(4))),
        ("lstm_cell", (T(2, 5), [T(2, 4), T(2, 4)], *weights(4))),
        ("lstm_cell", (T(2, 5), [T(2, 4), T(2, 4)], *weights(4, 6))),
    ],
    ids=str,
)
def test_recurrent(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")


Q = torch.quint8


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("quantize_per_tensor", (X, 0.1, 0, Q)),
        ("quantize_per_tensor_dynamic", (X, Q, False)),
        ("quantize_per_channel", (X, T(6), T(6, dtype=INT), 1, Q)),
        ("quantize_per_channel", (X, T(5), T(5, dtype=INT), 1, Q)),
        ("quantize_per_channel", (X, T(5), T(5, dtype=INT), 3, Q)),
        ("fake_quantize_per_tensor_affine", (X, 0.1, 0, 0, 255)),
        ("fake_quantize_per_channel_affine", (X, T(6), T(6, dtype="int32"), 1, 0, 255)),
        ("fake_quantize_per_channel_affine", (X, T(5), T(5, dtype="int32"), 1, 0, 255)),
        ("fake_quantize_per_channel_affine", (X, T(5, 1), T(5, 1, dtype="int32"), 2, 0, 255)),
    ],
    ids=str,
)
def test_quantised(name: str, args: tuple[Any, ...]) -> None:
    judge_function(f"torch.{name}", args, device="cpu")


class Sparse(T):
    """A tensor in the layout for few elements."""

    def real(self, device: str) -> torch.Tensor:
        return super().real(device).to_sparse()


class Quantised(T):
    """A tensor of small whole numbers and a scale."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes, dtype="quint8")

    def real(self, device: str) -> torch.Tensor:
        return torch.quantize_per_tensor(torch.zeros(self.sizes), 0.1, 0, Q)


A, B = Sparse(3, 4), T(4, 5)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.Tensor.to_sparse", (T(3, 4),)),
        ("torch.Tensor.to_sparse", (T(3, 4), 1)),
        ("torch.Tensor.to_sparse_coo", (T(3, 4),)),
        ("torch.Tensor.to_sparse_csr", (T(3, 4),)),
        ("torch.Tensor.to_sparse_csc", (T(3, 4),)),
        ("torch.Tensor.to_sparse_bsr", (T(4, 4), (2, 2))),
        ("torch.Tensor.to_dense", (A,)),
        ("torch.Tensor.coalesce", (A,)),
        ("torch.Tensor.sparse_mask", (T(3, 4), A)),
        ("torch.Tensor.sparse_mask", (T(3, 5), A)),
        ("torch.Tensor.sparse_resize_", (A, (5, 6), 2, 0)),
        ("torch.Tensor.resize_as_sparse_", (Sparse(2, 2), A)),
        ("torch.sparse.mm", (A, B)),
        ("torch.sparse.mm", (A, Sparse(4, 5))),
        ("torch.sparse.mm", (A, T(3, 5))),
        ("torch.sparse.mm", (A, T(4))),
        ("torch.smm", (A, B)),
        ("torch.hspmm", (A, B)),
        ("torch.spmm", (A, B)),
        ("torch.dsmm", (A, T(5, 4))),
        ("torch.Tensor.smm", (A, T(5, 4))),
        ("torch.sparse.addmm", (T(3, 5), A, B)),
        ("torch.sparse.addmm", (T(3, 5), A, T(3, 5))),
        ("torch.sspaddmm", (Sparse(3, 5), A, B)),
        ("torch.saddmm", (Sparse(3, 4), A, B)),
        ("torch.sparse.softmax", (A, 1)),
        ("torch.sparse.softmax", (A, 2)),
        ("torch.sparse.log_softmax", (A, 0)),
        ("torch.sparse.sum", (A,)),
        ("torch.sparse.sum", (A, 0)),
        ("torch.sparse.sum", (A, (0, 1))),
        ("torch.sparse.sum", (A, 2)),
        ("torch.sparse.spdiags", (T(1, 4), T(1, dtype=INT), (4, 4))),
        ("torch.sparse_coo_tensor", (T(2, 3, dtype=INT), T(3), (5, 6))),
        ("torch.sparse_coo_tensor", (T(2, 3, dtype=INT), T(3, 7), (5, 6, 7))),
        ("torch.sparse_coo_tensor", (T(2, 3, dtype=INT), T(3, 7), (5, 6))),
        ("torch.sparse_coo_tensor", ((5, 6),)),
        ("torch.sparse_csr_tensor", (T(4, dtype=INT), T(0, dtype=INT), T(0), (3, 4))),
        ("torch.mm", (A, B)),
        ("torch.Tensor.t", (A,)),
        ("torch.Tensor.dequantize", (Quantised(2, 3),)),
        ("torch.dequantize", (Quantised(2, 3),)),
        ("torch.int_repr", (Quantised(2, 3),)),
        ("torch.quantized_max_pool2d", (Quantised(1, 2, 6, 6), 3, 2)),
        ("torch.quantized_max_pool1d", (Quantised(1, 2, 6), 2)),
    ],
    ids=str,
)
def test_layouts(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args, device="cpu")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.Tensor.indices", (A,)),
        ("torch.sparse_coo_tensor", (T(2, 3, dtype=INT), T(3, 7))),
    ],
    ids=str,
)
def test_what_depends_on_data(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args, device="cpu", unknown=True)


def csr(*sizes: int) -> T:
    class Compressed(T):
        """A matrix by its rows."""

        def real(self, device: str) -> torch.Tensor:
            return super().real(device).to_sparse_csr()

    return Compressed(*sizes)


@pytest.mark.parametrize(
    "args",
    [
        (csr(3, 5), T(3, 4), B),
        (csr(3, 5), T(3, 4), T(3, 5)),
        (csr(3, 5), T(2, 4), B),
        (csr(3, 4), T(3, 4), B),
        (csr(2, 3, 5), T(2, 3, 4), T(2, 4, 5)),
    ],
    ids=str,
)
def test_sampled(args: tuple[Any, ...]) -> None:
    judge_function("torch.sparse.sampled_addmm", args, device="cpu")
