"""An axis of 1 made longer without copying: expand, expand_as and broadcast_to."""

from __future__ import annotations

from torchshape_lint.codes import BROADCAST, EXPAND
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import equal
from torchshape_lint.rules.given import clear_size, functions_and_methods, given_sizes
from torchshape_lint.rules.needs import Need, Plain, Rule, Undetermined, holds, never
from torchshape_lint.rules.operands import Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import Shape, broadcast_size
from torchshape_lint.values import Value
from torchshape_lint.verdicts import NO, YES, decided, some


@shape_rule("torch.Tensor.expand", "torch.expand_copy", *functions_and_methods("broadcast_to"))
def expand(input: Tensor, *size: object, implicit: object = False) -> Rule:
    """(1, b) -> (a, b); -1 keeps an axis, further axes are added in front"""
    return (yield from _expanded(input, size))


@shape_rule("torch.Tensor.expand_as")
def expand_as(input: Tensor, other: Tensor) -> Rule:
    """(1, b), (a, b) -> (a, b)"""
    return (yield from _expanded(input, (other.shape,)))


def _expanded(x: Tensor, given: tuple[Value, ...]) -> Rule:
    wanted = given_sizes(given, x)
    if wanted is None:
        return Undetermined("the new shape is not known")
    yield holds(
        decided(wanted.is_open or len(x.shape.sizes) <= len(wanted.sizes)),
        EXPAND,
        lambda: f"{x.name} has {len(x.shape.sizes)} axes {x.shape}, more than {wanted}",
        expected=str(x.shape),
        actual=str(wanted),
        blocking=True,
    )
    count = len(wanted.sizes)
    sizes: list[Size] = []
    for k in range(-count, 0):
        size, have = wanted.sizes[k], x.shape.size(k)
        if have is None:  # an axis in front, or one of which nothing is known
            if size == -1 and not x.shape.is_open and not wanted.is_open:
                yield never(EXPAND, f"-1 stands for axis {k} of {x.name}, which is not there: it is {x.shape}")
            sizes.append(clear_size(size))
            continue
        yield _expandable(x, k, have, size, wanted)
        sizes.append(_size(have, size))
    return Shape(tuple(sizes), wanted.lead)


def _expandable(x: Tensor, k: int, have: Size, size: Size, wanted: Shape) -> Need:
    equate = (have, size) if equal(have, 1) is NO and equal(size, -1) is NO else None
    return Need(
        some((equal(have, size), equal(have, 1), equal(size, -1))),
        EXPAND,
        lambda: f"axis {k} of {x.name} is {have}, which cannot be expanded to {size}: {x.shape} to {wanted}",
        expected=have,
        actual=size,
        equate=equate,
    )


def _size(have: Size, size: Size) -> Size:
    if equal(size, -1) is YES or equal(have, 1) is NO:
        return have
    return size if equal(size, -1) is NO else fresh()


@shape_rule("torch.broadcast_shapes")
def broadcast_shapes(*shapes: object) -> Rule:
    """sizes, sizes, .. -> the sizes that tensors of these sizes have together"""
    given = [given_sizes((shape,)) for shape in shapes]
    if any(shape is None or shape.is_open for shape in given):
        return Undetermined("the shapes are not known")
    result: tuple[Size, ...] = ()
    for sizes in (shape.sizes for shape in given if shape is not None):
        width = max(len(result), len(sizes))
        a, b = ((1,) * (width - len(part)) + part for part in (result, sizes))
        joined = [broadcast_size(p, q) for p, q in zip(a, b, strict=True)]
        for k, (verdict, _) in enumerate(joined):
            yield holds(
                verdict,
                BROADCAST,
                lambda p=a[k], q=b[k], k=k - width: f"{p} against {q} at axis {k} cannot be broadcast",  # type: ignore[misc]
                expected=a[k],
                actual=b[k],
            )
        result = tuple(size for _, size in joined)
    return Plain(result)
