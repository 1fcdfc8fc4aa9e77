"""What a tensor says of itself: size, shape, dim, numel, dtype; and what depends on its contents."""

from __future__ import annotations

from torchshape_lint.codes import NUMEL, RANK
from torchshape_lint.dims import fresh
from torchshape_lint.proofs import at_least
from torchshape_lint.rules.dtypes import certain, complex_numbers
from torchshape_lint.rules.given import functions_and_methods
from torchshape_lint.rules.needs import Outcome, Plain, Result, Rule, Undetermined, axis, holds, never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import same_shape
from torchshape_lint.values import External
from torchshape_lint.verdicts import MAYBE, YES, decided

_OF_STORAGE = """
const_data_ptr dim_order storage storage_offset storage_type untyped_storage is_pinned is_shared is_set_to
element_size itemsize nbytes
""".split()


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
    dtype = certain(input)
    return Plain(External(f"torch.{dtype}")) if dtype else Undetermined("the dtype is not known")


@shape_rule("torch.is_complex", "torch.Tensor.is_complex")
def is_complex(input: Tensor) -> Plain | Undetermined:
    """has it an imaginary part?"""
    return Undetermined("the dtype is not known") if input.dtype is None else Plain(input.dtype.startswith("complex"))


@shape_rule("torch.is_signed", "torch.Tensor.is_signed")
def is_signed(input: Tensor) -> Plain | Undetermined:
    """can it hold negative numbers?"""
    if input.dtype is None:
        return Undetermined("the dtype is not known")
    return Plain(not input.dtype.startswith(("uint", "bool")))


@shape_rule("torch.is_same_size", "torch.Tensor.is_same_size")
def is_same_size(input: Tensor, other: Tensor) -> Plain | Undetermined:
    """are the shapes equal?"""
    verdict = same_shape(input.shape, other.shape)
    return Undetermined("the sizes are not known") if verdict is MAYBE else Plain(verdict is YES)


@shape_rule(
    "torch.Tensor.device",
    "torch.Tensor.is_cuda",
    "torch.Tensor.requires_grad",
    "torch.Tensor.grad_fn",
    "torch.Tensor.is_leaf",
    "torch.Tensor.is_contiguous",
    "torch.Tensor.stride",
    "torch.Tensor.data_ptr",
    "torch.Tensor.numpy",
    *functions_and_methods("get_device", "is_conj", "is_neg", "is_inference", "is_distributed"),
    *(f"torch.Tensor.{name}" for name in _OF_STORAGE),
)
def elsewhere(input: Tensor, *args: object, **kwargs: object) -> Undetermined:
    """nothing about shapes"""
    return Undetermined("it is no matter of shapes")


@shape_rule(
    "torch.Tensor.item",
    "torch.is_nonzero",
    "torch.Tensor.is_nonzero",
    *(f"torch.Tensor.__{name}__" for name in "bool nonzero int long float complex index".split()),
)
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
def contents(input: Tensor, *args: object, **kwargs: object) -> Undetermined:
    """what the elements are"""
    return Undetermined("it depends on the contents of a tensor", data=True)


@shape_rule("torch.Tensor.real", "torch.real")
def part(input: Tensor) -> Result:
    """(*) -> (*)"""
    return Result(input.shape, None)


@shape_rule("torch.Tensor.imag", "torch.imag")
def imaginary_part(input: Tensor) -> Rule:
    """(*) -> (*)"""
    yield from complex_numbers(input)
    return Result(input.shape, None)
