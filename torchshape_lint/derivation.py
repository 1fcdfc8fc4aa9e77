"""How an offending shape came about: of all steps of a story, those that led to it.

A tensor does not remember where it came from. What made it is the last step before that gave a tensor of its shape;
where several did, the numbers are the same, and so is the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from torchshape_lint.diagnostics import Step

if TYPE_CHECKING:
    from torchshape_lint.interp.findings import Finding, Stepped
    from torchshape_lint.interp.records import Record

AStep = TypeVar("AStep", "Stepped", Step)


def derivation(finding: Finding, records: Iterable[Record]) -> list[Stepped]:
    """The steps before the one of ``finding`` that its operands come from, in their order."""
    there = [
        (step.inputs == finding.operands, step.broken, -number, record.steps[:k], step)
        for number, record in enumerate(records)
        for k, step in enumerate(record.steps)
        if step.site.program is finding.site.program and step.site.at == finding.site.at
    ]  # with the same operands it may run in one story, where another layer has them, and break in another
    *_, before, step = max(there, key=lambda found: found[:3], default=(False, False, 0, [], None))
    return [] if step is None else behind(before, step)


def behind(before: Sequence[AStep], step: AStep) -> list[AStep]:
    """Those of the steps ``before`` that the operands of ``step`` come from."""
    wanted = list(step.inputs)
    led: list[AStep] = []
    for earlier in reversed(before):
        if any(shape is not None and shape in wanted for shape in earlier.outputs):
            wanted = [shape for shape in wanted if shape not in earlier.outputs]
            wanted += earlier.inputs
            led.append(earlier)
    return led[::-1]
