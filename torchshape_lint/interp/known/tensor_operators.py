"""Python's operators spelled as methods: ``x.__add__(y)``, ``x.__rsub__(2)``, ``torch.Tensor.__matmul__(a, b)``."""

from __future__ import annotations

from torchshape_lint.interp.apply_rule import apply_function
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Value

_ARITHMETIC = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
_OTHERS = "eq ne lt le gt ge neg pos invert abs".split()
_OLD = {"div": "truediv", "idiv": "itruediv", "rdiv": "rtruediv", "and": "and_", "or": "or_"}
_METHODS = [*_ARITHMETIC, *(f"{way}{name}" for way in "ri" for name in _ARITHMETIC), *_OTHERS, *_OLD]


@known(*(f"torch.Tensor.__{name}__" for name in dict.fromkeys(_METHODS) if name != "imatmul"))
def _operator(h: Here) -> Value:
    operands = tuple(h.args.positional) if h.self is None else (h.self, *h.args.positional)
    name = h.path.rpartition(".")[2].strip("_")
    name = _OLD.get(name, name)
    if name[0] == "r" and name[1:] in _ARITHMETIC:
        name, operands = _OLD.get(name[1:], name[1:]), operands[::-1]
    return apply_function(h.m, f"operator.{name}", CallArgs(operands), h.site)
