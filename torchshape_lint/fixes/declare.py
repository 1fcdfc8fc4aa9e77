"""The comment that declares an input."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchshape_lint.diagnostics import Diagnostic, Edit, Fix
from torchshape_lint.fixes.tree import Tree

_SIZES = re.compile(r"\(([^()]*)\)")


def redeclare(d: Diagnostic, tree: Tree) -> Iterator[Fix]:
    """``# x: (n, 3, 32, 32)`` as the call has it; names stay, a name stands for any size."""
    cut = tree.lines.cut(Edit(d.span, ""))
    comment, declared = tree.text[cut.start : cut.end], str(d.actual)
    called, written = _SIZES.fullmatch(str(d.expected)), _SIZES.fullmatch(declared)
    if not comment.startswith("#") or comment.count(declared) != 1 or called is None or written is None:
        return
    old, new = (match[1].split(",") for match in (written, called))
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        text = "({})".format(",".join(re.sub(r"\d+", b.strip(), a) if a.strip().isdigit() else a for a, b in pairs))
    else:
        text = str(d.expected)
    if re.search(r"[?.]", text):
        return  # not everything is known of the call
    at = cut.start + comment.index(declared)
    span = tree.lines.span(at, at + len(declared))
    yield Fix(f"declare {text}", (Edit(span, text),), False, "unsafe: the call may be what is wrong")
