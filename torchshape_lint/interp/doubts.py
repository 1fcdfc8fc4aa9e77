"""Entries of dicts, and children of containers, that are there on some paths only.

Whoever reads such an entry was on a path that has it; but nobody knows how many there are. Knows nothing of paths.
"""

from __future__ import annotations

from torchshape_lint.dims import Poly
from torchshape_lint.interp.journal import MISSING, Mapping
from torchshape_lint.interp.machine import Machine
from torchshape_lint.values import OPEN, DictValue, Entries, ListValue, Tensor, Value

LEFT_OPEN = "<unknown children>"  # the container got children that are not known
FILLED = "<filled>"  # the constructor of the container was called

_NO_CHILDREN = (bool, int, float, str, tuple, ListValue, DictValue, Tensor, Poly)


def is_child(key: object, value: Value) -> bool:
    """Is a field of a container one of its entries?"""
    return (
        isinstance(key, str)
        and key[:1] not in "<#"
        and key != "training"
        and not isinstance(value, _NO_CHILDREN)
        and (value is not None or key.isdigit())
    )


def note(m: Machine, mapping: Mapping, key: object, value: Value, born: int) -> bool:
    """Nobody knows whether ``mapping`` has ``key`` (with ``value``, if so). False where it makes no difference."""
    if type(mapping) is Entries:
        known = mapping.get(OPEN, frozenset())
        if key == OPEN or not isinstance(known, frozenset) or key in known:
            return False
        m.journal.write(mapping, OPEN, known | {key}, born)
        return True
    if FILLED in mapping and LEFT_OPEN not in mapping and is_child(key, value):
        m.journal.write(mapping, LEFT_OPEN, True, born)
        return True
    return False


def may_miss(target: DictValue, key: object) -> bool:
    """Is a key that is known maybe not there?"""
    known = target.fields.get(OPEN, MISSING)
    return isinstance(known, frozenset) and key in known


def settle(m: Machine, target: DictValue, key: object) -> None:
    """``key`` is there now."""
    known = target.fields.get(OPEN, MISSING)
    if isinstance(known, frozenset) and key in known:
        m.store(target, OPEN, known - {key} or MISSING)
