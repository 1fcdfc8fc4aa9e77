"""Every test sees our own faults as exceptions (`torchshape_lint.faults`)."""

from __future__ import annotations

import os

from torchshape_lint.faults import DEBUG

os.environ.setdefault(DEBUG, "1")
