"""Pictures of PIL and OpenCV, before a transform makes tensors of them.

One of PIL is a `Made` with its channels, height and width (None where that is not known); OpenCV's are arrays.
"""

from __future__ import annotations

from torchshape_lint.dims import fresh
from torchshape_lint.interp.datasets import PICTURE
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.values import Array, External, Made, Unknown, Value, is_size

_CHANNELS = {"1": 1, "L": 1, "I": 1, "F": 1, "LA": 2, "RGB": 3, "YCbCr": 3, "LAB": 3, "HSV": 3, "RGBA": 4, "CMYK": 4}


@known("PIL.Image.open")
def _open(h: Here) -> Value:
    return Made(PICTURE, (None, None, None))


@known("PIL.Image.new")
def _new(h: Here) -> Value:
    size, mode = plain_items(h.arg(1, "size")), h.arg(0, "mode")
    width, height = size if size is not None and len(size) == 2 else (None, None)
    return Made(PICTURE, (_CHANNELS.get(mode) if isinstance(mode, str) else None, height, width))


@known("PIL.Image.fromarray")
def _from_array(h: Here) -> Value:
    array = h.arg(0, "obj")
    if not isinstance(array, Array) or len(array.sizes) not in (2, 3) or h.arg(1, "mode") is not None:
        return Made(PICTURE, (None, None, None))
    return Made(PICTURE, (array.sizes[2] if len(array.sizes) == 3 else 1, *array.sizes[:2]))


@known(f"{PICTURE}.convert")
def _convert(h: Here) -> Value:
    assert isinstance(h.self, Made)
    mode = h.arg(0, "mode")
    return Made(PICTURE, (_CHANNELS.get(mode) if isinstance(mode, str) else None, *h.self.args[1:]))


@known(f"{PICTURE}.resize")
def _resize(h: Here) -> Value:
    assert isinstance(h.self, Made)
    size = plain_items(h.arg(0, "size"))
    width, height = size if size is not None and len(size) == 2 and all(map(is_size, size)) else (None, None)
    return Made(PICTURE, (h.self.args[0], height, width))


@known(*(f"{PICTURE}.{name}" for name in "crop rotate transpose filter copy".split()))
def _other_size(h: Here) -> Value:
    assert isinstance(h.self, Made)
    return Made(PICTURE, (h.self.args[0], None, None))


@known("cv2.imread")
def _imread(h: Here) -> Value:
    flag = h.arg(1, "flags", External("cv2.IMREAD_COLOR"))
    flag = flag.path if isinstance(flag, External) else flag
    sides = (fresh("h", 1), fresh("w", 1))
    if flag in ("cv2.IMREAD_COLOR", 1):
        return Array((*sides, 3), "uint8")
    return Array(sides, "uint8") if flag in ("cv2.IMREAD_GRAYSCALE", 0) else Unknown("a picture with unknown channels")


@known("cv2.resize")
def _cv2_resize(h: Here) -> Value:
    array, size = h.arg(0, "src"), plain_items(h.arg(1, "dsize"))
    if not isinstance(array, Array) or size is None or len(size) != 2 or not all(map(is_size, size)):
        return Unknown("a picture of unknown size")
    if len(array.sizes) == 3 and array.sizes[2] == 1:  # the axis is dropped
        return Array(size[::-1], array.dtype)  # type: ignore[arg-type]
    return Array((*size[::-1], *array.sizes[2:]), array.dtype)  # type: ignore[arg-type]


@known("cv2.cvtColor")
def _cvt_color(h: Here) -> Value:
    array, code = h.arg(0, "src"), h.arg(1, "code")
    name = code.path.removeprefix("cv2.COLOR_") if isinstance(code, External) else ""
    if not isinstance(array, Array) or len(array.sizes) not in (2, 3):
        return Unknown("a picture of unknown size")
    if name in ("BGR2GRAY", "RGB2GRAY"):
        return Array(array.sizes[:2], array.dtype)
    if name in ("BGR2RGB", "RGB2BGR", "BGR2HSV", "RGB2HSV", "BGR2LAB", "GRAY2RGB", "GRAY2BGR"):
        return Array((*array.sizes[:2], 3), array.dtype)
    return Unknown("a picture with unknown channels")
