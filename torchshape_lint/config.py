"""From ``[tool.torchshape-lint]`` of the nearest pyproject.toml and the command line to `Options`.

Knows names and types of settings. Whether a declared input makes sense is for ``frontend`` to say.
"""

from __future__ import annotations

import difflib
import fnmatch
import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torchshape_lint.codes import CODES
from torchshape_lint.options import DEFAULT, Options

TABLE = "torchshape-lint"


class SettingError(Exception):
    """A setting that cannot be understood; its text is meant for the user."""


def options_for(path: str, given: Mapping[str, Any]) -> Options:
    """The settings for one file. ``given`` (from a command line or flake8) is stronger than pyproject.toml."""
    found = nearest(Path(path).absolute().parent)
    table = dict(read(found)) if found else {}
    inputs = joined_inputs(table.get("inputs", ()), given.get("inputs", ()))
    silent = _silent(path, found.parent, table.pop("per_file_ignores", {})) if found else frozenset()
    return replace(DEFAULT, **{**table, **given, "inputs": inputs, "silent": silent})


def _silent(path: str, folder: Path, ignores: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The codes that ``per-file-ignores`` of ``folder`` has for ``path``; a pattern may name the file alone."""
    file = Path(path).absolute()
    name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.as_posix()
    lists = (c for p, c in ignores.items() if fnmatch.fnmatch(name, p) or fnmatch.fnmatch(file.name, p))
    return frozenset[str]().union(*lists)


def joined_inputs(weaker: Iterable[str], stronger: Iterable[str]) -> tuple[str, ...]:
    """All declarations; of two for one target the stronger."""
    return tuple({_target(text): text for text in (*weaker, *stronger)}.values())


@functools.cache
def nearest(folder: Path) -> Path | None:
    """The pyproject.toml of ``folder`` or the closest one above it."""
    return next((file for up in (folder, *folder.parents) if (file := up / "pyproject.toml").is_file()), None)


@functools.cache
def read(pyproject: Path) -> dict[str, Any]:
    """The fields of `Options` that this file sets."""
    try:
        content = tomllib.loads(pyproject.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(f"{pyproject}: cannot be read: {error}") from error
    tools = content.get("tool", {})
    if not isinstance(tools, dict):
        raise SettingError(f"{pyproject}: tool is not a table")
    for name in tools:
        if name != TABLE and re.sub(r"[-_.]", "", name).lower() == TABLE.replace("-", ""):
            raise SettingError(f"{pyproject}: [tool.{name}] is not read; the table is [tool.{TABLE}]")
    table = tools.get(TABLE, {})
    try:
        if not isinstance(table, dict):
            raise SettingError("is not a table")
        fields = dict(setting(key, value) for key, value in table.items())
    except SettingError as error:
        raise SettingError(f"{pyproject}: [tool.{TABLE}] {error}") from error
    python = fields.get("python")
    if python and Path(python).parent != Path():  # a path, not a name to be looked up
        fields["python"] = str(pyproject.parent / python)
    return fields


def setting(name: str, value: object) -> tuple[str, Any]:
    """(field of `Options`, value) for a setting under any of its names: ``tsl-input``, ``input``, ``inputs``."""
    key = name.replace("_", "-").removeprefix("tsl-")
    if key not in _SETTINGS:
        near = difflib.get_close_matches(key, _SETTINGS, 1)
        there = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(_SETTINGS))}"
        raise SettingError(f"{name!r} is not a setting; {there}")
    field, convert = _SETTINGS[key]
    try:
        return field, convert(value)
    except ValueError as error:
        raise SettingError(f"{name}: {error}") from None


def _inputs(value: object) -> tuple[str, ...]:
    """Declarations; shapes hold commas, so a line end or a semicolon parts them."""
    texts = [text.strip() for part in _strings(value) for text in re.split(r"[;\n]", part)]
    for text in filter(None, texts):
        if not re.fullmatch(r"[^=]*[^=\s][^=]*=\s*(\(.*\)|\[.*\])", text):
            raise ValueError(f"{text!r} is not of the form Net=(n, 1, 28, 28)")
    return tuple(filter(None, texts))


def _codes(value: object) -> frozenset[str]:
    codes = {code for part in _strings(value) for code in re.split(r"[,\s]+", part) if code}
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise ValueError(f"{code!r} is not the beginning of a code such as TSL101")
    return frozenset(codes)


def _codes_by_file(value: object) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict):
        raise ValueError(f'expected a table such as {{"tests/*" = ["TSL5"]}}, not {value!r}')
    return {pattern: _codes(part) for pattern, part in value.items()}


def _strings(value: object) -> list[str]:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"expected text or a list of texts, not {value!r}")
    return list(parts)


def _flag(value: object) -> bool:
    words = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    if isinstance(value, str):
        value = words.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, not {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected text, not {value!r}")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"expected a positive number, not {value!r}")
    return float(value)


def _target(declaration: str) -> str:
    return declaration.partition("=")[0].replace(" ", "")


_SETTINGS: dict[str, tuple[str, Callable[[object], object]]] = {
    "input": ("inputs", _inputs),
    "inputs": ("inputs", _inputs),
    "conditional": ("conditional", _flag),
    "confirm": ("confirm", _flag),
    "python": ("python", _text),
    "seconds": ("seconds", _seconds),
    "confirm-seconds": ("confirm_seconds", _seconds),
    "select": ("select", _codes),
    "ignore": ("ignore", _codes),
    "per-file-ignores": ("per_file_ignores", _codes_by_file),
    "fixes": ("fixes", _flag),
    "cache": ("cache", _flag),
    "exclude": ("exclude", lambda value: tuple(_strings(value))),
    "unused-suppressions": ("unused_suppressions", _flag),
}
