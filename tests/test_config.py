"""Settings: names, types, where they come from, who wins, and what is said about a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from torchshape_lint.config import SettingError, joined_inputs, options_for, read, setting
from torchshape_lint.options import DEFAULT, Options


def project(folder: Path, table: str) -> str:
    (folder / "pyproject.toml").write_text(table, "utf-8")
    (folder / "pkg").mkdir()
    return str(folder / "pkg" / "net.py")


def test_without_settings(tmp_path: Path) -> None:
    assert options_for(project(tmp_path, ""), {}) == DEFAULT


def test_every_setting(tmp_path: Path) -> None:
    path = project(
        tmp_path,
        """
        [tool.torchshape-lint]
        input = ["Net=(n, 1, 28, 28)", "a.py::f:x=(2, 3)"]
        conditional = true
        confirm = true
        python = "python3.12"
        seconds = 5
        confirm-seconds = 1.5
        select = ["TSL1", "TSL203"]
        ignore = "TSL106"
        """,
    )
    assert options_for(path, {}) == Options(
        inputs=("Net=(n, 1, 28, 28)", "a.py::f:x=(2, 3)"),
        conditional=True,
        confirm=True,
        python="python3.12",
        seconds=5.0,
        confirm_seconds=1.5,
        select=frozenset({"TSL1", "TSL203"}),
        ignore=frozenset({"TSL106"}),
    )


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    path = project(tmp_path, "[tool.torchshape-lint]\nconditional = true")
    (tmp_path / "pkg" / "pyproject.toml").write_text("[project]", "utf-8")
    assert options_for(path, {}) == DEFAULT


def test_the_command_line_wins(tmp_path: Path) -> None:
    path = project(tmp_path, '[tool.torchshape-lint]\nconditional = true\ninput = "Net=(1, 2); Other=(3,)"')
    options = options_for(path, {"conditional": False, "inputs": ("Net = (5, 6)",)})
    assert not options.conditional
    assert set(options.inputs) == {"Net = (5, 6)", "Other=(3,)"}


def test_a_relative_python_belongs_to_its_file(tmp_path: Path) -> None:
    path = project(tmp_path, '[tool.torchshape-lint]\npython = ".venv/bin/python"')
    assert options_for(path, {}).python == str(tmp_path / ".venv/bin/python")


def test_inputs_of_one_target_do_not_add_up() -> None:
    assert joined_inputs(["A=(1,)", "B=(2,)"], ["A=(3,)"]) == ("A=(3,)", "B=(2,)")


@pytest.mark.parametrize("name", ["input", "inputs", "tsl-input", "tsl_input"])
def test_names_of_a_setting(name: str) -> None:
    text = "\nNet=(n, 1, 28, 28)\n net.py::Net.forward:x=(n, 3); y=[2, 3]\n"
    wanted = ("Net=(n, 1, 28, 28)", "net.py::Net.forward:x=(n, 3)", "y=[2, 3]")
    assert setting(name, text) == ("inputs", wanted)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("inptu", "x", "did you mean 'input'"),
        ("input", "Net", "Net=(n, 1, 28, 28)"),
        ("input", "=(1, 2)", "form"),
        ("input", 3, "text"),
        ("input", ["Net=(1,)", 3], "text"),
        ("conditional", "perhaps", "true or false"),
        ("confirm", 1, "true or false"),
        ("python", 3, "text"),
        ("seconds", "2", "positive"),
        ("seconds", 0, "positive"),
        ("select", "E501", "TSL101"),
    ],
)
def test_a_bad_setting_is_explained(name: str, value: object, word: str) -> None:
    with pytest.raises(SettingError, match=word.replace("(", r"\(").replace(")", r"\)")):
        setting(name, value)


@pytest.mark.parametrize("content", ["[tool", "\xff", "[tool]\ntorchshape-lint = 3", "[tool.torchshape-lint]\nx = 1"])
def test_a_bad_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(content, "latin-1")
    with pytest.raises(SettingError, match=r"pyproject\.toml"):
        read(file)


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        (("TSL1",), (), True),
        (("TSL2",), (), False),
        ((), ("TSL1",), False),
        (("TSL101",), ("TSL1",), True),
        (("TSL1",), ("TSL101",), False),
        (("TSL1",), ("TSL1",), False),
    ],
)
def test_the_longest_beginning_decides(select: tuple[str, ...], ignore: tuple[str, ...], wanted: bool) -> None:
    assert Options(select=frozenset(select), ignore=frozenset(ignore)).wants("TSL101") is wanted
