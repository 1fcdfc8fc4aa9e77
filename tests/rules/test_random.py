"""Random arguments for every rule: torch and the rule must agree on acceptance and on every shape.

Each case that torch accepts is asked again with names for its sizes and with tensors of unknown rank, and what the
rule says then must hold for the numbers. The draws are the same in every run.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import rules
from tests.rules.random_draws import FAMILIES, Dice
from torchshape_lint.rules.registry import find_layer, find_rule, known

for module in pkgutil.iter_modules(rules.__path__):
    if module.name.startswith("random_"):
        importlib.import_module(f"{rules.__name__}.{module.name}")

EXAMPLES = int(os.environ.get("RANDOM_EXAMPLES", "40"))


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name: str) -> None:
    family = FAMILIES[name]
    seen: Counter[bool] = Counter()

    @settings(derandomize=True, max_examples=EXAMPLES, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(data=st.data())
    def agrees(data: st.DataObject) -> None:
        operator = data.draw(st.sampled_from(family.names))
        question = family.strategy(Dice(data.draw), operator)
        seen[not family.judge(operator, question).broken] += 1

    agrees()
    assert seen[True], "nothing was accepted"
    assert bool(seen[False]) is not family.always, f"{seen[False]} of {seen.total()} refused"
