"""A hook of mkdocs: the pages above docs/ are pages of the site, and links between here and there stay right."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ABOVE = ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name in ABOVE:
        files.append(File.generated(config, name, content=(ROOT / name).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """``docs/x.md`` in a page from above becomes ``x.md``; ``../x.md`` in a page of docs/ loses one step."""
    if page.file.src_uri in ABOVE:
        return markdown.replace("](docs/", "](")
    steps = "../" * page.file.src_uri.count("/")
    return re.sub(rf"\]\({re.escape(steps)}\.\./({'|'.join(map(re.escape, ABOVE))})", rf"]({steps}\1", markdown)
