"""torchvision.transforms.functional and v2.functional on tensors (..., c, h, w): what they do to the sizes.

Knows nothing of PIL pictures, boxes and key points: what is no tensor stays unknown. How many axes a form of
interpolation takes is not asked, because nothing is interpolated where the size is right already.
"""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.codes import ARGUMENT, CHANNELS, WINDOW
from torchshape_lint.dims import Size, fresh
from torchshape_lint.proofs import at_least, equal
from torchshape_lint.rules.broadcasting import Steps, fits_into, unchanged
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.given import clear_size, size_of
from torchshape_lint.rules.needs import Many, Plain, Result, Rule, Undetermined, holds, never, rank_at_least, same
from torchshape_lint.rules.numbers import floats
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.rules.view import quotient
from torchshape_lint.rules.window import spatial
from torchshape_lint.shapes import broadcast_size
from torchshape_lint.values import ListValue, Unknown, Value, is_size
from torchshape_lint.verdicts import YES, some

_V1 = "torchvision.transforms.functional"
_V2 = "torchvision.transforms.v2.functional"


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{where}.{name}" for name in names for where in (_V1, _V2))


@shape_rule(*_both("hflip", "vflip", "invert", "posterize", "solarize", "autocontrast", "equalize", "adjust_sharpness"))
@shape_rule(*_both("gaussian_blur", "affine", "perspective", "erase"), f"{_V1}.elastic_transform")
@shape_rule(
    *(f"{_V2}.{name}" for name in "horizontal_flip vertical_flip elastic elastic_transform gaussian_noise".split()),
    *(
        f"{_V2}.{name}"
        for name in "adjust_brightness adjust_contrast adjust_saturation adjust_hue adjust_gamma".split()
    ),
)
def keeping(img: Tensor, *arguments: object, **options: object) -> Result:
    """(..., c, h, w) -> same"""
    return unchanged(img)


@shape_rule(*(f"{_V1}.adjust_{name}" for name in ("brightness", "contrast", "saturation", "hue", "gamma")))
def coloured(img: Tensor, *arguments: object, **options: object) -> Rule:
    """(..., 1 or 3, h, w) -> same"""
    yield rank_at_least(img, 2)
    yield from _grey_or_colour(img)
    return unchanged(img)


def _grey_or_colour(img: Tensor) -> Steps:
    if img.shape.size(-3) is None:
        return
    c = spatial(img, -3)
    words = f"{c.name} is {c.size}, but must be 1 or 3"
    yield holds(some((equal(c.size, 1), equal(c.size, 3))), CHANNELS, lambda: words, expected="1 or 3", actual=c.size)


@shape_rule(*_both("rotate"))
def rotate(
    img: Tensor,
    angle: object,
    interpolation: object = "nearest",
    expand: object = False,
    center: object = None,
    fill: object = None,
) -> Rule:
    """(..., h, w) -> same; with expand as large as the angle needs"""
    yield rank_at_least(img, 2)
    return img.shape if expand is False else img.shape.ending(2, fresh(), fresh())


@shape_rule(f"{_V1}.normalize")
def normalize(tensor: Tensor, mean: object, std: object, inplace: object = False) -> Rule:
    """(..., c, h, w) -> same; as many means as channels, or one"""
    yield from floats(tensor)
    yield rank_at_least(tensor, 3)
    for name, value in (("mean", mean), ("std", std)):
        yield from _for_each_channel(tensor, name, value)
    return tensor.shape


@shape_rule(f"{_V2}.normalize")
def normalize_v2(inpt: Tensor, mean: object, std: object, inplace: object = False) -> Rule:
    """(..., c, h, w) -> same; one channel becomes as many as there are means"""
    yield from floats(inpt)
    yield rank_at_least(inpt, 3)
    means, c = sequence_items(mean), spatial(inpt, -3)
    if means is None or inplace is not False:
        return inpt.shape.ending(3, fresh() if means is None and c.size == 1 else c.size, *inpt.shape.sizes[-2:])
    verdict, size = broadcast_size(c.size, len(means))
    yield replace(same(c, Named(len(means), "the number of means"), CHANNELS), verdict=verdict, equate=None)
    return inpt.shape.ending(3, size, *inpt.shape.sizes[-2:])


def _for_each_channel(img: Tensor, name: str, value: Value) -> Steps:
    items, c = sequence_items(value), spatial(img, -3)
    if items is not None:
        need = same(c, Named(len(items), f"the number of values in {name}"), CHANNELS)
        yield need if len(items) != 1 else replace(need, verdict=fits_into(1, c.size), equate=None)


@shape_rule(f"{_V1}.rgb_to_grayscale")
def rgb_to_grayscale(img: Tensor, num_output_channels: object = 1) -> Rule:
    """(..., 3, h, w) -> (..., 1, h, w); three channels stay three when asked for"""
    yield rank_at_least(img, 3)
    yield from _grey_or_colour(img)
    yield from _one_or_three(num_output_channels)
    wanted: Size = fresh()
    if isinstance(num_output_channels, int):
        wanted = 1 if num_output_channels == 1 else spatial(img, -3).size
    return img.shape.ending(3, wanted, *img.shape.sizes[-2:])


@shape_rule(f"{_V2}.rgb_to_grayscale", f"{_V2}.to_grayscale")
def rgb_to_grayscale_v2(inpt: Tensor, num_output_channels: object = 1) -> Rule:
    """(..., 3, h, w) -> (..., 1, h, w); as many channels as asked for"""
    yield rank_at_least(inpt, 3)
    yield from _grey_or_colour(inpt)
    yield from _one_or_three(num_output_channels)
    wanted = num_output_channels if isinstance(num_output_channels, int) else fresh()
    return inpt.shape.ending(3, wanted, *inpt.shape.sizes[-2:])


def _one_or_three(count: Value) -> Steps:
    if isinstance(count, int) and count not in (1, 3):
        yield never(ARGUMENT, f"num_output_channels is {count}, but must be 1 or 3", actual=count)


@shape_rule(f"{_V1}.resize")
def resize(
    img: Tensor, size: object, interpolation: object = None, max_size: object = None, antialias: object = True
) -> Rule:
    """(..., h, w) -> (..., h', w'): both given, or the shorter edge alone"""
    items = sequence_items(size)
    if items is not None and len(items) not in (1, 2):
        yield never(ARGUMENT, f"size has {len(items)} numbers, but needs one or two", actual=len(items))
    return (yield from resize_v2(img, size, interpolation, max_size, antialias))


@shape_rule(f"{_V2}.resize", f"{_V2}.resize_image")
def resize_v2(
    inpt: Tensor, size: object, interpolation: object = None, max_size: object = None, antialias: object = True
) -> Rule:
    """(..., h, w) -> (..., h', w'): both given, or the shorter edge alone"""
    yield rank_at_least(inpt, 2)
    items = sequence_items(size)
    if items is not None and len(items) > 1 and is_size(max_size):
        yield never(ARGUMENT, "max_size is given, but size says both edges")
    h, w = _resized(inpt.shape.sizes[-2], inpt.shape.sizes[-1], size, max_size, inpt)
    return inpt.shape.ending(2, h, w)


@shape_rule(*_both("resized_crop"))
def resized_crop(
    img: Tensor,
    top: object,
    left: object,
    height: object,
    width: object,
    size: object,
    interpolation: object = None,
    antialias: object = True,
) -> Rule:
    """(..., h, w) -> (..., h', w')"""
    yield rank_at_least(img, 2)
    h, w = _resized(_one(height, img), _one(width, img), size, None, img)
    return img.shape.ending(2, h, w)


def _resized(h: Size, w: Size, size: Value, max_size: Value, img: Tensor) -> tuple[Size, Size]:
    """What torchvision computes for a size of both edges, or of the shorter one."""
    items = (size,) if is_size(size) and clear_size(_one(size, img)) == size else sequence_items(size)
    if not items:
        return fresh(), fresh()
    if len(items) > 1:
        return _one(items[0], img), _one(items[1], img)
    short = _one(items[0], img)
    if max_size is not None:
        numbers = (h, w, short, max_size)
        return _limited(*numbers) if all(type(n) is int for n in numbers) else (fresh(), fresh())  # type: ignore[arg-type]
    if equal(h, w) is YES:
        return short, short
    if at_least(w, h) is YES and equal(h, 0) is not YES:
        return short, quotient(short * w, h)
    if at_least(h, w) is YES and equal(w, 0) is not YES:
        return quotient(short * h, w), short
    return fresh(), fresh()


def _limited(h: int, w: int, short: int, limit: int) -> tuple[Size, Size]:
    """The shorter edge as asked, unless the longer one would grow beyond the limit."""
    if min(h, w) == 0 or limit <= short:
        return fresh(), fresh()
    new_short, new_long = short, short * max(h, w) // min(h, w)
    if new_long > limit:
        new_short, new_long = limit * new_short // new_long, limit
    return (new_long, new_short) if w <= h else (new_short, new_long)


def _one(value: Value, img: Tensor) -> Size:
    """One size; a fresh one where it is not known."""
    size = size_of(value, img)
    return fresh() if size is None else clear_size(size)


def _pair(value: Value, img: Tensor) -> tuple[Size, Size] | None:
    """One size for both edges, or one each; None where it may be either."""
    if is_size(value) and clear_size(_one(value, img)) == value:
        return _one(value, img), _one(value, img)
    items = sequence_items(value)
    if items is None or len(items) not in (1, 2):
        return None
    return _one(items[0], img), _one(items[-1], img)


@shape_rule(*_both("crop"))
def crop(img: Tensor, top: object, left: object, height: object, width: object) -> Rule:
    """(..., h, w) -> (..., height, width): what lies outside is filled up"""
    yield rank_at_least(img, 2)
    return img.shape.ending(2, _one(height, img), _one(width, img))


@shape_rule(*_both("center_crop"))
def center_crop(img: Tensor, output_size: object) -> Rule:
    """(..., h, w) -> (..., *output_size): what lies outside is filled up"""
    yield rank_at_least(img, 2)
    return img.shape.ending(2, *(_pair(output_size, img) or (fresh(), fresh())))


@shape_rule(*_both("five_crop"))
def five_crop(img: Tensor, size: object) -> Rule:
    """(..., h, w) -> five of (..., *size)"""
    return (yield from _crops(img, size, 5))


@shape_rule(*_both("ten_crop"))
def ten_crop(img: Tensor, size: object, vertical_flip: object = False) -> Rule:
    """(..., h, w) -> ten of (..., *size)"""
    return (yield from _crops(img, size, 10))


def _crops(img: Tensor, size: Value, count: int) -> Rule:
    yield rank_at_least(img, 2)
    h, w = _pair(size, img) or (fresh(), fresh())
    for k, wanted in ((-2, h), (-1, w)):
        found = spatial(img, k)
        words = f"{found.name} is {found.size}, too small for a crop of {wanted}"
        yield holds(at_least(found.size, wanted), WINDOW, lambda words=words: words, actual=found.size)  # type: ignore[misc]
    return Many((img.shape.ending(2, h, w),) * count)


@shape_rule(*_both("pad"))
def pad(img: Tensor, padding: object, fill: object = 0, padding_mode: object = "constant") -> Rule:
    """(..., h, w) -> (..., top + h + bottom, left + w + right)"""
    yield rank_at_least(img, 2)
    items = (padding,) if isinstance(padding, int) else sequence_items(padding)
    if items is None:
        return img.shape.ending(2, fresh(), fresh())
    if len(items) not in (1, 2, 4):
        yield never(ARGUMENT, f"padding has {len(items)} numbers, but needs 1, 2 or 4", actual=len(items))
    sides = [size_of(item, img) for item in items] * (4 // len(items))
    left, top, right, bottom = (fresh() if size is None else size for size in sides)
    h, w = img.shape.sizes[-2:]
    return img.shape.ending(2, clear_size(h + top + bottom), clear_size(w + left + right))


@shape_rule(*_both("convert_image_dtype"), f"{_V2}.to_dtype", f"{_V2}.to_dtype_image")
def to_dtype(image: Tensor, dtype: object = "torch.float32", scale: object = False) -> Result:
    """(...) -> same, of another type"""
    return Result(image.shape, dtype_of(dtype))


@shape_rule(*_both("to_tensor", "pil_to_tensor"), f"{_V2}.to_image")
def to_tensor(pic: object) -> Undetermined:
    """a picture -> (c, h, w), unknown"""
    return Undetermined("a picture whose size is not known", data=True)


@shape_rule(*_both("to_pil_image"))
def to_pil_image(pic: object, mode: object = None) -> Undetermined:
    """no tensor any more"""
    return Undetermined("PIL pictures are not followed")


@shape_rule(*_both("get_dimensions"))
def get_dimensions(img: Tensor) -> Rule:
    """[c, h, w]"""
    yield rank_at_least(img, 2)
    c: Value = 1 if img.rank == 2 else img.shape.size(-3)
    return Plain(ListValue({"items": (Unknown("it may have no channels") if c is None else c, *_last_two(img))}))


@shape_rule(f"{_V1}.get_image_size")
def get_image_size(img: Tensor) -> Rule:
    """[w, h]"""
    yield rank_at_least(img, 2)
    return Plain(ListValue({"items": _last_two(img)[::-1]}))


@shape_rule(f"{_V2}.get_size")
def get_size(inpt: Tensor) -> Rule:
    """[h, w]"""
    yield rank_at_least(inpt, 2)
    return Plain(ListValue({"items": _last_two(inpt)}))


def _last_two(img: Tensor) -> tuple[Size, ...]:
    return img.shape.sizes[-2:]
