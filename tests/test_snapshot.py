"""What is sent to a worker: enough to find there what is found at home, with the files of home out of reach."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.test_modules import LAYOUTS, USE, write
from tests.test_silences import BROKEN, NET
from torchshape_lint import api, opened, project
from torchshape_lint.cli import packing, remote
from torchshape_lint.cli.work import Task
from torchshape_lint.report.formats import Checked
from torchshape_lint.snapshot import File, Kind, Outside, Snapshot

FROM_ABOVE = {"root"}  # imports from beside its folder, which is sent with a project only


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another disk in each test, with nothing installed on it."""
    site = tmp_path / "installed"
    site.mkdir()
    monkeypatch.setenv("TORCHSHAPE_LINT_CACHE", "off")
    monkeypatch.setattr(opened, "_installed", lambda: (str(site),))
    monkeypatch.setattr(packing, "_MAX_NAMES", 10**6)  # the folders of all tests stand side by side
    packing.forget()
    project.forget()


def away(path: Path, root: Path) -> remote.Answer:
    """What is said of a file where there is nothing but what was sent."""
    parcel = remote.packed(Task(str(path)), {})
    assert parcel is not None
    shutil.move(root, root.with_name("moved"))
    try:
        return remote.answer(parcel[0], *parcel[1])
    finally:
        shutil.move(root.with_name("moved"), root)


def same(path: Path, root: Path) -> bool:
    """Is it what is found at home, and anything at all?"""
    answer, here = away(path, root), api.check(path)
    assert isinstance(answer, Checked)
    assert list(answer.findings) == here
    return bool(here)


@pytest.mark.parametrize("marker", ["pyproject.toml", None])
@pytest.mark.parametrize("name", LAYOUTS)
def test_imports_are_found(tmp_path: Path, name: str, marker: str | None) -> None:
    files, importer, statement = LAYOUTS[name]
    root = tmp_path / "root"
    write(root, **files, **{importer: f"import torch\n{statement}\n{USE}"})
    if marker:
        (root / marker).touch()
    path = root / f"{importer.replace('__', '/')}.py"
    if marker or name not in FROM_ABOVE:
        assert same(path, root)
    else:
        assert away(path, root) is None


def test_callers_are_found(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, parts__init="", parts__net=NET, use=BROKEN)
    (root / "pyproject.toml").touch()
    assert same(root / "parts" / "net.py", root)
    assert same(root / "use.py", root)


def test_installed_packages_are_found(tmp_path: Path) -> None:
    root, site = tmp_path / "root", tmp_path / "installed"
    write(site, parts__init="from layers import Net", layers=NET, other=f"{NET}\n")
    write(root, use=BROKEN.replace("parts.net", "parts"))
    (root / "setup.py").touch()
    assert same(root / "use.py", tmp_path)
    snapshots = packing.around(str(root / "use.py"))
    assert snapshots is not None
    assert snapshots[1].file(str(site / "layers.py"))
    with pytest.raises(Outside):  # nobody imports it
        snapshots[1].file(str(site / "other.py"))
    write(tmp_path / "second", use=BROKEN.replace("parts.net", "other"))
    (tmp_path / "second" / "setup.py").touch()
    assert same(tmp_path / "second" / "use.py", tmp_path)
    assert same(root / "use.py", tmp_path)
    more = packing.around(str(root / "use.py"))
    assert more is not None
    assert [part.digest for part in more[2:]] == [part.digest for part in snapshots[1:]], "what was sent stays"


def test_notebooks_and_standard_input_are_found(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, parts__init="", parts__net=NET)
    (root / "setup.cfg").touch()
    code = f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": {json.dumps(BROKEN)}}}'
    book = {"cells": [json.loads(code)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "use.ipynb").write_text(json.dumps(book), "utf-8")
    assert same(root / "use.ipynb", root)


@pytest.mark.parametrize("link", ["layers", "layers.py"])
def test_what_a_link_leads_to_is_looked_at_at_home(tmp_path: Path, link: str) -> None:
    root, real = tmp_path / "root", tmp_path / "real"
    write(real, layers__init=NET, net=NET)
    write(root, use=BROKEN.replace("parts.net", "layers"))
    (root / ".git").mkdir()
    (root / link).symlink_to(real / link if link == "layers" else real / "net.py")
    assert api.check(root / "use.py")
    assert away(root / "use.py", tmp_path) is None


def test_too_much_and_what_runs_code_stay_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    write(root, use=BROKEN, parts__init="", parts__net=NET)
    (root / "pyproject.toml").touch()
    path = str(root / "use.py")
    assert remote.packed(Task(path), {"confirm": True}) is None
    assert remote.packed(Task(path), {"select": "wrong"}) is None
    assert remote.packed(Task(path, "nothing of interest"), {}) is None
    monkeypatch.setattr(packing, "MAX_FILES", 2)
    assert remote.packed(Task(path), {}) is None


def test_another_version_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "use.py").write_text(BROKEN)
    parcel = remote.packed(Task(str(tmp_path / "use.py")), {})
    assert parcel is not None
    monkeypatch.setattr(remote, "version", lambda: "another")
    assert "a worker has another torchshape-lint or Python: another" in str(remote.answer(parcel[0], *parcel[1]))


def test_a_snapshot_never_guesses() -> None:
    disk = Snapshot("/home", (), {"/home": {"a": Kind.FOLDER, "b.py": File.of(b"x = 1\n")}})
    with opened.instead(disk):
        assert opened.content("b.py") == opened.content("/home/b.py") == b"x = 1\n"
        assert (opened.is_dir("a"), opened.is_dir("c"), opened.is_file("c/d.py"), opened.is_file("b.py/c.py")) == (
            (True, False, False, False)
        )
        assert opened.entries("/home") == [("a", True), ("b.py", False)]
        for asked in (opened.is_file, opened.content, opened.state, opened.digest):
            for path in ("a/b.py", "/elsewhere.py", "data.json"):
                with pytest.raises(Outside):
                    asked(path)
        with pytest.raises(FileNotFoundError):
            opened.content("c.py")
