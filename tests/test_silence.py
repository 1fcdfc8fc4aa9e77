"""Regions are silent, and what silences nothing is told on request: through ``check``, flake8 and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import LINEAR, run
from tests.test_flake8 import flake8
from torchshape_lint.check import check
from torchshape_lint.options import Options

WRONG = LINEAR.splitlines()[-1]


def lines(text: str, **options: object) -> list[tuple[int, str]]:
    return [(d.span.line, d.code.id) for d in check(text, "net.py", Options(seconds=30, **options))]  # type: ignore[arg-type]


def idle(text: str, **options: object) -> list[tuple[int, str]]:
    """(line, what is underlined) of each unused suppression."""
    found = check(text, "net.py", Options(seconds=30, unused_suppressions=True, **options))  # type: ignore[arg-type]
    rows = text.split("\n")
    return [
        (d.span.line, rows[d.span.line - 1][d.span.column - 1 : d.span.end_column - 1])
        for d in found
        if d.code.id == "TSL902"
    ]


def test_a_region_is_silent() -> None:
    assert lines(LINEAR) == [(5, "TSL101")]
    assert lines(LINEAR.replace(WRONG, f"# tsl: off\n{WRONG}\n# tsl: on")) == []
    assert lines(LINEAR.replace(WRONG, f"# TSL: OFF\n\n# tsl: on\n{WRONG}")) == [(8, "TSL101")]
    assert lines(LINEAR + "# tsl: off") == [(5, "TSL101")]


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# noqa: TSL101", []),
        ("# noqa: TSL1", []),
        ("# noqa", []),
        ("# noqa: E501", []),
        ("# see TSL102", []),
        ("# noqa: TSL102", ["TSL102"]),
        ("# noqa: TSL101, TSL102,TSL2", ["TSL102", "TSL2"]),
        ("# noqa: TSL999", ["TSL999"]),
        ("# noqa: TSL902", []),
    ],
)
def test_codes_that_silence_nothing(comment: str, found: list[str]) -> None:
    assert [text for _, text in idle(LINEAR.rstrip() + f"  {comment}\n")] == found


def test_a_code_behind_a_long_string_speaks_for_all_its_lines() -> None:
    text = 'import torch\ntorch.zeros(2, 3).view(7); """a\nb"""  # noqa: TSL301\n"""# noqa: TSL101"""\n'
    assert idle(text) == []
    assert idle(text.replace("(7)", "(6)")) == [(3, "TSL301")]


def test_regions_that_silence_nothing() -> None:
    assert idle(f"# tsl: off\n{LINEAR}# tsl: on\n") == []
    assert idle(f"{LINEAR}# tsl: off\nx = 1\n  # tsl: on\n") == [(6, "# tsl: off")]


def test_a_file_without_torch() -> None:
    assert idle("x = 1  # noqa: TSL101\n") == [(1, "TSL101")]


def test_what_cannot_be_known_is_not_told() -> None:
    text = "x = 1  # noqa: TSL101, TSL203\n"
    assert [text for _, text in idle(text, select=frozenset({"TSL2"}))] == ["TSL203"]
    branch = LINEAR.replace(WRONG, f"import sys\nif sys.argv[3:]:\n    {WRONG}  # noqa: TSL101")
    assert idle(branch) == []
    assert idle(branch.replace("28", "32")) == [(7, "TSL101")]
    assert idle(LINEAR.replace(WRONG, "fc(  # noqa: TSL101")) == []  # not all of it could be read


def test_only_on_request() -> None:
    assert lines("import torch  # noqa: TSL101\n") == []


@pytest.mark.parametrize("shell", ["check", "flake8", "pyproject"])
def test_through_the_shells(tmp_path: Path, shell: str) -> None:
    (tmp_path / "net.py").write_text(f"x = 1  # noqa: TSL102\n{LINEAR.rstrip()}  # noqa: TSL101\n", "utf-8")
    if shell == "flake8":
        _, out = flake8(tmp_path, "--select=TSL", "--tsl-unused-suppressions", "net.py")
    elif shell == "check":
        out = run(tmp_path, "check", "--unused-suppressions", "-q").out
    else:
        (tmp_path / "pyproject.toml").write_text("[tool.torchshape-lint]\nunused-suppressions = true\n", "utf-8")
        out = run(tmp_path, "check", "-q").out
    assert out == "net.py:1:16: TSL902 unused suppression: no finding begins with TSL102 here\n"
