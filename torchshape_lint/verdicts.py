"""The three answers. YES and NO are proofs; MAYBE is everything else and never turns into False by accident."""

from __future__ import annotations

from enum import Enum
from typing import Iterable, NoReturn


class Verdict(Enum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is not a truth value: compare it with YES, NO or MAYBE")

    def __invert__(self) -> Verdict:
        return {YES: NO, NO: YES, MAYBE: MAYBE}[self]


YES, NO, MAYBE = Verdict.YES, Verdict.NO, Verdict.MAYBE


def decided(truth: bool) -> Verdict:
    """The verdict of something that is simply known."""
    return YES if truth else NO


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """YES when all are, NO as soon as one is, otherwise MAYBE."""
    answer = YES
    for verdict in verdicts:
        if verdict is NO:
            return NO
        if verdict is MAYBE:
            answer = MAYBE
    return answer


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """YES as soon as one is, NO when all are, otherwise MAYBE."""
    return ~every(~verdict for verdict in verdicts)
