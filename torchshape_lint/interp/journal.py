"""Every write to mutable state, so that a branch can be undone, and two branches joined.

State is always a slot of a dict (a scope's variables, an object's fields, the story's facts). Knows nothing of what
the values mean: `interp.join` does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeAlias

from torchshape_lint.values import Entries, Shared


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
Mapping: TypeAlias = dict[Hashable, Any]
_Change: TypeAlias = tuple[Mapping, Hashable, Any, int]
Changes: TypeAlias = dict[tuple[int, Hashable], _Change]
_Write: TypeAlias = tuple[Mapping, Hashable, Any, int, int]
Join: TypeAlias = Callable[[Mapping, Hashable, Any, Any], Any]


class Locals(dict[Hashable, Any]):
    """The variables of one call; ``captured`` once a function inside sees them too."""

    __slots__ = ("captured",)

    def __init__(self, *variables: Any) -> None:
        super().__init__(*variables)
        self.captured = False


class Journal:
    """An undo log.

    state: stands for all that is written where more than one call sees it: while it is the same, so is all that.
    shared: how often something was written that functions see which do not run: in a class, in what is ``watched``
        (a list or dict outside), and what is bound under a name that was ``read`` by a function: of a module, or
        (with the id of its mapping) of the function around it.
    """

    def __init__(self) -> None:
        self.state = 0
        self.shared = 0
        self.read: set[Hashable] = set()
        self.watched: dict[int, Mapping] = {}
        self._states = itertools.count(1)
        self._log: list[_Write] = []

    def write(self, mapping: Mapping, key: Hashable, value: object, born: int = 0) -> None:
        """``mapping[key] = value``; MISSING deletes. born: the serial of the object whose fields these are."""
        self._log.append((mapping, key, mapping.get(key, MISSING), self.state, born))
        if type(mapping) is not Locals or mapping.captured:
            self.state = next(self._states)
        self._put(mapping, key, value)

    def set_aside(self) -> tuple[list[_Write], int]:
        """Start a log of its own for something whose writes are to stay; give what is set aside to `bring_back`."""
        aside = self._log, self.state
        self._log = []
        return aside

    def bring_back(self, aside: tuple[list[_Write], int]) -> None:
        """What was written meanwhile is written so whenever it is: the state is the one before."""
        self._log, self.state = aside

    def mark(self) -> int:
        return len(self._log)

    def changes(self, mark: int) -> Changes:
        """What was written since ``mark``: the present value of every slot that was touched."""
        return {(id(m), key): (m, key, m.get(key, MISSING), born) for m, key, _, _, born in self._log[mark:]}

    def differences(self, mark: int) -> list[tuple[Mapping, Hashable, Any, Any]]:
        """Slots written since ``mark``, each with its value then and now."""
        before: dict[tuple[int, Hashable], tuple[Mapping, Hashable, Any]] = {}
        for mapping, key, old, *_ in self._log[mark:]:
            before.setdefault((id(mapping), key), (mapping, key, old))
        return [(mapping, key, old, mapping.get(key, MISSING)) for mapping, key, old in before.values()]

    def undo(self, mark: int) -> None:
        """Bring everything back to what it was at ``mark``."""
        while len(self._log) > mark:
            mapping, key, old, self.state, _ = self._log.pop()
            self._put(mapping, key, old)

    def is_private(self, mark: int, serial: int) -> bool:
        """Is all that was written since ``mark``, and stays, in variables of calls, and in objects born later?"""
        return all(
            born > serial or (type(mapping) is Locals and not mapping.captured)
            for mapping, _, _, _, born in self._log[mark:]
        )

    def take(self, mark: int) -> Changes:
        """The changes since ``mark``, undone."""
        changes = self.changes(mark)
        self.undo(mark)
        return changes

    def redo(self, changes: Changes) -> None:
        for change in changes.values():
            self.write(*change)

    def merge(self, one: Changes, other: Changes, join: Join) -> list[_Change]:
        """Two sets of changes to the present state become one: slots that differ get the join of both values.

        Those that only one of them leaves filled are given back.
        """
        partly: list[_Change] = []
        for slot in one | other:
            mapping, key, _, born = one.get(slot) or other[slot]
            present = mapping.get(key, MISSING)
            a = one[slot][2] if slot in one else present
            b = other[slot][2] if slot in other else present
            value = a if a is b else join(mapping, key, a, b)
            if value is not present:
                self.write(mapping, key, value, born)
            if (a is MISSING) is not (b is MISSING):
                partly.append((mapping, key, value, born))
        return partly

    def _put(self, mapping: Mapping, key: Hashable, value: object) -> None:
        kind = type(mapping)
        if kind is Locals:
            self.shared += mapping.captured and (id(mapping), key) in self.read  # type: ignore[attr-defined]
        elif kind is dict or kind is Entries:
            if self.watched.pop(id(mapping), None) is not None:
                self.shared += 1
        elif isinstance(mapping, Shared) and (key in self.read or kind is Shared):
            self.shared += 1
        if value is MISSING:
            mapping.pop(key, None)
        else:
            mapping[key] = value
