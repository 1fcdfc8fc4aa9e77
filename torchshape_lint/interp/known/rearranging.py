"""Functions of Python's library, and of numpy's, that change the list or dictionary that they are handed."""

from __future__ import annotations

from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.values import Unknown, Value

_OPERATORS = "setitem delitem iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub itruediv ixor"


@known(
    *("random.shuffle", "numpy.random.shuffle", "made.shuffle"),
    *(f"heapq.{name}" for name in "heapify heappop heappush heappushpop heapreplace".split()),
    *(f"bisect.{name}" for name in "insort insort_left insort_right".split()),
    *(f"operator.{name}" for name in _OPERATORS.split()),
)
def _rearranged(h: Here) -> Value:
    escape(h.m, h.arg(0, "x"), f"{h.path} changed it")
    return Unknown(f"{h.path} is not followed")
