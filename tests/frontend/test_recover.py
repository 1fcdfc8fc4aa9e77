"""Half-typed and hostile files: nothing is raised, what can be read is read, lines keep their numbers."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchshape_lint import ir
from torchshape_lint.frontend.source import read

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, size=(3, 4)):
        super().__init__()
        self.conv = nn.Conv2d(
            1, 6,
            kernel_size=5,
        )
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        # x: (n, 1, 28, 28)
        x = self.conv(x)
        if x.dim() == 4:
            x = x.flatten(1)
        else:
            x = x[None]
        return self.fc(x)


net = Net()
print(net(torch.randn(1, 1, 28, 28)))
"""
LINES = NET.splitlines(keepends=True)


def edited(line: int, *new: str) -> str:
    return "".join([*LINES[: line - 1], *(text + "\n" for text in new), *LINES[line:]])


@pytest.mark.parametrize(
    ("text", "unreadable"),
    [
        (edited(16, "        x = self.conv(x"), {16}),
        (edited(16, "        x = self."), {16}),
        (edited(12, "        self.fc = nn.Linear(10,"), {12}),
        (edited(9, "            1 6,"), {8, 9, 10, 11}),
        (edited(17, "        if x.dim() =="), {17, 18, 19, 20}),
        (edited(14, "    def forward(self, x"), {*range(14, 22)}),
        (edited(24, "net = Net("), {24}),
        (edited(24, "net = 'Net"), {24}),
        (edited(25, 'print("""'), {25}),
        (edited(16, "        x = $"), {16}),
        (edited(25, "  print(net)"), {25}),
        (edited(16, "        @"), {16}),
        (edited(24, "try:", "    net = Net()"), {24, 25}),
        (edited(24, "n\0t = Net()"), {24}),
        (NET + "def f(", {26}),
        (NET + "for x in y:\n", {26}),
        (NET + "class A:\n", {26}),
    ],
)
def test_smallest_range(text: str, unreadable: set[int]) -> None:
    program = read(text, "x.py").program
    assert set(program.unreadable) == unreadable
    assert isinstance(program.body[0], ir.Import)
    names = {statement.name for statement in program.body if isinstance(statement, ir.ClassDef)}
    assert "Net" in names


def test_syntax_newer_than_this_python() -> None:
    text = "type X = int\ndef f[T](x: T): return f'{x['k']}'\n" + NET + "x = (\n"
    program = read(text, "x.py").program
    assert set(program.unreadable) == {28}
    assert isinstance(program.body[1], ir.FunctionDef)


def test_lines_stay_right() -> None:
    source = read(edited(9, "            1 6,"), "x.py")
    last = source.program.body[-1]
    assert source.line(last.at) == 25


def test_a_marker_in_place_of_what_is_missing() -> None:
    program = read(edited(16, "        x = self.conv(x"), "x.py").program
    net = next(statement for statement in program.body if isinstance(statement, ir.ClassDef))
    forward = net.body[1]
    assert isinstance(forward, ir.FunctionDef)
    assert [type(statement).__name__ for statement in forward.body] == ["Unreadable", "If", "Return"]
    unreadable = forward.body[0]
    assert isinstance(unreadable, ir.Unreadable)
    assert unreadable.names == frozenset({"x", "self", "conv"})


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("self.", ""),
        ("x +", ""),
        ("x == self.", ""),
        ("x = self.", "x"),
        ("x, y = z = self.", "x y z"),
        ("self.a = ", "self a"),
        ("x[0] += nn.", "x"),
        ("y = nn.Linear(", "y Linear"),  # an imported module stays what it is
        ("nn = nn.Linear(", "nn Linear"),
        ("nn.Linear = f(", "nn Linear f"),
        ("y = f(nn", "y f nn"),
        ("y = other.Linear(", "y other Linear"),
        ("self.f(x", "self f x"),
        ("return x.", "return x"),
        ("for x in y.", "for x in y"),
        ("@x.", "x"),
        ("with x.", "with x"),
    ],
)
def test_what_a_half_typed_line_may_change(line: str, names: str) -> None:
    program = read(
        f"import torch\nfrom torch import Tensor, nn\nimport os as y, other\n{line}\nx = 1\n", "x.py"
    ).program
    (unreadable,) = (s for s in program.body if isinstance(s, ir.Unreadable))
    assert unreadable.names == frozenset(names.split())


@pytest.mark.parametrize("line", ["from torch import *, x", "exec('a b'", "import (*"])
def test_lines_that_could_do_anything(line: str) -> None:
    (unreadable,) = read(line, "x.py").program.body
    assert isinstance(unreadable, ir.Unreadable)
    assert unreadable.names is None


HOSTILE = [
    "", "\0", "\ufeff", "\ud800", '"\ud800"', "\\", "x = 1\\", "\t", "  x", '"""', 'f"{', "(", ")", "\r", "\n\r",
    "x = 0777", 'x = "\\N{nothing}"', "x = 1e999", "x = " + "9" * 5000, "\x1a", "x\u2028= 1", "match x:\n case",
    "f(**)", "*", "@\n", "if 1:\n\tx\n        y\n", 'b"é"', "é" * 3 + "\0", "lambda", "\x00" * 100, "x: (y := 1)",
    "\x0c", "type X",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile(text: str) -> None:
    everything(text)


def everything(text: str) -> None:
    source = read(text, "x.py")
    for statement in source.program.body:
        assert source.span(statement.at).line >= 1
        source.text(statement.at)
    assert all(1 <= line <= len(text) + 1 for line in source.program.unreadable)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(" \n\r\t\f()[]{}:,.=+-*@#\\'\"fxt0\0\ud800é") | st.characters(), max_size=60))
def test_random_text(text: str) -> None:
    everything(text)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, len(LINES) - 1), max_size=6), st.integers(0, len(LINES) - 1), st.integers(0, 40))
def test_random_deletions(gone: set[int], cut: int, at: int) -> None:
    lines = [line[:at].rstrip("\n") + "\n" if k == cut else line for k, line in enumerate(LINES) if k not in gone]
    everything("".join(lines))


DEEP = """
    import sys
    from torchshape_lint import ir
    from torchshape_lint.frontend.source import read

    n = int(sys.argv[1])
    texts = [
        "(" * n + "1" + ")" * n, "[" * n + "]" * n, "f(" * n + ")" * n, "{1:" * n + "1" + "}" * n, "+".join(["a"] * n),
        ".".join(["a"] * n), "f" + "()" * n, "a" + "[0]" * n, "not " * n + "a", "-" * n + "a", "**".join(["a"] * n),
        "a if b else " * n + "c", "lambda: " * n + "1", " and ".join(["a"] * n), "(" * n, ")" * n, '"a" ' * n,
        'f"{' + "(" * n + ")" * n + '}"', "[y " + "for a in b " * n + "]", "(\\n" * n + ")\\n" * n,
        "a if b else c\\nif a: pass\\n" + "elif b: pass\\n" * n,
    ]
    for text in texts:
        source = read("z = 0\\nx = " + text + "\\ny = 1\\n", "x.py")
        program = source.program
        everything = [source.span(node.at) for node in program.body]
        repr(program) if n < 100 else None
        if "elif" not in text and text != "(" * n:
            kinds = [type(statement).__name__ for statement in program.body]
            assert kinds[0] == kinds[-1] == "Assign", (text[:20], kinds)
"""


@pytest.mark.parametrize("depth", [90, 140, 500, 2_000, 100_000])
def test_depth(depth: int) -> None:
    """In a process of its own, for what is too deep for the parser overflows its stack."""
    command = [sys.executable, "-c", textwrap.dedent(DEEP), str(depth)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
