"""``python -m tests.refresh_pictures`` draws the pictures of the documentation again (the screenshot with Chromium)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.browser import address, browser
from tests.harness import ROOT
from torchshape_lint.check import explain
from torchshape_lint.report.formats import explaining

FOLDER = ROOT / "docs" / "pictures"
FILES = {"svg": "net.svg", "dot": "net.dot", "html": "net.html"}
PAGES = (FOLDER / "index.md", ROOT / "README.md", ROOT / "README.zh.md")  # that show a Mermaid picture
SCREENSHOT = FOLDER / "page.png"
FORMATS = (*FILES, "mermaid")


def drawn(format: str) -> str:
    """The network of the documentation, as the program prints it."""
    text = (FOLDER / "net.py").read_text("utf-8")
    return explaining()[format](explain(text, "net.py"), text) + "\n"


def with_mermaid(page: str) -> str:
    """A page of documentation with the picture as it is now."""
    return re.sub(r"```mermaid\n.*?```\n", lambda _: drawn("mermaid"), page, flags=re.DOTALL)


def digest(page: str) -> str:
    return hashlib.sha256(page.encode()).hexdigest()


def _photograph(page: Path) -> None:
    """The picture remembers what it is a picture of."""
    with browser() as running:
        view = running.new_page(viewport={"width": 1160, "height": 1240}, color_scheme="light")
        view.goto(address(page))
        view.screenshot(path=SCREENSHOT)
    remembered = PngInfo()
    remembered.add_text("page", digest(page.read_text("utf-8")))
    Image.open(SCREENSHOT).quantize(64).save(SCREENSHOT, optimize=True, pnginfo=remembered)


if __name__ == "__main__":
    for format, name in FILES.items():
        (FOLDER / name).write_text(drawn(format), "utf-8")
    for path in filter(Path.exists, PAGES):
        path.write_text(with_mermaid(path.read_text("utf-8")), "utf-8")
    _photograph(FOLDER / FILES["html"])
