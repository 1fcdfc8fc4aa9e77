"""Questions to the disk: asked once while it is taken to stay as it is, and noted for whoever keeps a conclusion.

What is found in a file depends on its text and on the answers to such questions: where is that module, what does this
file hold, who calls that class? While all answers are the same, so is what was found. Knows nothing of the questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, cast

Question: TypeAlias = tuple[Any, ...]  # the name of a function and its arguments, such as JSON has
Ask = TypeVar("Ask", bound=Callable[..., Any])

_functions: dict[str, Callable[..., Any]] = {}
_known: dict[Question, Any] | None = None  # while the disk stays as it is
_notes: Notes | None = None


class Notes(dict[Question, Any]):
    """What was asked, each with its answer. ``complete``: what was concluded hangs on nothing else."""

    complete = True


def question(function: Ask) -> Ask:
    """A function that asks the disk: from texts and numbers to a text, a number, None or a list of these."""
    name = function.__name__
    _functions[name] = function

    def ask(*arguments: Any) -> Any:
        global _notes
        asked = (name, *arguments)
        notes, _notes = _notes, None  # what it asks in its turn is part of its answer
        try:
            answer = _answer(asked)
        except Exception:
            if notes is not None:
                notes.complete = False
            raise
        finally:
            _notes = notes
        if notes is not None:
            notes[asked] = answer
        return answer

    return cast(Ask, ask)


def _answer(asked: Question) -> Any:
    name, *arguments = asked
    if _known is None:
        return _functions[name](*arguments)
    if asked not in _known:
        _known[asked] = _functions[name](*arguments)
    return _known[asked]


def still_true(asked: Question, answer: Any) -> bool:
    """Is that the answer today? Not to a question that nobody can ask."""
    try:
        return bool(_answer(asked) == answer)
    except (OSError, ValueError, TypeError, KeyError):
        return False


def is_noting() -> bool:
    """Does somebody want to know what is asked?"""
    return _notes is not None


def unrepeatable() -> None:
    """What is concluded now hangs on something that nobody asked the disk: it may be otherwise next time."""
    if _notes is not None:
        _notes.complete = False


@contextmanager
def noted() -> Iterator[Notes]:
    """Everything that is asked inside."""
    global _notes
    before, _notes = _notes, Notes()
    try:
        yield _notes
    finally:
        _notes = before


def hold_still() -> None:
    """From now on the disk is taken to stay as it is: for a program that looks once and ends."""
    global _known
    _known = {}


@contextmanager
def held_still(known: dict[Question, Any] | None = None) -> Iterator[None]:
    """The same, until the end of a block. ``known``: what was asked before, of the same disk; it is added to."""
    global _known
    before = _known
    _known = {} if known is None else known
    try:
        yield
    finally:
        _known = before
