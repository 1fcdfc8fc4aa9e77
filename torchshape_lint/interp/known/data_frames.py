"""What reads data frames of pandas, and their methods that give frames or arrays."""

from __future__ import annotations

from torchshape_lint.dims import fresh
from torchshape_lint.interp import frames
from torchshape_lint.interp.known.array_functions import given_dtype
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.values import OPEN, Array, DictValue, Made, Unknown, Value

_PARTS = {"chunksize", "iterator", "squeeze", "header", "index_col", "sheet_name"}


@known(*(f"pandas.read_{kind}" for kind in "csv excel table parquet feather".split()))
def _read(h: Here) -> Value:
    return Unknown("frames in parts") if set(h.args.keywords) & _PARTS - {"index_col"} else _any_frame()


def _any_frame() -> Value:
    return frames.frame(fresh("rows", 1), None)


@known("pandas.DataFrame")
def _frame(h: Here) -> Value:
    data = h.arg(0, "data")
    if isinstance(data, Array) and len(data.sizes) == 2:
        return frames.frame(*data.sizes)
    if isinstance(data, DictValue) and OPEN not in data.fields and not h.args.keywords and len(h.args.positional) == 1:
        lengths = [v.sizes[0] for v in data.fields.values() if isinstance(v, Array)]
        return frames.frame(lengths[0] if lengths else fresh("rows", 1), len(data.fields))
    return Unknown("a frame of data that are not followed")


def _of(kind: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{path}.{name}" for path in kind.split() for name in names)


_BOTH = f"{frames.FRAME} {frames.SERIES}"


@known(*_of(_BOTH, "to_numpy"))
def _to_numpy(h: Here) -> Value:
    array = frames.as_array(h.self) if isinstance(h.self, Made) else None
    return Array(array.sizes, given_dtype(h.arg(0, "dtype"), None)) if isinstance(array, Array) else Unknown("no frame")


@known(*_of(_BOTH, "copy", "astype", "fillna", "ffill", "bfill", "round", "clip"), f"{frames.SERIES}.map")
def _alike(h: Here) -> Value:
    if _is_in_place(h) or not isinstance(h.self, Made):
        return None
    rows = frames.row_count(h.self)
    return Unknown("a frame that was changed") if rows is None else frames.with_rows(h.self, rows)


@known(*_of(_BOTH, "dropna", "sample", "head", "tail", "drop_duplicates"))
def _fewer_rows(h: Here) -> Value:
    if _is_in_place(h) or not isinstance(h.self, Made) or h.args.keywords.get("axis") is not None:
        return Unknown("a frame that was changed")
    return frames.with_rows(h.self, fresh("rows", 0))


@known(f"{frames.FRAME}.drop")
def _drop(h: Here) -> Value:
    """Without some columns, of which nobody says that they are different ones; or without some rows."""
    if _is_in_place(h) or not isinstance(h.self, Made) or (known := frames.extent(h.self)) is None:
        return Unknown("a frame that was changed")
    columns = "columns" in h.args.keywords or h.arg(1, "axis") in (1, "columns")
    return frames.frame(known[0], None) if columns else frames.frame(fresh("rows", 0), known[1])


@known(*_of(frames.FRAME, "insert", "pop", "update", "rename", "set_index", "reset_index", "sort_values"))
def _changed(h: Here) -> Value:
    if isinstance(h.self, Made):
        frames.changed(h.m, h.self)
    return Unknown("a frame that was changed")


def _is_in_place(h: Here) -> bool:
    if h.args.keywords.get("inplace", False) is not False and isinstance(h.self, Made):
        frames.changed(h.m, h.self)
        return True
    return False
