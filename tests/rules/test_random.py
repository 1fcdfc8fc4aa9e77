"""Random arguments for every rule: torch and the rule must agree on acceptance and on every shape.

Each case that torch accepts is asked again with names for its sizes and with tensors of unknown rank, and what the
rule says then must hold for the numbers. The draws are the same in every run; RANDOM_EXAMPLES asks for more of them.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections import Counter
from random import Random

import pytest

from tests import rules as tests_of_rules
from tests.rules.random_draws import FAMILIES, Dice
from tests.rules.torchvision_ready import require_torchvision
from torchshape_lint.rules.registry import Rule, find_layer, find_rule, known

for module in pkgutil.iter_modules(tests_of_rules.__path__):
    if module.name.startswith("random_"):
        importlib.import_module(f"{tests_of_rules.__name__}.{module.name}")

EXAMPLES = int(os.environ.get("RANDOM_EXAMPLES", "50"))


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name: str) -> None:
    family = FAMILIES[name]
    if family.package == "torchvision":
        require_torchvision()
    elif family.package:
        pytest.importorskip(family.package)
    seen: Counter[bool] = Counter()
    dice = Dice(Random(name))
    for k in range(max(EXAMPLES, 2 * len(family.names))):
        operator = family.names[k % len(family.names)]
        broken = family.judge(operator, family.strategy(dice, operator)).broken
        seen[not any(need.code.torch_raises for need in broken)] += 1
    assert seen[True], "nothing was accepted"
    assert bool(seen[False]) is not family.always, f"{seen[False]} of {seen.total()} refused"


# Rules that no strategy asks: of what, and why not.
_REASONS = {
    "T stands for a dense tensor": """
        sparse.indices sparse.layout sparse.parts sparse.resize_as_sparse_ sparse.sampled_addmm sparse.smm
        sparse.sparse_addmm sparse.sparse_compressed_tensor sparse.sparse_coo_tensor sparse.sparse_csr_tensor
        sparse.sparse_mask sparse.sparse_mm sparse.sparse_resize_ sparse.sparse_softmax sparse.sparse_sum sparse.spdiags
        sparse.spsolve sparse.to_sparse
        """,
    "nor is it quantised": """
        quantised.dequantize quantised.fused quantised.q_per_channel_scales quantised.q_scale
        quantised.quantize_per_channel quantised.quantize_per_tensor quantised.quantize_per_tensor_dynamic
        """,
    "torchvision's compiled half is the judge": """
        torchvision_blocks.deform_conv torchvision_blocks.deform_conv2d torchvision_blocks.deform_conv_layer
        torchvision_boxes.batched_nms torchvision_boxes.nms
        torchvision_ops.ps_roi_align torchvision_ops.ps_roi_align_layer torchvision_ops.ps_roi_call
        torchvision_ops.ps_roi_pool torchvision_ops.roi_align torchvision_ops.roi_align_layer torchvision_ops.roi_call
        torchvision_ops.roi_pool torchvision_ops.roi_pool_layer
        """,
    "a layer or a function is among the arguments": """
        transformer.decoder_call transformer.decoder_stack transformer.encoder_call transformer.encoder_stack
        loss_linear.adaptive_log_prob loss_linear.adaptive_predict gradients.backward gradients.grad
        """,
    "files, other memory, other libraries": """
        native.from_file native.frombuffer einops_packing.asnumpy strided.set_ torchvision_transforms.to_pil_image
        torchvision_transforms.to_tensor
        """,
    "what is asked is a type or a place": """
        pointwise.change_type properties.dtype properties.elsewhere torchvision_transforms.to_dtype
        """,
    "the numbers themselves decide": """
        loss_native.ctc_loss torchvision_boxes.masks_to_boxes torchvision_boxes.remove_small_boxes
        """,
}  # fmt: skip
UNASKED = {place for places in _REASONS.values() for place in places.split()}


def test_every_rule_is_asked() -> None:
    asked = {name for family in FAMILIES.values() for name in family.names}
    calls, layers = known()
    rules = [*filter(None, map(find_rule, calls)), *filter(None, map(find_layer, layers))]
    assert not asked - {rule.name for rule in rules}
    unasked = {place(rule) for rule in rules} - {place(rule) for rule in rules if rule.name in asked}
    assert unasked == UNASKED


def place(rule: Rule) -> str:
    return f"{rule.function.__module__.rpartition('.')[2]}.{rule.function.__name__}"
