"""The journal: undo brings everything back, and two branches become one."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.sizes import laws
from torchshape_lint.interp.journal import MISSING, Changes, Journal, Mapping

Write = tuple[int, str, object]
WRITES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from("abc"), st.one_of(st.integers(0, 3), st.just(MISSING))), max_size=8
)


class World:
    """Two mappings and their journal."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.maps: list[Mapping] = [{"a": 0, "b": 1}, {"c": 2}]

    def write(self, writes: list[Write]) -> World:
        for which, key, value in writes:
            self.journal.write(self.maps[which], key, value)
        return self

    def now(self) -> list[Mapping]:
        return copy.copy([dict(m) for m in self.maps])

    def branch(self, writes: list[Write]) -> Changes:
        mark = self.journal.mark()
        return self.write(writes).journal.take(mark)


def after(*parts: list[Write]) -> list[Mapping]:
    """What plain assignment makes of it."""
    maps: list[Mapping] = World().maps
    for which, key, value in (write for part in parts for write in part):
        if value is MISSING:
            maps[which].pop(key, None)
        else:
            maps[which][key] = value
    return maps


def both(mapping: Mapping, key: Hashable, a: Any, b: Any) -> Any:
    return (a, b)


@laws
@given(WRITES)
def test_writes_are_assignments(writes: list[Write]) -> None:
    assert World().write(writes).now() == after(writes)


@laws
@given(WRITES, WRITES, WRITES)
def test_undo_goes_back_to_any_mark(a: list[Write], b: list[Write], c: list[Write]) -> None:
    world = World().write(a)
    first, there = world.journal.mark(), world.now()
    world.write(b)
    second, later = world.journal.mark(), world.now()
    world.write(c).journal.undo(second)
    assert world.now() == later
    world.journal.undo(first)
    assert world.now() == there
    world.journal.undo(0)
    assert world.now() == after()


@laws
@given(WRITES, WRITES)
def test_changes_are_taken_and_done_again(a: list[Write], b: list[Write]) -> None:
    world = World().write(a)
    before = world.now()
    changes = world.branch(b)
    assert world.now() == before
    mark = world.journal.mark()
    world.journal.redo(changes)
    assert world.now() == after(a, b)
    assert world.journal.changes(mark) == changes
    world.journal.undo(mark)
    assert world.now() == before


@laws
@given(WRITES, WRITES, WRITES)
def test_a_merge_keeps_what_agrees_and_joins_what_differs(a: list[Write], b: list[Write], c: list[Write]) -> None:
    world = World().write(a)
    mark, before = world.journal.mark(), world.now()
    world.journal.merge(world.branch(b), world.branch(c), both)
    for merged, one, other in zip(world.now(), after(a, b), after(a, c), strict=True):
        for key in "abc":
            x, y = one.get(key, MISSING), other.get(key, MISSING)
            assert merged.get(key, MISSING) == (x if x == y else (x, y))
    world.journal.undo(mark)
    assert world.now() == before


@laws
@given(WRITES, WRITES)
def test_a_merge_with_itself_or_with_nothing(a: list[Write], b: list[Write]) -> None:
    world = World().write(a)
    changes = world.branch(b)
    world.journal.merge(changes, changes, both)
    assert world.now() == after(a, b)
    still = World().write(a)
    still.journal.merge({}, {}, both)
    assert still.now() == after(a)


@laws
@given(WRITES, WRITES, WRITES)
def test_branches_go_in_either_order(a: list[Write], b: list[Write], c: list[Write]) -> None:
    def merged(flip: bool) -> list[Mapping]:
        world = World().write(a)
        one, other = world.branch(b), world.branch(c)
        world.journal.merge(*((other, one) if flip else (one, other)), lambda m, k, x, y: frozenset((x, y)))
        return world.now()

    assert merged(True) == merged(False)


@laws
@given(WRITES, WRITES, WRITES)
def test_what_is_set_aside_survives_an_undo(a: list[Write], b: list[Write], c: list[Write]) -> None:
    """Another file is read in the middle of a branch: what it binds stays when the branch is undone."""
    world, other = World(), World()
    mark = world.write(a).journal.mark()
    world.write(b)
    log = world.journal.set_aside()
    for which, key, value in c:
        world.journal.write(other.maps[which], key, value)
    world.journal.bring_back(log)
    world.journal.undo(mark)
    assert world.now() == after(a)
    assert other.now() == after(c)
