"""Branches that cannot be decided: both ways are run, and what is known afterwards is the join of both."""

from __future__ import annotations

from typing import Callable

from torchshape_lint.dims import next_serial
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp import doubts
from torchshape_lint.interp.journal import Changes
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Exit, Frame
from torchshape_lint.values import Value


@dataclass(frozen=True, slots=True)
class Flow:
    """How a block ended when it did not simply end: "return", "break" or "continue"."""

    kind: str
    value: Value = None


@dataclass(slots=True)
class _Path:
    changes: Changes
    flow: Flow | None
    aborted: bool


def _explore(m: Machine, run: Callable[[], Flow | None], certain: bool) -> _Path:
    mark = m.journal.mark()
    flow, aborted = None, False
    with m.doubtful(certain):
        try:
            flow = run()
        except Raised:
            aborted = True
    return _Path(m.journal.take(mark), flow, aborted)


def branch(
    m: Machine,
    frame: Frame,
    then: Callable[[], Flow | None],
    orelse: Callable[[], Flow | None],
    certain: bool = False,
) -> Flow | None:
    """Both ways, then what is known afterwards. A way that raises is not taken; one that leaves is joined later.

    certain: both outcomes do happen, so that findings on either way are no less true for it.
    """
    fork = next_serial()
    one, other = _explore(m, then, certain), _explore(m, orelse, certain)
    if one.aborted and other.aborted:
        raise Raised("both branches raise")
    if one.aborted or other.aborted:
        taken = other if one.aborted else one
        m.journal.redo(taken.changes)
        return taken.flow
    if one.flow is None and other.flow is None:
        _merge(m, one.changes, other.changes, fork)
        return None
    if one.flow is not None and other.flow is not None and one.flow.kind == other.flow.kind:
        _merge(m, one.changes, other.changes, fork)
        return Flow(one.flow.kind, m.join({}, "value", one.flow.value, other.flow.value))
    # one way leaves; a return against a break or continue: the return is kept for the end of the function
    first_leaves = one.flow is not None and (other.flow is None or one.flow.kind == "return")
    leaving, going = (one, other) if first_leaves else (other, one)
    assert leaving.flow is not None
    leave(m, frame, leaving.flow, leaving.changes, fork)
    frame.doubts += not certain
    m.journal.redo(going.changes)
    return going.flow


def _merge(m: Machine, one: Changes, other: Changes, fork: int) -> None:
    for mapping, key, value, born in m.journal.merge(one, other, m.join):
        if born <= fork:  # what is younger only one of the paths knows
            doubts.note(m, mapping, key, value, born)


def leave(m: Machine, frame: Frame, flow: Flow, changes: Changes, fork: int) -> None:
    """Keep a path that leaves here with ``changes`` to the present state, for the end of its function or loop."""
    if flow.kind == "return":
        frame.exits.append(Exit("return", flow.value, m.journal.changes(frame.mark) | changes, fork))
    elif frame.loops:
        loop = frame.loops[-1]
        mark = loop.start if flow.kind == "break" else loop.turn
        loop.exits.append(Exit(flow.kind, None, m.journal.changes(mark) | changes, fork))


def rejoin(m: Machine, exits: list[Exit], mark: int) -> None:
    """Join the present state with those of paths that left after ``mark``."""
    for exit_ in exits:
        _merge(m, m.journal.take(mark), exit_.changes, exit_.fork)
