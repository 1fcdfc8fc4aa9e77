"""Data sets and loaders are kept with their arguments; what they hold is worked out by `interp.datasets`."""

from __future__ import annotations

from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.values import Made, Unknown, Value


@known("torchvision.datasets.VisionDataset", "torch.utils.data.IterableDataset")
def _abstract(h: Here) -> Value:
    return Unknown("an abstract data set")


@known("torch.utils.data.ConcatDataset")
def _concatenated(h: Here) -> Value:
    return Made(h.path, tuple(h.args.positional))


@known("made.__call__")
def _call_made(h: Here) -> Value:
    """A transform called on a tensor; anything else is not followed."""
    from torchshape_lint.interp.datasets import transformed
    from torchshape_lint.values import Tensor

    value = h.arg(0)
    if isinstance(h.self, Made) and ".transforms" in h.self.path and isinstance(value, Tensor):
        result = transformed(h.m, h.frame, h.self, value)
        return result if isinstance(result, Tensor) else Unknown("a transform that is not followed")
    return Unknown("called an external object")
