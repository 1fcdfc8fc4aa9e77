"""Every public name of torch.nn is known, or stands in `unknown_names.NN` with the reason."""

from __future__ import annotations

import importlib
import inspect
from fnmatch import fnmatch

import pytest
import torch

from tests.rules.unknown_names import NN
from torchshape_lint.interp import classes
from torchshape_lint.interp.known.table import TABLE
from torchshape_lint.interp.names import canonical
from torchshape_lint.rules.registry import find_layer, find_rule

NAMESPACES = [
    "torch.nn",
    *(f"torch.nn.{name}" for name in "functional init parameter parallel attention".split()),
    *(f"torch.nn.attention.{name}" for name in "flex_attention bias".split()),
    "torch.nn.utils",
    *(f"torch.nn.utils.{name}" for name in "rnn parametrize parametrizations prune stateless fusion".split()),
    *(f"torch.nn.utils.{name}" for name in "clip_grad convert_parameters init memory_format".split()),
]
# Where functions come from that torch.nn.functional only uses.
_MACHINERY = ("torch._C", "torch._jit_internal", "torch.overrides")
_SAME_AS = {"torch.nn.ParameterList": "list", "torch.nn.ParameterDict": "dict"}  # how we hold them


def _public(namespace: str) -> list[str]:
    """The classes and functions that a module offers, without its imports."""
    module = importlib.import_module(namespace)
    listed = getattr(module, "__all__", None) if namespace != "torch.nn" else None
    found = []
    for name in listed or [name for name in dir(module) if name[0] != "_"]:
        value = getattr(module, name)
        origin = getattr(value, "__module__", None) or "torch"
        if inspect.isclass(value):
            own = origin.startswith("torch.nn" if namespace == "torch.nn" else namespace) or bool(listed)
        else:
            own = inspect.isroutine(value) and origin.startswith("torch") and origin not in _MACHINERY
        if own:
            found.append(f"{namespace}.{name}")
    return found


def _methods() -> list[str]:
    """The public methods of nn.Module, and those that a layer has beside them."""
    of_every = {name for name in dir(torch.nn.Module) if name[0] != "_" and callable(getattr(torch.nn.Module, name))}
    found = {f"torch.nn.Module.{name}" for name in of_every}
    for layer in torch.nn.modules.__all__:
        own = getattr(torch.nn, layer)
        names = {name for name in dir(own) if name[0] != "_" and callable(getattr(own, name))} - of_every
        found |= {f"torch.nn.{layer}.{name}" for name in names}
    return sorted(found)


NAMES = sorted({name for namespace in NAMESPACES for name in _public(namespace)} | set(_methods()))


def _known(name: str) -> bool:
    path = canonical(name)
    if path in TABLE or path in classes.CONTAINERS or find_rule(path) is not None:
        return True
    head, _, method = path.rpartition(".")
    if find_layer(path) is not None:
        raise AssertionError(f"{path} can be constructed, but not called")
    if f"{_SAME_AS.get(head)}.{method}" in TABLE:
        return True
    return head.rpartition(".")[2][:1].isupper() and f"torch.nn.Module.{method}" in TABLE


def _reasons(name: str) -> list[str]:
    return [reason for pattern, reason in NN.items() if fnmatch(name, pattern)]


def test_many() -> None:
    assert len(NAMES) > 500 and {"torch.nn.Conv2d", "torch.nn.functional.relu", "torch.nn.Module.to"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_known_or_named(name: str) -> None:
    reasons = _reasons(name)
    assert len(reasons) == (not _known(name)), f"{name} is known, and also excused: {reasons}" if reasons else name


@pytest.mark.parametrize("pattern", NN)
def test_nothing_stale(pattern: str) -> None:
    assert any(fnmatch(name, pattern) for name in NAMES)


def test_subclasses() -> None:
    """isinstance(layer, base) as in torch; a lazy layer may have become what it is."""
    layers = [name for name in torch.nn.modules.__all__ if issubclass(getattr(torch.nn, name), torch.nn.Module)]
    for name in layers:
        for base in layers:
            answer = classes.derives(f"torch.nn.{name}", f"torch.nn.{base}")
            if answer is None:
                assert name == f"Lazy{base}"
            else:
                assert answer == issubclass(getattr(torch.nn, name), getattr(torch.nn, base)), (name, base)
