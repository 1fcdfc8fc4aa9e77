"""How an abstract value is read as a rule's parameter asks: by the parameter's annotation.

A size that is not known becomes a fresh symbol (which may be negative: nothing says otherwise); anything else that
is not known makes the call unreadable, and its result unknown.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from torchshape_lint import values
from torchshape_lint.dims import Poly, Size, fresh, is_sure
from torchshape_lint.facts import Facts
from torchshape_lint.rules.dtype_names import dtype_of
from torchshape_lint.rules.operands import Named, PackedSequence, PerAxis, Tensor
from torchshape_lint.rules.registry import Param, Rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import ListValue, Unknown, Value, is_size

_SIZE = int | Poly


class Unreadable(Exception):
    """The call cannot be judged; the text says which argument and why."""

    def __init__(self, why: str, data: bool = False) -> None:
        super().__init__(why)
        self.data = data


class FloatSize(Unreadable):
    """A float where a layer's constructor wants a whole number, as ``planes / 4`` gives in Python 3."""

    def __init__(self, name: str, value: Value) -> None:
        shown = value if isinstance(value, float) else "a float"
        super().__init__(f"{name} is {shown}, but must be a whole number: use // where / divides")
        self.value = value


def convert(value: Value, param: Param, rule: Rule, facts: Facts, word: str | None, source: int) -> object:
    """Read ``value`` as ``param`` asks. ``word`` is what the author called it."""
    reader = _Reader(param.name, rule.n, facts, word, source, rule.name.startswith("torch.nn."))
    return reader.read(value, param.annotation)


def sequence_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a tuple, list or closed torch.Size; None where it is no sequence or its length is unknown."""
    if isinstance(value, ListValue):
        value = value.fields["items"]
    if isinstance(value, tuple):
        return value
    if isinstance(value, Shape) and not value.is_open:
        return value.sizes
    return None


class _Reader:
    def __init__(
        self, name: str, n: int | None, facts: Facts, word: str | None, source: int, is_layer: bool = False
    ) -> None:
        self.name, self.n, self.facts, self.word, self.source = name, n, facts, word, source
        self.is_layer = is_layer

    def read(self, value: Value, annotation: Any) -> object:
        if annotation is object or annotation is Any:
            if isinstance(value, values.Tensor) and value.maybe:
                return Unknown(f"{self.word or self.name} may be anything")
            return value
        options = _options(annotation)
        if len(options) > 1:
            return self._one_of(value, options)
        return self._as(value, options[0])

    def _one_of(self, value: Value, options: tuple[Any, ...]) -> object:
        if value is None and type(None) in options:
            return None
        if isinstance(value, Unknown) and set(options) == {Tensor, type(None)}:
            return None  # an optional operand of which nothing is known asks nothing
        if isinstance(value, Unknown) and Unknown in options:
            return value  # the rule says itself what to make of it
        if PerAxis in options and type(None) in options and sequence_items(value) == ():
            return None  # torch takes an empty stride for none
        if isinstance(value, Unknown) and Named in options:
            return self._as(value, Named)
        problem: Unreadable | None = None
        for option in options:
            if option in (type(None), Unknown):
                continue
            if option is str and not isinstance(value, (str, Unknown)):
                problem = problem or self._refuse(value)
                continue
            try:
                if isinstance(value, Unknown) and not (value.number and option is float):
                    if value.number:
                        continue
                    break  # it may be any of them: nothing can be said
                return self._as(value, option)
            except Unreadable as refused:
                problem = problem or refused.with_traceback(None)  # which holds the frames, and all in them
        raise problem or self._refuse(value)

    def _as(self, value: Value, wanted: Any) -> object:
        if wanted is Tensor:
            return self._tensor(value)
        if wanted is Named:
            return Named(self._size(value), self.name, self.source)
        if wanted is PackedSequence and isinstance(value, values.Packed):
            dtype = value[0].dtype if isinstance(value[0], values.Tensor) else None
            return PackedSequence(Tensor(value.padded, self.word or self.name, self.facts, dtype), value)
        if wanted == _SIZE:
            return self._size(value)
        if get_origin(wanted) is Annotated:
            return self._annotated(value, get_args(wanted)[1])
        if wanted is float and (
            isinstance(value, (int, float, Poly, values.Real)) or (isinstance(value, Unknown) and value.number)
        ):
            return value
        if wanted is int and isinstance(value, bool):
            return int(value)
        if isinstance(wanted, type) and isinstance(value, wanted):
            return self.facts.size(value) if isinstance(value, Poly) else value
        if wanted is int and isinstance(value, Poly):
            known = self.facts.size(value)
            if isinstance(known, int):
                return known
        raise self._refuse(value)

    def _annotated(self, value: Value, how: str) -> object:
        if how == "dtype":
            return dtype_of(value)
        if how == "tensors":
            items = sequence_items(value)
            if items is None:
                raise self._refuse(value)
            words = _item_words(self.word or self.name, len(items))
            return tuple(
                _Reader(self.name, self.n, self.facts, word, self.source)._tensor(item)
                for item, word in zip(items, words, strict=True)
            )
        if how in ("per axis", "per side"):
            return self._per_axis(value, (self.n or 1) * (1 if how == "per axis" else 2))
        sizes = (value,) if is_size(value) else sequence_items(value)
        if sizes is None or (isinstance(value, Poly) and not self.is_layer and not is_sure(value)):
            raise self._refuse(value)
        read = tuple(self._size(size) for size in sizes)
        if how == "ints" and not all(isinstance(size, int) for size in read):
            raise self._refuse(value)
        return read

    def _per_axis(self, value: Value, n: int) -> tuple[Size, ...]:
        if isinstance(value, Unknown):
            return tuple(fresh(self.name, None) for _ in range(n))
        if is_size(value):
            size = self._size(value)
            if not is_sure(size):  # it may be one for all axes or one each
                return tuple(fresh(self.name, None, False) for _ in range(n))
            return (size,) * n
        items = sequence_items(value)
        if items is None or len(items) not in (1, n):
            raise self._refuse(value)
        return tuple(self._size(item) for item in (items if len(items) == n else items * n))

    def _tensor(self, value: Value) -> Tensor:
        if not isinstance(value, values.Tensor):
            raise self._refuse(value)
        name = self.word or self.name
        return Tensor(value.shape, name, self.facts, value.dtype, value.folded, value.parameter)

    def _size(self, value: Value) -> Size:
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, (int, Poly)):
            return self.facts.size(value)
        if isinstance(value, Unknown):
            return fresh(self.name, None)
        if isinstance(value, (float, values.Real)) and self.is_layer:
            raise FloatSize(self.name, value)
        raise self._refuse(value)

    def _refuse(self, value: Value) -> Unreadable:
        if isinstance(value, Unknown):
            return Unreadable(value.why, value.data)
        return Unreadable(f"{self.name} cannot be read from {type(value).__name__}")


@cache
def _options(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, with ``int | Poly`` kept together as a size."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return (annotation,)
    members: Sequence[Any] = get_args(annotation)
    if int in members and Poly in members:
        return (_SIZE, *(m for m in members if m is not int and m is not Poly))
    return tuple(members)


def _item_words(word: str, count: int) -> list[str]:
    """What to call the items of a sequence: ``x`` and ``y`` where the author wrote ``(x, y)``, else ``outs[0]``, .."""
    if word[:1] + word[-1:] in ("()", "[]"):
        parts = [part.strip() for part in word[1:-1].rstrip(", ").split(",")]
        whole = all(part.count("(") == part.count(")") and "*" not in part[:1] for part in parts)
        if len(parts) == count and whole and " for " not in word:
            return parts
        word = "tensors"
    return [f"{word}[{k}]" for k in range(count)]
