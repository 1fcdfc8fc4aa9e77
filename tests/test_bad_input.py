"""Bad input: whatever bytes come in, there is no traceback, no hang, and a finding elsewhere is not lost.

What hostile *code* does is in ``fixtures/hostile``; here are the odd encodings and sizes that no repository
should store.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import ROOT, fixture_id, fixtures
from tests.test_flake8 import flake8 as run_flake8

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
SECONDS = 2.0 + 3.0  # of work: the budget, and what reading takes
CHILD = """
import sys
from pathlib import Path
from tests.harness import Fixture, lint_problems
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
except ImportError:
    pass
print(*lint_problems(Fixture.read(Path(sys.argv[1]))), sep="\\n", end="")
"""


def lines_found(text: str) -> list[int]:
    from torchshape_lint.check import check

    started = time.process_time()
    found = [d.span.line for d in check(text, "net.py") if d.code.id == "TSL101"]
    assert time.process_time() - started < SECONDS
    return found


@pytest.mark.parametrize("path", fixtures("hostile"), ids=fixture_id)
def test_hostile_code(path: Path) -> None:
    """In a process of its own: what we fear is a hang, or all of the machine's memory."""
    command = [sys.executable, "-c", CHILD, str(path)]
    before = sum(os.times()[2:4])
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail(f"{fixture_id(path)}: no end in sight", pytrace=False)
    took = sum(os.times()[2:4]) - before  # what children have worked
    assert run.returncode == 0, run.stderr[-2000:]
    if run.stdout:
        pytest.fail(f"{fixture_id(path)}\n{run.stdout}", pytrace=False)
    assert took < SECONDS


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
        NET + "    \t  \n",
        NET + "\\\n",
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
        "backslash at the end",
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

    started = time.process_time()
    text = NET + "\n".join(f"x{k} = x{k - 1} + {k}" for k in range(50_000)) + "\n"
    check(text, "long.py")
    assert time.process_time() - started < 30


def test_many_classes_keep_their_findings() -> None:
    text = "from torch import nn\n\n" + "".join(WRONG.format(k=k) for k in range(50))
    assert len(lines_found(text)) == 50


def flake8(path: Path) -> str:
    """What flake8 prints about a file."""
    return run_flake8(path.parent, "--select=TSL,E9", path.name)[1]


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"\xef\xbb\xbf" + NET.encode(), True),
        (b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + NET.encode(), True),
        (NET.encode().replace(b"\n", b"\r\n"), True),
        (NET.encode().replace(b"    ", b"\t"), True),
        (b"", False),
        (b"# \xff\xfe\n" + NET.encode(), True),
        (NET.encode("utf-16"), False),
        (NET.encode() + b"\0", False),
        (b"# coding: no-such-codec\n" + NET.encode(), True),
    ],
    ids=["bom", "latin-1", "crlf", "tabs", "empty", "not utf-8", "utf-16", "null byte", "unknown codec"],
)
def test_flake8_on_odd_bytes(tmp_path: Path, data: bytes, finding: bool) -> None:
    """flake8 reads as latin-1 what it cannot decode, and says E902 or E999 where even that gives no Python."""
    path = tmp_path / "net.py"
    path.write_bytes(data)
    output = flake8(path)
    assert ("TSL101" in output) == finding, output


def test_syntax_error_gives_e999_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET + "def f(:\n")
    output = flake8(path)
    assert "E999" in output
    assert "TSL" not in output
