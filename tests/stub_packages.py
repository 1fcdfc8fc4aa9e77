"""Stand-ins for packages that fixtures import and the test environment need not have.

torchvision's data sets and transforms with the right lengths and shapes and random contents; torchsummary, torchinfo,
jaxtyping, Lightning and ignite as far as fixtures use them. Nothing here is a model of what those packages compute.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.utils.data import Dataset


@dataclass(frozen=True, slots=True)
class Picture:
    """What a data set gives before ``ToTensor``: a PIL image has no shape."""

    channels: int
    height: int
    width: int


# --- transforms ---------------------------------------------------------------------------------------------------


def _resized(x: Any, height: int, width: int) -> Any:
    return Picture(x.channels, height, width) if isinstance(x, Picture) else torch.rand(x.shape[0], height, width)


def _extent(x: Any) -> tuple[int, int]:
    return (x.height, x.width) if isinstance(x, Picture) else (x.shape[-2], x.shape[-1])


def _pair(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[-1])


class Same:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __call__(self, x: Any) -> Any:
        return x


class Compose:
    def __init__(self, transforms: list[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x


class ToTensor:
    def __call__(self, x: Picture) -> Tensor:
        return torch.rand(x.channels, x.height, x.width)


class Normalize:
    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        self.mean, self.std = torch.as_tensor(mean).reshape(-1, 1, 1), torch.as_tensor(std).reshape(-1, 1, 1)

    def __call__(self, x: Tensor) -> Tensor:
        # in place: three means on one channel raise, as they do in torchvision
        return x.clone().sub_(self.mean).div_(self.std)


class Resize:
    def __init__(self, size: Any, *args: Any, **kwargs: Any) -> None:
        self.size = size

    def __call__(self, x: Any) -> Any:
        if not isinstance(self.size, int) and len(self.size) == 2:
            return _resized(x, *self.size)
        short = self.size if isinstance(self.size, int) else self.size[0]
        height, width = _extent(x)
        if height <= width:
            return _resized(x, short, int(short * width / height))
        return _resized(x, int(short * height / width), short)


class Crop:
    def __init__(self, size: Any, *args: Any, **kwargs: Any) -> None:
        self.size = _pair(size)

    def __call__(self, x: Any) -> Any:
        return _resized(x, *self.size)


class Pad:
    def __init__(self, padding: Any, *args: Any, **kwargs: Any) -> None:
        sides: list[int] = [padding] * 4 if isinstance(padding, int) else list(padding) * (4 // len(padding))
        self.left, self.top, self.right, self.bottom = sides

    def __call__(self, x: Any) -> Any:
        height, width = _extent(x)
        return _resized(x, height + self.top + self.bottom, width + self.left + self.right)


class Grayscale:
    def __init__(self, num_output_channels: int = 1) -> None:
        self.channels = num_output_channels

    def __call__(self, x: Any) -> Any:
        if isinstance(x, Picture):
            return Picture(self.channels, x.height, x.width)
        return x[:1].expand(self.channels, -1, -1)


class Lambda:
    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, x: Any) -> Any:
        return self.lambd(x)


TRANSFORMS: dict[str, type] = {
    "Compose": Compose,
    "ToTensor": ToTensor,
    "PILToTensor": ToTensor,
    "Normalize": Normalize,
    "Resize": Resize,
    "CenterCrop": Crop,
    "RandomCrop": Crop,
    "RandomResizedCrop": Crop,
    "Pad": Pad,
    "Grayscale": Grayscale,
    "Lambda": Lambda,
    "RandomHorizontalFlip": Same,
    "RandomVerticalFlip": Same,
    "RandomRotation": Same,
    "RandomAffine": Same,
    "ColorJitter": Same,
}


# --- data sets ----------------------------------------------------------------------------------------------------


class Pictures(Dataset[tuple[Any, Any]]):
    channels, height, width, classes_count = 3, 375, 500, 10
    lengths = (60000, 10000)

    def __init__(
        self,
        root: str = "",
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
        split: str = "train",
        **kwargs: Any,
    ) -> None:
        self.length = self.lengths[0 if train and split in ("train", "letters", "digits", "balanced") else 1]
        self.transform, self.target_transform = transform, target_transform
        self.classes = [str(k) for k in range(self.classes_count)]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if index >= self.length:
            raise IndexError(index)
        x: Any = Picture(self.channels, self.height, self.width)
        y: Any = index % self.classes_count
        x = x if self.transform is None else self.transform(x)
        return x, y if self.target_transform is None else self.target_transform(y)


def _data_set(name: str, channels: int, size: int, classes: int, lengths: tuple[int, int]) -> type[Pictures]:
    fields = {"channels": channels, "height": size, "width": size, "classes_count": classes, "lengths": lengths}
    return type(name, (Pictures,), fields)


class ImageFolder(Pictures):
    lengths = (1000, 1000)

    def __init__(self, root: str, transform: Callable[[Any], Any] | None = None, **kwargs: Any) -> None:
        super().__init__(root, transform=transform)


DATASETS = [
    _data_set("MNIST", 1, 28, 10, (60000, 10000)),
    _data_set("FashionMNIST", 1, 28, 10, (60000, 10000)),
    _data_set("KMNIST", 1, 28, 10, (60000, 10000)),
    _data_set("EMNIST", 1, 28, 47, (112800, 18800)),
    _data_set("QMNIST", 1, 28, 10, (60000, 60000)),
    _data_set("USPS", 1, 16, 10, (7291, 2007)),
    _data_set("CIFAR10", 3, 32, 10, (50000, 10000)),
    _data_set("CIFAR100", 3, 32, 100, (50000, 10000)),
    _data_set("SVHN", 3, 32, 10, (73257, 26032)),
    _data_set("STL10", 3, 96, 10, (5000, 8000)),
    ImageFolder,
]


# --- loops that call a step with a batch ---------------------------------------------------------------------------


class LightningModule(torch.nn.Module):
    def log(self, *args: Any, **kwargs: Any) -> None: ...

    log_dict = save_hyperparameters = log


class LightningDataModule:
    def prepare_data(self) -> None: ...

    def setup(self, stage: str = "") -> None: ...


class Trainer:
    """One batch of each loader goes to its step."""

    STEPS = (("train", "training_step"), ("val", "validation_step"), ("test", "test_step"))

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def fit(
        self, model: Any, train_dataloaders: Any = None, val_dataloaders: Any = None, datamodule: Any = None
    ) -> None:
        data = train_dataloaders if hasattr(train_dataloaders, "train_dataloader") else datamodule or model
        if isinstance(data, LightningDataModule):
            data.prepare_data()
            data.setup("fit")
        model.configure_optimizers()
        given = {"train": None if data is train_dataloaders else train_dataloaders, "val": val_dataloaders}
        for kind, step in self.STEPS[:2]:
            loader = given[kind] or (hasattr(data, f"{kind}_dataloader") and getattr(data, f"{kind}_dataloader")())
            if loader and hasattr(model, step):
                getattr(model, step)(next(iter(loader)), 0)

    def test(self, model: Any, dataloaders: Any = None, datamodule: Any = None) -> None:
        model.test_step(next(iter(dataloaders or datamodule.test_dataloader())), 0)


class Engine:
    def __init__(self, process_function: Callable[[Any, Any], Any]) -> None:
        self.process_function = process_function

    def on(self, event: Any) -> Callable[[Any], Any]:
        return lambda handler: handler

    def run(self, data: Any, max_epochs: int = 1) -> None:
        for batch in data:
            self.process_function(self, batch)


def create_supervised_trainer(model: Any, optimizer: Any, loss_fn: Any, device: Any = None) -> Engine:
    return Engine(lambda engine, batch: loss_fn(model(batch[0]), batch[1]))


# --- the packages -------------------------------------------------------------------------------------------------


def torchsummary(model: Any, input_size: Any, batch_size: int = -1, device: str = "cuda") -> None:
    sizes = input_size if isinstance(input_size[0], tuple | list) else [input_size]
    model(*(torch.rand(2, *size) for size in sizes))


def torchinfo(model: Any, input_size: Any = None, input_data: Any = None, **kwargs: Any) -> None:
    if input_data is not None:
        model(*input_data) if isinstance(input_data, tuple | list) else model(input_data)
    else:
        sizes = input_size if isinstance(input_size[0], tuple | list) else [input_size]
        model(*(torch.rand(*size) for size in sizes))


class Annotation:
    """``Float[Tensor, "b 1 28 28"]``: a subscript that is never looked at."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Tensor


def _module(name: str, **content: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    return module


def stubs() -> dict[str, types.ModuleType]:
    """What to put into ``sys.modules``."""
    datasets = _module("torchvision.datasets", **{cls.__name__: cls for cls in DATASETS})
    transforms = _module("torchvision.transforms", **TRANSFORMS)
    utils = _module("torchvision.utils", make_grid=lambda x, **k: x, save_image=lambda *a, **k: None)
    lightning = {"LightningModule": LightningModule, "LightningDataModule": LightningDataModule, "Trainer": Trainer}
    ignite = {"Engine": Engine, "Events": mock.MagicMock(), "create_supervised_trainer": create_supervised_trainer}
    kinds = dict.fromkeys(("Float", "Int", "Float32", "Int64", "Shaped", "Bool"), Annotation)
    return {
        "torchvision": _module("torchvision", datasets=datasets, transforms=transforms, utils=utils),
        "torchvision.datasets": datasets,
        "torchvision.transforms": transforms,
        "torchvision.utils": utils,
        "torchsummary": _module("torchsummary", summary=torchsummary),
        "torchinfo": _module("torchinfo", summary=torchinfo),
        **{name: _module(name, **lightning) for name in ("pytorch_lightning", "lightning", "lightning.pytorch")},
        "ignite": _module("ignite"),
        "ignite.engine": _module("ignite.engine", **ignite),
        "jaxtyping": _module("jaxtyping", **kinds),
        "torchtyping": _module("torchtyping", TensorType=Annotation),
    }
