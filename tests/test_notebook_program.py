"""Notebooks as a user has them checked, explained and put right: by the program, and by flake8 through nbqa.

Processes of their own only where that matters: what else the program says is asked for in this one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest

from tests.harness import ROOT
from tests.notebooks import CALL, IMPORTS, SAID, WRONG, book, cell
from tests.program import Ran, environment, git, run
from tests.test_cli_formats import SARIF
from tests.test_report import SCHEMA
from torchshape_lint import api
from torchshape_lint.cli import main

SAFE = "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 10))\nnet(torch.randn(2, 1, 28, 28))"
TEXT = book(cell("# A title", kind="markdown"), "!pip install torch\n" + IMPORTS, WRONG, f"%%time\n{CALL}")
LINE = f"nb.ipynb:cell 4:2:1: {SAID}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nb.ipynb").write_text(TEXT, "utf-8", newline="")
    return tmp_path


Program: TypeAlias = Callable[..., Ran]


@pytest.fixture
def program(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """The program in ``folder``, without a process of its own."""
    monkeypatch.chdir(folder)

    def ran(*arguments: str) -> Ran:
        code = main(arguments)
        return Ran(code, *capsys.readouterr())

    return ran


def test_a_file_and_a_folder(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("generated\n", "utf-8")
    for name in (".ipynb_checkpoints", "generated"):
        (folder / name).mkdir()
        (folder / name / "nb.ipynb").write_text(TEXT, "utf-8")
    for arguments in ((), ("*.ipynb",)):
        ran = run(folder, "check", *arguments)
        assert (ran.code, ran.out) == (1, LINE)
        assert ran.err == "1 finding in 1 file (1 file looked at)\n"


def test_no_notebook_is_said_of_the_file(folder: Path, program: Program) -> None:
    (folder / "bad.ipynb").write_text("{torch", "utf-8")
    for command in ("check", "fix"):
        ran = program(command)
        assert ran.code == 2 and LINE in ran.out
        assert "torchshape-lint: bad.ipynb: not a notebook: Expecting property name" in ran.err
    ran = program("explain", "bad.ipynb")
    assert (ran.code, ran.out) == (2, "") and "bad.ipynb: not a notebook" in ran.err


def test_silenced(folder: Path, program: Program) -> None:
    file = folder / "nb.ipynb"
    file.write_text(TEXT.replace(CALL, f"{CALL}  # noqa: TSL101"), "utf-8")
    assert program("check").code == 0
    file.write_text(book(IMPORTS, "# tsl: off\n" + WRONG, CALL, "# tsl: on", "fc(torch.randn(2, 29))"), "utf-8")
    assert program("check").out.startswith("nb.ipynb:cell 5:1:1: TSL101")
    file.write_text(book(IMPORTS, "#\nx = 1  # noqa: TSL101"), "utf-8")
    assert program("check", "--unused-suppressions").out.startswith("nb.ipynb:cell 2:2:16: TSL902")


def test_long(folder: Path, program: Program) -> None:
    ran = program("check", "--format", "long")
    assert " --> nb.ipynb:cell 4:2:1\n  |\n2 | fc(torch.randn(2, 28))\n" in ran.out
    assert " ::: nb.ipynb:cell 3:1:16\n  |\n1 | fc = nn.Linear(4 * 8, 10)\n" in ran.out
    assert "      cell 4, line 2  randn" in ran.out


def test_json(folder: Path, program: Program) -> None:
    (finding,) = json.loads(program("check", "--format", "json").out)["diagnostics"]
    jsonschema.validate(finding, {"$ref": "#/$defs/diagnostic", "$defs": SCHEMA["$defs"]})
    assert (finding["cell"], finding["line"], finding["column"]) == (4, 2, 1)
    assert (finding["related"][0]["cell"], finding["related"][0]["line"]) == (3, 1)
    (edit,) = finding["fixes"][0]["edits"]
    assert (edit["cell"], edit["line"], edit["column"], edit["text"]) == (3, 1, 16, "28")
    answer = json.loads(program("explain", "nb.ipynb", "--format", "json").out)
    jsonschema.validate(answer, SCHEMA)
    assert [(e["cell"], e["line"]) for e in answer["entries"]] == [(2, 1)]
    assert [(s["cell"], s["line"]) for s in answer["entries"][0]["steps"]] == [(4, 2), (4, 2)]


def raw(place: dict[str, int]) -> str:
    """What stands in the file there."""
    return TEXT.split("\n")[place["startLine"] - 1][place["startColumn"] - 1 : place["endColumn"] - 1]


def test_platforms_get_the_lines_of_the_file(folder: Path, program: Program) -> None:
    number = next(n for n, line in enumerate(TEXT.split("\n"), 1) if CALL in line)
    out = program("check", "--format", "github").out
    column = TEXT.split("\n")[number - 1].index(CALL) + 1
    assert f"file=nb.ipynb,line={number},endLine={number},col={column},endColumn={column + len(CALL)}::" in out
    assert out.endswith("(cell 4, line 2)\n")
    answer = json.loads(program("check", "--format", "sarif").out)
    jsonschema.validate(answer, SARIF)
    (result,) = answer["runs"][0]["results"]
    assert raw(result["locations"][0]["physicalLocation"]["region"]) == CALL
    (change,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert (raw(change["deletedRegion"]), change["insertedContent"]["text"]) == ("4 * 8", "28")
    (found,) = json.loads(program("check", "--format", "rdjson").out)["diagnostics"]
    assert found["location"]["range"]["start"] == {"line": number, "column": column}
    (found,) = json.loads(program("check", "--format", "gitlab").out)
    assert found["location"]["lines"] == {"begin": number, "end": number}
    assert LINE.strip() in program("check", "--format", "junit").out


def test_changes_and_baselines(folder: Path) -> None:
    git(folder, "init", "-q")
    assert run(folder, "check", "-q", "--baseline", "known.json", "--write-baseline").code == 0
    assert run(folder, "check", "--baseline", "known.json").code == 0
    (folder / "nb.ipynb").write_text(TEXT.replace("A title", "A title\\n"), "utf-8")
    assert run(folder, "check", "--baseline", "known.json").code == 0
    git(folder, "add", "known.json")
    git(folder, "commit", "-qm", "first")
    assert run(folder, "check", "--diff", "HEAD").out == LINE  # git does not know it
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "second")
    assert run(folder, "check", "--diff", "HEAD").code == 0
    (folder / "nb.ipynb").write_text(TEXT.replace("2, 28", "3, 28"), "utf-8")
    assert run(folder, "check", "--diff", "HEAD").out == LINE


def test_explain(folder: Path, program: Program) -> None:
    made = "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(28, 10)\n"
    net = f"class Net(nn.Module):\n{made}\n    def forward(self, x):\n        return self.fc(x)"
    text = book(IMPORTS, net, "Net()(torch.randn(2, 28))", "x = (", cell("1 / 0", tags=["raises-exception"]))
    (folder / "nb.ipynb").write_text(text, "utf-8")
    ran = program("explain", "nb.ipynb::Net")
    assert ran.out.startswith("Net: called at cell 3, line 1\n  x: (2, 28)\n") and "   2:7  Net.fc" in ran.out
    left = "note: cell 4 is left out: it is not Python\nnote: cell 5 is left out: it is tagged raises-exception\n"
    assert ran.out.endswith(left)
    page = program("explain", "nb.ipynb", "--format", "html").out
    assert "called at cell 3, line 1" in page and 'href="#L11"' in page and "# tsl: cell 2" in page
    for kind in ("svg", "mermaid", "dot"):
        assert "fc" in program("explain", "nb.ipynb::Net", "--format", kind).out


# --- fix ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("string", [True, False])
@pytest.mark.parametrize(
    "how",
    [{}, {"ensure_ascii": True}, {"indent": None}, {"indent": "\t", "sort_keys": True}, {"separators": (",", ":")}],
)
def test_fixes_touch_the_cell_alone(string: bool, how: dict[str, Any]) -> None:
    seen = {"output_type": "stream", "name": "stdout", "text": ["\u2028 é / 4 * 8\x1b[0m"]}
    wrong = cell(f"!ls 'é\n{WRONG}\n%time x = 4 * 8", string=string, collapsed=1.5) | {"outputs": [seen]}
    text = book(cell("# é 4 * 8", kind="markdown"), IMPORTS, wrong, CALL, **how).replace("1.5", "1.50")
    for before in (text, text.replace("\n", "\r\n"), text.rstrip()):
        done = api.fix("nb.ipynb", before, unsafe=True)
        assert [str(d.span) for d, _ in done.made] == ["cell 4:1:1"] and not done.left
        assert done.text == before.replace("nn.Linear(4 * 8", "nn.Linear(28")


def test_the_file_is_written(folder: Path) -> None:
    before = ("\ufeff" + TEXT.replace("A title", "Überschrift")).encode()
    (folder / "nb.ipynb").write_bytes(before)
    ran = run(folder, "fix", "--unsafe")
    note = "unsafe: saved weights of the layer no longer fit"
    assert (ran.code, ran.out) == (0, f"nb.ipynb:cell 4:2: TSL101 fixed: in_features = 28 ({note})\n")
    assert (folder / "nb.ipynb").read_bytes() == before.replace(b"4 * 8", b"28")


def test_safe_fixes_and_what_is_left(folder: Path, program: Program) -> None:
    ran = program("fix")
    assert (ran.code, (folder / "nb.ipynb").read_text("utf-8")) == (1, TEXT)
    assert ran.out == f"{LINE}    with --unsafe: in_features = 28\n"
    text = book(IMPORTS, SAFE)
    (folder / "nb.ipynb").write_text(text, "utf-8")
    assert program("fix").code == 0
    assert (folder / "nb.ipynb").read_text("utf-8") == text.replace("nn.Linear(4", "nn.Flatten(), nn.Linear(4")


def test_lines_that_a_fix_adds(folder: Path, program: Program) -> None:
    layers = "    nn.Conv2d(1, 4, 3),\n    nn.Linear(4 * 26 * 26, 10),\n"
    net = f"net = nn.Sequential(\n{layers})\n%time net(torch.randn(2, 1, 28, 28))"
    (folder / "nb.ipynb").write_text(book(IMPORTS, net), "utf-8")
    assert program("fix").code == 0
    added = net.replace("    nn.Linear", "    nn.Flatten(),\n    nn.Linear")
    assert (folder / "nb.ipynb").read_text("utf-8") == book(IMPORTS, added)


def test_a_diff_that_git_takes(folder: Path) -> None:
    text = TEXT.replace("A title", "A\u2028title")
    (folder / "nb.ipynb").write_text(text, "utf-8")
    ran = run(folder, "fix", "--unsafe", "--diff")
    assert (ran.code, (folder / "nb.ipynb").read_text("utf-8")) == (1, text)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=ran.out.encode(), check=True)
    assert (folder / "nb.ipynb").read_text("utf-8") == text.replace("4 * 8", "28")


# --- nbqa ---------------------------------------------------------------------------------------------------------


def nbqa(folder: Path, *arguments: str) -> Ran:
    settings = "[flake8]\nselect = TSL\n"
    if not any(point.value.startswith("torchshape_lint.") for point in entry_points(group="flake8.extension")):
        settings += f"[flake8:local-plugins]\nextension = TSL = torchshape_lint.flake8_plugin:Plugin\npaths = {ROOT}\n"
    (folder / ".flake8").write_text(settings, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nbqa", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(),
    )
    assert "Traceback" not in done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def test_nbqa(folder: Path) -> None:
    net = f"{WRONG}\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return fc(x)"
    text = book(
        cell("# text", kind="markdown"), IMPORTS, "%%bash\nls", net, "%matplotlib inline\nNet()(torch.randn(2, 28))"
    )
    (folder / "nb.ipynb").write_text(text, "utf-8")
    ran = nbqa(folder, "flake8", "nb.ipynb")
    said = SAID.replace("input", "x") + " [called at line 2 of its cell with (2, 28)]"
    assert (ran.code, ran.out) == (1, f"nb.ipynb:cell_3:6:16: {said}\n")  # nbqa counts cells of code
    assert run(folder, "check").out.startswith("nb.ipynb:cell 4:6:16: TSL101")


def test_the_page(folder: Path, program: Program) -> None:
    """What ``docs/notebooks.md`` shows is what is said."""
    page = (ROOT / "docs" / "notebooks.md").read_text("utf-8")
    blocks = [(kind, text) for kind, text in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.M | re.S)]
    cells = [text.rstrip("\n") for kind, text in blocks if kind == "py"]
    (folder / "net.ipynb").write_text(book(cell("# Net", kind="markdown"), *cells), "utf-8")
    shown = {blocks[k - 1][1].strip(): text for k, (kind, text) in enumerate(blocks) if kind == "text"}
    for line in (line for kind, text in blocks if kind == "sh" for line in text.splitlines()):
        name, *arguments = line.split()
        ran = program(*arguments) if name == "torchshape-lint" else nbqa(folder, *arguments)
        assert "usage" not in ran.err
        if line in shown:
            assert (ran.code, ran.out) == (1, shown[line])
    assert "16 * 7 * 7" in (folder / "net.ipynb").read_text("utf-8")
