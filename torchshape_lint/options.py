"""Frozen settings. Reads no files: that is ``config``'s work."""

from __future__ import annotations

from dataclasses import field

from torchshape_lint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can ask for.

    inputs: declared inputs, as typed (``Net=(n, 1, 28, 28)``, ``model.py::Net.forward:x=(2, 3)``).
    conditional: also report what holds on undecided branches only.
    confirm: replay findings in real torch (runs the linted code).
    python: the interpreter that has torch, for ``confirm``.
    seconds: the work an evaluation of one file may take, 150,000 steps each; the clock ends it at three times as many.
    confirm_seconds: the time that one replay may take.
    select, ignore: beginnings of codes; the longest that matches decides, an empty ``select`` means all.
    silent: beginnings of codes that this file is not told of, selected or not (``per-file-ignores``).
    exclude: what is not looked for in folders, in the words of .gitignore.
    unused_suppressions: also report comments that silence nothing.
    cache: keep on the disk in which files nothing is found, and do not evaluate those again.
    fixes: work out, for each finding, edits that put it right (each is linted: this takes a while).
    """

    inputs: tuple[str, ...] = ()
    conditional: bool = False
    confirm: bool = False
    python: str | None = None
    seconds: float = 2.0
    confirm_seconds: float = 30.0
    select: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)
    silent: frozenset[str] = field(default_factory=frozenset)
    exclude: tuple[str, ...] = ()
    unused_suppressions: bool = False
    fixes: bool = False
    cache: bool = True

    def wants(self, code: str) -> bool:
        """Is ``code`` selected and not ignored?"""
        if _longest(self.silent, code):
            return False
        chosen, refused = _longest(self.select, code), _longest(self.ignore, code)
        return (chosen > 0 or not self.select) and (refused == 0 or chosen > refused)


def _longest(beginnings: frozenset[str], code: str) -> int:
    return max((len(b) for b in beginnings if code.startswith(b)), default=0)


DEFAULT = Options()
