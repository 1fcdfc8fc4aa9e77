"""Both readers give one program: what Python's own ast says of a text is what libcst says of it, places included."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frontend.test_positions import ODD
from torchshape_lint import ir
from torchshape_lint.frontend.ast_program import read_by_ast
from torchshape_lint.frontend.cst_program import read_by_cst
from torchshape_lint.frontend.encoding import decode

ROOT = Path(__file__).parents[2]
HALF_TYPED = "half_typed"


def differences(text: str) -> list[str]:
    """Where the two programs of a text differ, and where their nodes do not stand in one place."""
    mine, other = read_by_ast(text, "x.py", ""), read_by_cst(text, "x.py", "")
    assert mine is not None
    (program, places), (wanted, wanted_places) = mine, other
    assert not wanted.unreadable
    found = []
    for path, a, b in pairs(program, wanted, ""):
        same = a == b and type(a) is type(b)
        if path.endswith((".at", ".name_at")):
            assert isinstance(a, int) and isinstance(b, int)
            same = places.extent(a) == wanted_places.extent(b)
            if not same:
                a, b = (
                    where.lines.text[slice(*where.extent(at) or (0, 0))]
                    for where, at in ((places, a), (wanted_places, b))
                )
        if not same:
            found.append(f"{path}: {a} {b}")
    return found


def pairs(a: object, b: object, path: str) -> Iterator[tuple[str, object, object]]:
    """What has no parts in two trees; in their place, if they are not alike, the trees themselves."""
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        for k, (x, y) in enumerate(zip(a, b)):
            yield from pairs(x, y, f"{path}[{k}]")
    elif dataclasses.is_dataclass(a) and type(a) is type(b):
        for field in dataclasses.fields(a):
            yield from pairs(getattr(a, field.name), getattr(b, field.name), f"{path}.{field.name}")
    else:
        yield path, a, b


@pytest.mark.parametrize("folder", ["fixtures", "torchshape_lint", "tests"])
def test_whole_files(folder: str) -> None:
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if HALF_TYPED not in path.name]
    assert len(paths) > 50
    for path in paths:
        assert differences(decode(path.read_bytes())) == [], path


SECTIONS = (ROOT / "tests" / "frontend" / "odd_syntax.txt").read_text("utf-8").split("#### ")[1:]
SYNTAX = {name: text for name, _, text in (section.partition("\n") for section in SECTIONS)}
DOCSTRING = SYNTAX["comments: docstring"]
LAYOUT = ["", "# c", "x = f(1)  \n\n  \n# c\n", DOCSTRING.replace("\n", "\r"), DOCSTRING.replace("\n", "\r\n")]
LAYOUT += ["def f(x):\n  'doc'", "def f(x):\n  'doc'\n  # x: (B, 3)", "def f(x): 'doc'", "x = f'{a}{b:{c}}'"]


@pytest.mark.parametrize("name", SYNTAX)
def test_odd_syntax(name: str) -> None:
    if name.startswith("3.12") and sys.version_info < (3, 12):
        assert read_by_ast(SYNTAX[name], "x.py", "") is None
    else:
        assert differences(SYNTAX[name]) == []


@pytest.mark.parametrize("text", [*ODD.values(), *LAYOUT])
def test_odd_layout(text: str) -> None:
    assert differences(text) == []


def test_what_only_python_reads_right() -> None:
    """Names that Python takes for the same; an annotated name in parentheses; a base class behind a keyword."""
    program = read_by_ast("\ufb01 = 1\n(x): int = 2\nclass A(metaclass=M, *B): pass\n", "x.py", "")
    assert program is not None
    match program[0].body:
        case (ir.Assign(targets=(ir.Name(id="fi"),)), ir.AnnAssign(), ir.ClassDef()):
            return
    pytest.fail(str(program))


@pytest.mark.parametrize("text", ["x = (", "x = " + "+".join(["a"] * 400), "x = \0", "x = " + "9" * 5000])
def test_what_is_left_to_libcst(text: str) -> None:
    assert read_by_ast(text, "x.py", "") is None
