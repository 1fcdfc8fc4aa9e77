"""Pooling to a size that the author names: adaptive and fractional."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, WINDOW
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtypes import same_dtype
from torchshape_lint.rules.needs import Constructing, Construction, Derivation, Need, Rule, holds, never, rank_at_least
from torchshape_lint.rules.operands import PerAxis, Tensor
from torchshape_lint.rules.pool import DIMS, with_indices
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, at_least_each, scaled, spatial, unbatched_or_not
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Unknown, is_size
from torchshape_lint.verdicts import NO


@layer("torch.nn.AdaptiveAvgPool{n}d", n=DIMS)
def adaptive_avg_pool_layer(output_size: object) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.AdaptiveMaxPool{n}d", n=DIMS)
def adaptive_max_pool_layer(output_size: object, return_indices: object = False) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.AdaptiveAvgPool{n}d", n=DIMS)
def adaptive_avg_pool(input: Tensor, *, output_size: object, n: int) -> Rule:
    """(n, c, *size) -> (n, c, *output_size)"""
    return (yield from adaptive(input, output_size, n, mean=n > 1))


@shape_rule("torch.nn.functional.adaptive_avg_pool{n}d", n=DIMS)
@shape_rule("torch.adaptive_avg_pool{n}d", n=(1,))
def functional_adaptive_avg_pool(input: Tensor, output_size: object, *, n: int) -> Rule:
    """(n, c, *size) -> (n, c, *output_size)"""
    return (yield from adaptive(input, output_size, n, mean=n > 1))


@shape_rule("torch.nn.AdaptiveMaxPool{n}d", n=DIMS)
def adaptive_max_pool(input: Tensor, *, output_size: object, return_indices: bool, n: int) -> Rule:
    """(n, c, *size) -> (n, c, *output_size), twice with return_indices"""
    return with_indices((yield from adaptive(input, output_size, n)), return_indices)


@shape_rule("torch.nn.functional.adaptive_max_pool{n}d", n=DIMS)
def functional_adaptive_max_pool(input: Tensor, output_size: object, return_indices: bool = False, *, n: int) -> Rule:
    """(n, c, *size) -> (n, c, *output_size), twice with return_indices"""
    return with_indices((yield from adaptive(input, output_size, n)), return_indices)


@shape_rule("torch.nn.functional.adaptive_max_pool{n}d_with_indices", n=DIMS)
@shape_rule("torch.adaptive_max_pool{n}d", n=(1,))
def adaptive_max_pool_with_indices(
    input: Tensor, output_size: object, return_indices: object = False, *, n: int
) -> Rule:
    """(n, c, *size) -> (n, c, *output_size) twice"""
    return with_indices((yield from adaptive(input, output_size, n)), True)


def adaptive(
    x: Tensor, output_size: object, n: int, *, mean: bool = False
) -> Generator[Need | Derivation, None, Shape]:
    """Any size becomes the wanted one; None keeps an axis. To 1 torch simply takes the ``mean``, of any rank."""
    items = (
        (output_size,) * n if is_size(output_size) or isinstance(output_size, Unknown) else sequence_items(output_size)
    )
    if items is None:
        items = (Unknown("output_size is no size"),) * n
    if len(items) != n and not (n == 1 and len(items) == 1):
        yield never(ARGUMENT, f"output_size has {len(items)} sizes, but {n} are needed", actual=len(items))
    if mean and not any(is_size(item) and equal(item, 1) is NO for item in items):  # type: ignore[arg-type]
        yield rank_at_least(x, n if is_size(output_size) else n + 1)  # a tuple is compared with the rank first
    else:
        yield from unbatched_or_not(x, n)
    sizes: list[Size] = []
    for k, item in zip(range(-n, 0), items, strict=True):
        size: Size = x.shape.sizes[k] if item is None else item if is_size(item) else fresh()  # type: ignore[assignment]
        yield from at_least_each((size,), 0, "output_size")
        sizes.append(size)
    return x.shape.ending(n, *sizes)


@layer("torch.nn.FractionalMaxPool{n}d", n=(2, 3))
def fractional_max_pool_layer(
    kernel_size: PerAxis,
    output_size: PerAxis | Unknown | None = None,
    output_ratio: object = None,
    return_indices: object = False,
    _random_samples: object = None,
    *,
    n: int,
) -> Constructing:
    """Exactly one of output_size and output_ratio."""
    yield from _one_of(output_size, output_ratio, n)
    return Construction()


@shape_rule("torch.nn.FractionalMaxPool{n}d", n=(2, 3))
def fractional_max_pool(
    input: Tensor,
    *,
    kernel_size: PerAxis,
    output_size: PerAxis | Unknown | None,
    output_ratio: object,
    return_indices: bool,
    _random_samples: Tensor | None = None,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *output_size), twice with return_indices"""
    yield from same_dtype(input, _random_samples)
    shape = yield from fractional(input, kernel_size, output_size, output_ratio, n)
    return with_indices(shape, return_indices)


@shape_rule("torch.nn.functional.fractional_max_pool{n}d", n=(2, 3))
def functional_fractional_max_pool(
    input: Tensor,
    kernel_size: PerAxis,
    output_size: PerAxis | Unknown | None = None,
    output_ratio: object = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *output_size), twice with return_indices"""
    yield from same_dtype(input, _random_samples)
    shape = yield from fractional(input, kernel_size, output_size, output_ratio, n)
    return with_indices(shape, return_indices)


@shape_rule("torch.nn.functional.fractional_max_pool{n}d_with_indices", n=(2, 3))
def fractional_max_pool_with_indices(
    input: Tensor,
    kernel_size: PerAxis,
    output_size: PerAxis | Unknown | None = None,
    output_ratio: object = None,
    return_indices: object = False,
    _random_samples: Tensor | None = None,
    *,
    n: int,
) -> Rule:
    """(n, c, *size) -> (n, c, *output_size), twice"""
    yield from same_dtype(input, _random_samples)
    return with_indices((yield from fractional(input, kernel_size, output_size, output_ratio, n)), True)


def _one_of(output_size: object, output_ratio: object, n: int) -> Needs:
    if output_size is None and output_ratio is None:
        yield never(ARGUMENT, "neither output_size nor output_ratio is given")
    for ratio in _ratios(output_ratio, n):
        if isinstance(ratio, (int, float)) and not 0 < ratio < 1:
            yield never(ARGUMENT, f"output_ratio is {ratio}, but must lie between 0 and 1")


def _ratios(output_ratio: object, n: int) -> tuple[object, ...]:
    return sequence_items(output_ratio) or (output_ratio,) * n


def fractional(
    x: Tensor, kernel: PerAxis, output_size: PerAxis | Unknown | None, output_ratio: object, n: int
) -> Generator[Need | Derivation, None, Shape]:
    """Windows at random places: as many as asked for, if they fit without overlapping more than they must."""
    yield from unbatched_or_not(x, n)
    yield from _one_of(output_size, output_ratio, n)
    if output_size is None:
        ratios = _ratios(output_ratio, n)
        sizes = tuple(scaled(x.shape.sizes[k], ratio) for k, ratio in zip(range(-n, 0), ratios, strict=False))
    else:
        sizes = (fresh(),) * n if isinstance(output_size, Unknown) else output_size
    for size, window, k in zip(sizes, kernel, range(-n, 0), strict=False):
        found = spatial(x, k)
        yield holds(
            at_least(found.size, size + window - 1 + (n == 3)),  # in three dimensions torch wants one more
            WINDOW,
            lambda f=found, s=size, w=window: (  # type: ignore[misc]
                f"{f.name} is {f.size}, but output_size {s} with kernel_size {w} needs {s + w - 1 + (n == 3)}"
            ),
            actual=found.size,
        )
    return x.shape.ending(n, *sizes)
