"""Notebooks as they are read: IPython judges the fixtures, and what is made of single cells is shown here."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness import FIXTURES
from tests.notebooks import CALL, IMPORTS, SAID, WRONG, book, cell
from torchshape_lint.api import NotebookError, check
from torchshape_lint.frontend import magics
from torchshape_lint.frontend.cells import Cells
from torchshape_lint.frontend.notebook import notebook
from torchshape_lint.spans import Span

FILES = sorted(FIXTURES.glob("notebooks/*.ipynb"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_ipython_agrees(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from tests.ipython_judge import problems, read

    assert problems(read(path)) == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_linter_agrees(path: Path) -> None:
    from tests.ipython_judge import expected, read

    wanted = list(expected(read(path)))
    assert ("wrong" in path.name) <= bool(wanted)
    found = check(path)
    assert len(found) == len(wanted)
    for d in found:
        assert any(c == d.span.cell and e.fits(d.span.line, d.code.id, d.message) for c, e in wanted), d


# --- magics -------------------------------------------------------------------------------------------------------

M = magics.MARK


def forget(text: str) -> str:
    return f"forget({text.strip()!r})"


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("x = 1\ny = x % 2", "x = 1\ny = x % 2"),
        ("%matplotlib inline\nx", f"pass{M}\nx"),
        ("% matplotlib inline\nx", f"pass{M}\nx"),
        ("!pip install \\\n   torch\nx", f"pass{M}\n#{M}\nx"),
        ("! ls 'it\nx", f"pass{M}\nx"),
        ("if x:\n    !ls\n    y", f"if x:\n    pass{M}\n    y"),
        ("nn.Linear?\n?nn\n??nn\nx", f"pass{M}\npass{M}\npass{M}\nx"),
        ("a = !ls\nb.c[0], d = %pwd\nx", f"a = get_ipython(){M}\nb.c[0], d = get_ipython(){M}\nx"),
        ("%run a.py\nx", f"forget('exec()'){M}\nx"),
        ("%frobnicate x\nx", f"forget('x'){M}\nx"),
        ("%time y = f(x)", f"...;  y = f(x){M}"),
        ("%timeit -n 3 -q f(x)", f"...;            f(x){M}"),
        ("%timeit y = f(x)", f"forget('y = f(x)'){M}"),
        ("%time for x in y: f(x)", f"forget('for x in y: f(x)'){M}"),
        ("%%time\nx = f(1)", f"forget(''){M}\nx = f(1)"),
        ("\n%%capture out\n%%time\n!ls\nx", f"\nforget('out'){M}\nforget(''){M}\npass{M}\nx"),
        ("%%timeit\nf(x)", f"forget(''){M}\nf(x)"),
        ('s = """\n%ls\n!ls\n"""\n!ls', f's = """\n%ls\n!ls\n"""\npass{M}'),
        ("x = (17\n% y)\n!ls", f"x = (17\n% y)\npass{M}"),
        ("print('why?')  # %x = !ls?\n!ls", f"print('why?')  # %x = !ls?\npass{M}"),
        ("x = a != b\n!ls", f"x = a != b\npass{M}"),
        ("  x = 1\n  !ls", f"  x = 1\n  pass{M}"),
        ("await f(x)\n!ls", f"await f(x)\npass{M}"),
        ("!ls\r\nx\r\n", f"pass{M}\r\nx\r\n"),
        *(
            (c, None)
            for c in ("%%bash\nls", "%%timeit\ny = f(x)", "%%nobody_knows\nx = 1", "x = (", "x = '''\n!ls", "\0")
        ),
    ],
)
def test_magics(cell: str, plain: str | None) -> None:
    assert magics.python(cell, forget) == plain
    if plain is not None:
        assert magics.restored(cell, plain, plain) == cell


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("%%bash\nls\nx", f"pass{M}\n\n"),
        ("%%who_knows\nx", f"forget('%%who_knows\\nx'){M}\n"),
        ("x = (", f"forget('x = ('){M}"),
    ],
)
def test_opaque_cells(cell: str, plain: str) -> None:
    assert magics.opaque(cell, forget) == plain


def test_magics_survive_an_edit() -> None:
    cell = "!pip install \\\n x\n%time y = f(1)\ny.view(1)\na = !ls"
    plain = magics.python(cell, forget)
    assert plain is not None
    changed = plain.replace("f(1)", "f(2)").replace("y.view(1)", "y.view(2)\ny")
    assert magics.restored(cell, plain, changed) == cell.replace("f(1)", "f(2)").replace("y.view(1)", "y.view(2)\ny")


LINES = (
    "x = 1",
    "    y = f(x)",
    "!ls '",
    "%time f(x)",
    "%%time",
    "z = !ls",
    '"""',
    "nn.Linear?",
    "(",
    ")",
    "\\",
    "é = 2",
    "",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(LINES), max_size=6), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_whatever_the_cells_hold(cells: list[list[str]], newline: str) -> None:
    """The whole can be parsed, every line and column that is Python stays, and nothing changes by being written."""
    texts = [newline.join(lines) for lines in cells]
    text = book(*texts)
    read = notebook(text, "a.ipynb")
    ast.parse(read.python)
    assert read.changed(read.python) == text
    lines = read.python.splitlines()
    for number, source in enumerate(texts, 1):
        where = Cells(read.python)
        first = where.lines[where.numbers.index(number)]
        for k, line in enumerate(source.split(newline)):
            assert where.span(Span(first + 1 + k, 1, first + 1 + k, 2)) == Span(k + 1, 1, k + 1, 2, number)
            now = lines[first + k]
            assert now == line or now.endswith(M) or number in read.left_out
            assert read.line(number, k + 1) == line


# --- what a notebook may be ---------------------------------------------------------------------------------------


def said(text: str) -> list[str]:
    return [f"{d.span} {d.code} {d.message}" for d in check("nb.ipynb", text)]


@pytest.mark.parametrize("string", [True, False])
def test_cells_in_their_order(string: bool) -> None:
    text = book(cell("# text", kind="markdown"), *(cell(s, string=string) for s in (IMPORTS, WRONG, CALL)))
    assert said(text) == [f"4:1:1 {SAID}".replace("4:1:1", "cell 4:1:1")]


@pytest.mark.parametrize(
    "between",
    [
        "fc = (",  # Python reads nothing of it, but it is about fc
        "%%who_knows\nfc = nn.Linear(28, 10)",
        "%run layers.py",
        "%reset -f",
        "%%timeit\nfc = nn.Linear(28, 10)",
        "%debug fc",
        "exec('''fc = 1''')\nx = (",
        "fc = !ls",
        "%%capture fc\n1",
        "from layers import *\nx = (",
    ],
)
def test_what_may_have_changed_is_unknown(between: str) -> None:
    assert said(book(IMPORTS, WRONG, between, CALL)) == []


@pytest.mark.parametrize(
    "between",
    [
        "%%bash\nfc=1",
        "!fc",
        "%cd fc",
        "other = (",
        "%pip install torch",
        "%matplotlib fc",
        "%%html\nfc(x)",
        "fc?",
        "%%time\n1",
        "",
    ],
)
def test_what_cannot_have_changed_is_known(between: str) -> None:
    assert said(book(IMPORTS, WRONG, between, CALL)) == [f"cell 4:1:1 {SAID}"]


def test_a_cell_may_fail_on_purpose() -> None:
    assert said(book(IMPORTS, WRONG, cell(CALL, tags=["raises-exception"]))) == []
    assert len(said(book(IMPORTS, WRONG, cell(CALL, tags=["other"])))) == 1


@pytest.mark.parametrize(
    ("metadata", "python"),
    [
        ({}, True),
        ({"kernelspec": {"name": "python3", "display_name": "Python 3"}}, True),
        ({"language_info": {"name": "python"}, "kernelspec": "?"}, True),
        ({"kernelspec": {"language": "R", "name": "ir"}}, False),
        ({"language_info": {"name": "julia"}, "kernelspec": {"language": "julia"}}, False),
    ],
)
def test_other_languages(metadata: dict[str, object], python: bool) -> None:
    assert bool(said(book(IMPORTS, WRONG, CALL, metadata=metadata))) == python


def test_a_cell_of_another_language() -> None:
    assert said(book(IMPORTS, WRONG, cell(CALL, vscode={"languageId": "sql"}))) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("torch", "Expecting value"),
        ('{"torch": 1}', "it has no cells"),
        ('["torch"]', "it has no cells"),
        ('{"nbformat": 3, "worksheets": [{"cells": ["torch"]}]}', "nbformat 3 is too old"),
        ("<<<<<<< HEAD torch", "Expecting value"),
        ('{"cells": "torch"}', "it has no cells"),
        ("[" * 100_000 + '"torch', "it is nested too deeply"),
    ],
)
def test_no_notebooks(text: str, why: str) -> None:
    with pytest.raises(NotebookError, match=r"^a\.ipynb: not a notebook: ") as error:
        check("a.ipynb", text)
    assert why in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",  # nothing about torch: nobody reads it
        '{"cells": [], "torch": 1}',
        '{"cells": [null, 1, "torch", {"cell_type": "code"}, {"cell_type": "code", "source": [1, "torch"]}]}',
        '{"cells": [{"cell_type": "code", "source": null, "metadata": {"tags": 3, "vscode": []}}], "torch": []}',
        '{"cells": [], "metadata": ["torch"]}',
    ],
)
def test_odd_notebooks_are_silent(text: str) -> None:
    assert check("a.ipynb", text) == []


# --- places -------------------------------------------------------------------------------------------------------

ODD = 's = "\u2028 \U0001f40d \\t \\\\ é"; ' + CALL


@pytest.mark.parametrize("how", [{}, {"ensure_ascii": True}, {"indent": None}, {"indent": "\t", "ensure_ascii": True}])
@pytest.mark.parametrize("string", [True, False])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_places_in_the_file(how: dict[str, Any], string: bool, newline: str) -> None:
    cells = (IMPORTS, f"#\n{WRONG}", f'"""\n\n"""\n{ODD}\n1')
    text = book(*(cell(c.replace("\n", newline), string=string) for c in cells), **how)
    (found,) = check("a.ipynb", text)
    assert (str(found.span), found.span.end_column) == (f"cell 3:4:{len(ODD) - len(CALL) + 1}", len(ODD) + 1)
    span = notebook(text, "a.ipynb").raw(found.span)
    assert text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == CALL
    assert json.loads(text)["cells"][1]["source"] is not None
    (chosen,) = found.related
    assert chosen.span == Span(2, 16, 2, 21, 2)


def test_lines_in_words() -> None:
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return fc(x)"
    text = book(IMPORTS, net, WRONG, "#\nNet()(torch.randn(2, 28))")
    (found,) = check("a.ipynb", text)
    assert "[called at cell 4, line 2 with (2, 28)]" in found.message
    assert found.notes == ("in_features is chosen at cell 3, line 1",)


def test_an_author_who_writes_headings() -> None:
    text = book(IMPORTS, f"# tsl: cell 9\n{WRONG}\n{CALL}\n")
    assert said(text) == [f"cell 2:3:1 {SAID}"]
    read = notebook(text, "a.ipynb")
    assert read.changed(read.python.replace("4 * 8", "28")) == text.replace("4 * 8", "28")
