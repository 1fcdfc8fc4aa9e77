"""The GitHub Action: its scripts are run as a runner would, with the inputs in the environment.

What it uses of others (setup-python, upload-sarif, reviewdog) is not run: only what is handed to them is looked at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.harness import ROOT
from tests.program import FINE, LINEAR, LINEAR_SAID
from tests.test_cli_formats import RDJSON, SARIF

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
REVIEWDOG = """#!/bin/sh
printf '%s\\n' "$@" >"$RUNNER_TEMP/reviewdog.arguments"
cat >"$RUNNER_TEMP/reviewdog.input"
test "$REVIEWDOG_GITHUB_API_TOKEN" = secret
"""


@dataclass
class Runner:
    """The steps of the action, one after the other until one fails."""

    folder: Path
    temp: Path
    installed: bool = True
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""

    def run(self, **inputs: str) -> int:
        defaults = {name: str(value["default"]) for name, value in ACTION["inputs"].items()}
        values = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
        assert values.keys() == defaults.keys()
        self.used.clear()
        for step in STEPS:
            if not self._wanted(step.get("if"), values):
                continue
            if "uses" in step:
                name = step["uses"].partition("@")[0]
                self.used[name] = {k: self._filled(v, values) for k, v in step.get("with", {}).items()}
            elif step.get("id") == "install" and self.installed:
                self.outputs["steps.install.outputs.python"] = sys.executable
            elif code := self._script(step, values):
                return code
        return 0

    def _script(self, step: dict[str, Any], inputs: dict[str, str]) -> int:
        written = self.temp / "outputs"
        written.write_text("", "utf-8")
        assert step["shell"] == "bash"
        environment = {name: self._filled(value, inputs) for name, value in step.get("env", {}).items()}
        given = {"RUNNER_TEMP": self.temp, "GITHUB_OUTPUT": written, "GITHUB_ACTION_PATH": ROOT}
        given["TORCHSHAPE_LINT_CACHE"] = self.temp / "cache"
        path = os.pathsep.join((str(self.temp), str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={**os.environ, **{k: str(v) for k, v in given.items()}, **environment, "PATH": path},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        self.log += done.stdout + done.stderr
        for line in written.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            self.outputs[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode

    def _filled(self, text: str, inputs: dict[str, str]) -> str:
        known = {f"inputs.{name}": value for name, value in inputs.items()} | self.outputs | {"github.token": "secret"}
        while "${{" in text:  # a default is an expression, too
            text = re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known[match[1]], text)
        return text

    def _wanted(self, condition: str | None, inputs: dict[str, str]) -> bool:
        if condition is None:
            return True
        match = re.fullmatch(r"inputs\.([\w-]+) (==|!=) '(\w*)'", condition)
        assert match is not None
        return (inputs[match[1]] == match[3]) is (match[2] == "==")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A repository with one mistake, and the package where the action installs it."""
    made = Runner(tmp_path / "project", tmp_path / "temp")
    for folder in (made.folder, made.temp / "torchshape-lint"):
        folder.mkdir(parents=True)
    (made.temp / "torchshape-lint" / "torchshape_lint").symlink_to(ROOT / "torchshape_lint")
    (made.folder / "net.py").write_text(LINEAR, "utf-8")
    (made.temp / "reviewdog").write_text(REVIEWDOG, "utf-8")
    (made.temp / "reviewdog").chmod(0o755)
    return made


def test_no_input_becomes_a_command() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")


def test_annotations(runner: Runner) -> None:
    assert runner.run() == 1
    assert "::error title=torchshape-lint (TSL101),file=net.py,line=5," in runner.log
    assert runner.outputs["steps.check.outputs.exit-code"] == "1"
    assert runner.used == {}
    assert runner.run(fail="false") == 0
    (runner.folder / "net.py").write_text(FINE, "utf-8")
    assert runner.run() == 0


def test_paths_and_arguments(runner: Runner) -> None:
    (runner.folder / "a b").mkdir()
    (runner.folder / "a b" / "fine.py").write_text(FINE, "utf-8")
    assert runner.run(paths="a b\n") == 0
    assert runner.run(args="--select TSL2\n--ignore TSL3 # no others") == 0
    assert runner.run(paths="a b\nnet.py\n", args='--input "Net=(n, 1, 28, 28)"', python_version="3.13") == 1
    assert runner.used == {"actions/setup-python": {"python-version": "3.13"}}


@pytest.mark.parametrize("name", ["paths", "args"])
def test_inputs_are_not_executed(runner: Runner, name: str) -> None:
    text = """$(touch hacked) `touch hacked`; touch hacked "'; touch hacked; '"; touch hacked #\n*; touch hacked"""
    runner.run(**{name: text})
    assert not (runner.folder / "hacked").exists()


def test_the_checked_project_is_not_imported(runner: Runner) -> None:
    for name in ("shlex", "json", "argparse", "sitecustomize", "flake8"):
        (runner.folder / f"{name}.py").write_text("raise SystemExit(0)\n", "utf-8")
    assert runner.run() == 1
    assert "file=net.py" in runner.log


def test_a_setting_does_not_make_it_run(runner: Runner) -> None:
    (runner.folder / "pyproject.toml").write_text("[tool.torchshape-lint]\nconfirm = true\n", "utf-8")
    (runner.folder / "net.py").write_text(f"open('run', 'w')\n{LINEAR}", "utf-8")
    assert runner.run() == 1
    assert not (runner.folder / "run").exists()
    pytest.importorskip("torch")
    runner.run(args="--confirm")
    assert (runner.folder / "run").exists()  # only on request


@pytest.mark.parametrize("inputs", [{"args": "--nonsense"}, {"args": "'"}, {"paths": "gone.py"}, {"format": "xml"}])
def test_what_cannot_be_done_fails(runner: Runner, inputs: dict[str, str]) -> None:
    assert runner.run(**{"format": "sarif", "fail": "false"} | inputs) in (1, 2)
    assert ("github/codeql-action/upload-sarif" in runner.used) is ("paths" in inputs)


def test_code_scanning(runner: Runner) -> None:
    assert runner.run(format="sarif") == 1
    upload = runner.used["github/codeql-action/upload-sarif"]
    answer = json.loads(Path(upload["sarif_file"]).read_text("utf-8"))
    jsonschema.validate(answer, SARIF)
    (result,) = answer["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "net.py"
    assert runner.run(format="sarif", fail="false") == 0


def test_reviewdog(runner: Runner) -> None:
    """It fails the job where it should; what it does not comment on does not."""
    assert runner.run(format="reviewdog") == 0
    version = runner.used["reviewdog/action-setup"]["reviewdog_version"]
    assert [int(number) for number in version.removeprefix("v").split(".")] >= [0, 20, 2]  # for what follows
    answer = json.loads((runner.temp / "reviewdog.input").read_text("utf-8"))
    jsonschema.validate(answer, RDJSON)
    assert answer["diagnostics"][0]["suggestions"]
    given = (runner.temp / "reviewdog.arguments").read_text("utf-8").split()
    assert given == [
        "-f=rdjson",
        "-name=torchshape-lint",
        "-reporter=github-pr-review",
        "-filter-mode=added",
        "-fail-level=any",
    ]
    assert runner.run(format="reviewdog", fail="false", reporter="local") == 0
    given = (runner.temp / "reviewdog.arguments").read_text("utf-8").split()
    assert {"-reporter=local", "-fail-level=none"} <= set(given)


def test_it_installs_itself(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """With hatchling and the dependencies from here, so that no index is asked."""
    for name, value in {"PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}.items():
        monkeypatch.setenv(name, value)  # 0 is no mistake: pip reads it as "no isolation"
    (runner.temp / "torchshape-lint" / "torchshape_lint").unlink()
    runner.installed = False
    (runner.folder / "pip.py").write_text("raise SystemExit(0)\n", "utf-8")
    (runner.folder / ".gitignore").write_text("old/\n", "utf-8")
    (runner.folder / "old").mkdir()
    (runner.folder / "old" / "net.py").write_text(LINEAR, "utf-8")
    assert runner.run() == 1
    assert runner.log.count("::error ") == 1  # .gitignore is obeyed
    assert LINEAR_SAID.partition("TSL101 ")[2] in runner.log.replace("%25", "%")
    assert (runner.temp / "torchshape-lint" / "torchshape_lint" / "docs" / "codes" / "TSL101.md").is_file()
