"""Whether packages can be installed here: where no index is reached, what needs one is skipped."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache

import pytest

QUICKLY = {"PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def needs_index() -> None:
    """Skip where pip finds no packages."""
    if not _reached():
        pytest.skip("pip cannot reach a package index")


@cache
def _reached() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "hatchling"]
        try:
            return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
        except (subprocess.SubprocessError, OSError):
            return False
