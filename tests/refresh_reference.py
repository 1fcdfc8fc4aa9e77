"""``python -m tests.refresh_reference`` writes ``docs/reference`` from the code: options, settings, the Python API."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterator

from flake8.options.manager import OptionManager

from tests.harness import ROOT
from torchshape_lint import api, config
from torchshape_lint.cli.program import parser
from torchshape_lint.flake8_plugin import SETTINGS, Plugin
from torchshape_lint.options import DEFAULT, Options

FOLDER = ROOT / "docs" / "reference"
WRITTEN = "This page is written from the code by `python -m tests.refresh_reference`; a test keeps it in step."


# --- options ------------------------------------------------------------------------------------------------------


def options() -> str:
    """docs/reference/options.md"""
    return "\n".join(["# Options and settings", "", WRITTEN, "", *_settings(), *_flake8(), *_commands()])


def _settings() -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield "In `[tool.torchshape-lint]` of the nearest pyproject.toml, and, with `_` for `-`, as arguments of"
    yield "[the Python API](api.md)."
    yield ""
    yield from _row("setting", "default", "")
    yield from _row("---", "---", "---")
    about = re.findall(r"^(\w+(?:, \w+)*): (.*)$", inspect.getdoc(Options) or "", re.M)
    words = {name: text for names, text in about for name in names.split(", ")}
    for name, (field, _) in config._SETTINGS.items():
        if name != "inputs":
            default = getattr(DEFAULT, field, {})
            said = words[{"per_file_ignores": "silent"}.get(field, field)]
            yield from _row(f"`{name}`", f"`{_plain(default)}`", _sentence(said))
    yield ""


def _plain(value: object) -> str:
    """As TOML writes it."""
    if isinstance(value, (tuple, frozenset)):
        return str(list(value))
    return '""' if value is None else str(value).lower()


def _flake8() -> Iterator[str]:
    manager = OptionManager(version="", plugin_versions="", parents=[], formatter_names=[])
    Plugin.add_options(manager)
    yield "## flake8"
    yield ""
    yield f"All {len(SETTINGS)} also go into flake8's own configuration, without the dashes in front. They are stronger"
    yield "than pyproject.toml. `select`, `ignore`, `exclude`, `per-file-ignores` and `# noqa` are flake8's own."
    yield ""
    yield from _table(_added(manager))
    yield ""


def _added(manager: OptionManager) -> list[argparse.Action]:
    return [action for action in manager.parser._actions if any(s.startswith("--tsl") for s in action.option_strings)]


def _commands() -> Iterator[str]:
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        yield f"## torchshape-lint {name}"
        yield ""
        yield command.description or ""
        yield ""
        if actions := [a for a in command._actions if a.dest != "help"]:
            yield from _table(actions)
            yield ""


def _table(actions: Iterator[argparse.Action] | list[argparse.Action]) -> Iterator[str]:
    yield from _row("option", "")
    yield from _row("---", "---")
    for action in actions:
        names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        takes_value = bool(action.option_strings) and action.nargs != 0
        metavar = "|".join(map(str, action.choices)) if action.choices else str(action.metavar or "")
        shown = f"`{names} {metavar}`" if takes_value and metavar else f"`{names}`"
        yield from _row(shown.replace("|", "\\|"), _sentence(action.help or ""))


# --- the API ------------------------------------------------------------------------------------------------------


def python() -> str:
    """docs/reference/api.md"""
    lines = ["# torchshape_lint.api", "", WRITTEN + " Examples: [the Python API](../api.md).", ""]
    for name in sorted(api.__all__, key=lambda name: (name[0].isupper(), name)):
        lines += _documented(name, getattr(api, name))
    return "\n".join(lines)


def _documented(name: str, what: object) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    if inspect.isfunction(what):
        yield "```py"
        yield f"{name}{inspect.signature(what)}".replace("'", "")  # of annotations
        yield "```"
        yield ""
    yield _listed(inspect.getdoc(what) or "")
    yield ""
    if isinstance(what, type) and dataclasses.is_dataclass(what):
        yield from _row("attribute", "type")
        yield from _row("---", "---")
        for field in dataclasses.fields(what):
            if field.name not in INTERNAL:
                yield from _row(f"`{field.name}`", f"`{field.type}`".replace("|", "\\|"))
        for key, value in vars(what).items():
            if isinstance(value, property) and not key.startswith("_"):
                about = (inspect.getdoc(value) or "").splitlines()
                yield from _row(f"`{key}`", about[0] if about else "")
        yield ""


def _listed(docstring: str) -> str:
    """A docstring as Markdown: what it says about an argument or attribute becomes an item of a list."""
    lines: list[str] = []
    for line in docstring.replace("``", "`").splitlines():
        item = re.match(r"\w+(?:, \w+)*: ", line) is not None
        begins = item and bool(lines) and bool(lines[-1]) and not lines[-1].startswith("- ")
        lines += [""] * (begins or line.startswith("Raises "))
        lines.append(f"- {line}" if item else line)
    return "\n".join(lines)


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def _sentence(text: str) -> str:
    return " ".join(text.replace("%%", "%").replace("``", "`").split()).rstrip(".").replace("|", "\\|")


INTERNAL = ("origin", "asked")  # of a Diagnostic
PAGES: dict[str, Callable[[], str]] = {"options.md": options, "api.md": python}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != write():
            (FOLDER / name).write_text(write(), "utf-8")
            sys.stdout.write(f"{name}\n")
