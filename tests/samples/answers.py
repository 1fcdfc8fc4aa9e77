"""Torch's answer to a written line: the shapes of all tensors in what it gives, or how it refuses."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)

from tests.samples.written import NotWritable

Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Answer:
    """``shapes`` of the tensors in order, or ``refusal``: what torch says; ``result`` where there are no tensors."""

    shapes: Shapes = ()
    refusal: str = ""
    result: object = None


def ask(source: str) -> Answer:
    """Run ``source`` (a line that sets y) in torch."""
    names: dict[str, object] = {"torch": torch}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            exec(source, names)
        except Exception as problem:  # noqa: BLE001  (whatever torch raises is its answer)
            return Answer(refusal=f"{type(problem).__name__}: {problem}")
    shapes = tuple(tuple(t.shape) for t in _tensors(names["y"]))
    return Answer(shapes, result=None if shapes else names["y"])


def _tensors(result: object) -> Iterator[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        if result.is_nested:
            raise NotWritable("gives a nested tensor")
        yield result
    elif isinstance(result, (tuple, list)):
        for item in result:
            yield from _tensors(item)
    elif isinstance(result, dict):
        yield from _tensors(tuple(result.values()))


def depends_on_data(source: str) -> bool:
    """Does the shape depend on what is in the tensors? Torch's own fake tensors refuse exactly then."""
    try:
        with FakeTensorMode():
            exec(source, {"torch": torch})
    except (DataDependentOutputException, DynamicOutputShapeException):
        return True
    except Exception as problem:  # noqa: BLE001  (fake tensors do not know every operator)
        return "data is not allocated" in str(problem)
    return False
