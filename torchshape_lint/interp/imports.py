"""Import statements. torch and the standard library are known by name; other modules are read as source where found."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.modules import locate, module_at, outside, public_names
from torchshape_lint.interp.names import external, is_known, is_unread
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.registry import known
from torchshape_lint.values import Imported, ModuleValue

_STAR_TORCH = frozenset({"torch", "torch.nn", "torch.nn.functional"})


def import_names(m: Machine, frame: Frame, stmt: ir.Import) -> None:
    """``import a.b as c``"""
    for name in stmt.names:
        path = name.name if name.asname else name.name.partition(".")[0]
        m.bind(frame.scope, name.asname or path, _module(m, frame, 0, path) or external(path))


def _module(m: Machine, frame: Frame, level: int, module: str) -> ModuleValue | None:
    """The module of another file that is read as source; torch and the standard library are known by name."""
    if not level and is_known(module):
        return None
    path = locate(frame.program.path, level, module)
    return module_at(m, path) if path is not None and not is_unread(module, path.parts) else None


def import_from(m: Machine, frame: Frame, stmt: ir.ImportFrom) -> None:
    """``from a import b as c``"""
    if stmt.module == "__future__":
        return
    if stmt.names is None:
        _import_star(m, frame, stmt)
        return
    module = _module(m, frame, stmt.level, stmt.module)
    for name in stmt.names:
        if module is not None:
            m.bind(frame.scope, name.asname or name.name, Imported(module, name.name))
            continue
        path = f"{'.' * stmt.level}{stmt.module}.{name.name}"
        m.bind(frame.scope, name.asname or name.name, outside(m, frame.program.path, path))


def _import_star(m: Machine, frame: Frame, stmt: ir.ImportFrom) -> None:
    module = stmt.module
    source = _module(m, frame, stmt.level, module)
    if source is not None:
        for name, value in public_names(m, source).items():
            m.bind(frame.scope, name, value)
        return
    if stmt.level or not is_known(module):
        frame.scope.module.open = f"the star import of {'.' * stmt.level}{module}"
        return
    rules, layers = known()
    for path in (*rules, *layers, *_MORE_NAMES):
        head, _, name = path.rpartition(".")
        if head == module:
            m.bind(frame.scope, name, external(path))


_MORE_NAMES = tuple(
    f"torch.nn.{name}"
    for name in "Module Sequential ModuleList ModuleDict Parameter DataParallel init functional".split()
) + tuple(f"math.{name}" for name in "pi sqrt ceil floor log log2 prod exp pow e inf".split())
