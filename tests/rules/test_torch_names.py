"""Every public name of torch, its tensors and the packages of operators below it is known, or says why it is not."""

from __future__ import annotations

import importlib
import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.rules.unknown_names import TORCH
from torchshape_lint.check import check
from torchshape_lint.interp.known.table import TABLE
from torchshape_lint.rules.registry import find_layer, find_rule

_SPACES = (
    "torch torch.linalg torch.fft torch.special torch.sparse torch.nested torch.masked torch.signal.windows "
    "torch.random torch.func torch.autograd torch.autograd.functional torch.utils.checkpoint torch.amp torch.cuda "
    "torch.cuda.amp torch.backends.cuda torch.backends.mps torch.mps torch.cpu torch.compiler"
).split()
_GIVE_TENSORS = "data grad T H mT mH real imag".split()


def _public(space: str) -> Iterator[tuple[str, Any]]:
    """What can be called, but for modules and for classes that make no tensors and no layers."""
    module = importlib.import_module(space)
    names = dir(module) if space == "torch" else getattr(module, "__all__", dir(module))
    for name in names:
        found = getattr(module, name, None)
        if name.startswith("_") or not callable(found) or isinstance(found, types.ModuleType):
            continue
        if inspect.isclass(found) and not issubclass(found, (torch.Tensor, torch.nn.Module)):
            continue
        if found is not torch.Tensor and str(getattr(found, "__module__", None) or "torch").startswith("torch"):
            yield f"{space}.{name}", found


def _names() -> list[str]:
    functions = [path for space in _SPACES for path, _ in _public(space)]
    return [*dict.fromkeys(functions), *(f"torch.Tensor.{name}" for name in _methods())]


def _methods() -> list[str]:
    own = dir(torch.Tensor)
    spoken = [name for name in own if name.startswith("__") and not hasattr(object, name)]
    called = [name for name in [*own, *spoken] if name in spoken or not name.startswith("_")]
    return [name for name in dict.fromkeys(called) if callable(getattr(torch.Tensor, name))]


def _is_known(path: str) -> bool:
    return path in TABLE or find_rule(path) is not None or find_layer(path) is not None


@pytest.mark.parametrize("space", [*_SPACES, "torch.Tensor"])
def test_known_or_with_a_reason(space: str) -> None:
    names = [name for name in _names() if name.rpartition(".")[0] == space]
    assert names
    missing = [name for name in names if not _is_known(name) and not TORCH.get(name)]
    assert not missing, f"write a rule, or a reason in unknown_names.py: {missing}"


def test_no_reason_is_stale() -> None:
    assert not [name for name in TORCH if _is_known(name) or name not in _names()]


def _properties() -> list[str]:
    return [
        name
        for name in dir(torch.Tensor)
        if not name.startswith("_") and not callable(getattr(torch.Tensor, name)) and name not in _GIVE_TENSORS
    ]


@pytest.mark.parametrize("name", _properties())
def test_a_property_is_no_method(name: str) -> None:
    """A method would always be true."""
    text = f"import torch\nx = torch.zeros(0, 0)\nif x.{name}:\n    y = 1\nelse:\n    y = 2\nx.reshape(y)\n"
    if name not in ("shape", "ndim", "dtype"):
        assert not [d for d in check(text, "x.py") if d.code.torch_raises and "(1,)" in d.message]
