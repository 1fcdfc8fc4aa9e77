"""``torchshape-lint init``: settings for pyproject.toml, a hook for pre-commit; nothing is overwritten."""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

from torchshape_lint.cli.given import Commands
from torchshape_lint.cli.trouble import Unusable

TABLE = """\
[tool.torchshape-lint]
# input = ["Net=(n, 1, 28, 28)"]   # what comes in, where the code does not tell
# ignore = ["TSL5"]                # what runs, but is probably wrong
# exclude = ["build/"]             # in the words of .gitignore
# per-file-ignores = { "tests/*" = ["TSL5"] }
conditional = false                # true: also mistakes on branches that may not be taken
"""
HOOK = """\
- repo: local
  hooks:
    - id: torchshape-lint
      name: torchshape-lint
      entry: torchshape-lint check --force-exclude
      language: system
      types_or: [python, jupyter]
      require_serial: true
"""
_TOP = re.compile(r"^[^\s#-]")


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "init",
        help="write the settings and the pre-commit hook",
        description="Write settings to pyproject.toml and a hook to .pre-commit-config.yaml. Nothing is overwritten.",
    )
    command.set_defaults(run=run)
    command.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="of the project (default: .)")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder)
    if not folder.is_dir():
        raise Unusable(f"{folder}: is not a folder")
    jobs = ((folder / "pyproject.toml", with_table), (folder / ".pre-commit-config.yaml", with_hook))
    texts = [(file, _read(file)) for file, _ in jobs]
    changed = [(file, text, change(text, file)) for (file, text), (_, change) in zip(texts, jobs, strict=True)]
    for file, before, after in changed:
        if after == before:
            sys.stdout.write(f"{file}: already there\n")
            continue
        try:
            file.write_text(after, encoding="utf-8", newline="")
        except OSError as error:
            raise Unusable(f"{file}: {error.strerror or error}") from error
        sys.stdout.write(f"{file}: {'added to' if before else 'written'}\n")
    return 0


def with_table(text: str, file: Path) -> str:
    """The text with our table at its end; as it is where it has one."""
    try:
        tools = tomllib.loads(text).get("tool", {})
        if isinstance(tools, dict) and "torchshape-lint" in tools:
            return text
        after = _joined(text, TABLE, blank=True)
        tomllib.loads(after)  # [tool] may be closed, as in tool = {}
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{file}: cannot be read: {error}") from error
    return after


def with_hook(text: str, file: Path) -> str:
    """The text with our hook at the end of its repos; as it is where it has one."""
    if re.search(r"^[\s-]*id:\s*['\"]?torchshape-lint\b", text, re.M):
        return text
    if not text.strip():
        return _joined(text, f"repos:\n{HOOK}")
    lines = text.splitlines(keepends=True)
    head = next((k for k, line in enumerate(lines) if re.match(r"repos:\s*(#.*)?$", line)), None)
    if head is None:
        raise Unusable(f"{file}: has no list of repos that can be added to; add this by hand:\n{HOOK.rstrip()}")
    end = next((k for k in range(head + 1, len(lines)) if _TOP.match(lines[k])), len(lines))
    while end > head + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    items = [m[1] for line in lines[head + 1 : end] if (m := re.match(r"(\s*)- ", line))]
    indent = min(items, key=len, default="")
    hook = "".join(f"{indent}{line}" for line in HOOK.splitlines(keepends=True))
    return _joined("".join(lines[:end]), hook) + "".join(lines[end:])


def _joined(text: str, more: str, blank: bool = False) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    if text and blank:
        text += newline
    return text + more.replace("\n", newline)


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise Unusable(f"{file}: cannot be read: {error}") from error
