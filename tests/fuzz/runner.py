"""Batches of random programs, each checked in one process: in one order, and then some of them in another."""

from __future__ import annotations

import faulthandler
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.laws import Answer, ask, same
from tests.fuzz.programs import JUDGED, program

BATCH = 50  # programs that one process checks and then, in another order, checks again
MEMORY = 4 * 2**30
HANG = 300.0  # seconds on the clock without an answer to one program: not even Python runs any more


@dataclass
class Batch:
    """What became of the programs of one kind with these seeds."""

    kind: str
    seeds: range
    faults: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    findings: int = 0
    seconds: float = 0.0


def run(kind: str, seeds: range) -> Batch:
    batch = Batch(kind, seeds)
    began = time.process_time()
    answers: dict[int, Answer] = {}
    for seed in seeds:
        faulthandler.dump_traceback_later(HANG, exit=True)
        text = program(kind, seed)
        answers[seed] = answer = ask(text)
        batch.slowest = max(batch.slowest, (answer.seconds, seed))
        batch.findings += answer.said.count('"code"')
        if fault := answer.fault or torch_fault(kind, text):
            batch.faults.append((seed, fault))
    again = [seed for seed in seeds if not answers[seed].fault and answers[seed].seconds < 1.0]
    for seed in Random(seeds.start).sample(again, len(again) // 3):
        if fault := same(answers[seed].said, program(kind, seed)):
            batch.faults.append((seed, fault))
    faulthandler.cancel_dump_traceback_later()
    batch.seconds = time.process_time() - began
    return batch


def faulty(kind: str, text: str) -> str:
    """What is wrong with the answer to a text, "" if nothing is."""
    return ask(text).fault or torch_fault(kind, text)


def torch_fault(kind: str, text: str) -> str:
    """What torch says against the answer."""
    if kind not in JUDGED or not _is_python(text):  # what a program is made smaller to may be none
        return ""
    from tests.fuzz.network_laws import judged

    return judged(text).fault


def _is_python(text: str) -> bool:
    try:
        compile(text, "net.py", "exec")
    except SyntaxError:
        return False
    return True


def batches(count: int, start: int, kinds: list[str]) -> Iterator[tuple[str, range]]:
    """The kinds in turn, until there are ``count`` programs."""
    share = -(-count // len(kinds))
    for first in range(0, share, BATCH):
        for kind in kinds:
            yield kind, range(start + first, start + min(first + BATCH, share))


def bounded() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
