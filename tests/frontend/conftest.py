"""A fixture that has a test run with both readers of Python."""

from __future__ import annotations

import pytest

from torchshape_lint.frontend import source


@pytest.fixture(params=["ast", "libcst"])
def either_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "libcst":
        monkeypatch.setattr(source, "read_by_ast", lambda *read: None)
