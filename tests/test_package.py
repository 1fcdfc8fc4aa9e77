"""The package as a whole: what it drags in, what it ships, and that its contracts are checked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import torchshape_lint
from torchshape_lint.codes import CODES
from torchshape_lint.config import setting
from torchshape_lint.flake8_plugin import SETTINGS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGE = Path(torchshape_lint.__file__).parent

MODULES = sorted(
    ".".join(("torchshape_lint", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in PACKAGE.rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


def loaded_after(code: str) -> set[str]:
    """The top-level modules that are there after ``code`` ran in a new process."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=environment)
    return set(done.stdout.split())


def test_nothing_imports_torch() -> None:
    loaded = loaded_after("\n".join(f"import {module}" for module in MODULES))
    assert not loaded & {"torch", "torchvision", "numpy", "sympy", "hypothesis"}


def test_a_file_without_torch_costs_nothing() -> None:
    run = "from torchshape_lint.flake8_plugin import Plugin\nassert not list(Plugin(None, ['import os'], 'a.py').run())"
    assert "libcst" not in loaded_after(run)


def test_a_file_that_python_can_read_needs_no_libcst() -> None:
    text = "import torch\n\ntorch.ones(2) + torch.ones(3)\n"
    run = f"from torchshape_lint.check import check\nassert len(check({text!r}, 'a.py')) == 1"
    assert "libcst" not in loaded_after(run)
    assert "libcst" in loaded_after(run.replace("torch.ones(3)", "torch.ones(3)\\nx = ("))


def blocks(name: str, language: str) -> list[str]:
    """The blocks of code in a page of the project."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.M | re.S)


def test_the_contributing_page_shows_a_real_rule() -> None:
    pytest.importorskip("torch")
    rule, cases, strategy = blocks("CONTRIBUTING.md", "python")
    source = (PACKAGE / "rules" / "linear.py").read_text("utf-8")
    assert all(part in source for part in rule.split("\n\n\n"))
    assert strategy in (ROOT / "tests" / "rules" / "random_layers.py").read_text("utf-8")
    exec(f"from tests.rules.judge import T, judge_function, judge_layer\n{cases}", {})


def test_run_time_dependencies_are_two() -> None:
    assert [name.partition(">")[0] for name in PROJECT["project"]["dependencies"]] == ["flake8", "libcst"]


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_the_plugin_is_registered() -> None:
    assert PROJECT["project"]["entry-points"]["flake8.extension"] == {"TSL": "torchshape_lint.flake8_plugin:Plugin"}


def test_every_flake8_option_is_a_setting() -> None:
    for name in SETTINGS:
        value: object = {"input": "Net=(1,)", "python": "python"}.get(name, True)
        setting(f"tsl-{name}", value)


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_codes_are_in_families(code: Any) -> None:
    assert code.id.startswith("TSL")
    assert code.torch_raises is (code.id[3] not in "569")
    assert code.summary[0].islower()
    assert not code.summary.endswith(".")
