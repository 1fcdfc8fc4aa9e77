"""A layer beside another: ``nn.Flatten`` where ``nn.Linear`` stands, imported as that one is."""

from __future__ import annotations

import libcst as cst

from torchshape_lint.diagnostics import Edit
from torchshape_lint.fixes.tree import Tree, dotted


def spelling(tree: Tree, func: cst.BaseExpression, name: str) -> tuple[str, tuple[Edit, ...]] | None:
    """What another layer of torch.nn is called here, and the edits of the import that it takes."""
    if isinstance(func, cst.Attribute):
        owner = dotted(func.value)
        return (f"{owner}.{name}", ()) if owner else None
    if not isinstance(func, cst.Name):
        return None
    if tree.uses[name]:  # imported already, or something else of the author's
        return (name, ()) if any(_imports(tree, name)) else None
    known = next(iter(_imports(tree, func.value)), None)
    return (name, (tree.before(known, f"{name}, "),)) if known is not None else None


def _imports(tree: Tree, name: str) -> list[cst.ImportAlias]:
    """Where ``from torch.nn import name`` says so."""
    found = []
    for statement in tree.all(cst.ImportFrom):
        if statement.module is not None and dotted(statement.module) == "torch.nn":
            if not isinstance(statement.names, cst.ImportStar):
                found += [a for a in statement.names if dotted(a.name) == name and a.asname is None]
    return found
