"""``python -m tests.refresh_pictures`` draws the pictures of the documentation again."""

from __future__ import annotations

from tests.harness import ROOT
from torchshape_lint.check import explain
from torchshape_lint.report.formats import explaining

FOLDER = ROOT / "docs" / "pictures"
DRAWN = {"svg": "net.svg", "mermaid": "net.md", "dot": "net.dot", "html": "net.html"}


def drawn(format: str) -> str:
    """The network of the documentation, as the program prints it."""
    text = (FOLDER / "net.py").read_text("utf-8")
    return explaining()[format](explain(text, "net.py"), text) + "\n"


if __name__ == "__main__":
    for format, name in DRAWN.items():
        (FOLDER / name).write_text(drawn(format), "utf-8")
