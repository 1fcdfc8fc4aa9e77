"""Data sets, their transforms and loaders: what one element and one batch look like."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.dims import Size, fresh
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.shapes import Shape
from torchshape_lint.values import (
    Array,
    Bound,
    DictValue,
    Function,
    Instance,
    ListValue,
    Made,
    Stream,
    Tensor,
    Unknown,
    Value,
    any_item,
    is_size,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An undecoded picture on its way through the transforms: channels, height, width (None: not known)."""

    channels: Size | None
    height: Size | None
    width: Size | None


# path -> (channels, height, width, examples for training, examples for testing)
PICTURES: dict[str, tuple[int | None, int | None, int | None, int | None, int | None]] = {
    "MNIST": (1, 28, 28, 60_000, 10_000),
    "FashionMNIST": (1, 28, 28, 60_000, 10_000),
    "KMNIST": (1, 28, 28, 60_000, 10_000),
    "EMNIST": (1, 28, 28, None, None),
    "QMNIST": (1, 28, 28, 60_000, 60_000),
    "USPS": (1, 16, 16, 7_291, 2_007),
    "CIFAR10": (3, 32, 32, 50_000, 10_000),
    "CIFAR100": (3, 32, 32, 50_000, 10_000),
    "SVHN": (3, 32, 32, None, None),
    "STL10": (3, 96, 96, None, None),
    "ImageFolder": (3, None, None, None, None),
    "DatasetFolder": (None, None, None, None, None),
    "ImageNet": (3, None, None, None, None),
    "CelebA": (3, 218, 178, None, None),
    "Flowers102": (3, None, None, None, None),
    "Food101": (3, None, None, None, None),
    "OxfordIIITPet": (3, None, None, None, None),
    "Caltech101": (None, None, None, None, None),
}
_DATASETS = "torchvision.datasets."
PICTURE = "PIL.Image.Image"  # the path of a picture that the analysed code itself has opened


def elements(m: Machine, frame: Frame, made: Made) -> Value:
    """One element of iterating over ``made``: a batch of a loader, an example of a data set."""
    if made.path == "torch.utils.data.DataLoader":
        return _batch(m, frame, made)
    return element_of(m, frame, made)


def element_of(m: Machine, frame: Frame, dataset: Value) -> Value:
    """One example of a data set."""
    if isinstance(dataset, Instance):
        return instance_elements(m, frame, dataset)
    if isinstance(dataset, (ListValue, tuple)):
        items = plain_items(dataset)
        if items is None:
            return any_item(dataset) or Unknown("an example of a list")
        return containers.one_of(list(items[:3])) if items else Unknown("an example of a list")
    if isinstance(dataset, (Array, Tensor)):
        rows = iterate(m, frame, dataset)
        return rows.element if isinstance(rows, Stream) else rows[0] if rows else Unknown("an example of nothing")
    if not isinstance(dataset, Made):
        return Unknown("an example of an unknown data set")
    if dataset.path == "torch.utils.data.Subset":  # how many examples it has is not known, what they look like is
        return element_of(m, frame, dataset.argument(0, "dataset"))
    if dataset.path == "torch.utils.data.TensorDataset":
        return tuple(_row(m, t) for t in dataset.args)
    name = dataset.path.removeprefix(_DATASETS)
    if name == "FakeData":
        size = plain_items(dataset.argument(1, "image_size", (3, 224, 224)))
        if size is None or len(size) != 3:
            return Unknown("a picture of unknown size")
        return _example(m, frame, dataset, Picture(*size))  # type: ignore[arg-type]
    if name in PICTURES and dataset.path.startswith(_DATASETS):
        return _example(m, frame, dataset, Picture(*PICTURES[name][:3]))
    return Unknown(f"an example of {dataset.path}")


def opened(value: Value) -> Picture | Tensor | None:
    """What a transform takes: a picture of PIL or one in an array, whose channels stand last, or a tensor."""
    match value:
        case Tensor():
            return value
        case Made() if value.path == PICTURE:
            return Picture(*value.args)  # type: ignore[arg-type]
        case Array() if len(value.sizes) in (2, 3):
            return Picture(value.sizes[2] if len(value.sizes) == 3 else 1, *value.sizes[:2])
    return None


def whole(made: Made, name: str) -> Value:
    """``mnist.data`` and ``mnist.targets``. How many there are is not said: people replace them by a part."""
    of = made.path.removeprefix(_DATASETS)
    if of in ("MNIST", "FashionMNIST", "KMNIST"):
        sizes = (fresh("n", 1), 28, 28) if name == "data" else (fresh("n", 1),)
        return Tensor(Shape(sizes), "uint8" if name == "data" else "int64")
    if of in ("CIFAR10", "CIFAR100") and name == "data":
        return Array((fresh("n", 1), 32, 32, 3), "uint8")
    return Unknown(f"{name} of a data set")


def _row(m: Machine, tensor: Value) -> Value:
    if isinstance(tensor, Tensor):
        shape = m.facts.shape(tensor.shape)
        if not shape.is_open and shape.sizes:
            return Tensor(Shape(shape.sizes[1:]), tensor.dtype)
    return Unknown("a row of something unknown")


def _example(m: Machine, frame: Frame, dataset: Made, picture: Picture) -> Value:
    transform = dict(dataset.keywords).get("transform")
    if transform is None:
        transform = next((a for a in dataset.args if isinstance(a, Made) and ".transforms" in a.path), None)
    keywords = dict(dataset.keywords)
    label: Value = 0
    if keywords.get("target_transform") is not None or "target_type" in keywords or "target_types" in keywords:
        label = Unknown("a label that is not followed")
    elif dataset.path.endswith(".CelebA"):
        label = Tensor(Shape((40,)), "int64")
    if transform is None:
        return (Unknown("a picture that no transform made a tensor"), label)
    value = transformed(m, frame, transform, picture)
    return (value if isinstance(value, Tensor) else Unknown("a picture whose transform is not followed"), label)


_SAME = frozenset(
    """RandomHorizontalFlip RandomVerticalFlip ColorJitter RandomRotation RandomAffine GaussianBlur RandomAutocontrast
    RandomEqualize RandomInvert RandomErasing AutoAugment RandAugment TrivialAugmentWide RandomPerspective Normalize
    ConvertImageDtype ToDtype RandomAdjustSharpness RandomSolarize RandomPosterize AugMix Identity
    ToPureTensor""".split()
)


def transformed(m: Machine, frame: Frame, transform: Value, value: Picture | Tensor) -> Picture | Tensor | None:
    """What a transform makes of a picture (or a tensor); None when that is not known."""
    if isinstance(transform, (Function, Bound)):
        if isinstance(value, Tensor):
            result = m.call(frame, transform, CallArgs((value,)), -1)
            return result if isinstance(result, Tensor) else None
        return None
    if not isinstance(transform, Made):
        return None
    name = transform.path.rpartition(".")[2]
    if name in ("Compose", "Sequential"):
        return _composed(m, frame, transform, value)
    if name == "Lambda":
        return transformed(m, frame, transform.argument(0, "lambd"), value)
    if name in ("ToTensor", "PILToTensor", "ToImage"):
        if isinstance(value, Tensor):
            return None
        if value.height is None or value.width is None or value.channels is None:
            sizes = [fresh(n, 1) if s is None else s for n, s in zip("chw", _chw(value), strict=True)]
            return Tensor(Shape(tuple(sizes)), "float32")
        return Tensor(Shape((value.channels, value.height, value.width)), "float32")
    if name in _SAME or (name == "RandomApply"):
        return value if name != "RandomApply" else None
    return _resized(m, name, transform, value)


def _chw(value: Picture) -> tuple[Size | None, Size | None, Size | None]:
    return value.channels, value.height, value.width


def _composed(m: Machine, frame: Frame, transform: Made, value: Picture | Tensor) -> Picture | Tensor | None:
    steps = plain_items(transform.argument(0, "transforms"))
    if steps is None:
        return None
    if len(transform.args) > 1:
        steps = transform.args
    result: Picture | Tensor | None = value
    for step in steps:
        if result is None:
            return None
        result = transformed(m, frame, step, result)
    return result


def _resized(m: Machine, name: str, transform: Made, value: Picture | Tensor) -> Picture | Tensor | None:
    if isinstance(value, Tensor):
        shape = m.facts.shape(value.shape)
        if shape.is_open or len(shape.sizes) != 3:
            return None
        c, h, w = shape.sizes
        picture = _geometry(name, transform, Picture(c, h, w))
        if picture is None or None in _chw(picture):
            return None
        return replace(value, shape=Shape(_chw(picture)))  # type: ignore[arg-type]
    return _geometry(name, transform, value)


def _geometry(name: str, transform: Made, picture: Picture) -> Picture | None:
    """Transforms that change sizes."""
    size = transform.argument(0, "size")
    pair = (size, size) if is_size(size) else plain_items(size)
    if name == "Grayscale":
        channels = transform.argument(0, "num_output_channels", 1)
        return replace(picture, channels=channels) if isinstance(channels, int) else None
    if name == "RandomGrayscale":
        return picture
    if name == "Pad":
        pad = transform.argument(0, "padding")
        if isinstance(pad, int) and picture.height is not None and picture.width is not None:
            return replace(picture, height=picture.height + 2 * pad, width=picture.width + 2 * pad)
        return None
    if pair is None or not all(is_size(s) for s in pair):
        return None
    if name == "Resize" and (is_size(size) or len(pair) == 1):
        return _shorter_edge(picture, pair[0])
    if len(pair) == 1:
        pair = (pair[0], pair[0])
    if name in ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop"):
        return replace(picture, height=pair[0], width=pair[1])  # type: ignore[arg-type]
    return None


def _shorter_edge(picture: Picture, size: Value) -> Picture | None:
    """Resize(int): the shorter edge becomes ``size``, the longer keeps the proportion."""
    h, w = picture.height, picture.width
    if not isinstance(size, int):
        return None
    if h is None or w is None:
        return replace(picture, height=None, width=None)
    if h == w:
        return replace(picture, height=size, width=size)
    if isinstance(h, int) and isinstance(w, int):
        long = int(size * max(h, w) / min(h, w))
        return replace(picture, height=size if h < w else long, width=long if h < w else size)
    return None


def instance_elements(m: Machine, frame: Frame, dataset: Instance) -> Value:
    """One element of an object of the analysed code: what its __getitem__ (or __iter__) gives."""
    for name in ("__getitem__", "__iter__"):
        found = classes.lookup_class(dataset.cls, name)
        if found is not None and isinstance(found[0], Function):
            if name == "__iter__":
                value = m.call_with(frame, Bound(found[0], dataset))
                return value.element if isinstance(value, Stream) else Unknown("an element of an iterator")
            with m.silent():
                try:
                    return m.call_with(frame, Bound(found[0], dataset), fresh("index", 0))
                except Raised:
                    return Unknown("an element whose making raises")
    return Unknown("an element of an object")


def _batch(m: Machine, frame: Frame, loader: Made) -> Value:
    dataset, size = loader.argument(0, "dataset"), loader.argument(1, "batch_size", 1)
    keywords = dict(loader.keywords)
    if keywords.get("collate_fn") is not None or "batch_sampler" in keywords:
        return Unknown("a batch made by a function that is not followed")
    example = element_of(m, frame, dataset)
    if size is None:
        return example
    return collated(example, _batch_size(dataset, size, keywords.get("drop_last")))


def _batch_size(dataset: Value, size: Value, drop_last: Value) -> Size:
    """The batch axis: the batch size where every batch is full, otherwise a name (the last may be smaller)."""
    if isinstance(size, int) and not isinstance(size, bool):
        if drop_last is True:
            return size
        counts: tuple[int | None, ...] = ()
        if isinstance(dataset, Made):
            counts = PICTURES.get(dataset.path.removeprefix(_DATASETS), (None,) * 5)[3:]
            first = dataset.args[0] if dataset.path.endswith("TensorDataset") and dataset.args else None
            if isinstance(first, Tensor) and first.shape.sizes and isinstance(first.shape.sizes[0], int):
                counts = (first.shape.sizes[0],)
        if size > 0 and counts and all(c is not None and c % size == 0 for c in counts):
            return size
    return fresh("n", 1)


def collated(example: Value, batch: Size) -> Value:
    """A batch of examples, as the default collate function stacks them."""
    match example:
        case Tensor():
            if example.shape.is_open:
                return Unknown("a batch of tensors of unknown rank")
            return Tensor(Shape((batch, *example.shape.sizes)), example.dtype)
        case Array():
            return Tensor(Shape((batch, *example.sizes)), example.dtype)
        case Unknown() if example.number:
            return Tensor(Shape((batch,)))
        case bool():
            return Tensor(Shape((batch,)), "bool")
        case int():
            return Tensor(Shape((batch,)), "int64")
        case float():
            return Tensor(Shape((batch,)), "float64")
        case tuple():
            return tuple(collated(item, batch) for item in example)
        case DictValue():
            return DictValue({key: collated(item, batch) for key, item in example.fields.items()})
    return Unknown("a batch of something unknown")
