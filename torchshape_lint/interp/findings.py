"""What a story finds while it runs, before it has positions: findings and steps, with the nodes that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torchshape_lint import ir
from torchshape_lint.codes import Code
from torchshape_lint.dims import Size
from torchshape_lint.frozen import dataclass
from torchshape_lint.rules.needs import Need
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Tensor


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the analysed code."""

    program: ir.Program | None
    at: int


@dataclass(slots=True)
class Finding:
    """A broken need at a place. ``wanted_at`` is the expression that chose the number (an argument of a layer)."""

    code: Code
    site: Site
    callee: str
    words: str
    expected: Size | str | None = None
    actual: Size | str | None = None
    need: Need | None = None
    operands: tuple[Shape, ...] = ()
    wanted: Site | None = None
    built: Site | None = None  # the construction of the layer
    conditional: bool = False
    story: str = ""
    fits: str = ""
    notes: tuple[str, ...] = ()
    origin: object = None
    via: Site | None = None  # the call in the linted file, when the place is in another file
    inside: str = ""  # the function of that other file
    caller: Site | None = None  # the outermost call of a module that exposed it
    given: str = ""  # what that call was given
    made: Site | None = None  # the outermost construction inside of which it was found


@dataclass(slots=True)
class Stepped:
    """One operator as it was applied. ``operands`` and ``results`` are the tensors themselves: what came from where."""

    site: Site
    path: str
    op: str
    inputs: tuple[Shape | None, ...]
    outputs: tuple[Shape | None, ...]
    formula: str
    params: int | None
    depth: int
    assumed: tuple[Need, ...] = ()
    operands: tuple[Tensor, ...] = ()
    results: tuple[Tensor, ...] = ()
    broken: bool = False
    summary: bool = False

    def moved(self, old: Sequence[str], new: Sequence[str]) -> Stepped:
        """The same step where the modules at ``new`` call, and not those at ``old``."""
        inner = self.path.removeprefix(".".join(old)).removeprefix(".")
        return replace(self, path=".".join(filter(None, (*new, inner))), depth=self.depth - len(old) + len(new))
