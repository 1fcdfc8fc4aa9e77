"""Of what is proposed, what holds: the linter reads the changed file, and must find one thing less and nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic, Fix, Linted, Mended
from torchshape_lint.fixes import proposed
from torchshape_lint.fixes.edits import Overlap, applied, composed, moved
from torchshape_lint.frontend.cells import cells

Lint: TypeAlias = Callable[[str], Linted]
_ROUNDS = 100  # of fixing one file
_DEPTH = 2  # findings that were hidden by the first
_LEADS_ON = {codes.CLASS_CALLED, codes.CHANNELS, codes.NUMEL, codes.WINDOW}  # what is behind may have to change with it
_FIXES = 4  # that are offered for one finding


def _once(lint: Lint) -> Lint:
    """Each text is linted once."""
    return lint if hasattr(lint, "cache_info") else cache(lint)


def with_fixes(found: Sequence[Diagnostic], text: str, lint: Lint) -> list[Diagnostic]:
    """The findings of a file with their fixes. ``lint`` finds everything in a text, silenced or not."""
    lint = _once(lint)
    return [replace(d, fixes=_told_apart(tuple(_some(holding(d, text, lint))), text)) for d in found]


def _some(fixes: Iterator[Fix]) -> Iterator[Fix]:
    seen = set()
    for fix in fixes:
        if fix.edits not in seen:
            seen.add(fix.edits)
            yield fix
        if len(seen) == _FIXES:
            return


def _told_apart(fixes: tuple[Fix, ...], text: str) -> tuple[Fix, ...]:
    """A number may be changed in the layer, or where its constructor is called: titles that are alike say where."""
    titles = Counter(fix.title for fix in fixes)
    return tuple(
        replace(fix, title=f"{fix.title} at {cells(text).words(fix.edits[0].span.line)}")
        if titles[fix.title] > 1
        else fix
        for fix in fixes
    )


def holding(d: Diagnostic, text: str, lint: Lint, depth: int = _DEPTH) -> Iterator[Fix]:
    """The fixes of a finding that bring no new one; where they do, together with the fix of that one."""
    found, complete = lint(text)
    others = [o for o in found if (o.code, o.span) != (d.code, d.span)]
    for fix in proposed(d, text) if complete else ():
        new = _new(others, text, fix, lint)
        if new == []:
            yield fix
        elif new is not None and len(new) == 1 and (d.code in _LEADS_ON or d.advice) and depth:
            yield from _together(others, text, fix, new[0], lint, depth - 1)


def _new(others: Sequence[Diagnostic], text: str, fix: Fix, lint: Lint) -> list[Diagnostic] | None:
    """What is found after a fix and was not among the others before; None where that cannot be told."""
    try:
        after = applied(text, fix.edits)
        known = set(zip([o.code for o in others], moved(text, fix.edits, [o.span for o in others]), strict=True))
    except Overlap:
        return None
    found, complete = lint(after)
    return [d for d in found if (d.code, (d.span.line, d.span.column)) not in known] if complete else None


def _together(
    others: Sequence[Diagnostic], text: str, fix: Fix, new: Diagnostic, lint: Lint, depth: int
) -> Iterator[Fix]:
    """A view and the layer behind it are put right in one go."""
    if new.code is codes.CHANNELS:
        return  # further along there is another mistake, or this was none
    for then in holding(new, applied(text, fix.edits), lint, depth):
        try:
            edits = composed(text, fix.edits, then.edits)
        except Overlap:
            continue
        both = Fix(f"{fix.title}; {then.title}", edits, fix.safe and then.safe, fix.note or then.note)
        if _new(others, text, both, lint) == []:
            yield both
            return


def mended(
    text: str, lint: Lint, heard: Callable[[str, Sequence[Diagnostic]], Sequence[Diagnostic]], unsafe: bool = False
) -> Mended:
    """The text after one fix for each finding that has one; after each the file is linted again.

    heard: of the findings in a text those that are to be fixed (selected, and not silenced).
    """
    lint = _once(lint)
    made: list[tuple[Diagnostic, Fix]] = []
    for _ in range(_ROUNDS):
        found = heard(text, lint(text).found)
        ways = ((d, fix) for d in found for fix in holding(d, text, lint) if fix.safe or unsafe)
        way = next(ways, None)
        if way is None:
            break
        made.append(way)
        text = applied(text, way[1].edits)
    return Mended(text, tuple(made), tuple(with_fixes(heard(text, lint(text).found), text, lint)))
