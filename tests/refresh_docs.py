"""Puts what the commands of the documentation print now into its pages: ``python -m tests.refresh_docs [PAGE...]``.

What is cut with ``...`` and still true stays. Read the difference before you commit it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.harness import ROOT
from tests.pages import Block, Page, Reader, same
from tests.test_docs import PLAYED, PREPARED, elsewhere, not_run


def refreshed(page: Page, home: Path) -> str:
    """The page as it should be."""
    reader = Reader.of(home)
    if page.name in PREPARED:
        PREPARED[page.name](reader.folder)
    lines = page.text.splitlines(keepends=True)
    said = ""
    for block in page.blocks:
        if elsewhere(page, block.language):
            continue
        if block.title:
            reader.write(block)
        new = block.text
        if block.shows and block.behind is not None:
            said = said if block.behind.commands else reader.run(f"torchshape-lint check -q {block.behind.title}").said
            new = new if same(said, new) else said
        elif block.language == "console":
            new = "".join(_played(reader, command, shown) for command, shown in block.commands)
        else:
            said = "".join(reader.run(c.replace("PATH...", "net.py")).said for c, _ in block.commands if not not_run(c))
        _put(lines, block, new)
    return "".join(lines)


def _played(reader: Reader, command: str, shown: str | None) -> str:
    said = reader.run(command).said
    return f"$ {command}\n{shown if shown is not None and same(said, shown) else said}"


def _put(lines: list[str], block: Block, text: str) -> None:
    """The lines of a block stay where they are: all of the new ones go into the first."""
    old = block.text.count("\n")
    if old == 0:
        lines[block.line - 1] += text
    else:
        lines[block.line : block.line + old] = [text, *[""] * (old - 1)]


if __name__ == "__main__":
    for page in [Page(name) for name in sys.argv[1:]] or PLAYED:
        with tempfile.TemporaryDirectory() as home:
            text = refreshed(page, Path(home))
            os.chdir(ROOT)
        if text != page.text:
            (ROOT / page.name).write_text(text, "utf-8")
            sys.stdout.write(f"{page.name}\n")
