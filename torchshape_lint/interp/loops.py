"""Loops: turn by turn where the length is known and small; otherwise once, over state that covers every turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from torchshape_lint import ir
from torchshape_lint.dims import Poly, next_serial
from torchshape_lint.interp import binding, doubts
from torchshape_lint.interp.comparison import truth
from torchshape_lint.interp.flow import Flow, branch, leave, rejoin
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.join import covers, same_value, widen
from torchshape_lint.interp.journal import MISSING, Changes
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.scope import Exit, Frame, Loop
from torchshape_lint.values import External, Made, Stream, Unknown, Value
from torchshape_lint.verdicts import NO, YES

MAX_TURNS = 600
MAX_STEPS = 100_000  # of one loop that is run turn by turn, beyond its first turns
MAX_EXITS = 64  # places where such a loop may have been left: each has a state of its own, and all are joined
MAX_ENDS = 3  # of them in a loop of which only they say when it ends
LONG_TURN = 300  # steps; a turn that long is not repeated once it changes nothing any more
LONG_REST = 600  # steps of shorter turns that have changed nothing


def for_loop(m: Machine, frame: Frame, stmt: ir.For) -> Flow | None:
    items = iterate(m, frame, m.evaluate(frame, stmt.iterable), stmt.iterable)
    if isinstance(items, tuple) and len(items) <= MAX_TURNS:
        return _known_turns(m, frame, stmt, items)
    element = items.element if isinstance(items, Stream) else _any_of(items)
    return _unknown_turns(m, frame, stmt, element)


def _any_of(items: tuple[Value, ...]) -> Value:
    value = items[0]
    for item in items[1:8]:
        value = widen(value, item)
    return value if len(items) <= 8 else Unknown("one of many")


def _unknown_turns(m: Machine, frame: Frame, stmt: ir.For, element: Value) -> Flow | None:
    def turn() -> Flow | None:
        binding.assign(m, frame, stmt.target, element)
        return m.execute(frame, stmt.body)  # type: ignore[return-value]

    return _natural_end(m, frame, stmt, run_widened(m, frame, turn))


def _natural_end(m: Machine, frame: Frame, stmt: ir.For | ir.While, left: Left) -> Flow | None:
    """``else:`` of a loop whose turns are not counted; where one may break off (if there is one) it may not run."""
    if not stmt.orelse:
        return None
    if not left.any_break:
        return m.execute(frame, stmt.orelse)  # type: ignore[return-value]
    return branch(m, frame, lambda: m.execute(frame, stmt.orelse), lambda: None)  # type: ignore[arg-type,return-value]


def _known_turns(m: Machine, frame: Frame, stmt: ir.For, items: tuple[Value, ...]) -> Flow | None:
    loop = Loop(m.journal.mark(), m.journal.mark())
    frame.loops.append(loop)
    doubts = frame.doubts
    flow: Flow | None = None
    start, settled, ended = m.budget.used, False, False
    changed = start
    try:
        for k, item in enumerate(items):
            enough = settled or m.budget.used - start > MAX_STEPS or len(loop.exits) > MAX_EXITS
            if k >= 2 and k + 2 < len(items) and enough:
                flow, ended = _unknown_turns(m, frame, stmt, Unknown("one of many")), True
                break
            loop.turn, used = m.journal.mark(), m.budget.used
            binding.assign(m, frame, stmt.target, item)
            flow = m.execute(frame, stmt.body)  # type: ignore[assignment]
            _end_turn(m, loop)
            if flow is not None and flow.kind != "continue":
                break
            flow = None
            if not _settled(m, frame, loop.turn):
                changed = m.budget.used
            settled = m.budget.used - changed > (LONG_TURN if m.budget.used - used > LONG_TURN else LONG_REST)
    finally:
        frame.loops.pop()
    if flow is not None and flow.kind == "return":
        return flow
    if flow is None and stmt.orelse and not ended:
        flow = m.execute(frame, stmt.orelse)  # type: ignore[assignment]
    rejoin(m, [e for e in loop.exits if e.kind == "break"], loop.start)
    returns_left = any(e.kind == "return" for e in frame.exits)
    frame.doubts = max(doubts, int(returns_left and frame.doubts > 0))
    return flow if flow is not None and flow.kind == "return" else None


def _settled(m: Machine, frame: Frame, mark: int) -> bool:
    """Did a turn leave everything as it was, counters aside?"""
    facts = (m.facts.symbols, m.facts.leads)
    return all(
        any(mapping is fact for fact in facts)
        or same_value(old, new)
        or (mapping is frame.scope.vars and isinstance(new, (int, float, str, Unknown, Poly)))
        for mapping, _, old, new in m.journal.differences(mark)
    )


def _end_turn(m: Machine, loop: Loop) -> None:
    rejoin(m, [e for e in loop.exits if e.kind == "continue"], loop.turn)
    loop.exits = [e for e in loop.exits if e.kind != "continue"]


class Left:
    """How a widened loop was left: at its natural end, or where a turn may have broken off."""

    def __init__(self) -> None:
        self.any_break = False


def run_widened(m: Machine, frame: Frame, turn: Callable[[], Flow | None]) -> Left:
    """Make the state cover any number of turns, then run one of them for its findings."""
    m.widened += 1
    try:
        settled = _widen(m, frame, turn)
        if settled is not None and m.quiet:
            return _leave(m, frame, settled)  # it was this turn, and a trial run has no findings
        return _leave(m, frame, _run(m, frame, turn))
    finally:
        m.widened -= 1


@dataclass(slots=True)
class _Turn:
    """One turn as it was run, and undone: how it ended, what it changed, and the paths that left the function."""

    flow: Flow | None
    changes: Changes
    breaks: bool
    exits: list[Exit]
    start: int  # what has a greater serial was made by it


def _widen(m: Machine, frame: Frame, turn: Callable[[], Flow | None]) -> _Turn | None:
    """Widen what a turn changes until nothing new comes up: then the turn that showed it."""
    start = next_serial()
    for attempt in range(4):
        with m.silent():
            tried, changed = _trial(m, frame, turn)
        stable = True
        for mapping, key, value, born in changed.values():
            if mapping is m.facts.symbols or mapping is m.facts.leads:
                continue
            old = mapping.get(key, MISSING)
            if old is MISSING and born <= start and doubts.note(m, mapping, key, value, born):
                stable = False  # and every turn may add one
            if old is MISSING or covers(old, value):
                continue
            stable = False
            wider = widen(old, value) if attempt < 3 else Unknown("changes in a loop")
            m.journal.write(mapping, key, wider, born)
        if stable:
            return tried
    return None


def _trial(m: Machine, frame: Frame, turn: Callable[[], Flow | None]) -> tuple[_Turn, Changes]:
    """A turn, and its changes joined with those of the paths that left it early."""
    loop, start = Loop(m.journal.mark(), m.journal.mark()), next_serial()
    flow, exits = _enter(m, frame, loop, turn)
    tried = _Turn(flow, m.journal.changes(loop.start), _breaks(loop), exits, start)
    if flow is not _RAISED:
        rejoin(m, loop.exits, loop.start)
    return tried, m.journal.take(loop.start)


def _run(m: Machine, frame: Frame, turn: Callable[[], Flow | None]) -> _Turn:
    loop, start = Loop(m.journal.mark(), m.journal.mark()), next_serial()
    flow, exits = _enter(m, frame, loop, turn)
    return _Turn(flow, m.journal.take(loop.start), _breaks(loop), exits, start)


def _enter(m: Machine, frame: Frame, loop: Loop, turn: Callable[[], Flow | None]) -> tuple[Flow | None, list[Exit]]:
    """Run a turn; the paths that left the function in it are taken from the frame."""
    frame.loops.append(loop)
    exits, doubts = len(frame.exits), frame.doubts
    try:
        flow = turn()
    except Raised:
        flow = _RAISED
    finally:
        frame.loops.pop()
        frame.doubts = doubts
    left = frame.exits[exits:]
    del frame.exits[exits:]
    return flow, left


_RAISED = Flow("break")  # whoever comes out of the loop did not come this way


def _breaks(loop: Loop) -> bool:
    return any(e.kind == "break" for e in loop.exits)


def _leave(m: Machine, frame: Frame, last: _Turn) -> Left:
    """After the loop: the names that a turn binds are bound, what it has made is as it left it, and the paths that left
    the function are kept."""
    left = Left()
    left.any_break = last.breaks or (last.flow is not None and last.flow.kind == "break")
    exits = len(frame.exits)
    frame.exits += last.exits
    if last.flow is not None and last.flow.kind == "return":
        leave(m, frame, last.flow, last.changes, last.start)
    for mapping, key, value, born in last.changes.values():
        new = key not in mapping or born > last.start
        if new and mapping is not m.facts.symbols and mapping is not m.facts.leads:
            m.journal.write(mapping, key, value, born)
    frame.doubts += len(frame.exits) > exits
    return left


def while_loop(m: Machine, frame: Frame, stmt: ir.While) -> Flow | None:
    loop = Loop(m.journal.mark(), m.journal.mark())
    frame.loops.append(loop)
    doubts = frame.doubts
    decided: Flow | None = None
    finished = False
    start = m.budget.used
    try:
        for k in range(MAX_TURNS):
            before = m.journal.mark()
            verdict = truth(m, m.evaluate(frame, stmt.test))
            if verdict is NO:
                finished = True
                break
            if verdict is not YES or (k >= 4 and (m.budget.used - start > MAX_STEPS or len(loop.exits) > MAX_ENDS)):
                break
            loop.turn = m.journal.mark()
            decided = m.execute(frame, stmt.body)  # type: ignore[assignment]
            _end_turn(m, loop)
            if decided is not None and decided.kind != "continue":
                finished = True
                break
            decided = None
            if all(same_value(old, new) for _, _, old, new in m.journal.differences(before)):
                break  # so would be every turn after it
    finally:
        frame.loops.pop()
    ended: Flow | None = None
    if not finished:
        left = _rest_of_while(m, frame, stmt, loop)
        left.any_break = left.any_break or _breaks(loop)
        ended = _natural_end(m, frame, stmt, left)
    if decided is not None and decided.kind == "return":
        return decided
    rejoin(m, [e for e in loop.exits if e.kind == "break"], loop.start)
    frame.doubts = max(doubts, int(bool(frame.exits) and frame.doubts > 0))
    if finished and decided is None and stmt.orelse:
        return m.execute(frame, stmt.orelse)  # type: ignore[return-value]
    return ended


def _rest_of_while(m: Machine, frame: Frame, stmt: ir.While, before: Loop) -> Left:
    """The turns of a while loop whose number is not known."""
    test = m.evaluate(frame, stmt.test)
    certain = isinstance(test, Unknown) and test.data or truth(m, test) is YES

    def turn() -> Flow | None:
        m.evaluate(frame, stmt.test)
        return m.execute(frame, stmt.body)  # type: ignore[return-value]

    with m.doubtful(certain):
        left = run_widened(m, frame, turn)
    endless = truth(m, m.evaluate(frame, stmt.test)) is YES
    if endless and not left.any_break and not before.exits:
        raise Raised("an endless loop")
    return left


# --- with -----------------------------------------------------------------------------------------------------------

_HONEST = frozenset(
    "torch torchvision torchaudio builtins contextlib tqdm mlflow wandb open accelerate lightning pytorch_lightning "
    "tempfile zipfile gzip time warnings threading multiprocessing os numpy profiler h5py".split()
)


def may_swallow(manager: Value) -> bool:
    """May this context manager swallow an exception that its body raises?"""
    path = manager.path if isinstance(manager, (External, Made)) else ""
    if path.endswith((".suppress", ".raises")):
        return True
    return path.partition(".")[0] not in _HONEST


def entered(manager: Value) -> Value:
    """What ``with manager as name`` binds."""
    if isinstance(manager, Made) and manager.path.startswith("tqdm"):
        return manager
    return Unknown("bound by a with statement")
