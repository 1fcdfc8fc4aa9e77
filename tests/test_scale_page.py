"""docs/scale.md: a run of one file needs its inputs and nothing else, and the sketches ask for what there is."""

from __future__ import annotations

import ast
import shlex
import shutil
from pathlib import Path

import pytest

from tests.pages import Page
from tests.program import run
from tests.test_modules import write
from tests.test_silences import BROKEN, NET
from torchshape_lint.cli.program import parser

PAGE = Page("docs/scale.md")
SKETCHES = [block.text for block in PAGE.blocks if block.language in ("starlark", "python")]
(COMMAND,) = (command for command in PAGE.commands if "--no-cache --output-file" in command)


def test_a_file_with_its_inputs_is_checked_as_in_its_project(tmp_path: Path) -> None:
    assert COMMAND.startswith("TORCHSHAPE_LINT_CACHE=off torchshape-lint ")
    words = shlex.split(COMMAND.removesuffix(" || test $? -eq 1"))[2:]
    arguments = ["use.py" if word == "net.py" else word for word in words]
    project, alone, short = tmp_path / "project", tmp_path / "alone", tmp_path / "short"
    write(project, use=BROKEN, parts__init="", parts__net=NET, other=BROKEN, more__mistakes=BROKEN)
    (project / "pyproject.toml").touch()
    for inputs, folder in ((("use.py", "parts", "pyproject.toml"), alone), (("use.py", "pyproject.toml"), short)):
        folder.mkdir()
        for name in inputs:
            source = project / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    said = {}
    for folder in (project, alone, short):
        before = {path for path in folder.rglob("*") if path.is_file()}
        ran = run(folder, *arguments, TORCHSHAPE_LINT_CACHE="off", PYTHONDONTWRITEBYTECODE="1", HOME=str(folder))
        assert {path.name for path in folder.rglob("*") if path.is_file() and path not in before} == {"net.txt"}
        said[folder] = ran, (folder / "net.txt").read_text("utf-8")
    assert "TSL101" in said[project][1]
    assert said[alone] == said[project]
    assert said[short][1] == "", "what is missing costs findings, and makes none up"


@pytest.mark.parametrize("sketch", SKETCHES)
def test_sketches_use_options_that_exist(sketch: str) -> None:
    tree = ast.parse(sketch)  # Starlark is a part of Python
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words = [word for text in texts for word in text.split() if word.startswith("--")]
    assert {"--jobs", "--no-cache", "--no-confirm"} <= set(words)
    parser().parse_args(["check", "net.py", *(f"{word}=1" if word == "--jobs" else word for word in words)])
