"""Codemods: what could be changed in a file to put a finding right.

`proposed` is a pure function of a finding and the text, and only proposes; `offer` keeps what the linter itself finds
to be an improvement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic, Fix
from torchshape_lint.faults import caught
from torchshape_lint.fixes.axes import another_axis, channel_axis, channels_first, moved_axis, other_dim, transposed
from torchshape_lint.fixes.declare import redeclare
from torchshape_lint.fixes.flatten import flatten, keep_batch
from torchshape_lint.fixes.operands import cast, constructed, target, whole_number
from torchshape_lint.fixes.resize import fewer_groups, lazy, resize, swap
from torchshape_lint.fixes.tree import Tree, Unreadable
from torchshape_lint.fixes.view import elements
from torchshape_lint.fixes.window import room

Kind: TypeAlias = Callable[[Diagnostic, Tree], Iterator[Fix]]

# the more certain in front
KINDS: dict[codes.Code, tuple[Kind, ...]] = {
    codes.RANK: (another_axis,),
    codes.AXIS: (other_dim,),
    codes.CLASS_CALLED: (constructed,),
    codes.FEATURES: (flatten, keep_batch, resize, swap, lazy),
    codes.CHANNELS: (channels_first, channel_axis, moved_axis, resize, swap),
    codes.WINDOW: (room,),
    codes.GROUPS: (fewer_groups,),
    codes.NORM: (resize,),
    codes.NO_INPUT: (flatten, lazy),
    codes.INPUT_SIZE: (resize, swap),
    codes.HEADS: (fewer_groups,),
    codes.ARGUMENT: (whole_number,),
    codes.MATMUL: (transposed,),
    codes.TARGET: (target,),
    codes.DTYPE: (cast,),
    codes.NUMEL: (elements,),
    codes.LOSS_BROADCAST: (target,),
    codes.BATCH_FLATTENED: (keep_batch,),
    codes.CLASS_AXIS: (other_dim,),
    codes.CONTRADICTION: (redeclare,),
}


@lru_cache(maxsize=4)  # a file has many findings
def _tree(text: str) -> Tree:
    return Tree(text)


def proposed(d: Diagnostic, text: str) -> Iterator[Fix]:
    """What may put the finding right; nothing for a file that libcst cannot read."""
    kinds = KINDS.get(d.code, ())
    if not kinds:
        return
    try:
        tree = _tree(text)
    except Unreadable:
        return
    for kind in kinds:
        try:
            yield from kind(d, tree)
        except Exception as problem:  # noqa: BLE001 (a fault of ours: the finding is still one)
            caught(problem, f"fixes: {kind.__name__}")
