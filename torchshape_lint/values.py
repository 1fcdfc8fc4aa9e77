"""What a name may hold. Numbers, strings, None and tuples are themselves; everything else has a class here.

Mutable things keep their state in ``fields``, a plain dict that only `interp.journal` writes, so that branches can be
undone and joined. A value that is not known is an `Unknown` with the reason; it never pretends to be anything else.
"""

from __future__ import annotations

from dataclasses import field
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from torchshape_lint import ir
from torchshape_lint.dims import Poly, Size, next_serial
from torchshape_lint.frozen import dataclass
from torchshape_lint.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Hashable


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, and why.

    data: it depends on tensor contents or chance, so that either outcome of a test is possible.
    number: it is a Python number for certain: it scales a tensor, and never changes its shape.
    text: it is a string for certain.
    element: an array or tensor that stands for each item, where it is the items of a list of unknown length.
    """

    why: str
    data: bool = False
    number: bool = False
    text: bool = False
    element: Tensor | Array | None = None


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor: its shape and, where known, its dtype ("float32", "int64", ...).

    folded: the sizes whose product became the last axis (what flatten and view folded), for words like 4*7*7.
    parameter: it is an nn.Parameter.
    maybe: an argument at the start of a story that may also be something else; using it as a tensor settles it.
    numbers: what is in it, where it was made of constants (and nothing unknown has touched it since).
    """

    shape: Shape
    dtype: str | None = None
    folded: tuple[Size, ...] | None = None
    parameter: bool = False
    maybe: bool = False
    numbers: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """A numpy array whose rank is known; one of rank 0 is a number. What is written into it does not change it here."""

    sizes: tuple[Size, ...]
    dtype: str | None = None


@dataclass(frozen=True, slots=True)
class Real:
    """A float that depends on symbolic sizes: ``size * factor`` (``size / 2`` is ``Real(size, Fraction(1, 2))``)."""

    size: Poly
    factor: Fraction


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the analysed code, by its full dotted path ("torch.nn.Conv2d", "builtins.len", "math")."""

    path: str


class Shared(dict["Hashable", "Value"]):
    """What a class binds, and what is stored on a function: every function may read it."""


class Globals(Shared):
    """What a module binds."""


@dataclass(eq=False, slots=True, repr=False)
class Object:
    """Anything mutable: identity matters, state is in ``fields``. ``born`` grows from object to object."""

    fields: dict[Hashable, Value] = field(default_factory=dict)
    born: int = field(default_factory=next_serial, init=False)

    def __repr__(self) -> str:
        """Short: objects refer to each other, and a full picture would have no end."""
        return f"<{type(self).__name__} {getattr(self, 'name', getattr(self, 'op', ''))}>"


@dataclass(eq=False, slots=True, repr=False)
class ListValue(Object):
    """A list; its items are the tuple ``fields["items"]`` (an `Unknown` when even the length is not known)."""


class Entries(dict["Hashable", "Value"]):
    """What a dict holds."""


@dataclass(eq=False, slots=True, repr=False)
class DictValue(Object):
    """A dict with known keys in ``fields``; ``fields[OPEN]`` is there when it may have further keys, or (a frozenset)
    when some of the known ones may not be there."""

    def __post_init__(self) -> None:
        self.fields = Entries(self.fields)


@dataclass(eq=False, slots=True, repr=False)
class Namespace(DictValue):
    """``globals()``, ``vars(x)``, ``x.__dict__`` or ``x._modules``: what is written into it, ``owner`` has.

    ``globals()`` has no owner: its ``fields`` are the names of the module themselves.
    """

    owner: Object | None = None

    def __post_init__(self) -> None:
        """The mapping stays its owner's."""


@dataclass(eq=False, slots=True, repr=False)
class SetValue(Object):
    """A set; its elements are the tuple ``fields["items"]``."""


@dataclass(eq=False, slots=True, repr=False)
class IteratorValue(Object):
    """An iterator or generator of known length: what it has still to give is the tuple ``fields["items"]``."""


@dataclass(eq=False, slots=True, repr=False)
class Numbers(Object):
    """The memory of a small tensor of constants: ``fields["items"]`` is a tuple of `contents.Bounds`.

    Tensors that share memory share this object, so that writing into one of them is seen by all: it forgets.
    error: the relative error of one operation in its dtype, 0 for whole numbers.
    whole: what this one is a part of.
    """

    error: float = field(default=0.0, kw_only=True)
    whole: Numbers | None = field(default=None, kw_only=True)


@dataclass(eq=False, slots=True, repr=False)
class Instance(Object):
    """An object of a class of the analysed code; ``fields`` are its attributes."""

    cls: ClassValue = field(kw_only=True)
    at: int = field(default=-1, kw_only=True)


@dataclass(eq=False, slots=True, repr=False)
class Layer(Object):
    """A torch.nn module that is not made of Python we read: ``op`` is its full path.

    fields hold its arguments under torch's names, its parameters and buffers (weight, bias, ...) as tensors, and
    ``training``. ``sources`` are the ordinals of the argument expressions, ``at`` of the constructing call.
    """

    op: str = field(kw_only=True)
    at: int = field(default=-1, kw_only=True)
    program: ir.Program | None = field(default=None, kw_only=True)
    sources: dict[str, int] = field(default_factory=dict, kw_only=True)
    parameters: tuple[str, ...] = field(default=(), kw_only=True)
    buffers: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(eq=False, slots=True, repr=False)
class ClassValue(Object):
    """A class of the analysed code; ``fields`` is its namespace. ``order`` is for `interp.classes.mro` to keep."""

    fields: dict[Hashable, Value] = field(default_factory=Shared)
    name: str = field(kw_only=True)
    bases: tuple[Value, ...] = field(kw_only=True)
    order: tuple[Value, ...] = field(default=(), kw_only=True)
    node: ir.ClassDef = field(kw_only=True)
    program: ir.Program = field(kw_only=True)


@dataclass(eq=False, slots=True, repr=False)
class ModuleValue(Object):
    """A module of another file; ``fields`` is its namespace once it has run."""

    fields: dict[Hashable, Value] = field(default_factory=Globals)
    name: str = field(kw_only=True)
    path: str = field(kw_only=True)
    started: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Imported:
    """``name`` of another module, looked up when it is first needed."""

    module: ModuleValue
    name: str


@dataclass(eq=False, slots=True, repr=False)
class Function(Object):
    """A function or lambda of the analysed code with the scope that it closes over."""

    fields: dict[Hashable, Value] = field(default_factory=Shared)
    name: str = field(kw_only=True)
    node: ir.FunctionDef | ir.Lambda = field(kw_only=True)
    scope: object = field(kw_only=True)
    defaults: dict[str, Value] = field(kw_only=True)
    program: ir.Program = field(kw_only=True)
    owner: ClassValue | None = field(default=None, kw_only=True)  # the class in whose body it stands, for super()
    kind: str = field(default="", kw_only=True)  # "", "static", "class" or "property"


@dataclass(frozen=True, slots=True)
class Bound:
    """A function (or an external method by name) together with its receiver."""

    function: Function | str
    receiver: Value


@dataclass(frozen=True, slots=True)
class Partial:
    """functools.partial"""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few things that can be called (modules, functions, classes, None): what branches leave behind."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Super:
    """super(): attributes are looked up behind ``owner`` in the method resolution order of ``receiver``."""

    owner: ClassValue
    receiver: Value


class Record(tuple[object, ...]):
    """A named tuple: its items, and what they are called."""

    names: tuple[str, ...] = ()
    cls: ClassValue | None = None  # where it is one of the analysed code

    @classmethod
    def of(cls, names: tuple[str, ...], items: tuple[Value, ...], made_by: ClassValue | None = None) -> Record:
        record = cls(items)
        record.names, record.cls = names, made_by
        return record


class Packed(Record):
    """A PackedSequence: its four fields, and the padded sequences that it stands for.

    padded: their shape, the axis ``batch_axis`` (0 or 1) counts them; steps: the length of the longest.
    """

    names = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
    padded: Shape
    batch_axis: int
    steps: Size

    @classmethod
    def of_padded(cls, fields: tuple[Value, ...], padded: Shape, batch_axis: int, steps: Size) -> Packed:
        packed = cls(fields)
        packed.padded, packed.batch_axis, packed.steps = padded, batch_axis, steps
        return packed


class Range(tuple[int, ...]):
    """range() with known bounds: its numbers."""


@dataclass(frozen=True, slots=True)
class RangeValue:
    """range() with at least one symbolic bound (a known one is a `Range`)."""

    start: Size
    stop: Size
    step: Size


@dataclass(frozen=True, slots=True)
class SliceValue:
    """``lower:upper:step`` as an index."""

    lower: Value
    upper: Value
    step: Value


@dataclass(frozen=True, slots=True)
class Stream:
    """Something to iterate over, of unknown length, each element like ``element`` (a data loader, ``iter`` of it)."""

    element: Value


@dataclass(frozen=True, slots=True)
class Made:
    """What calling an external class gave, with the arguments kept: a transform, a data set, a parsed namespace."""

    path: str
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()

    def argument(self, position: int, name: str, default: Value = None) -> Value:
        """The argument at ``position`` or called ``name``."""
        if position < len(self.args):
            return self.args[position]
        return dict(self.keywords).get(name, default)


def known_slice(index: SliceValue) -> slice | None:
    """A Python slice, when all its bounds are numbers."""
    bounds = (index.lower, index.upper, index.step)
    return (
        slice(*(b if isinstance(b, int) else None for b in bounds))
        if all(b is None or isinstance(b, int) for b in bounds)
        else None
    )


MOST_KEPT = "<maxlen>"  # of a ListValue that is a deque: how many items it keeps
OPEN = "<open>"  # marks a DictValue that may have more keys than the known ones, or fewer

Value: TypeAlias = object
"""None, bool, int, float, complex, str, bytes, Ellipsis, tuple of values, Poly, Shape (torch.Size of unknown rank),
Real, Tensor, Array, Unknown, External, or one of the classes above."""


def any_item(value: Value) -> Tensor | Array | None:
    """What stands for each item of a list of unknown length, if something does."""
    items = value.fields["items"] if isinstance(value, ListValue) else None
    return items.element if isinstance(items, Unknown) else None


def is_size(value: Value) -> bool:
    """Is it an integer, known or symbolic (a bool is one in Python, but nobody means it as a size)?"""
    return isinstance(value, (int, Poly)) and not isinstance(value, bool)
