"""The sdist and the wheel: nothing too much, nothing too little, and the one makes the other."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.harness import ROOT
from torchshape_lint.codes import CODES

pytest.importorskip("hatchling")
PAGES = {f"torchshape_lint/docs/codes/{name}.md" for name in ("index", *CODES)}


def build(folder: Path, kind: str, out: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(ROOT, "sdist", folder / "made")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return unpacked


def test_the_sdist_has_what_the_tests_need(source: Path) -> None:
    wanted = {"torchshape_lint", "docs", "fixtures", "tests", "pyproject.toml", "LICENSE", "action.yml", "PKG-INFO"}
    there = {path.name for path in source.iterdir()}
    assert wanted <= there
    assert not there & {".git", ".venv", "dist"}
    code = {path.relative_to(ROOT) for name in ("torchshape_lint", "tests") for path in (ROOT / name).rglob("*.py")}
    assert code == {
        path.relative_to(source) for name in ("torchshape_lint", "tests") for path in (source / name).rglob("*.py")
    }


def test_the_wheel_of_the_sdist_has_the_package_alone(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(build(source, "wheel", tmp_path / "made")) as archive:
        names = set(archive.namelist())
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        said = Parser().parsestr(archive.read(metadata).decode("utf-8"))
        assert (
            "torchshape_lint.flake8_plugin:Plugin"
            in archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
        )
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "torchshape_lint").rglob("*") if path.is_file()}
    package = {name for name in package if "__pycache__" not in name}
    info = metadata.partition("/")[0]
    assert {name for name in names if not name.startswith(info)} == package | PAGES
    assert f"{info}/licenses/LICENSE" in names
    assert said["Requires-Python"] == ">=3.11"
    plain = [name for name in said.get_all("Requires-Dist", []) if "extra ==" not in name]
    assert sorted(re.split(r"[<>=]", name)[0] for name in plain) == ["flake8", "libcst"]


def test_the_lowest_versions_are_those_that_are_tried() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    tried = re.findall(r'"(\w+)==([\d.]+)"', (ROOT / "noxfile.py").read_text("utf-8"))
    assert [f"{name}>={version}" for name, version in tried] == [f"{w}.0" if "." in w else f"{w}.0.0" for w in wanted]
