"""Import statements. What is outside the linted file is named by its path (torch, the standard library) or unknown."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.names import KNOWN_ROOTS, external
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.registry import known

_STAR_TORCH = frozenset({"torch", "torch.nn", "torch.nn.functional"})


def import_names(m: Machine, frame: Frame, stmt: ir.Import) -> None:
    """``import a.b as c``"""
    for name in stmt.names:
        if name.asname:
            m.bind(frame.scope, name.asname, external(name.name))
        else:
            root = name.name.partition(".")[0]
            m.bind(frame.scope, root, external(root))


def import_from(m: Machine, frame: Frame, stmt: ir.ImportFrom) -> None:
    """``from a import b as c``"""
    if stmt.module == "__future__":
        return
    if stmt.names is None:
        _import_star(m, frame, stmt)
        return
    for name in stmt.names:
        path = f"{'.' * stmt.level}{stmt.module}.{name.name}"
        m.bind(frame.scope, name.asname or name.name, external(path))


def _import_star(m: Machine, frame: Frame, stmt: ir.ImportFrom) -> None:
    module = stmt.module
    if stmt.level or module.partition(".")[0] not in KNOWN_ROOTS:
        frame.scope.module.open = f"the star import of {'.' * stmt.level}{module}"
        return
    rules, layers = known()
    for path in (*rules, *layers, *_MORE_NAMES):
        head, _, name = path.rpartition(".")
        if head == module:
            m.bind(frame.scope, name, external(path))


_MORE_NAMES = tuple(
    f"torch.nn.{name}" for name in "Module Sequential ModuleList ModuleDict Parameter DataParallel init functional".split()
) + tuple(f"math.{name}" for name in "pi sqrt ceil floor log log2 prod exp pow e inf".split())
