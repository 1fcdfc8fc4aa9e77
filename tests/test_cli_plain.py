"""Without the extra ``cli`` everything is plain text, and what cannot be done says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import EXTRA, LINEAR, LINEAR_SAID, Ran, git, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    return tmp_path


def bare(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Without any library of the extra."""
    return run(folder, *arguments, missing=EXTRA, hidden=folder.parent, **variables)


def test_check(folder: Path) -> None:
    ran = bare(folder, "check", FORCE_COLOR="1")
    assert (ran.code, ran.out) == (1, f"net.py:{LINEAR_SAID}\n")


SAME = """check net.py --format long
check net.py --statistics
explain net.py
rule TSL101
rule
coverage conv2d""".splitlines()


@pytest.mark.parametrize("words", SAME)
def test_the_same_is_said(folder: Path, words: str) -> None:
    assert bare(folder, *words.split()) == run(folder, *words.split())


@pytest.mark.parametrize(
    ("arguments", "library"),
    [
        (["check", "--watch"], "watchfiles"),
        (["check", "--exclude", "x"], "pathspec"),
        (["completion", "bash"], "shtab"),
    ],
)
def test_what_is_missing(folder: Path, arguments: list[str], library: str) -> None:
    ran = bare(folder, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert library in ran.err
    assert "pip install 'torchshape-lint[cli]'" in ran.err


def test_gitignore_is_not_read_and_that_is_said(folder: Path) -> None:
    (folder / ".gitignore").write_text("net.py\n", "utf-8")
    ran = bare(folder, "check")
    assert ran.places == ["net.py:5 TSL101"]
    assert "/.gitignore is not read: pip install" in ran.err.replace("\\", "/").replace(" .gitignore", " /.gitignore")


def test_a_gitignore_that_ignores_nothing_is_not_spoken_of(folder: Path) -> None:
    git(folder, "init", "-q")  # writes a .git/info/exclude of comments
    (folder / ".gitignore").write_text("# none\n\n", "utf-8")
    assert "is not read" not in bare(folder, "check").err
    (folder / ".git" / "info" / "exclude").write_text("# one\nnet.py\n", "utf-8")
    assert "exclude is not read: pip install" in bare(folder, "check").err
