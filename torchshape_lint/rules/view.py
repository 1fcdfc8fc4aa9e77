"""view and reshape: other axes for the same elements, and what a -1 among them must be.

Knows nothing of strides: a view that torch refuses because of them is taken for good.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

from torchshape_lint.codes import ARGUMENT, NUMEL
from torchshape_lint.dims import Size, exact_quotient, floordiv, fresh, product
from torchshape_lint.proofs import at_least, divides, equal
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.dtypes import certain, complex_numbers
from torchshape_lint.rules.given import given_sizes
from torchshape_lint.rules.needs import Derivation, Need, Result, Rule, Undetermined, holds, never, rank_at_least, same
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, product_text
from torchshape_lint.values import External, Value
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict

Sized: TypeAlias = Generator[Need | Derivation, None, tuple[Size, ...]]

_BYTES = {
    "bool": 1, "int8": 1, "uint8": 1, "float16": 2, "bfloat16": 2, "int16": 2, "uint16": 2, "float32": 4, "int32": 4,
    "uint32": 4, "complex32": 4, "float64": 8, "int64": 8, "uint64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


@shape_rule("torch.Tensor.view", "torch.view_copy")
def view(input: Tensor, *size: object) -> Rule:
    """(a, b, ..) -> size; one -1 is what is left. With a dtype instead, the last axis holds the same bytes."""
    if len(size) == 1 and isinstance(size[0], External):
        return (yield from _as_dtype(input, dtype_of(size[0])))
    return (yield from _viewed(input, size))


@shape_rule("torch.Tensor.reshape", "torch.reshape")
def reshape(input: Tensor, *shape: object) -> Rule:
    """(a, b, ..) -> shape; one -1 is what is left"""
    return (yield from _viewed(input, shape))


@shape_rule("torch.Tensor.view_as", "torch.Tensor.reshape_as")
def view_as(input: Tensor, other: Tensor) -> Rule:
    """(a, b, ..), (c, d, ..) -> (c, d, ..)"""
    return (yield from _viewed(input, (other.shape,)))


@shape_rule("torch.view_as_complex", "torch.view_as_complex_copy")
def view_as_complex(input: Tensor) -> Rule:
    """(*, 2) -> (*)"""
    if input.dtype is not None and not input.dtype.startswith("float"):
        yield never(ARGUMENT, f"{input.name} is {input.dtype}, but must hold floats", actual=input.dtype)
    yield rank_at_least(input, 1)
    yield same(input[-1], Named(2, "the number of parts of a complex number"), NUMEL)
    return Result(input.shape.ending(1), None)


@shape_rule("torch.view_as_real", "torch.view_as_real_copy")
def view_as_real(input: Tensor) -> Rule:
    """(*) -> (*, 2)"""
    yield from complex_numbers(input)
    return Result(input.shape.ending(0, 2), None)


def _viewed(x: Tensor, given: tuple[Value, ...]) -> Rule:
    wanted = given_sizes(given, x)
    if wanted is None:
        return Undetermined("the new shape is not known")
    if x.shape.lead == wanted.lead:  # an unknown front that both have stays as it is
        front = wanted.lead
        sizes = yield from same_elements(x, x.shape.sizes, wanted.sizes, certain=front is None)
        folded = folding(x.shape.sizes, sizes) if front is None else None
        if folded and -1 in wanted.sizes and product_text(folded) != str(sizes[-1]):
            yield Derivation(lambda: f"{product_text(folded)} = {sizes[-1]}")
        if wanted.sizes.count(-1) == 1 and front is None:
            yield from _left(x.shape.sizes, sizes, wanted.sizes.index(-1))
        return Result(Shape(sizes, front), folded=folded)
    return Shape(tuple(fresh() if _may_be_inferred(size) else size for size in wanted.sizes), wanted.lead)


def _left(before: tuple[Size, ...], after: tuple[Size, ...], at: int) -> Generator[Derivation, None, None]:
    """What the other sizes leave for the one that is -1, unless it stands there anyway: an axis, or a product."""
    size, others = after[at], product(after[:at] + after[at + 1 :])
    if size in before or at == len(after) - 1 and folding(before, after) or others in (0, 1):
        return
    if product(after) == product(before):
        by = str(others) if str(others).isalnum() else f"({others})"
        yield Derivation(lambda: f"{product_text(before)}//{by} = {size}")


def same_elements(
    x: Tensor, axes: tuple[Size, ...], wanted: tuple[Size, ...], *, certain: bool = True, name: str = ""
) -> Sized:
    """``wanted`` with its -1 worked out, so that it holds as many elements as ``axes`` of ``x``.

    ``name``: what the axes are called, where they are not all of ``x``. With ``certain`` False a proof that they do
    not fit is none, because further axes of which one may be 0 stand in front of both.
    """

    def words() -> str:
        subject = name or f"{x.name} has {product(axes)} elements {x.shape}"
        text = f"{subject}, which cannot be viewed as {Shape(wanted, x.shape.lead if not certain else None)}"
        return f"{text}: {product(axes)} is no multiple of {product(known)}" if open_axes else text

    literal = [k for k, size in enumerate(wanted) if size == -1]
    if len(literal) > 1:
        yield never(NUMEL, f"only one size can be -1, but {x.name} is viewed as {Shape(wanted)}")
    # What may be negative may be -1; and when one number is missing it makes no difference whether it is.
    open_axes = literal or [k for k, size in enumerate(wanted) if _may_be_inferred(size)]
    known = tuple(size for k, size in enumerate(wanted) if k not in open_axes)
    if any(at_least(size, 0) is NO for size in known):
        yield never(NUMEL, f"{x.name} is viewed as {Shape(wanted)}, but a size cannot be negative")
    have, rest = _without_common(axes, known, bool(literal))
    if not open_axes:
        yield Need(
            _softened(equal(product(axes), product(known)), certain),
            NUMEL,
            words,
            expected=product(axes),
            actual=product(known),
            equate=(product(have), product(rest)) if certain else None,
        )
        return wanted
    verdict = _softened(_multiple(have, rest, bool(literal)), certain)
    yield holds(
        verdict,
        NUMEL,
        words,
        expected=product(axes),
        actual=product(known),
    )
    if len(open_axes) > 1 or verdict is NO:
        return tuple(fresh() if k in open_axes else size for k, size in enumerate(wanted))
    inferred = quotient(product(have), product(rest))
    return tuple(inferred if k in open_axes else size for k, size in enumerate(wanted))


def _may_be_inferred(size: Size) -> bool:
    return equal(size, -1) is not NO


def _softened(verdict: Verdict, certain: bool) -> Verdict:
    return MAYBE if verdict is NO and not certain else verdict


def _without_common(
    axes: tuple[Size, ...], known: tuple[Size, ...], inferring: bool
) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    """Both without the sizes that they share and that are not 0 (with a -1 torch allows no 0 at all)."""
    left, rest = list(axes), []
    for size in known:
        if size in left and (inferring or at_least(size, 1) is YES) and size != 0:
            left.remove(size)
        else:
            rest.append(size)
    return tuple(left), tuple(rest)


def _multiple(have: tuple[Size, ...], rest: tuple[Size, ...], inferring: bool) -> Verdict:
    """Do the known sizes leave a whole number for the one that is not known?"""
    verdict = divides(product(rest), product(have))
    both_may_be_0 = not inferring and equal(product(rest), 0) is not NO and equal(product(have), 0) is not NO
    return MAYBE if both_may_be_0 else verdict


def quotient(num: Size, den: Size) -> Size:
    """``num // den`` where that says something: the quotient of two polynomials is better forgotten."""
    exact = exact_quotient(num, den)
    if exact is not None:
        return exact
    if isinstance(den, int):
        return floordiv(num, den) if den else fresh()
    return floordiv(num, den) if len(den.terms) == 1 else fresh()


def folding(before: tuple[Size, ...], after: tuple[Size, ...]) -> tuple[Size, ...] | None:
    """The last axes of ``before`` whose product is the last one of ``after``, when there are several."""
    if not after:
        return None
    kept = len(after) - 1
    starts = [kept] if before[:kept] == after[:-1] else []
    for start in (*starts, *range(len(before) - 2, -1, -1)):
        part = before[start:]
        if len(part) > 1 and product(part) == after[-1]:
            return part
    return None


def _as_dtype(x: Tensor, dtype: str | None) -> Rule:
    old, new = _BYTES.get(certain(x) or ""), _BYTES.get(dtype or "")
    last = x.shape.size(-1)
    if old == new and old is not None:
        return Result(x.shape, dtype)
    if last is None:
        return Undetermined("the last axis of a view with another dtype is not known")
    if not old or not new:
        return Result(x.shape.ending(1, fresh()), dtype)
    yield holds(
        divides(new, last * old),
        NUMEL,
        lambda: f"last axis of {x.name} is {last}: {last * old} bytes cannot be viewed as {dtype} of {new}",
        actual=last,
    )
    return Result(x.shape.ending(1, floordiv(last * old, new)), dtype)
