"""What the random questions are drawn with, and the list of them: one strategy for each group of rules.

A strategy gets the dice and one of its names, and says what to call it with; `asks` says which names those are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from tests.rules.judge import GUISES, Guise, T, judge_function, judge_layer
from torchshape_lint.rules.apply import Applied
from torchshape_lint.rules.registry import find_layer

Item = TypeVar("Item")


@dataclass(frozen=True)
class Dice:
    """Short words for what is drawn most. Ten times as fast as hypothesis, and what is drawn is small anyhow."""

    random: Random

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def size(self) -> int:
        return self.number(1, 6)

    def chance(self, of: int = 2) -> bool:
        """True once in so many times."""
        return self.random.randrange(of) == 0

    def one(self, *options: Item) -> Item:
        return self.random.choice(options)

    def mostly(self, usual: Item, *others: Item, of: int = 5) -> Item:
        """``usual``, but once in so many times one of the others."""
        return self.one(*others) if self.chance(of) else usual

    def ints(self, least: int, most: int, low: int = 1, high: int = 6) -> list[int]:
        return [self.number(low, high) for _ in range(self.number(least, most))]

    def tensor(self, least: int = 0, most: int = 4, low: int = 1, high: int = 6, dtype: str = "float32") -> T:
        """A tensor with so many axes of such sizes."""
        return T(*self.ints(least, most, low, high), dtype=dtype)

    def dim(self, x: T | int, of: int = 6) -> int:
        """An axis of a tensor, once in so many times one that does not exist."""
        rank = max(x if isinstance(x, int) else len(x.sizes), 1)
        return self.one(-rank - 1, rank, rank + 1) if self.chance(of) else self.number(-rank, rank - 1)

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self.random.sample(items, len(items))

    def some(self, items: Sequence[Item]) -> list[Item]:
        return [item for item in items if self.chance()]

    def near(self, size: int, of: int = 5) -> int:
        """This size, once in so many times another."""
        return self.mostly(size, size + 1, max(size - 1, 0), 1, of=of)

    def alike(self, x: T, of: int = 4, dtype: str | None = None) -> T:
        """A tensor of the same shape, once in so many times with one other size, or one axis more or less."""
        sizes = list(x.sizes)
        if self.chance(of):
            k = self.number(-1, len(sizes) - 1)
            change = self.number(0, 3)
            if k < 0 or change == 3:
                sizes.insert(k + 1, self.number(1, 3))
            elif change == 2:
                del sizes[k]
            else:
                sizes[k] = self.near(sizes[k], 1)
        return T(*sizes, dtype=dtype or x.dtype)

    def broadcast(self, x: T, of: int = 4, dtype: str | None = None) -> T:
        """A tensor that x can be computed with, once in so many times none."""
        sizes = list(x.sizes)[self.one(0, 0, 1, 2) :]
        sizes = [1 if self.chance(5) else n for n in sizes]
        if sizes and self.chance(of):
            k = self.number(0, len(sizes) - 1)
            sizes[k] = self.near(sizes[k], 1)
        return T(*sizes, dtype=dtype or x.dtype)


@dataclass
class Question:
    """What to call something with; for a layer: what to make it with, and what the layer is then called with."""

    arguments: Sequence[Any]
    keywords: dict[str, Any]
    inputs: list[Any] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    training: bool = True

    def on(self, *inputs: Any, **names: Any) -> Question:
        self.inputs, self.names = list(inputs), names
        return self


def call(*arguments: Any, **keywords: Any) -> Question:
    return Question(arguments, keywords)


Strategy = Callable[[Dice, str], Question]


@dataclass(frozen=True)
class Family:
    """A strategy with the names that it is for.

    cpu: meta tensors let through what the CPU refuses. unknown: some results depend on contents. missed: torch
    refuses more than shapes can tell. always: nothing is ever refused. package: what must be installed beside torch.
    """

    strategy: Strategy
    names: tuple[str, ...]
    cpu: bool
    unknown: bool
    missed: bool
    always: bool
    package: str
    parameters: bool

    def judge(self, name: str, question: Question) -> Applied:
        """Torch and the rule must agree: see `judge`."""
        drawn = [question.arguments, [*question.keywords.values()], question.inputs, [*question.names.values()]]
        scalar = any(isinstance(x, T) and not x.sizes for x in _flat(drawn))
        guises: Sequence[Guise] = () if scalar else GUISES  # an open tensor whose axis -1 is used is taken to have one
        how: dict[str, Any] = {"device": "cpu" if self.cpu else "meta", "unknown": self.unknown, "missed": self.missed}
        made, keywords = question.arguments, question.keywords
        if find_layer(name):
            inputs, names = question.inputs, question.names
            how |= {"training": question.training, "parameters": self.parameters}
            return judge_layer(name, made, keywords, inputs, names, guises=guises, **how)
        return judge_function(name, made, keywords, guises=guises, **how)


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, (list, tuple)) else [value]


FAMILIES: dict[str, Family] = {}


def asks(
    *names: str,
    cpu: bool = False,
    unknown: bool = False,
    missed: bool = False,
    always: bool = False,
    package: str = "",
    parameters: bool = True,
) -> Callable[[Strategy], Strategy]:
    """Ask these names (several in one string, with {n} for 1, 2 and 3) with what the strategy below draws."""

    def register(strategy: Strategy) -> Strategy:
        full = tuple(
            _full(name, n) for text in names for name in text.split() for n in "123"[: 3 if "{n}" in name else 1]
        )
        assert strategy.__name__ not in FAMILIES, strategy.__name__
        FAMILIES[strategy.__name__] = Family(strategy, full, cpu, unknown, missed, always, package, parameters)
        return strategy

    return register


_SHORT = {"nn": "torch.nn", "F": "torch.nn.functional"} | {
    name: f"torch.{name}" for name in ("Tensor", "linalg", "fft", "special", "signal", "masked")
}


def _full(name: str, n: str) -> str:
    """``F.conv{n}d`` is torch.nn.functional.conv2d for 2; what stands alone is in torch."""
    head, dot, rest = name.replace("{n}", n).partition(".")
    if not dot:
        return f"torch.{head}"
    return f"{_SHORT.get(head, head)}.{rest}"


def spatial(name: str) -> int:
    """2 for nn.Conv2d"""
    return int(next(c for c in reversed(name) if c in "123"))
