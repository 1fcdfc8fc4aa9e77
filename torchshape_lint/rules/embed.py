"""Embedding tables: indices in, rows out. Values of indices are not looked at, floating indices are refused."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, WEIGHT
from torchshape_lint.dims import Poly, Size, fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.dtypes import is_floating, is_integer
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Need,
    Result,
    Rule,
    holds,
    never,
    not_less,
    rank,
)
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, reread, shape_rule
from torchshape_lint.shapes import Shape, same_shape

Steps = Generator[Need | Derivation, None, None]


def indices(x: Tensor) -> Steps:
    """``x`` must hold integers, where its dtype is known."""
    if is_floating(x.dtype) or x.dtype == "bool":
        yield never(ARGUMENT, f"{x.name} is {x.dtype}, but indices must be integers", expected="int64", actual=x.dtype)


def _padding(padding_idx: object, count: Size) -> Steps:
    if isinstance(padding_idx, int):
        within = at_least(count, padding_idx + 1 if padding_idx >= 0 else -padding_idx)
        words = f"padding_idx is {padding_idx}, but num_embeddings is {count}"
        yield holds(within, ARGUMENT, lambda: words, expected=f"less than {count}", actual=padding_idx)


@layer("torch.nn.Embedding")
def embedding_layer(
    num_embeddings: Named,
    embedding_dim: Named,
    padding_idx: Size | None = None,
    max_norm: object = None,
    norm_type: object = 2.0,
    scale_grad_by_freq: object = False,
    sparse: object = False,
    _weight: Tensor | None = None,
    _freeze: object = False,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (num_embeddings, embedding_dim)"""
    yield from _table(num_embeddings, embedding_dim, _weight)
    yield from _padding(padding_idx, num_embeddings.size)
    return Construction({"weight": (num_embeddings.size, embedding_dim.size)})


def _table(num_embeddings: Named, embedding_dim: Named, weight: Tensor | None) -> Steps:
    yield not_less(num_embeddings, 0, ARGUMENT)
    yield not_less(embedding_dim, 0, ARGUMENT)
    if weight is not None and weight.rank is not None:
        wanted = Shape((num_embeddings.size, embedding_dim.size))
        yield holds(
            same_shape(weight.shape, wanted),
            WEIGHT,
            lambda: f"_weight is {weight.shape}, but the table is {wanted}",
            expected=str(wanted),
            actual=str(weight.shape),
        )


@reread("torch.nn.Embedding", "torch.nn.EmbeddingBag")
def embedding_weight(parameters: dict[str, Shape]) -> dict[str, object]:
    weight = parameters["weight"]
    return {"num_embeddings": weight.size(-2), "embedding_dim": weight.size(-1)} if weight.rank == 2 else {}


@shape_rule("torch.nn.Embedding")
def embedding(input: Tensor, *, embedding_dim: Named, weight: Tensor | None = None) -> Rule:
    """(*) -> (*, embedding_dim)"""
    yield from indices(input)
    if weight is not None:
        yield Derivation(lambda: f"weight {weight.shape}")
    return Result(input.shape.ending(0, embedding_dim.size), weight.dtype if weight else None)


@shape_rule("torch.nn.functional.embedding")
def functional_embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: object = None,
    max_norm: object = None,
    norm_type: object = 2.0,
    scale_grad_by_freq: object = False,
    sparse: object = False,
) -> Rule:
    """(*), (count, dim) -> (*, dim)"""
    yield from indices(input)
    yield rank(weight, 2)
    yield from _padding(padding_idx, weight.sizes[0])
    return Result(input.shape.ending(0, weight.sizes[1]), weight.dtype)


@layer("torch.nn.EmbeddingBag")
def embedding_bag_layer(
    num_embeddings: Named,
    embedding_dim: Named,
    max_norm: object = None,
    norm_type: object = 2.0,
    scale_grad_by_freq: object = False,
    mode: object = "mean",
    sparse: object = False,
    _weight: Tensor | None = None,
    include_last_offset: object = False,
    padding_idx: Size | None = None,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (num_embeddings, embedding_dim)"""
    yield from _table(num_embeddings, embedding_dim, _weight)
    yield from _padding(padding_idx, num_embeddings.size)
    return Construction({"weight": (num_embeddings.size, embedding_dim.size)})


@shape_rule("torch.nn.EmbeddingBag")
def embedding_bag(
    input: Tensor,
    offsets: Tensor | None = None,
    per_sample_weights: Tensor | None = None,
    *,
    embedding_dim: Named,
    weight: Tensor | None = None,
    include_last_offset: bool = False,
) -> Rule:
    """(n, k) -> (n, embedding_dim), or (k,) with offsets (n,)"""
    bags = yield from _bags(input, offsets, per_sample_weights, include_last_offset)
    return Result((bags, embedding_dim.size), weight.dtype if weight else None)


@shape_rule("torch.nn.functional.embedding_bag")
def functional_embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: object = None,
    norm_type: object = 2,
    scale_grad_by_freq: object = False,
    mode: object = "mean",
    sparse: object = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: object = None,
) -> Rule:
    """(n, k), (count, dim) -> (n, dim), or (k,) with offsets (n,)"""
    if is_floating(input.dtype) and is_integer(weight.dtype):
        input, weight = weight, input  # the order of long ago, which torch still takes
    yield rank(weight, 2)
    bags = yield from _bags(input, offsets, per_sample_weights, include_last_offset)
    return Result((bags, weight.sizes[1]), weight.dtype)


def _bags(
    input: Tensor, offsets: Tensor | None, weights: Tensor | None, include_last: bool
) -> Generator[Need | Derivation, None, Size]:
    yield from indices(input)
    yield rank(input, 1, 2)
    if weights is not None:
        yield holds(
            same_shape(weights.shape, input.shape),
            WEIGHT,
            lambda: f"per_sample_weights is {weights.shape}, but {input.name} is {input.shape}",
        )
    if input.rank == 2 and offsets is not None:
        yield never(ARGUMENT, f"{input.name} has 2 axes {input.shape}: each row is a bag, and offsets must be left out")
    if input.rank == 2 or offsets is None:
        return input.sizes[0] if input.rank == 2 else fresh("bags", 0)
    yield rank(offsets, 1)
    return offsets.sizes[0] - 1 if include_last else offsets.sizes[0]


@shape_rule("torch.nn.functional.one_hot")
def one_hot(tensor: Tensor, num_classes: object = -1) -> Rule:
    """(*) -> (*, num_classes)"""
    if tensor.dtype not in (None, "int64"):
        yield never(ARGUMENT, f"{tensor.name} is {tensor.dtype}, but class numbers must be int64")
    given = isinstance(num_classes, (int, Poly)) and num_classes != -1
    classes: Size = num_classes if given else fresh("num_classes", 0)  # type: ignore[assignment]
    return Result(tensor.shape.ending(0, classes), "int64")
