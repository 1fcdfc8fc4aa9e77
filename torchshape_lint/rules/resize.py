"""Pictures made larger or smaller: interpolate and its layers, sampling on a grid."""

from __future__ import annotations

from collections.abc import Generator

from torchshape_lint.codes import ARGUMENT, BATCH, INDEX_SHAPE, WINDOW
from torchshape_lint.dims import Size, fresh
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.needs import Construction, Derivation, Need, Rule, never, not_less, rank, same
from torchshape_lint.rules.operands import Named, Sizes, Tensor
from torchshape_lint.rules.registry import layer, shape_rule
from torchshape_lint.rules.window import Needs, at_least_each, bracketed, scaled, spatial
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Unknown
from torchshape_lint.verdicts import NO

# The ranks that a mode takes; others (also those of a later torch) take any.
_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "lanczos": (4,), "trilinear": (5,)}


@layer("torch.nn.Upsample")
def upsample_layer(
    size: object = None,
    scale_factor: object = None,
    mode: object = "nearest",
    align_corners: object = None,
    recompute_scale_factor: object = None,
) -> Construction:
    """Nothing to learn."""
    return Construction()


@layer("torch.nn.UpsamplingNearest2d", "torch.nn.UpsamplingBilinear2d")
def upsampling_layer(size: object = None, scale_factor: object = None) -> Construction:
    """Nothing to learn."""
    return Construction()


@shape_rule("torch.nn.Upsample")
def upsample(
    input: Tensor,
    *,
    size: Sizes | Unknown | None,
    scale_factor: object,
    mode: object,
    align_corners: object,
    recompute_scale_factor: object,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    return (yield from resized(input, size, scale_factor, mode, align_corners, recompute_scale_factor))


@shape_rule("torch.nn.UpsamplingNearest2d")
def upsampling_nearest(input: Tensor, *, size: Sizes | Unknown | None, scale_factor: object) -> Rule:
    """(n, c, h, w) -> (n, c, h', w')"""
    return (yield from resized(input, size, scale_factor, "nearest"))


@shape_rule("torch.nn.UpsamplingBilinear2d")
def upsampling_bilinear(input: Tensor, *, size: Sizes | Unknown | None, scale_factor: object) -> Rule:
    """(n, c, h, w) -> (n, c, h', w')"""
    return (yield from resized(input, size, scale_factor, "bilinear"))


@shape_rule("torch.nn.functional.interpolate")
def interpolate(
    input: Tensor,
    size: Sizes | Unknown | None = None,
    scale_factor: object = None,
    mode: object = "nearest",
    align_corners: object = None,
    recompute_scale_factor: object = None,
    antialias: object = False,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    return (yield from resized(input, size, scale_factor, mode, align_corners, recompute_scale_factor))


@shape_rule("torch.nn.functional.upsample")
def functional_upsample(
    input: Tensor,
    size: Sizes | Unknown | None = None,
    scale_factor: object = None,
    mode: object = "nearest",
    align_corners: object = None,
) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    return (yield from resized(input, size, scale_factor, mode, align_corners))


@shape_rule("torch.nn.functional.upsample_nearest")
def upsample_nearest(input: Tensor, size: Sizes | Unknown | None = None, scale_factor: object = None) -> Rule:
    """(n, c, *size) -> (n, c, *size')"""
    return (yield from resized(input, size, scale_factor, "nearest"))


@shape_rule("torch.nn.functional.upsample_bilinear")
def upsample_bilinear(input: Tensor, size: Sizes | Unknown | None = None, scale_factor: object = None) -> Rule:
    """(n, c, h, w) -> (n, c, h', w')"""
    return (yield from resized(input, size, scale_factor, "bilinear"))


def resized(
    x: Tensor,
    size: Sizes | Unknown | None,
    scale_factor: object,
    mode: object,
    align_corners: object = None,
    recompute: object = None,
) -> Generator[Need | Derivation, None, Shape]:
    """Either the size or the factor is given, for all spatial axes or one each."""
    yield from _arguments(size, scale_factor, mode, align_corners, recompute)
    given = sequence_items(scale_factor) if size is None else None if isinstance(size, Unknown) else size
    ranks = _RANKS.get(mode) if isinstance(mode, str) else None
    each = isinstance(given, tuple) and len(given) > 1
    yield rank(x, *(ranks or ((len(given) + 2,) if each and given and len(given) <= 3 else (3, 4, 5))))
    n = len(x.sizes) - 2
    if each and given is not None and len(given) != n:
        words = f"{len(given)} sizes or factors are given, but {x.name} has {n} spatial axes {x.shape}"
        yield never(ARGUMENT, words, expected=n, actual=len(given))
    least = 0 if mode == "area" else 1
    if size is not None:
        wanted = (fresh(),) * n if isinstance(size, Unknown) else size * (n // len(size))
        yield from at_least_each(wanted, least, "size")
        return x.shape.ending(n, *wanted)
    factors = given if each and given is not None else (given[0] if given else scale_factor,) * n
    sizes = yield from _scaled(x, factors, least)
    return x.shape.ending(n, *sizes)


def _arguments(size: object, scale_factor: object, mode: object, align_corners: object, recompute: object) -> Needs:
    if size is None and scale_factor is None:
        yield never(ARGUMENT, "neither size nor scale_factor is given")
    surely = not isinstance(size, Unknown) and not isinstance(scale_factor, Unknown)
    if surely and size is not None and scale_factor is not None:
        yield never(ARGUMENT, "both size and scale_factor are given")
    if mode in ("nearest", "nearest-exact", "area") and isinstance(align_corners, bool):
        yield never(ARGUMENT, f"align_corners is given, but mode {mode!r} has none")
    if recompute is True and size is not None and not isinstance(size, Unknown):
        yield never(ARGUMENT, "recompute_scale_factor is of no use with a size")


def _scaled(x: Tensor, factors: tuple[object, ...], least: int) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    sizes: list[Size] = []
    said: set[str] = set()
    for k, by in zip(range(-len(factors), 0), factors, strict=True):
        found = spatial(x, k)
        size = scaled(found.size, by)
        need = not_less(Named(size, f"{found.name} times {by}"), least, WINDOW)
        yield need
        sizes.append(fresh() if need.verdict is NO else size)
        words = f"{bracketed(found.size)}*{by} = {size}"
        if isinstance(by, (int, float)) and words not in said:
            said.add(words)
            yield Derivation(lambda words=words: words)  # type: ignore[misc]
    return tuple(sizes)


@shape_rule("torch.nn.functional.grid_sample")
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: object = "bilinear",
    padding_mode: object = "zeros",
    align_corners: object = None,
) -> Rule:
    """(n, c, h, w), (n, h', w', 2) -> (n, c, h', w')"""
    yield rank(input, *((grid.rank,) if grid.rank in (4, 5) else (4, 5)))
    count = len(input.sizes)
    yield rank(grid, count)
    if mode == "bicubic" and count == 5:
        yield never(ARGUMENT, "mode 'bicubic' is for pictures of two axes only")
    yield same(grid[0], input[0], BATCH)
    yield same(grid[-1], Named(count - 2, f"the number of spatial axes of {input.name}"), INDEX_SHAPE)
    for k in range(2, count):
        yield not_less(input[k], 1, WINDOW)
    return input.shape.ending(count - 2, *grid.sizes[1:-1])


@shape_rule("torch.grid_sampler_2d", "torch.grid_sampler_3d", "torch.grid_sampler")
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: object, padding_mode: object, align_corners: object
) -> Rule:
    """(n, c, h, w), (n, h', w', 2) -> (n, c, h', w')"""
    return (yield from grid_sample(input, grid))


@shape_rule("torch.nn.functional.affine_grid")
def affine_grid(theta: Tensor, size: Sizes, align_corners: object = None) -> Rule:
    """(n, 2, 3), (n, c, h, w) -> (n, h, w, 2)"""
    n = len(size) - 2
    if n not in (2, 3):
        yield never(ARGUMENT, f"size has {len(size)} sizes, but 4 or 5 are needed", actual=len(size))
    yield rank(theta, 3)
    yield same(theta[1], Named(n, "the number of spatial axes in size"), INDEX_SHAPE)
    yield same(theta[2], Named(n + 1, "the number of homogeneous coordinates"), INDEX_SHAPE)
    yield same(theta[0], Named(size[0], "size[0]"), BATCH)
    yield from at_least_each(size, 1, "size")
    return (size[0], *size[2:], n)
