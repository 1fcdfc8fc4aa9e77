"""Bad input: whatever bytes come in, there is no traceback, no hang, and a finding elsewhere is not lost.

What hostile *code* does is in ``fixtures/hostile``; here are the odd encodings and sizes that no repository
should store.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT, Fixture, fixture_id, fixtures

NET = """import torch
from torch import nn

def net():
    return nn.Linear(3, 4)(torch.randn(2, 5))
"""
LINE = 5
WRONG = """class Net{k}(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, {k} + 3)
        self.b = nn.Linear(2, 1)

    def forward(self, x):
        return self.b(self.a(x))

"""
SECONDS = 2.0 + 3.0  # the budget, and what a busy machine may add


def lines_found(text: str) -> list[int]:
    from torchshape_lint.check import check

    started = time.monotonic()
    found = [d.span.line for d in check(text, "net.py") if d.code.id == "TSL101"]
    assert time.monotonic() - started < SECONDS
    return found


@pytest.mark.parametrize("path", fixtures("hostile"), ids=fixture_id)
def test_hostile_code_ends_in_time(path: Path) -> None:
    lines_found(Fixture.read(path).bare)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        " ",
        "\t",
        "\f",
        "\\",
        "#",
        "'",
        '"""',
        "(",
        ")",
        "\0",
        "x = \0",
        "\ufeff",
        "import torch\n\0\n",
        "@",
        "if",
        "\r",
    ],
    ids=repr,
)
def test_next_to_nothing(text: str) -> None:
    assert lines_found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + NET,
        NET.replace("\n", "\r\n"),
        NET.replace("\n", "\r"),
        NET.replace("    ", "\t"),
        NET.rstrip("\n"),
        NET + "\n\n\f\n",
        NET.replace("\n\ndef", "\n\f\ndef"),
        "# -*- coding: latin-1 -*-" + NET.removeprefix("import torch") + "import torch\n",
        NET + "    \t  \n" + "\\\n",
        NET + "# \U0001d4d7\u202e\u0301 caf\u00e9\n",
    ],
    ids=[
        "bom",
        "crlf",
        "cr",
        "tabs",
        "no last newline",
        "form feed at the end",
        "form feed between",
        "coding",
        "blank",
        "unicode",
    ],
)
def test_odd_line_ends_and_characters(text: str) -> None:
    assert lines_found(text) == [LINE]


def test_unicode_names() -> None:
    text = NET.replace("net", "n\u00e9t").replace("torch.randn(2, 5)", "(\U0001d465 := torch.randn(2, 5))")
    assert lines_found(text) == [LINE]


def test_form_feed_and_other_separators_do_not_shift_lines() -> None:
    text = 's = "\x0b \x1c \x1d \x85 \u2028"  # \x0c \u2029\n' + NET
    assert lines_found(text) == [LINE + 1]


@pytest.mark.parametrize("depth", [100, 2000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("[", "]"),
        ("{1: ", "}"),
        ("-", ""),
        ("not ", ""),
        ("f(", ")"),
        ("lambda: ", ""),
        ("1 + ", ""),
        ("a.b(", ")"),
    ],
)
def test_deep_nesting(opening: str, closing: str, depth: int) -> None:
    found = lines_found(NET + "x = " + opening * depth + "1" + closing * depth + "\n")
    assert found == ([LINE] if depth == 100 else found)


@pytest.mark.parametrize("link", [".a", "[0]", "()", " + 1", " if x else 1", ".add(1)"])
def test_long_chains(link: str) -> None:
    lines_found(NET + "x = y" + link * 2000 + "\n")


def test_deep_blocks() -> None:
    deep = "".join("    " * k + "if x:\n" for k in range(90)) + "    " * 90 + "pass\n"
    assert lines_found(NET + deep) == [LINE]


def test_a_long_file_ends() -> None:
    from torchshape_lint.check import check

    started = time.monotonic()
    text = NET + "\n".join(f"x{k} = x{k - 1} + {k}" for k in range(50_000)) + "\n"
    check(text, "long.py")
    assert time.monotonic() - started < 30


def test_many_classes_keep_their_findings() -> None:
    text = "from torch import nn\n\n" + "".join(WRONG.format(k=k) for k in range(50))
    assert len(lines_found(text)) == 50


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"\xef\xbb\xbf" + NET.encode(), True),
        (b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + NET.encode(), True),
        (NET.encode().replace(b"\n", b"\r\n"), True),
        (NET.encode().replace(b"    ", b"\t"), True),
        (b"", False),
        (b"# \xff\xfe\n" + NET.encode(), False),
        (NET.encode("utf-16"), False),
        (NET.encode() + b"\0", False),
        (b"# coding: no-such-codec\n" + NET.encode(), False),
    ],
    ids=["bom", "latin-1", "crlf", "tabs", "empty", "not utf-8", "utf-16", "null byte", "unknown codec"],
)
def test_flake8_on_odd_bytes(tmp_path: Path, data: bytes, finding: bool) -> None:
    """flake8 says E902 or E999 about what it cannot read; we say nothing more, and nothing breaks."""
    path = tmp_path / "net.py"
    path.write_bytes(data)
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=TSL,E9", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert "Traceback" not in run.stderr + run.stdout
    assert ("TSL101" in run.stdout) == finding, run.stdout + run.stderr


def test_syntax_error_gives_e999_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET + "def f(:\n")
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=TSL,E9", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert "E999" in run.stdout
    assert "TSL" not in run.stdout
