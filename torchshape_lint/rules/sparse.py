"""Sparse tensors: the same shape in another layout, products with them, and their parts, whose length is data."""

from __future__ import annotations

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT, MATMUL
from torchshape_lint.dims import fresh
from torchshape_lint.rules.broadcasting import has_axis
from torchshape_lint.rules.create import data_shape, sized
from torchshape_lint.rules.dtypes import asked, promoted
from torchshape_lint.rules.given import functions_and_methods, given_sizes
from torchshape_lint.rules.matmul import addmm, mm
from torchshape_lint.rules.needs import Result, Rule, Undetermined, holds, rank_at_least, same
from torchshape_lint.rules.operands import Ints, Tensor
from torchshape_lint.rules.reduce import reduced
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, same_shape
from torchshape_lint.values import Value
from torchshape_lint.verdicts import decided

_PARTS = ("values", "crow_indices", "col_indices", "ccol_indices", "row_indices")


@shape_rule(
    *(f"torch.Tensor.to_{layout}" for layout in "sparse sparse_coo sparse_csr sparse_csc mkldnn".split()),
    *(f"torch.Tensor.to_sparse_{layout}" for layout in ("bsr", "bsc")),
    "torch.Tensor.coalesce",
)
def to_sparse(input: Tensor, *how: object, **options: object) -> Result:
    """(*) -> (*)"""
    return Result(input.shape)


@shape_rule("torch.Tensor.sparse_mask")
def sparse_mask(input: Tensor, mask: Tensor) -> Rule:
    """(*), (*) -> (*)"""
    yield holds(
        same_shape(input.shape, mask.shape),
        ARGUMENT,
        lambda: f"{mask.name} is {mask.shape}, but {input.name} is {input.shape}",
        expected=str(input.shape),
        actual=str(mask.shape),
    )
    return Result(input.shape)


@shape_rule("torch.Tensor.sparse_resize_", "torch.Tensor.sparse_resize_and_clear_")
def sparse_resize_(input: Tensor, size: object, sparse_dim: object, dense_dim: object) -> Rule:
    """sizes -> sizes"""
    return (yield from sized((size,), input.dtype))


@shape_rule(*functions_and_methods("resize_as_sparse_"))
def resize_as_sparse_(input: Tensor, the_template: Tensor) -> Shape:
    """(a..), (b..) -> (b..)"""
    return the_template.shape


@shape_rule("torch.Tensor.indices", "torch.indices_copy")
def indices(input: Tensor) -> Result:
    """as many rows as sparse axes, a column for each element that is there"""
    return Result((fresh(), fresh("nnz", 0)), "int64")


@shape_rule(*(f"torch.Tensor.{part}" for part in _PARTS), *(f"torch.{part}_copy" for part in _PARTS))
def parts(input: Tensor) -> Undetermined:
    """what is there"""
    return Undetermined("it depends on which elements are there", data=True)


@shape_rule("torch.sparse_coo_tensor")
def sparse_coo_tensor(
    indices: object, values: object = None, size: object = None, *, dtype: object = None, is_coalesced: object = None
) -> Rule:
    """(k, nnz), (nnz, d..), (*size) -> (*size); without values the first argument is the size"""
    if values is None:
        return (yield from sized((indices,), asked(dtype, None)))
    places, given = _shape(indices), _shape(values)
    if size is None:
        if places is None or given is None or places.rank != 2 or given.is_open or not isinstance(places.sizes[0], int):
            return Undetermined("it depends on the largest indices", data=True)
        return Result((*(fresh() for _ in range(places.sizes[0])), *given.sizes[1:]), None)
    wanted = given_sizes((size,))
    if wanted is not None and wanted.rank is not None and places is not None and given is not None and given.rank:
        if places.rank == 2 and isinstance(places.sizes[0], int):
            axes = places.sizes[0] + given.rank - 1
            yield holds(
                decided(wanted.rank == axes),
                ARGUMENT,
                lambda: f"size is {wanted}, but indices {places} and values {given} make {axes} axes",
                expected=axes,
                actual=wanted.rank,
            )
    return (yield from sized((size,), asked(dtype, None)))


def _shape(given: Value) -> Shape | None:
    return given.shape if isinstance(given, values.Tensor) else data_shape(given)


@shape_rule(*(f"torch.sparse_{layout}_tensor" for layout in ("csr", "csc", "bsr", "bsc")))
def sparse_csr_tensor(
    compressed_indices: object, plain_indices: object, values: object, size: object = None, *, dtype: object = None
) -> Rule:
    """(*size) -> (*size)"""
    if size is None:
        return Undetermined("it depends on the largest indices", data=True)
    return (yield from sized((size,), asked(dtype, None)))


@shape_rule("torch.sparse_compressed_tensor")
def sparse_compressed_tensor(
    compressed_indices: object, plain_indices: object, values: object, size: object = None, *, dtype: object = None
) -> Rule:
    """(*size) -> (*size)"""
    if size is None:
        return Undetermined("it depends on the largest indices", data=True)
    return (yield from sized((size,), asked(dtype, None)))


@shape_rule("torch.sparse.spdiags")
def spdiags(diagonals: object, offsets: object, shape: object, layout: object = None) -> Rule:
    """(k, n), (k,), shape -> shape"""
    return (yield from sized((shape,), None))


@shape_rule("torch.sparse.mm")
def sparse_mm(sparse: Tensor, dense: Tensor, reduce: object = None) -> Rule:
    """(n, k), (k, m) -> (n, m)"""
    return (yield from mm(sparse, dense))


@shape_rule(*functions_and_methods("smm"), "torch.spmm", "torch.dsmm", "torch.hspmm", "torch.hsmm")
def smm(input: Tensor, mat2: Tensor) -> Rule:
    """(n, k), (k, m) -> (n, m)"""
    return (yield from mm(input, mat2))


@shape_rule("torch.sparse.addmm", *functions_and_methods("sspaddmm"), "torch.saddmm")
def sparse_addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: object = 1, alpha: object = 1) -> Rule:
    """(n, m), (n, k), (k, m) -> (n, m)"""
    return (yield from addmm(input, mat1, mat2))


@shape_rule("torch.sparse.sampled_addmm")
def sampled_addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: object = 1.0, alpha: object = 1.0) -> Rule:
    """(.., n, m), (.., n, k), (.., k, m) -> (.., n, m)"""
    for x in (input, mat1, mat2):
        yield rank_at_least(x, 2)
    yield same(mat1[-1], mat2[-2], MATMUL)
    yield same(input[-2], mat1[-2], MATMUL)
    yield same(input[-1], mat2[-1], MATMUL)
    return Result(input.shape, promoted(input, mat1, mat2))


@shape_rule("torch.sparse.softmax", "torch.sparse.log_softmax")
def sparse_softmax(input: Tensor, dim: int, *, dtype: object = None) -> Rule:
    """(*) -> (*)"""
    yield from has_axis(input, dim)
    return Result(input.shape, asked(dtype))


@shape_rule("torch.sparse.sum")
def sparse_sum(input: Tensor, dim: Ints | None = None, dtype: object = None) -> Rule:
    """(.., a, ..) -> (.., ..)"""
    return Result((yield from reduced(input, dim, False)), None)


@shape_rule("torch.sparse.spsolve")
def spsolve(input: Tensor, other: Tensor, *, left: object = True) -> Result:
    """(n, n), (n,) -> (n,)"""
    return Result(other.shape)


@shape_rule(*(f"torch.Tensor.{name}" for name in ("sparse_dim", "dense_dim", "is_coalesced")))
def layout(input: Tensor) -> Undetermined:
    """how it is stored"""
    return Undetermined("it depends on how the tensor is stored")
