"""Signatures of what is written in C++, as torch's native schemas tell them.

A name may have several overloads: its rule must be callable as at least one of them, and what the rule names beyond
them must be in the schema of another name of the same rule. First operands are compared by place: schemas call them
``self``, Python ``input`` or otherwise, and nobody names them.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from functools import cache
from typing import Any

import torch

from torchshape_lint.rules.apply import IGNORED
from torchshape_lint.rules.registry import Param, Rule
from torchshape_lint.values import External

VAR_POSITIONAL, VAR_KEYWORD = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
_PREFIXES = {"linalg": "linalg_", "special": "special_", "fft": "fft_", "functional": "", "Tensor": "", "torch": ""}


@cache
def _by_name() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for schema in torch._C._jit_get_all_schemas():
        found[schema.name].append(schema)
    return found


def overloads(name: str) -> list[Any]:
    """The schemas behind torch.linalg.inv and its like, without those that are Python's own or need named axes."""
    place, _, last = name.rpartition(".")
    prefix = _PREFIXES.get(place.rpartition(".")[2])
    found = [] if prefix is None or last.startswith("__") else _by_name().get(f"aten::{prefix}{last}", [])
    method = place.endswith("Tensor")
    return [schema for schema in found if _called(schema, method)]


def _called(schema: Any, method: bool) -> bool:
    arguments = schema.arguments
    if any(a.is_out for a in arguments) or "name" in schema.overload_name:
        return False
    return not method or (bool(arguments) and str(arguments[0].type) == "Tensor")


def names(schema: Any) -> set[str]:
    return {argument.name for argument in schema.arguments}


def unlike(rule: Rule, schema: Any) -> str:
    """In what the rule cannot be called as the schema says; empty if it can."""
    own = {p.name: p for p in rule.params}
    arguments = [a for a in schema.arguments if a.name in own or a.name not in IGNORED]
    kinds = {p.kind for p in rule.params}
    by_place = [p for p in rule.params if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    theirs = [a for a in arguments if not a.kwarg_only]
    for k, argument in enumerate(theirs):
        if k >= len(by_place):
            if VAR_POSITIONAL in kinds:
                break
            return f"{argument.name} is not taken"
        if k and argument.name not in ("self", by_place[k].name):
            return f"{argument.name} is called {by_place[k].name}"
        if not _same_default(argument, by_place[k]):
            return f"{argument.name} is {argument.default_value}, not {by_place[k].default}"
    for param in by_place[len(theirs) :]:
        if param.required:
            return f"{param.name} is needed"
    for argument in (a for a in arguments if a.kwarg_only and a.name not in IGNORED):
        if argument.name not in own and VAR_KEYWORD not in kinds:
            return f"{argument.name} is not taken"
        if argument.name in own and not _same_default(argument, own[argument.name]):
            return f"{argument.name} is {argument.default_value}, not {own[argument.name].default}"
    return ""


def _same_default(argument: Any, param: Param) -> bool:
    return not argument.has_default_value() or _plain(argument.default_value) == _plain(param.default)


def _plain(default: object) -> object:
    """[1, 1] stands for 1, an empty list for None."""
    if isinstance(default, (tuple, list)):
        items = list(map(_plain, default))
        return None if not items else items[0] if items.count(items[0]) == len(items) else tuple(items)
    return default.path.rpartition(".")[2] if isinstance(default, External) else default
