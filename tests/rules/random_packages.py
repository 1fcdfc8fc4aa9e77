"""Random questions for einops and torchvision, where they are installed."""

from __future__ import annotations

from tests.rules.judge import T
from tests.rules.random_draws import Dice, Question, asks, call


def grouped(d: Dice, letters: str, split: str) -> tuple[str, T, dict[str, int]]:
    """One side of a pattern with two axes of one name in brackets, and a tensor that it fits, or nearly."""
    sizes = {letter: d.number(1, 3) for letter in letters}
    axes = [sizes[letter] for letter in letters if letter not in split]
    a, b = tuple(split)
    axes.insert(0, d.near(sizes[a] * sizes[b], 6))
    rest = "".join(letter for letter in letters if letter not in split)
    return f"({a} {b}) {' '.join(rest)}", T(*axes), {a: sizes[a]}


@asks("einops.rearrange einops.layers.torch.Rearrange", package="einops")
def rearrange(d: Dice, name: str) -> Question:
    pattern, x, lengths = grouped(d, "abcd", "ab")
    right = " ".join(d.shuffled("abcd"))
    if d.chance(8):
        right = right[:-2]
    if d.chance():
        pattern, x = pattern.replace("c d", "... d"), T(*x.sizes[:1], *d.ints(0, 2), *x.sizes[2:])
        right = right.replace("c", "...")
    whole = f"{pattern} -> {right}"
    return call(whole, **lengths).on(x) if "Rearr" in name else call(x, whole, **lengths)


@asks("einops.reduce einops.layers.torch.Reduce", package="einops")
def einops_reduce(d: Dice, name: str) -> Question:
    pattern, x, lengths = grouped(d, "abcd", "ab")
    whole = f"{pattern} -> {' '.join(d.shuffled('abcd')[: d.number(0, 4)])}"
    how = d.one("mean", "sum", "max", "median") if d.chance(6) else "max"
    return call(whole, how, **lengths).on(x) if "Red" in name else call(x, whole, how, **lengths)


@asks("einops.repeat", package="einops")
def einops_repeat(d: Dice, name: str) -> Question:
    pattern, x, lengths = grouped(d, "abcd", "ab")
    known = d.chance(8)
    return call(
        x, f"{pattern} -> {' '.join(d.shuffled('abcde'))}", **lengths, **({} if known else {"e": d.number(1, 3)})
    )


@asks("einops.einsum", package="einops")
def einops_einsum(d: Dice, name: str) -> Question:
    sizes = {letter: d.size() for letter in "abc"}
    parts = [d.shuffled("abc")[: d.number(1, 3)] for _ in range(2)]
    operands = [d.alike(T(*(sizes[letter] for letter in part)), 8) for part in parts]
    out = d.shuffled(sorted({*parts[0], *parts[1]}))[: d.number(0, 2)]
    return call(*operands, f"{' '.join(parts[0])}, {' '.join(parts[1])} -> {' '.join(out)}")


@asks("einops.layers.torch.EinMix", package="einops")
def einmix(d: Dice, name: str) -> Question:
    b, c, o = d.ints(3, 3)
    return call("b c -> b o", weight_shape="c o", bias_shape=d.one(None, "o"), c=c, o=o).on(
        T(b, d.near(c)) if not d.chance(6) else d.tensor()
    )


@asks("einops.pack", package="einops")
def einops_pack(d: Dice, name: str) -> Question:
    x = d.tensor(2, 4)
    return call([x, d.alike(x)], d.one("a * b", "* a", "a *"))


@asks("einops.unpack", package="einops")
def einops_unpack(d: Dice, name: str) -> Question:
    a, b, c = d.ints(3, 3, 1, 3)
    return call(T(d.near(a + b * c), 2), [(a,), (b, c)], "* k")


@asks("einops.parse_shape", package="einops")
def parse_shape(d: Dice, name: str) -> Question:
    return call(d.tensor(2, 4), d.one("a b c", "a _ c", "a b"))


@asks("torchvision.ops.DropBlock2d torchvision.ops.DropBlock3d", package="torchvision", cpu=True)
def drop_block_layer(d: Dice, name: str) -> Question:
    n = 2 if "2d" in name else 3
    return call(0.5, d.number(1, 3)).on(d.tensor(n + 2, d.mostly(n + 2, n + 3), 1, 6))


_BOXES = ("box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou")


@asks(*(f"torchvision.ops.{name}" for name in _BOXES), package="torchvision", cpu=True)
def box_pairs(d: Dice, name: str) -> Question:
    return call(T(d.size(), d.mostly(4, 3, 2)), T(d.size(), d.mostly(4, 3, 2)))


@asks("torchvision.ops.box_area torchvision.ops.box_convert torchvision.ops.clip_boxes_to_image", package="torchvision")
def boxes(d: Dice, name: str) -> Question:
    x = T(*d.ints(0, 1), d.size(), d.mostly(4, 3, 2))
    return call(x, *(["xyxy", d.one("xywh", "cxcywh")] if "convert" in name else [(9, 9)] if "clip" in name else []))


@asks("torchvision.ops.sigmoid_focal_loss", package="torchvision")
def focal_loss(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(x, d.alike(x), 0.25, 2, d.one("none", "mean", "sum"))


@asks("torchvision.ops.stochastic_depth torchvision.ops.StochasticDepth", package="torchvision", cpu=True)
def stochastic_depth(d: Dice, name: str) -> Question:
    made = [d.mostly(0.5, 1.5), d.mostly("row", "batch", "column")]
    return call(*made).on(d.tensor(1, 4)) if "Sto" in name else call(d.tensor(1, 4), *made)


@asks("torchvision.ops.drop_block2d torchvision.ops.drop_block3d", package="torchvision", cpu=True)
def drop_block(d: Dice, name: str) -> Question:
    n = 2 if "2d" in name else 3
    return call(d.tensor(n + 2, d.mostly(n + 2, n + 3), 1, 6), 0.5, d.number(1, 3))


@asks("torchvision.ops.FrozenBatchNorm2d torchvision.ops.SqueezeExcitation", package="torchvision", cpu=True)
def channels_only(d: Dice, name: str) -> Question:
    c = d.size()
    x = T(*d.mostly((2,), ()), d.near(c), 3, 3)
    return call(c, *([d.number(1, 4)] if "Squ" in name else [])).on(x)


@asks("torchvision.ops.Permute", package="torchvision")
def permute_layer(d: Dice, name: str) -> Question:
    x = d.tensor()
    return call(d.shuffled(range(d.near(len(x.sizes))))).on(x)


@asks("torchvision.ops.MLP", package="torchvision", cpu=True, parameters=False)  # they are those of its parts
def mlp(d: Dice, name: str) -> Question:
    i = d.size()
    return call(i, d.ints(1, 3)).on(T(*d.ints(0, 2), d.near(i)))


def image(d: Dice) -> T:
    return T(*d.ints(0, 1, 1, 3), d.mostly(3, 1, 2), d.number(2, 8), d.number(2, 8))


_TRANSFORMS = """
    resize center_crop crop pad normalize rgb_to_grayscale five_crop ten_crop resized_crop hflip rotate adjust_gamma
    get_dimensions
    """.split()
_OLD, _NEW = "torchvision.transforms.functional.", "torchvision.transforms.v2.functional."


@asks(
    *(_OLD + name for name in _TRANSFORMS),
    *(_NEW + name for name in ("resize", "normalize", "rgb_to_grayscale", "crop", "pad", "get_size")),
    f"{_OLD}get_image_size",
    package="torchvision",
    cpu=True,
)
def transform(d: Dice, name: str) -> Question:
    x, last = image(d), name.rpartition(".")[2]
    h, w = d.number(1, 9), d.number(1, 9)
    given: dict[str, list[object]] = {
        "resize": [d.one(h, [h], [h, w], [h, w, 2])],
        "center_crop": [d.one(h, [h, w])],
        "crop": [d.number(0, 3), d.number(0, 3), h, w],
        "resized_crop": [0, 0, 2, 2, [h, w]],
        "pad": [d.one(h, [h, w], [h, w, 1, 2], [h, w, 1])],
        "normalize": [[0.5] * (n := d.one(1, 3, 2)), [0.5] * n],
        "rgb_to_grayscale": [d.mostly(1, 3, 2)],
        "five_crop": [[h, w]],
        "ten_crop": [[h, w]],
        "rotate": [30],
        "adjust_gamma": [1.5],
    }
    return call(x, *given.get(last, []))
