"""Public names of torch that have no rule, each with the reason; docs/coverage.md shows them.

NN: of torch.nn and what is below it (tests/rules/test_nn_names.py). TORCH: of torch itself, torch.Tensor, torch.linalg
and the like (tests/rules/test_torch_names.py).
"""

from __future__ import annotations

NN: dict[str, str] = {}

TORCH: dict[str, str] = {}
