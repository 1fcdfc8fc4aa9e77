"""Data sets and loaders are kept with their arguments; what they hold is worked out by `interp.datasets`."""

from __future__ import annotations

from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.machine import Raised
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.values import Made, Record, Tensor, Unknown, Value


@known("torchvision.datasets.VisionDataset", "torch.utils.data.IterableDataset")
def _abstract(h: Here) -> Value:
    return Unknown("an abstract data set")


@known("torch.utils.data.ConcatDataset")
def _concatenated(h: Here) -> Value:
    return Made(h.path, tuple(h.args.positional))


@known("made.__call__")
def _call_made(h: Here) -> Value:
    """A transform called on a tensor, a named tuple's class; anything else is not followed."""
    from torchshape_lint.interp.datasets import PICTURE, Picture, opened, transformed

    if isinstance(h.self, Made) and h.self.path == "collections.namedtuple":
        return _record(h, h.self)
    value = h.arg(0)
    if isinstance(h.self, Made) and ".transforms" in h.self.path and (source := opened(value)) is not None:
        result = transformed(h.m, h.frame, h.self, source)
        if isinstance(result, Picture):
            return Made(PICTURE, (result.channels, result.height, result.width))
        return result if isinstance(result, Tensor) else Unknown("a transform that is not followed")
    return Unknown("called an external object")


def _record(h: Here, made: Made) -> Value:
    """An instance of a named tuple."""
    names = tuple(str(name) for name in made.args)
    items = list(h.args.positional)
    defaults = plain_items(dict(made.keywords).get("defaults", ()))
    for k in range(len(items), len(names)):
        behind = len(names) - k
        if names[k] in h.args.keywords:
            items.append(h.args.keywords[names[k]])
        elif defaults is not None and behind <= len(defaults):
            items.append(defaults[-behind])
        else:
            raise Raised(f"{names[k]} is missing")
    return Record.of(names, tuple(items))
