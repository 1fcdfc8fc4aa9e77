"""Frozen settings. Reads no files: that is ``config``'s work."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can ask for.

    inputs: declared inputs, as typed (``Net=(n, 1, 28, 28)``, ``model.py::Net.forward:x=(2, 3)``).
    conditional: also report what holds on undecided branches only.
    confirm: replay findings in real torch (runs the linted code).
    python: the interpreter that has torch, for ``confirm``.
    seconds: the time an evaluation of one file may take.
    """

    inputs: tuple[str, ...] = ()
    conditional: bool = False
    confirm: bool = False
    python: str | None = None
    seconds: float = 2.0
    select: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)


DEFAULT = Options()
