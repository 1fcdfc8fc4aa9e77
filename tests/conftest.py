"""Every test sees our own faults as exceptions (`torchshape_lint.faults`), and nothing is remembered between tests."""

from __future__ import annotations

import os

from torchshape_lint.faults import DEBUG
from torchshape_lint.silences import VARIABLE

os.environ.setdefault(DEBUG, "1")
os.environ[VARIABLE] = "off"
