"""What a tensor says of itself: size, shape, dim, numel, dtype; and what depends on its contents."""

from __future__ import annotations

from torchshape_lint.codes import NUMEL, RANK
from torchshape_lint.dims import fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.needs import Outcome, Plain, Result, Rule, Undetermined, axis, holds, never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.values import External
from torchshape_lint.verdicts import YES, decided


@shape_rule("torch.Tensor.size")
def size(input: Tensor, dim: int | None = None) -> Rule:
    """the sizes, or that of one axis"""
    if dim is None:
        return _sizes(input)
    if input.rank is None and dim >= 0:
        return Plain(fresh(f"{input.name}.size({dim})"))
    at = yield from axis(input, dim)
    if input.rank == 0:
        yield never(RANK, f"{input.name} has no axes, so no size({dim})")
    return Plain(input.shape.sizes[at])


@shape_rule("torch.Tensor.shape")
def shape(input: Tensor) -> Plain:
    """the sizes"""
    return _sizes(input)


def _sizes(x: Tensor) -> Plain:
    shape = x.shape
    return Plain(shape if shape.is_open else shape.sizes)


@shape_rule("torch.Tensor.dim", "torch.Tensor.ndimension", "torch.Tensor.ndim")
def dim(input: Tensor) -> Plain | Undetermined:
    """the number of axes"""
    return _or_unknown(input, input.rank)


@shape_rule("torch.Tensor.numel", "torch.Tensor.nelement", "torch.numel")
def numel(input: Tensor) -> Plain | Undetermined:
    """the number of elements"""
    return _or_unknown(input, input.shape.numel)


def _or_unknown(x: Tensor, value: object) -> Plain | Undetermined:
    return Undetermined(f"the rank of {x.name} is not known") if value is None else Plain(value)


@shape_rule("torch.Tensor.__len__")
def length(input: Tensor) -> Rule:
    """(a, ..) -> a"""
    if input.rank is None:
        return Plain(fresh(f"len({input.name})"))
    if not input.sizes:
        yield never(RANK, f"{input.name} has no axes, so no length")
    return Plain(input.sizes[0])


@shape_rule("torch.Tensor.dtype")
def dtype(input: Tensor) -> Outcome:
    """torch.float32, .."""
    return Plain(External(f"torch.{input.dtype}")) if input.dtype else Undetermined("the dtype is not known")


@shape_rule(
    "torch.Tensor.device",
    "torch.Tensor.is_cuda",
    "torch.Tensor.requires_grad",
    "torch.Tensor.grad_fn",
    "torch.Tensor.is_leaf",
    "torch.Tensor.is_contiguous",
    "torch.Tensor.stride",
    "torch.Tensor.data_ptr",
    "torch.Tensor.get_device",
    "torch.Tensor.numpy",
)
def elsewhere(input: Tensor, *args: object, **kwargs: object) -> Undetermined:
    """nothing about shapes"""
    return Undetermined("it is no matter of shapes")


@shape_rule(*(f"torch.Tensor.{name}" for name in ("item", "__bool__", "__int__", "__float__", "__index__")))
def item(input: Tensor) -> Rule:
    """() -> the only element"""
    numel = input.shape.numel
    if numel is not None:
        yield holds(
            decided(at_least(numel, 2) is not YES),
            NUMEL,
            lambda: f"{input.name} has {numel} elements {input.shape}, but exactly one is needed",
            expected=1,
            actual=numel,
        )
    return Undetermined("it depends on the contents of a tensor", data=True)


@shape_rule("torch.Tensor.tolist", "torch.equal", "torch.Tensor.equal", "torch.allclose", "torch.Tensor.allclose")
@shape_rule("torch.is_nonzero", "torch.Tensor.is_nonzero")
def contents(input: Tensor, *args: object, **kwargs: object) -> Undetermined:
    """what the elements are"""
    return Undetermined("it depends on the contents of a tensor", data=True)


@shape_rule("torch.Tensor.real", "torch.real", "torch.Tensor.imag", "torch.imag")
def part(input: Tensor) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)
