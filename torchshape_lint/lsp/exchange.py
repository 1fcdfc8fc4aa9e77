"""What the server and the process that evaluates say to each other: pickled questions one way, answers the other."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from torchshape_lint.diagnostics import Diagnostic, Trace
from torchshape_lint.frozen import dataclass

LENGTH = struct.Struct("!Q")  # stands before each answer


@dataclass(frozen=True, slots=True)
class Question:
    """``opened`` has the open files that changed since the last question; None for one that was closed.

    mend: findings to look for fixes of; without them the question is what there is to find.
    """

    path: str
    text: str
    given: Mapping[str, Any] = field(default_factory=dict)
    opened: Mapping[str, str | None] = field(default_factory=dict)
    mend: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """``found``: the findings that no comment or setting silences; ``failed``: why there are none."""

    trace: Trace
    found: tuple[Diagnostic, ...] = ()
    failed: str = ""
