"""Which rule speaks for which operator. The registry walks this package: a new operator edits no list.

Three decorators fill it, each taking torch's full names (``{n}`` stands for each of ``n``):

- `shape_rule`: what a call does to shapes. For a layer (torch.nn.X) the parameters before ``*`` are the call's,
  those after it are read from the layer; for a function they are simply keyword-only.
- `layer`: what constructing torch.nn.X needs, and which parameters and buffers it makes.
- `reread`: which of a layer's numbers its parameters decide, for when somebody replaces them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Generator
from functools import cache
from typing import Any, TypeVar

from torchshape_lint.frozen import dataclass
from torchshape_lint.rules.needs import Constructing, Construction, Derivation, Need, Outcome
from torchshape_lint.shapes import Shape

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a rule: its annotation says how a value is read."""

    name: str
    kind: inspect._ParameterKind
    default: object
    annotation: object

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty and self.kind not in (
            inspect.Parameter.VAR_POSITIONAL,
            inspect.Parameter.VAR_KEYWORD,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered function: its name in torch, what it was written as, and ``n`` where the name had one."""

    name: str
    function: Callable[..., Generator[Need | Derivation, None, Any] | Outcome | Construction]
    n: int | None

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters that a call fills: of a rule for several n, all but ``n``."""
        return _params(self.function, self.n is not None)

    @property
    def wants_n(self) -> bool:
        return self.n is not None and len(self.params) < len(_params(self.function, False))


class Table(dict[str, Rule]):
    """Rules by full name; two rules for one name are refused."""

    def add(self, names: tuple[str, ...], n: tuple[int, ...], function: Callable[..., Any]) -> None:
        for name in names:
            for number in n or (None,):
                full = name.format(n=number) if number is not None else name
                if full in self:
                    raise ValueError(f"two rules for {full}: {self[full].function} and {function}")
                self[full] = Rule(full, function, number)


_shape_rules = Table()
_layers = Table()
_rereads: dict[str, Callable[[dict[str, Shape]], dict[str, object]]] = {}


def shape_rule(*names: str, n: tuple[int, ...] = ()) -> Callable[[F], F]:
    """Register what a call of ``names`` does to shapes."""

    def register(function: F) -> F:
        _shape_rules.add(names, n, function)
        return function

    return register


def layer(*names: str, n: tuple[int, ...] = ()) -> Callable[[Callable[..., Constructing | Construction]], Any]:
    """Register what constructing the layers ``names`` needs and makes; the signature is the constructor's."""

    def register(function: Callable[..., Constructing | Construction]) -> object:
        _layers.add(names, n, function)
        return function

    return register


def reread(*names: str, n: tuple[int, ...] = ()) -> Callable[[F], F]:
    """Register which of a layer's numbers follow from its parameters' shapes (given as {name: Shape})."""

    def register(function: F) -> F:
        for name in names:
            for number in n or (None,):
                _rereads[name.format(n=number) if number is not None else name] = function
        return function

    return register


@cache
def _params(function: Callable[..., Any], numbered: bool) -> tuple[Param, ...]:
    """Looked at when a rule is first asked: most rules never are."""
    hints = inspect.get_annotations(function, eval_str=True)
    return tuple(
        Param(p.name, p.kind, p.default, hints.get(p.name, object))
        for p in inspect.signature(function).parameters.values()
        if not (numbered and p.name == "n")
    )


@cache
def load() -> None:
    """Import every module of this package, so that all rules are registered."""
    from torchshape_lint import rules

    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")


def find_rule(name: str) -> Rule | None:
    """The rule for calling ``name``, None for an operator that nobody wrote down yet."""
    load()
    return _shape_rules.get(name)


def find_layer(name: str) -> Rule | None:
    """The construction of the layer ``name``."""
    load()
    return _layers.get(name)


def find_reread(name: str) -> Callable[[dict[str, Shape]], dict[str, object]] | None:
    load()
    return _rereads.get(name)


def known() -> tuple[list[str], list[str]]:
    """All operators with a rule, all layers with a construction."""
    load()
    return sorted(_shape_rules), sorted(_layers)
