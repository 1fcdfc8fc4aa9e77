"""Notebooks made for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def cell(source: str, *, string: bool = False, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    """A cell as nbformat 4 has it; its source is a list of lines, or one string."""
    more: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {
        "cell_type": kind,
        "metadata": metadata,
        **more,
        "source": source if string else source.splitlines(keepends=True),
    }


def book(*cells: str | Mapping[str, Any], metadata: Mapping[str, Any] | None = None, **how: Any) -> str:
    """The text of a notebook as Jupyter writes it; ``how`` goes to `json.dumps`."""
    made: Sequence[Mapping[str, Any]] = [cell(one) if isinstance(one, str) else one for one in cells]
    content = {"cells": made, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, **{"indent": 1, "ensure_ascii": False, **how}) + "\n"


IMPORTS = "import torch\nfrom torch import nn"
WRONG = "fc = nn.Linear(4 * 8, 10)"
CALL = "fc(torch.randn(2, 28))"
SAID = "TSL101 fc: last axis of input is 28, but in_features is 32 (not 4*8)"
