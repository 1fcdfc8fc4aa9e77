"""The set-ups of ``docs/editors.md`` in the real Neovim, Helix and Emacs, where they are installed.

The network is ``WRONG``: its bug is on line 16, and line 11 is what puts it right. The settings of the page are
``conditional``, which alone finds the bug of the last line.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lsp.terminal import MISSING, Terminal, version
from tests.lsp.test_editor_pages import BLOCKS
from tests.lsp.test_server import WRONG

pytestmark = MISSING
UNDECIDED = WRONG + "if len(__file__) > 9:\n    torch.randn(2, 3).view(7)\n"
HINT = "x: (1, 6, 15, 15) = self.pool(F.relu(self.conv1(x): (1, 6, 30, 30)))"
FINDING = "fc: last axis of x is 1350, but in_features is 384"
MENDED = "self.fc = nn.Linear(6 * 15 * 15, 10)"
LENS = "as called at line 21: (1, 1, 34, 34) -> (..., 10)"
NEOVIM, HELIX, EMACS = version("nvim"), version("hx"), version("emacs")

Opened = Callable[[dict[str, str]], Terminal]


def block(language: str, words: str) -> str:
    (found,) = (text for name, text in BLOCKS if name == language and words in text)
    return found


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    terminals: list[Terminal] = []

    def make(files: dict[str, str]) -> Terminal:
        project = {"project/net.py": UNDECIDED, "project/pyproject.toml": ""}
        terminals.append(Terminal(tmp_path, project | {f"home/{name}": text for name, text in files.items()}))
        return terminals[-1]

    yield make
    for terminal in terminals:
        terminal.quit()


@pytest.mark.skipif(NEOVIM < (0, 11), reason="no Neovim 0.11")
def test_neovim(opened: Opened) -> None:
    terminal = opened({".config/nvim/init.lua": block("lua", "vim.lsp.enable")})
    terminal.open("nvim", "net.py")
    terminal.shows(HINT, FINDING)
    terminal.keys("16G", "f.", "C-w", "d")
    terminal.shows("[TSL101]")
    terminal.keys("Escape", "K")
    terminal.shows("nn.Linear · weight (10, 384) · 3,850 parameters", "line 15 net.flatten 6*15*15 = 1350 (1, 1350)")
    lenses = "(vim.lsp.codelens.enable or vim.lsp.codelens.refresh)()"  # not every 0.12-dev has the first
    terminal.keys("Escape", "j", "k", f":lua {lenses}", "Enter")
    terminal.shows(LENS)
    terminal.keys("gra")
    terminal.shows("1: in_features = 6 * 15 * 15", "Silence TSL101")
    terminal.keys("1", "Enter")
    terminal.shows(f"{MENDED} -> (1, 10)", gone=FINDING)
    terminal.keys(f":lua {lenses}", "Enter")
    terminal.shows("13,666 parameters")
    terminal.keys("22G")
    terminal.shows("view: input has 6 elements")
    terminal.keys("6G", ":lua vim.lsp.codelens.run()", "Enter")
    terminal.shows("1: as called at line 21")
    terminal.keys("1", "Enter")
    terminal.shows("parameters: 13,666", "(30 + 2*0 - 2)//2 + 1 = 15")


@pytest.mark.skipif(not (0, 7) <= NEOVIM < (0, 11), reason="no Neovim 0.7 to 0.10")
def test_neovim_before_0_11(opened: Opened) -> None:
    terminal = opened({".config/nvim/init.lua": block("lua", "vim.lsp.start_client")})
    terminal.open("nvim", "net.py")
    terminal.shows(FINDING)
    terminal.keys("16G", "f.", ":lua vim.lsp.buf.hover()", "Enter")
    terminal.shows("weight (10, 384)", " · 3,850 parameters", "line 15 net.flatten 6*15*15 = 1350 (1, 1350)")
    terminal.keys("j", "k", ":lua vim.lsp.codelens.refresh()", "Enter")
    terminal.shows(LENS)
    terminal.keys(":lua vim.lsp.buf.code_action()", "Enter")
    terminal.shows("1: in_features = 6 * 15 * 15", "Silence TSL101")
    terminal.keys("1", "Enter")
    terminal.shows(MENDED, gone=FINDING)


@pytest.mark.skipif(HELIX == (), reason="no Helix")
def test_helix(opened: Opened) -> None:
    toml = {"languages": block("toml", "language-servers"), "config": block("toml", "display-inlay-hints")}
    terminal = opened({f".config/helix/{name}.toml": text for name, text in toml.items()})
    terminal.open("hx", "net.py")
    terminal.shows("●")
    terminal.keys("1", "6", "G", "f", "f")
    terminal.shows(HINT, FINDING)
    terminal.keys("Space", "k")
    terminal.shows("nn.Linear · weight (10, 384) · 3,850 parameters", "line 15 net.flatten 6*15*15 = 1350 (1, 1350)")
    terminal.keys("Escape", "Space", "a")
    terminal.shows("in_features = 6 * 15 * 15 (unsafe", "Silence TSL101")
    terminal.keys("Enter")
    terminal.shows(MENDED, gone=FINDING)
    terminal.keys("g", "e", "f", "o")
    terminal.shows(f"{MENDED} -> (1, 10)", "view: input has 6 elements")


def has_eglot() -> bool:
    """A part of Emacs since 29, a package before."""
    asked = ("emacs", "--batch", "--eval", "(require 'eglot)")
    return EMACS >= (28,) and subprocess.run(asked, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.skipif(EMACS < (28,), reason="no Emacs 28")
def test_emacs(opened: Opened) -> None:
    if not has_eglot():
        pytest.skip("Emacs without eglot")
    init = block("elisp", "eglot-ensure")
    if EMACS < (29,):
        init = init.replace("python-base-mode-hook", "python-mode-hook")
        init += "(setq native-comp-async-report-warnings-errors nil)"  # the first start compiles packages, loudly
    terminal = opened({".emacs.d/init.el": init})
    terminal.open("emacs", "-nw", "net.py")
    terminal.shows("Flymake[1 1]", HINT if EMACS >= (29,) else "")
    terminal.keys("M-g", "g", "16", "Enter", "C-e", "C-b")
    terminal.shows("self.fc(x)  # (1, 1350) -> (..., 10)")
    terminal.keys("M-x", "flymake-show-buffer-diagnostics", "Enter")
    assert re.search(rf" 16 +12 +error .*TSL101.*{re.escape(FINDING)}", terminal.shows(FINDING, "TSL101"))
    terminal.keys("M-x", "eglot-code-actions", "Enter")
    terminal.shows("in_features = 6 * 15 * 15")
    terminal.keys("Enter")
    terminal.shows(MENDED, gone=FINDING)
    assert re.search(r" 23 +4 +warning .*TSL301.*view: input has 6 elements", terminal.shows("TSL301", gone=FINDING))
