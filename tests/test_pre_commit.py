"""The hooks as pre-commit runs them, in repositories made for the purpose.

Most run the entries of .pre-commit-hooks.yaml without installing anything; two install as a user's machine does, where
there is a package index.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import ROOT
from tests.installing import QUICKLY, needs_index
from tests.program import FINE, LINEAR, LINEAR_SAID, environment, git

pytest.importorskip("pre_commit")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git")
MANIFEST: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
CHECK, FIX = MANIFEST
PAGE = (ROOT / "docs" / "review.md").read_text("utf-8")
NEIGHBOURS = {"flake8-comprehensions": "C411", "torchfix": "TOR102"}  # and a code of each
if sys.version_info >= (3, 14):
    del NEIGHBOURS["torchfix"]  # it wants a libcst that has no wheel there
UNFLATTENED = """import torch
from torch import nn

net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 10))
net(torch.randn(2, 1, 28, 28))
"""


@dataclass(frozen=True)
class Repository:
    """A repository with hooks, and everything pre-commit keeps."""

    folder: Path
    home: Path

    def configure(self, *repos: dict[str, Any]) -> None:
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": list(repos)}), "utf-8")
        git(self.folder, "add", ".pre-commit-config.yaml")

    def stage(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, "utf-8")
        git(self.folder, "add", "--", *files)

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit code of pre-commit, and what it printed."""
        words = arguments or ("run", "--color=never")
        return self.shell(f'"{sys.executable}" -m pre_commit {" ".join(words)}')

    def shell(self, command: str) -> tuple[int, str]:
        names = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        variables = {k: v for k, v in environment().items() if not k.startswith(("GIT_", "PRE_COMMIT"))}
        variables |= names | QUICKLY | {"GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(self.home)}
        variables["TORCHSHAPE_LINT_CACHE"] = str(self.home / "cache")
        variables["PATH"] = os.pathsep.join((str(self.home), variables["PATH"]))
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=200
        )
        return done.returncode, done.stdout + done.stderr


def not_installed(hook: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A hook of the manifest that runs what is on the PATH."""
    plain = {key: value for key, value in hook.items() if key != "additional_dependencies"}
    return {"repo": "local", "hooks": [plain | {"language": "system"} | changed]}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Nothing but our checking hook; ``torchshape-lint`` is that of this tree."""
    made = Repository(tmp_path / "project", tmp_path / "home")
    made.folder.mkdir()
    made.home.mkdir()
    program = made.home / "torchshape-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m torchshape_lint "$@"\n', "utf-8")
    program.chmod(0o755)
    git(made.folder, "init", "-q")
    made.configure(not_installed(CHECK))
    return made


def test_the_manifest_is_one(repository: Repository) -> None:
    assert repository.run("validate-manifest", f'"{ROOT / ".pre-commit-hooks.yaml"}"') == (0, "")


def test_no_python_file_is_staged(repository: Repository) -> None:
    (repository.folder / "net.py").write_text(LINEAR, "utf-8")
    repository.stage({"README.md": "torch\n", "net.pyx": "torch\n", "cells.json": "{}"})
    code, said = repository.run()
    assert (code, "(no files to check)Skipped" in said) == (0, True), said


def test_one_is_clean_and_then_broken(repository: Repository) -> None:
    repository.stage({"net.py": FINE, "plain.py": "x = 1\n"})
    code, said = repository.run()
    assert (code, "Passed" in said) == (0, True), said
    repository.stage({"net.py": LINEAR})
    code, said = repository.run()
    assert code == 1
    assert f"net.py:{LINEAR_SAID}" in said
    assert "- exit code: 1" in said


def test_what_is_staged_counts(repository: Repository) -> None:
    """Not what the working tree has on top of it."""
    repository.stage({"net.py": LINEAR})
    (repository.folder / "net.py").write_text(FINE, "utf-8")
    assert repository.run()[0] == 1
    assert (repository.folder / "net.py").read_text("utf-8") == FINE
    git(repository.folder, "add", "net.py")
    (repository.folder / "net.py").write_text(LINEAR, "utf-8")
    assert repository.run()[0] == 0


def test_two_hundred_are_staged(repository: Repository) -> None:
    """One process sees them all: one report, in the order of the files."""
    files = {f"models/net_{k:03}.py": FINE for k in range(200)}
    repository.stage(files | {"models/net_198.py": LINEAR, "models/net_007.py": LINEAR})
    code, said = repository.run()
    assert code == 1
    assert re.findall(r"^models/net_(\d+).py:.*TSL101", said, re.M) == ["007", "198"]
    assert re.findall(r"\d+ finding.*", said) == ["2 findings in 2 files (200 files looked at)"]


def test_odd_names(repository: Repository) -> None:
    names = ["a b.py", "it's.py", "[1].py", "näme.py", "$HOME.py", "sub dir/--help.py", "train"]
    repository.stage(dict.fromkeys(names, f"#!/usr/bin/env python3\n{LINEAR}"))
    (repository.folder / "train").chmod(0o755)  # a script by its first line
    git(repository.folder, "update-index", "--chmod=+x", "train")
    code, said = repository.run()
    assert code == 1
    assert sorted(re.findall(r"^(.*?):6:1: TSL101", said, re.M)) == sorted(names)


def test_a_deleted_file(repository: Repository) -> None:
    repository.stage({"net.py": LINEAR, "old.py": FINE})
    git(repository.folder, "commit", "-qm", "first")
    git(repository.folder, "rm", "-q", "net.py")
    repository.stage({"old.py": f"{FINE}\n"})
    code, said = repository.run()
    assert (code, "Passed" in said) == (0, True), said


def test_the_caller_need_not_be_staged(repository: Repository) -> None:
    layer = "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    layer += "        self.fc = nn.Linear(32, 10)\n\n    def forward(self, x):\n        return self.fc(x)\n"
    repository.stage({"train.py": "import torch\nfrom net import Net\n\nNet()(torch.randn(2, 28))\n", "net.py": ""})
    git(repository.folder, "commit", "-qm", "first")
    repository.stage({"net.py": layer})
    code, said = repository.run()
    assert (code, "net.py:10:16: TSL101" in said) == (1, True), said
    assert "train.py" in said


def test_notebooks(repository: Repository) -> None:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": LINEAR,
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    repository.stage({"net.ipynb": json.dumps(notebook)})
    code, said = repository.run()
    assert (code, "net.ipynb:" in said, "TSL101" in said) == (1, True, True), said


def test_settings_count(repository: Repository) -> None:
    pytest.importorskip("pathspec")
    settings = '[tool.torchshape-lint]\nexclude = ["third_party/"]\nper-file-ignores = { "old.py" = ["TSL1"] }\n'
    repository.stage({"pyproject.toml": settings, "third_party/net.py": LINEAR, "old.py": LINEAR})
    assert repository.run()[0] == 0
    repository.stage({"net.py": LINEAR})
    code, said = repository.run()
    assert (code, said.count("TSL101")) == (1, 1), said


def test_what_cannot_be_done_fails(repository: Repository) -> None:
    repository.stage({"pyproject.toml": '[tool.torchshape-lint]\nnonsense = "1"\n', "net.py": FINE})
    code, said = repository.run()
    assert (code, "- exit code: 2" in said, "nonsense" in said) == (1, True, True), said


def test_fixing(repository: Repository) -> None:
    """As other fixers do: it fails because it changed a file, and passes when that is staged."""
    repository.configure(not_installed(FIX))
    repository.stage({"net.py": UNFLATTENED, "wide.py": LINEAR})
    code, said = repository.run()
    assert (code, "files were modified by this hook" in said) == (1, True), said
    assert "nn.Flatten()" in (repository.folder / "net.py").read_text("utf-8")
    assert "with --unsafe" in said  # what is said only, and left
    assert (repository.folder / "wide.py").read_text("utf-8") == LINEAR
    git(repository.folder, "add", "net.py")
    repository.stage({"wide.py": FINE})
    assert repository.run()[0] == 0


def test_the_hook_that_init_writes(repository: Repository) -> None:
    """It commits nothing wrong, and is the hook of the manifest."""
    (repository.folder / ".pre-commit-config.yaml").unlink()
    assert repository.shell("torchshape-lint init")[0] == 0
    written = yaml.safe_load((repository.folder / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"][0]
    assert {k: v for k, v in CHECK.items() if k in written} == written | {"language": "python"}
    assert repository.run("install")[0] == 0
    repository.stage({"net.py": LINEAR, ".pre-commit-config.yaml": yaml.safe_dump({"repos": [not_installed(written)]})})
    code, said = repository.shell("git commit -m broken")
    assert (code, LINEAR_SAID in said) == (1, True), said
    repository.stage({"net.py": FINE})
    code, said = repository.shell("git commit -m fine")
    assert code == 0, said
    assert git(repository.folder, "log", "--format=%s").split() == ["fine"]


# --- installed as on a user's machine -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user clones: what of this tree makes the package, as it stands, in a repository of its own."""
    folder = tmp_path_factory.mktemp("clones") / "torchshape-lint"
    folder.mkdir()
    for name in ("torchshape_lint", "docs/codes"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "all")
    git(folder, "tag", "v0.1.0")
    return folder


def wheel(clone: Path) -> Path:
    """Built with what the tests need anyway: quicker than to let pip do it."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "."]
    subprocess.run(command, cwd=clone, check=True, capture_output=True, timeout=100)
    (made,) = clone.glob("*.whl")
    return made


def documented(number: int) -> dict[str, Any]:
    """An entry of the configurations in ``docs/review.md``."""
    text = re.findall(r"^```yaml\n# \.pre-commit-config\.yaml\n(.*?)^```$", PAGE, re.M | re.S)[number]
    (repo,) = yaml.safe_load(text)["repos"]
    assert isinstance(repo, dict)
    return repo


def test_installed_from_its_repository(repository: Repository, clone: Path) -> None:
    needs_index()
    wanted = documented(0)
    assert wanted["repo"] == "<where you cloned it from>"
    repository.configure(wanted | {"repo": str(clone)})
    (repository.home / "torchshape-lint").unlink()
    repository.stage({"net.py": LINEAR, "third_party/net.py": LINEAR})
    repository.stage({"pyproject.toml": '[tool.torchshape-lint]\nexclude = ["third_party/"]\n'})
    code, said = repository.run()
    assert (code, said.count("TSL101")) == (1, 1), said
    assert f"net.py:{LINEAR_SAID}" in said
    repository.stage({"net.py": FINE})
    assert repository.run()[0] == 0


def test_installed_beside_flake8(repository: Repository, clone: Path) -> None:
    """flake8's own repository is not cloned; a local hook that says what its manifest says stands for it."""
    needs_index()
    wanted = documented(1)
    assert wanted["repo"] == "https://github.com/PyCQA/flake8"
    (hook,) = wanted["hooks"]
    assert hook.pop("id") == "flake8"
    assert hook["additional_dependencies"] == ["torchshape-lint @ git+<where you cloned it from>@v0.1.0"]
    hook["additional_dependencies"] = [f"torchshape-lint @ {wheel(clone).as_uri()}", *NEIGHBOURS]
    plain = {"id": "flake8", "name": "flake8", "entry": "flake8", "language": "python", "types": ["python"]}
    repository.configure({"repo": "local", "hooks": [plain | {"require_serial": True} | hook]})
    repository.stage({"net.py": f"{LINEAR}torch.load(list([k for k in []]))\n", "long.py": f"x = {'1' * 99}\n"})
    code, said = repository.run()
    assert code == 1
    assert f"net.py:{LINEAR_SAID}" in said
    assert "long.py:1:80: E501" in said
    assert all(f" {code} " in said for code in NEIGHBOURS.values()), said
    repository.stage({"net.py": FINE, "long.py": "x = 1\n"})
    assert repository.run()[0] == 0
