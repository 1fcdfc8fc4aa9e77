"""Every rule has torch's own parameters: the same names, order and defaults, as far as torch lets Python see them."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.rules.judge import REFUSALS, resolve
from torchshape_lint.rules.apply import IGNORED
from torchshape_lint.rules.registry import Param, find_layer, find_rule, known
from torchshape_lint.values import External

CALLS, LAYERS = known()
VAR = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

# Rules that differ from torch's signature on purpose.
_SPLIT = "the function and the method name the first argument differently: one rule takes both"
EXCEPTIONS: dict[str, str] = {
    "torch.split": _SPLIT,
    "torch.functional.split": _SPLIT,
    "torch.Tensor.split": _SPLIT,
    "torch.cdist": "compute_mode cannot change a shape: its default is not repeated",
}


def _torch_signature(name: str) -> inspect.Signature:
    """The signature of ``name``; skips with the reason where there is none to compare with."""
    if name in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[name])
    if not name.startswith("torch."):
        pytest.skip(f"{name.partition('.')[0]} is not torch")
    try:
        found: Callable[..., Any] = resolve(name)
    except (*REFUSALS, LookupError):
        pytest.skip("not in this torch")
    if inspect.isfunction(found) and "if_false" in (seen := inspect.getclosurevars(found).nonlocals):
        found = seen["if_false"]  # F.max_pool2d and its like choose between two functions by a flag
    try:
        signature = inspect.signature(found)
    except (ValueError, TypeError):
        pytest.skip("written in C++: Python sees no signature")
    if all(p.kind in VAR for p in signature.parameters.values()):
        pytest.skip("takes *args")
    return signature


def _plain(default: object) -> object:
    """A default without its dress: (1,) stands for 1, torch.float32 and F.relu for their names."""
    if isinstance(default, (tuple, list)):
        return _plain(default[0]) if len(default) == 1 else tuple(map(_plain, default))
    if isinstance(default, External):
        return default.path.rpartition(".")[2]
    if isinstance(default, torch.layout):
        return str(default).rpartition(".")[2]
    return default.__name__ if inspect.isfunction(default) else default


def _listed(params: list[Param] | list[inspect.Parameter]) -> list[tuple[str, object]]:
    return [(p.name, _plain(p.default)) for p in params]


def _compare(name: str, ours: list[Param], signature: inspect.Signature) -> None:
    names = {p.name for p in ours}
    theirs = [p for p in signature.parameters.values() if p.name in names or p.name not in IGNORED]
    if any(p.kind in VAR for p in ours) and not any(p.kind in VAR for p in theirs):  # takes more than torch does
        ours = [p for p in ours if p.kind not in VAR]
        theirs = [p for p in theirs if p.name in {q.name for q in ours}]
    theirs = [  # what has no name outside has none to compare
        p.replace(name=q.name) if p.kind is inspect.Parameter.POSITIONAL_ONLY else p
        for p, q in itertools.zip_longest(theirs, ours[: len(theirs)])
    ]
    in_order = [p for p in theirs if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    by_name = [p for p in theirs if p.kind is inspect.Parameter.KEYWORD_ONLY]
    positional = [p for p in ours if p.name not in {q.name for q in by_name}]
    assert _listed(positional) == _listed(in_order), name
    keywords = [p for p in ours if p not in positional]
    assert dict(_listed(keywords)) == dict(_listed(by_name)), name


@pytest.mark.parametrize("name", LAYERS)
def test_constructors(name: str) -> None:
    rule = find_layer(name)
    assert rule
    _compare(name, list(rule.params), _torch_signature(name))


@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str) -> None:
    rule = find_rule(name)
    assert rule
    is_layer = find_layer(name) is not None
    signature = _torch_signature(f"{name}.forward" if is_layer else name)
    params = list(rule.params)
    of_layer = is_layer or (name.startswith("torch.nn.") and "self" in signature.parameters)
    if of_layer:  # what stands behind * is read from the layer
        params = [p for p in params if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    elif name.startswith("torch.Tensor."):
        own = next(iter(signature.parameters.values()))
        assert params[0].default is inspect.Parameter.empty
        params[0] = Param(own.name, params[0].kind, own.default, params[0].annotation)
    _compare(name, params, signature)
