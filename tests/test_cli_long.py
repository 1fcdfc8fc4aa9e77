"""The long format, word for word: each file of ``tests/long`` has code and what is said about it.

``python -m tests.test_cli_long`` writes what is said now: read the difference before you commit it.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from tests.program import run

EXAMPLES = sorted((Path(__file__).parent / "long").glob("*.txt"))
_HEADING = re.compile(r"^=== (.*)\n", re.M)


def parts(example: Path) -> dict[str, str]:
    """Its files by name, the one to be checked last, and under ``long`` what is said."""
    names_and_texts = _HEADING.split(example.read_text("utf-8"))[1:]
    return dict(zip(names_and_texts[::2], names_and_texts[1::2], strict=True))


def said(example: Path, folder: Path) -> str:
    *files, _ = parts(example).items()
    folder = folder / "project"
    folder.mkdir()
    for name, text in files:
        (folder / name).write_text(text, "utf-8")
    return run(folder, "check", "--format", "long", files[-1][0]).out


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_word_for_word(example: Path, tmp_path: Path) -> None:
    assert said(example, tmp_path) == parts(example)["long"]


if __name__ == "__main__":
    for path in EXAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            before = path.read_text("utf-8").partition("=== long\n")[0]
            path.write_text(f"{before}=== long\n{said(path, Path(folder))}", "utf-8")
