"""Puts the parts of the interpreter together: a machine that can run programs."""

from __future__ import annotations

from functools import partial

from torchshape_lint import ir
from torchshape_lint.interp import calls, expressions, statements
from torchshape_lint.interp.machine import Budget, Machine
from torchshape_lint.interp.scope import Frame, Scope
from torchshape_lint.values import Globals


def new_machine(seconds: float) -> Machine:
    """A machine with an empty state and a budget of ``seconds``."""
    m = Machine(Budget(seconds))
    m.evaluate = partial(expressions.evaluate, m)
    m.execute = partial(statements.execute, m)
    m.call = partial(calls.call, m)
    return m


def module_frame(program: ir.Program) -> Frame:
    """The activation of a file's top level."""
    return Frame(Scope("module", vars=Globals()), program, name="<module>")
