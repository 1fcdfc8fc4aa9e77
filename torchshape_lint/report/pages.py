"""The pages of the codes, as they are installed. In a wheel they lie in the package, in a clone beside it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path


def page(code: str) -> str | None:
    """The page of a code in Markdown; None where the pages are not installed."""
    package = files("torchshape_lint")
    for folder in (package / "docs" / "codes", Path(str(package)).parent / "docs" / "codes"):
        found = folder / f"{code}.md"
        if found.is_file():
            return found.read_text("utf-8")
    return None


def gist(text: str) -> str:
    """The first paragraph of a page, plain and in one line."""
    paragraph = text.partition("## What\n\n")[2].partition("\n\n")[0]
    return " ".join(_unlinked(paragraph).replace("`", "").split())


def alone(text: str) -> str:
    """A page for where the others cannot be reached: without its title and its links to them."""
    return _unlinked(text.partition("\n\n")[2])


def _unlinked(text: str) -> str:
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text)
