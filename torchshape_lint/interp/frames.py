"""Data frames of pandas: how many rows, and how many columns where the columns were named one by one.

A frame is a `Made` with a list of (rows, columns) in it, which is forgotten when the frame is changed; ``columns`` is
None where nobody knows how many there are. A series is a `Made` with its length.
"""

from __future__ import annotations

from torchshape_lint.dims import Size, fresh
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.rules.slices import slice_size
from torchshape_lint.values import Array, Bound, ListValue, Made, SliceValue, Unknown, Value, is_size

FRAME, SERIES, INDEXER = "pandas.DataFrame", "pandas.Series", "pandas.Indexer"
BUNCH = "sklearn.utils.Bunch"
FOLLOWED = frozenset((FRAME, SERIES, INDEXER, BUNCH))


def frame(rows: Size, columns: Size | None) -> Made:
    return Made(FRAME, (ListValue({"items": (rows, columns)}),))


def series(length: Size) -> Made:
    return Made(SERIES, (length,))


def extent(value: Made) -> tuple[Size, Size | None] | None:
    """The rows and columns of a frame; None when it may have been changed."""
    cell = value.args[0]
    assert isinstance(cell, ListValue)
    items = cell.fields["items"]
    return items if isinstance(items, tuple) else None


def row_count(value: Made) -> Size | None:
    if value.path == FRAME and (known := extent(value)) is not None:
        return known[0]
    return value.args[0] if value.path == SERIES else None  # type: ignore[return-value]


def with_rows(value: Made, rows: Size) -> Value:
    """The same columns, and so many rows."""
    if value.path == SERIES:
        return series(rows)
    if value.path == FRAME and (known := extent(value)) is not None:
        return frame(rows, known[1])
    return Unknown("a part of something that is not followed")


def as_array(value: Made) -> Value:
    """``frame.values``"""
    if value.path == SERIES:
        return Array(value.args)  # type: ignore[arg-type]
    if value.path == FRAME and (known := extent(value)) is not None:
        return Array((known[0], fresh("columns", 1) if known[1] is None else known[1]))
    return Unknown("a frame that is not followed")


def attribute(owner: Made, name: str) -> Value:
    """``owner.name``"""
    if owner.path == BUNCH:
        return dict(owner.keywords).get(name, Unknown(f"{name} of a data set"))
    if owner.path == INDEXER:
        return Unknown(f"{name} of an indexer")
    match name:
        case "values":
            return as_array(owner)
        case "shape":
            array = as_array(owner)
            return array.sizes if isinstance(array, Array) else array
        case "iloc" | "loc":
            return Made(INDEXER, (owner, name))
    return Bound(f"{owner.path}.{name}", owner)


def item(owner: Made, index: Value) -> Value:
    """``owner[index]``"""
    if owner.path == BUNCH:
        return attribute(owner, index) if isinstance(index, str) else Unknown("an item of a data set")
    if owner.path == INDEXER:
        return _located(owner.args[0], str(owner.args[1]), index)
    if owner.path == FRAME and (known := extent(owner)) is not None:
        if isinstance(index, str):
            return series(known[0])
        names = plain_items(index) if isinstance(index, ListValue) else None
        if names and all(isinstance(name, str) for name in names):
            return frame(known[0], len(names))
    return Unknown("a part of a frame that is not followed")


def _located(owner: Value, how: str, index: Value) -> Value:
    """``frame.iloc[rows, columns]`` and ``frame.loc[...]``"""
    known = extent(owner) if isinstance(owner, Made) and owner.path == FRAME else None
    if known is None or not isinstance(index, tuple) or len(index) != 2:
        return Unknown("a part of a frame that is not followed")
    rows = _selected(index[0], known[0], how)
    columns = _selected(index[1], known[1], how)
    if rows is None and columns is None:
        return Unknown("one value of a frame")
    if Unknown in (type(rows), type(columns)):
        return Unknown("a part of a frame that is not followed")
    if rows is None or columns is None:
        return series(columns if rows is None else rows)  # type: ignore[arg-type]
    return frame(rows, columns)  # type: ignore[arg-type]


def _selected(index: Value, count: Size | None, how: str) -> Value:
    """How many are taken; None for a single one, Unknown where that is not known."""
    if isinstance(index, SliceValue):
        if index == SliceValue(None, None, None):
            return fresh("columns", 1) if count is None else count
        if how == "loc" or count is None or index.step is not None:
            return fresh("columns", 0)
        return slice_size(count, index.lower, index.upper)
    if is_size(index) or isinstance(index, str):
        return None
    names = plain_items(index) if isinstance(index, ListValue) else None
    return len(names) if names and all(isinstance(n, (str, int)) and n is not True for n in names) else Unknown("some")


def changed(m: Machine, owner: Made) -> None:
    """A column was set, or the frame was changed where it is."""
    if owner.path == FRAME and isinstance(cell := owner.args[0], ListValue):
        m.store(cell, "items", Unknown("a frame that was changed"))
