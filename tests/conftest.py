"""Every test sees our own faults as exceptions (`torchshape_lint.faults`), and nothing is remembered between tests."""

from __future__ import annotations

import os

import pytest

from torchshape_lint import asked
from torchshape_lint.faults import DEBUG
from torchshape_lint.silences import VARIABLE

os.environ.setdefault(DEBUG, "1")
os.environ[VARIABLE] = "off"


@pytest.fixture(autouse=True)
def disk_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """flake8's plugin takes the disk to stay as it is, for it looks once and ends."""
    monkeypatch.setattr(asked, "_known", None)
