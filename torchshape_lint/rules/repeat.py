"""Copies of the elements: repeat, tile and repeat_interleave."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, INDEX_SHAPE, REPEAT
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.given import behind, clear_size, functions_and_methods, given_sizes, size_of
from torchshape_lint.rules.needs import Derivation, Result, Rule, Undetermined, axis, holds, never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.view import Sized
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.values import Tensor as TensorValue
from torchshape_lint.verdicts import NO, decided, some


@shape_rule("torch.Tensor.repeat")
def repeat(input: Tensor, *repeats: object) -> Rule:
    """(a, b) -> (j*a, k*b); further repeats add axes in front"""
    times = given_sizes(repeats, input)
    if times is None or times.is_open:
        return Undetermined("how often is not known")
    shown = len(input.shape.sizes)
    yield holds(
        decided(shown <= len(times.sizes)),
        REPEAT,
        lambda: f"{input.name} has {shown} axes {input.shape}, but there are {len(times.sizes)} repeats {times}",
        expected=f"at least {shown}",
        actual=len(times.sizes),
        blocking=True,
    )
    return (yield from _repeated(input, times.sizes))


@shape_rule(*functions_and_methods("tile"))
def tile(input: Tensor, *dims: object) -> Rule:
    """(a, b) -> (j*a, k*b); missing ones count as 1, further ones add axes in front"""
    times = given_sizes(dims, input)
    if times is None or times.is_open:
        return Undetermined("how often is not known")
    missing = max(len(input.shape.sizes) - len(times.sizes), 0)
    if input.rank is None:
        return open_shape(*(yield from _repeated(input, (1,) * missing + times.sizes)))
    return (yield from _repeated(input, (1,) * missing + times.sizes))


def _repeated(x: Tensor, times: tuple[Size, ...]) -> Sized:
    if any(at_least(count, 0) is NO for count in times):
        yield never(ARGUMENT, f"{x.name} cannot be repeated {Shape(times)} times")
    sizes: list[Size] = []
    for k in range(-len(times), 0):
        have = x.shape.size(k)
        absent: Size = fresh() if x.rank is None else 1
        sizes.append(clear_size(times[k] * (absent if have is None else have)))
    return tuple(sizes)


@shape_rule(*functions_and_methods("repeat_interleave"))
def repeat_interleave(
    input: Tensor, repeats: object = None, dim: int | None = None, *, output_size: Size | None = None
) -> Rule:
    """(.., a, ..) -> (.., a*repeats, ..); without dim the axes are made one first"""
    if repeats is None:  # input says how often each index is to be repeated
        return Result((fresh() if output_size is None else output_size,), "int64")
    numel = input.shape.numel
    at = 0
    if dim is not None:
        if input.rank is None and dim >= 0:
            return behind(input, dim + 1)
        at = yield from axis(input, dim)
    whole: Size = (fresh() if numel is None else numel) if dim is None or input.rank == 0 else input[at].size
    if isinstance(repeats, TensorValue):
        yield from _fits(input, whole, input.facts.shape(repeats.shape))
    times = None if isinstance(repeats, TensorValue) else size_of(repeats, input)
    if times is not None and at_least(times, 0) is NO:
        yield never(ARGUMENT, f"{input.name} cannot be repeated {times} times")
    new = output_size if output_size is not None else fresh() if times is None else clear_size(whole * times)
    if times is not None:
        yield Derivation(lambda: f"{whole}*{times} = {new}")
    if dim is None or input.rank == 0:
        return (new,)
    sizes = input.shape.sizes
    at = at % len(sizes)
    return Shape((*sizes[:at], new, *sizes[at + 1 :]), input.shape.lead)


def _fits(x: Tensor, whole: Size, repeats: Shape) -> Rule:
    if repeats.rank == 1:
        (size,) = repeats.sizes
        yield holds(
            some((equal(size, whole), equal(size, 1))),
            INDEX_SHAPE,
            lambda: f"repeats has {size} elements, but {x.name} {x.shape} has {whole} to repeat",
            expected=whole,
            actual=size,
        )
    return None
