"""The pages in ``docs/codes``: one for each code, all alike, and every block of code is judged like a fixture."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.harness import ROOT, Fixture, lint_problems
from torchshape_lint.codes import CODES
from torchshape_lint.flake8_plugin import Plugin

PAGES = ROOT / "docs" / "codes"
EXAMPLE, FIX, SILENT = "Example", "Fix", "When it stays silent"
SECTIONS = ["What", "Why", EXAMPLE, FIX, SILENT]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of code: its language, and the settings in front of it."""

    language: str
    text: str
    settings: str = ""


@dataclass(frozen=True)
class Page:
    """One page, cut at its headings."""

    id: str
    text: str

    @property
    def headings(self) -> list[str]:
        return re.findall(r"^#.*", _FENCE.sub("", self.text), re.M)

    def blocks(self, section: str) -> list[Block]:
        blocks, settings = [], ""
        body = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", self.text, re.M | re.S)
        for language, text in _FENCE.findall(body[1] if body else ""):
            settings = text if language == "toml" else settings
            blocks.append(Block(language, text, settings))
        return blocks

    def python(self, section: str) -> list[Block]:
        return [block for block in self.blocks(section) if block.language == "python"]


ALL = [Page(path.stem, path.read_text("utf-8")) for path in sorted(PAGES.glob("TSL*.md"))]
each_page = pytest.mark.parametrize("page", ALL, ids=lambda page: page.id)
each_block = pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=f"{page.id}-{section.split()[-1].lower()}{k}")
        for page in ALL
        for section in SECTIONS
        for k, block in enumerate(page.python(section), 1)
    ],
)


# --- what a page looks like ---------------------------------------------------------------------------------------


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert [page.id for page in ALL] == sorted(CODES)


def test_the_index_names_every_page() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (.*) \| (.*) \|$", (PAGES / "index.md").read_text("utf-8"), re.M)
    assert rows == [(code.id, code.id, code.name, code.summary) for code in CODES.values()]


@each_page
def test_headings(page: Page) -> None:
    assert page.headings == [f"# {page.id} {CODES[page.id].name}", *(f"## {section}" for section in SECTIONS)]


@each_page
def test_blocks(page: Page) -> None:
    """What a block must show; that the linter and torch agree is judged below."""
    assert [len(page.python(section)) for section in ("What", "Why", EXAMPLE)] == [0, 0, 1]
    assert page.python(FIX)
    assert page.python(SILENT)
    assert [e.code for e in _fixture(page.python(EXAMPLE)[0]).errors] == [page.id]
    for block in page.python(FIX) + page.python(SILENT):
        assert not _fixture(block).errors


@each_page
def test_links(page: Page) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.text):
        assert (PAGES / target).is_file()


# --- what its code does -------------------------------------------------------------------------------------------


@each_block
def test_linter_agrees(block: Block, tmp_path: Path) -> None:
    if block.settings:
        found = [(int(line.split(":")[1]), line.split()[1]) for line in printed(block, tmp_path)]
        assert found == [(expected.line, expected.code) for expected in _fixture(block).errors]
    else:
        assert lint_problems(_fixture(block)) == []


@each_block
def test_torch_agrees(block: Block) -> None:
    pytest.importorskip("torch")
    from tests.torch_judge import torch_problems

    assert torch_problems(_fixture(block)) == []


@each_page
def test_shown_output(page: Page, tmp_path: Path) -> None:
    shown = [block.text for block in page.blocks(EXAMPLE) if block.language == "text"]
    assert shown == ["".join(f"{line}\n" for line in printed(page.python(EXAMPLE)[0], tmp_path))]


class Unconfigured(Plugin):
    """The plugin without a command line: the nearest pyproject.toml alone counts."""

    given: ClassVar[dict[str, Any]] = {}


def _fixture(block: Block) -> Fixture:
    return Fixture(Path("net.py"), block.text)


def printed(block: Block, folder: Path) -> list[str]:
    """What flake8 prints for this block in a file ``net.py``."""
    (folder / "pyproject.toml").write_text(block.settings, "utf-8")
    path = folder / "net.py"
    text = _fixture(block).bare
    plugin = Unconfigured(ast.parse(text), text.splitlines(keepends=True), str(path))
    found = [f"net.py:{line}:{column + 1}: {message}" for line, column, message, _ in plugin.run()]
    return [line.replace(f"{folder}/", "") for line in found]
