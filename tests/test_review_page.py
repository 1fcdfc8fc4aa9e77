"""The examples of ``docs/review.md`` for GitHub and GitLab, against the schemas of those and by running them.

Those for pre-commit are tried in test_pre_commit.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.harness import ROOT
from tests.program import LINEAR, environment, git
from tests.test_action import ACTION
from tests.test_cli_formats import GITLAB, RDJSON

PAGE = (ROOT / "docs" / "review.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.S)
WORKFLOWS = [text for name, text in EXAMPLES if name.startswith(".github/workflows/")]
(PIPELINE,) = [text for name, text in EXAMPLES if name == ".gitlab-ci.yml"]
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) for line in block.splitlines()]
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "net.py").write_text(LINEAR, "utf-8")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    return project


def shell(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """As a CI server runs lines: the first that fails ends them."""
    program = f'torchshape-lint() {{ "{sys.executable}" -m torchshape_lint "$@"; }}\n'
    program += 'reviewdog() { printf "%s\\n" "$@" >arguments; cat >input; }\n'
    command = ["bash", "-ec", program + "\n".join(lines)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment())


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("github-actions", [(ROOT / "action.yml").read_text("utf-8")]),
        ("github-workflows", [*WORKFLOWS, *(f.read_text("utf-8") for f in ROOT.glob(".github/workflows/*.yml"))]),
        ("gitlab-ci", [PIPELINE]),
    ],
)
def test_the_schemas_are_kept(tmp_path: Path, kind: str, texts: list[str]) -> None:
    pytest.importorskip("check_jsonschema")
    assert texts
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}"]
    done = subprocess.run([*command, *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_give_inputs_that_there_are() -> None:
    found: list[dict[str, str]] = []
    for text in WORKFLOWS:
        (job,) = yaml.safe_load(text)["jobs"].values()
        (step,) = [step for step in job["steps"] if "torchshape-lint" in step["uses"]]
        found.append(step["with"])
    assert [given["format"] for given in found] == ["sarif", "reviewdog"]
    assert set().union(*found) <= ACTION["inputs"].keys()
    assert [name for name in ACTION["inputs"] if f"`{name}`" not in PAGE] == []


@needs_bash
def test_the_pipeline_runs(folder: Path) -> None:
    job: dict[str, Any] = yaml.safe_load(PIPELINE)["shapes"]
    install, check = job["script"]
    assert install.startswith("pip install")
    assert shell(folder, check).returncode == 1
    answer = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text("utf-8"))
    jsonschema.validate(answer, GITLAB)
    assert [issue["location"]["path"] for issue in answer] == ["net.py"]


@needs_bash
def test_reviewdog_reads_standard_input(folder: Path) -> None:
    (line,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.M | re.S)
    done = shell(folder, line)
    assert done.returncode == 0, done.stderr
    assert (folder / "arguments").read_text("utf-8") == "-f=rdjson\n-diff=git diff HEAD\n"
    jsonschema.validate(json.loads((folder / "input").read_text("utf-8")), RDJSON)


@needs_bash
def test_a_large_project_starts_silent(folder: Path) -> None:
    write, *ask = COMMANDS
    assert shell(folder, write).returncode == 0
    (folder / "new.py").write_text(LINEAR, "utf-8")
    for line in ask:
        done = shell(folder, line)
        assert (done.returncode, "new.py:5" in done.stdout, "net.py" in done.stdout) == (1, True, False), line
