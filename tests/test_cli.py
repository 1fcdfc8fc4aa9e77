"""The command line: exit codes, formats, files and folders, and what it says when it cannot."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.findings import FINDING
from tests.test_flake8 import DECLARED, WRONG
from tests.test_report import SCHEMA
from torchshape_lint.cli import main
from torchshape_lint.silence import audible

RIGHT = WRONG.replace("(8)", "(4)").replace("196", "256")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(WRONG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().out


def codes(output: str) -> list[str]:
    return sorted(row.split()[1] for row in output.splitlines())


def test_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = out(capsys, "check", "net.py")
    assert code == 1
    assert codes(output) == ["TSL101", "TSL105"]
    assert "net.py:9:1: TSL101 " in output


def test_no_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "net.py").write_text(RIGHT, "utf-8")
    assert out(capsys, "check", "net.py") == (0, "")


def test_select_and_ignore(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(out(capsys, "check", "net.py", "--select", "TSL101")[1]) == ["TSL101"]
    assert codes(out(capsys, "check", "net.py", "--ignore", "TSL101,TSL2")[1]) == ["TSL105"]


def test_noqa(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "net.py").write_text(WRONG.replace("196))", "196))  # noqa: TSL101"), "utf-8")
    assert codes(out(capsys, "check", "net.py")[1]) == ["TSL105"]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("\n" * 8 + "fc(x)  # noqa: TSL102, E501\n", True),
        ("\n" * 8 + "fc(x)  # NOQA:E501,TSL1\n", False),
        ("\n" * 8 + "fc(x)  # noqa\n", False),
        ("\n" * 8 + "fc(x)  # noqa: TSL102 TSL101\n", False),
        ("\n" * 8 + 'fc("""a\nb""")  # noqa: TSL101\n', False),
        ("\n" * 8 + "fc(\nx)  # noqa: TSL101\n", True),
        ("# flake8: noqa\n" + "\n" * 7 + "fc(x)\n", False),
        ("'noqa\n(", True),
    ],
)
def test_noqa_is_flake8s(text: str, heard: bool) -> None:
    assert audible([FINDING], text, FINDING.path) == [FINDING] * heard


def test_an_input(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "net.py").write_text(DECLARED, "utf-8")
    assert out(capsys, "check", "net.py")[0] == 0
    assert codes(out(capsys, "check", "net.py", "--input", "Net=(n, 196)")[1]) == ["TSL101"]


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = out(capsys, "check", "--format=json", "net.py")
    answer = json.loads(output)
    assert code == 1
    assert answer["version"] == 1
    assert {finding["code"] for finding in answer["diagnostics"]} == {"TSL101", "TSL105"}


def test_folders_without_environments(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("pkg", ".hidden", "env", "__pycache__"):
        (folder / name).mkdir()
        (folder / name / "inner.py").write_text(WRONG, "utf-8")
    (folder / "env" / "pyvenv.cfg").touch()
    (folder / "notes.txt").write_text("torch", "utf-8")
    code, output = out(capsys, "check")
    assert code == 1
    assert {row.split(":")[0] for row in output.splitlines()} == {"net.py", str(Path("pkg", "inner.py"))}


def test_standard_input(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    assert "stdin:9:1: TSL101 " in out(capsys, "check", "-")[1]


def test_a_missing_file_does_not_hide_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "gone.py", "net.py"]) == 2
    captured = capsys.readouterr()
    assert "gone.py: No such file" in captured.err
    assert codes(captured.out) == ["TSL101", "TSL105"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "net.py", "--input", "Net"],
        ["check", "net.py", "--select", "E501"],
        ["explain", "gone.py"],
        ["explain", "net.py::Gone"],
        ["explain", "net.py", "--input", "x"],
    ],
)
def test_what_it_cannot_do(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("torchshape-lint: ")
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["lint"], ["check", "--format", "xml"], ["explain"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_explain(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = out(capsys, "explain", "net.py")
    assert code == 0
    assert "(2, 4, 26, 26)" in output
    assert "(28 - 3)//1 + 1 = 26" in output or "(28 + 2*0 - 3)//1 + 1 = 26" in output


def test_explain_with_an_input(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "net.py").write_text(DECLARED, "utf-8")
    code, output = out(capsys, "explain", "net.py::Net", "--input", "x=(7, 256)")
    assert code == 0
    assert "(7, 10)" in output
    assert "2,570" in output


def test_explain_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = out(capsys, "explain", "net.py", "--format", "json")
    answer = json.loads(output)
    jsonschema.validate(answer, SCHEMA)
    assert code == 0
    assert answer["file"] == "net.py"
    assert "<module>" in [entry["name"] for entry in answer["entries"]]
    assert {finding["code"] for finding in answer["diagnostics"]} == {"TSL101", "TSL105"}


def test_as_a_module() -> None:
    command = [sys.executable, "-m", "torchshape_lint", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("torchshape-lint ")
