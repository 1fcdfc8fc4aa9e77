"""What the client sets: settings of the linter under their usual names, and what concerns an editor alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from torchshape_lint.config import SettingError, setting
from torchshape_lint.frozen import dataclass

SECTION = "torchshape-lint"
SECTIONS = (SECTION, "torchshape_lint", "torchshapeLint")
NEVER = frozenset({"confirm", "python", "confirm_seconds"})  # code is not run while it is being typed
CLIENTS = frozenset({"path", "trace"})  # for the client itself: where the server is, what to log


@dataclass(frozen=True, slots=True)
class Settings:
    """given: what is stronger than pyproject.toml. hints, trivial: inlay hints, and those that say nothing new.

    lenses: what stands above classes. delay: seconds after the last key. problems: what could not be understood.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    hints: bool = True
    trivial: bool = False
    lenses: bool = True
    delay: float = 0.2
    problems: tuple[str, ...] = ()


def section(values: object) -> Mapping[str, Any] | None:
    """Ours among the settings of a client: bare, or under our name; None where there is nothing for us."""
    if not isinstance(values, Mapping):
        return None
    for name in (*SECTIONS, "settings"):
        if name in values:
            return section(values[name]) or {}
    return values


def read(values: object) -> Settings:
    """Never raises: what makes no sense is left out, and said."""
    given: dict[str, Any] = {}
    own: dict[str, Any] = {}
    problems = []
    for name, value in (section(values) or {}).items():
        if value is None or name in CLIENTS:
            continue
        try:
            if name in _OWN:
                own |= _OWN[name](value)
            else:
                key, converted = setting(name, value)
                if key in NEVER:
                    raise SettingError(f"{name} has no effect in an editor, where code is never run")
                given[key] = converted
        except SettingError as error:
            problems.append(str(error))
    return Settings(given, **own, problems=tuple(problems))


def _hints(value: object) -> dict[str, Any]:
    """``true``, ``false``, or ``{"enable": true, "trivial": false}``."""
    table = value if isinstance(value, Mapping) else {"enable": value}
    if table.keys() - {"enable", "trivial"}:
        raise SettingError("inlayHints: expected enable and trivial")
    return {
        "hints": _flag("inlayHints.enable", table.get("enable", True)),
        "trivial": _flag("inlayHints.trivial", table.get("trivial", False)),
    }


def _lenses(value: object) -> dict[str, Any]:
    table = value if isinstance(value, Mapping) else {"enable": value}
    return {"lenses": _flag("codeLens.enable", table.get("enable", True))}


def _delay(value: object) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 60_000:
        raise SettingError(f"delay: expected milliseconds, not {value!r}")
    return {"delay": value / 1000}


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingError(f"{name}: expected true or false, not {value!r}")
    return value


_OWN = {"inlayHints": _hints, "codeLens": _lenses, "delay": _delay}
