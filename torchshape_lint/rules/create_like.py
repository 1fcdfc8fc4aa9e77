"""New tensors made after another one: zeros_like, new_zeros, normal, multinomial."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, DTYPE, REDUCE
from torchshape_lint.dims import Size
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.broadcasting import together
from torchshape_lint.rules.create import constructed, data_shape, sized
from torchshape_lint.rules.dtypes import asked, is_integer
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Outcome, Result, Rule, Undetermined, holds, never, rank
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.verdicts import NO


@shape_rule(*(f"torch.{name}_like" for name in ("zeros", "ones", "empty", "rand", "randn")))
def like(input: Tensor, *, dtype: object = None) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, asked(dtype))


@shape_rule("torch.full_like")
def full_like(input: Tensor, fill_value: object, *, dtype: object = None) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, asked(dtype))


@shape_rule("torch.randint_like")
def randint_like(input: Tensor, low: object = None, high: object = None, *, dtype: object = None) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, asked(dtype))


@shape_rule("torch.Tensor.new_zeros", "torch.Tensor.new_ones", "torch.Tensor.new_empty")
def new_filled(input: Tensor, *size: object, dtype: object = None) -> Rule:
    """size -> size, of the same dtype"""
    return (yield from sized(size, asked(dtype, input.dtype)))


@shape_rule("torch.Tensor.new_full")
def new_full(input: Tensor, size: object, fill_value: object, *, dtype: object = None) -> Rule:
    """size -> size, of the same dtype"""
    return (yield from sized((size,), asked(dtype, input.dtype)))


@shape_rule("torch.Tensor.new_tensor")
def new_tensor(input: Tensor, data: object, *, dtype: object = None) -> Outcome:
    """nested numbers -> one axis for each level, of the same dtype"""
    shape = data_shape(data)
    return Undetermined("the data are not known") if shape is None else Result(shape, asked(dtype, None))


@shape_rule("torch.Tensor.new")
def new(input: Tensor, data: object = None, *sizes: object) -> Rule:
    """sizes -> sizes, or nested lists -> one axis for each level; of the same dtype"""
    return (yield from constructed(data, sizes, input.dtype))


@shape_rule("torch.normal")
def normal(mean: Tensor | float, std: Tensor | float = 1.0, size: object = None) -> Rule:
    """mean and std broadcast together, or size"""
    if size is not None:
        return (yield from sized((size,), "float32"))
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not tensors:
        return Undetermined("the sizes are not known")
    return Result((yield from together(*tensors)), tensors[0].dtype)


_MOST_CATEGORIES = 2**24


@shape_rule(*functions_and_methods("multinomial"))
def multinomial(input: Tensor, num_samples: Size, replacement: bool = False, *, out: Tensor | None = None) -> Rule:
    """(c) or (n, c) -> (num_samples) or (n, num_samples), int64"""
    yield rank(input, 1, 2)
    if input.dtype == "bool" or is_integer(input.dtype):
        yield never(ARGUMENT, f"{input.name} is {input.dtype}, but must be floats", actual=input.dtype)
    if out is not None and out.dtype not in (None, "int64"):
        yield never(DTYPE, f"{out.name} is {out.dtype}, but must be int64", expected="int64", actual=out.dtype)
    if at_least(_MOST_CATEGORIES, input[-1].size) is NO:
        yield never(ARGUMENT, f"{input[-1].name} is {input[-1].size}, more than 2**24 categories")
    yield holds(at_least(num_samples, 1), ARGUMENT, lambda: f"num_samples is {num_samples}, but must be at least 1")
    if not replacement:
        yield holds(
            at_least(input[-1].size, num_samples),
            REDUCE,
            lambda: f"num_samples is {num_samples}, but {input[-1].name} is {input[-1].size}",
            expected=f"at most {input[-1].size}",
            actual=num_samples,
        )
    return Result((*input.sizes[:-1], num_samples), "int64")
