"""Every kind of random program by its name; each is made by a number alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz import mutations, splices
from tests.fuzz.grammar import grammar
from tests.fuzz.plain_programs import plain


def _network(name: str) -> Callable[[Random], str]:
    def made(random: Random) -> str:
        from tests.fuzz import networks  # torch

        text: str = getattr(networks, name)(random)
        return text

    return made


JUDGED = ("working", "broken", "symbolic", "plain")  # those that torch has an opinion about
KINDS: dict[str, Callable[[Random], str]] = {
    "half-typed": mutations.half_typed,
    "lines": mutations.lines,
    "tokens": mutations.tokens,
    "bytes": mutations.octets,
    "splices": splices.splices,
    "grammar": grammar,
    "plain": plain,
    **{name: _network(name) for name in ("working", "broken", "symbolic")},
}


def program(kind: str, seed: int) -> str:
    return KINDS[kind](Random(f"{kind} {seed}"))
