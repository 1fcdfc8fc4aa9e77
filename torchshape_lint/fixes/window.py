"""Padding that makes room for a window."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.fixes.tree import Tree, argument, dotted, integer

_PADDED = re.compile(r"(conv|maxpool|avgpool)[123]d")


def room(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """As much padding on both sides as the window is too long."""
    least = str(d.expected).removeprefix("at least ")
    if not isinstance(d.actual, int) or not least.isdigit():
        return
    missing = -(-(int(least) - d.actual) // 2)
    call = tree.at(d.asked.built) or tree.at(d.span)
    if not isinstance(call, cst.Call) or not call.args or any(arg.star for arg in call.args):
        return
    name = dotted(call.func).rpartition(".")[2].lower().replace("_", "")
    if missing < 1 or not _PADDED.fullmatch(name):
        return
    given = argument(call, "padding", 4 if "conv" in name else 2)
    padding = (integer(given.value) if given is not None else 0) or 0
    if given is None:
        edits = (tree.after(call.args[-1], f", padding={missing}"),)
    elif integer(given.value) is not None:
        edits = (tree.replaced(given.value, str(padding + missing)),)
    else:
        return
    yield Fix(f"padding={padding + missing}", edits, False, "unsafe: what comes behind is larger")
