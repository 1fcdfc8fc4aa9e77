"""Products of groups of matrices that stand one behind the other (torch.nn.functional.grouped_mm)."""

from __future__ import annotations

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT, BATCH, MATMUL
from torchshape_lint.rules.needs import Result, Rule, Undetermined, never, rank, same
from torchshape_lint.rules.operands import Dtype, Tensor
from torchshape_lint.rules.registry import shape_rule


@shape_rule("torch.nn.functional.grouped_mm")
def grouped_mm(
    mat_a: Tensor, mat_b: Tensor, *, offs: object = None, bias: object = None, out_dtype: Dtype = None
) -> Rule:
    """(m, k), (g, k, n), (g,) -> (m, n); (g, m, k), (g, k, n) -> (g, m, n); (m, k), (k, n), (g,) -> (g, m, n)"""
    yield rank(mat_a, 2, 3)
    yield rank(mat_b, 2, 3)
    flat = mat_a.rank == 2 or mat_b.rank == 2
    if offs is None and flat:
        yield never(ARGUMENT, "offs must be given where a matrix has 2 axes")
    if isinstance(offs, values.Tensor) and not flat:
        yield never(ARGUMENT, "offs cannot be given where both matrices have 3 axes")
    if mat_a.rank == 3 or mat_b.rank == 3:
        yield same(mat_b[-2], mat_a[-1], MATMUL)
    if not flat:
        yield same(mat_b[0], mat_a[0], BATCH)
        return Result((*mat_a.sizes[:2], mat_b.sizes[2]), out_dtype or mat_a.dtype)
    if not isinstance(offs, values.Tensor):
        return Undetermined("offs is not known")
    groups = Tensor(offs.shape, "offs", mat_a.facts, offs.dtype)
    yield rank(groups, 1)
    for x in (mat_a, mat_b):
        if x.rank == 3:
            yield same(x[0], groups[0], BATCH)
    front = groups.sizes if mat_a.rank == mat_b.rank else ()
    return Result((*front, mat_a.sizes[-2], mat_b.sizes[-1]), out_dtype or mat_a.dtype)
