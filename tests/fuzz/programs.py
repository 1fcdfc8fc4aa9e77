"""Every kind of random program by its name; each is made by a number alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz import mutations, splices
from tests.fuzz.grammar import grammar


def _network(name: str) -> Callable[[Random], str]:
    def made(random: Random) -> str:
        from tests.fuzz import networks  # torch

        text: str = getattr(networks, name)(random)
        return text

    return made


NETWORKS = ("working", "broken", "symbolic")  # those that torch has an opinion about
KINDS: dict[str, Callable[[Random], str]] = {
    "half-typed": mutations.half_typed,
    "lines": mutations.lines,
    "tokens": mutations.tokens,
    "bytes": mutations.octets,
    "splices": splices.splices,
    "grammar": grammar,
    **{name: _network(name) for name in NETWORKS},
}


def program(kind: str, seed: int) -> str:
    return KINDS[kind](Random(f"{kind} {seed}"))
