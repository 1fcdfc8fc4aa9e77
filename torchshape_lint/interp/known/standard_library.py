"""The standard library, as far as model code leans on it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable

from torchshape_lint import ir
from torchshape_lint.dims import ceildiv, is_sure
from torchshape_lint.interp.copies import copy_value, shallow
from torchshape_lint.interp.definitions import NO_DEFAULT, fill_dataclass
from torchshape_lint.interp.iteration import iterate
from torchshape_lint.interp.known.array_functions import elementwise, is_number
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.interp.operators import binary
from torchshape_lint.interp.sequences import plain_items
from torchshape_lint.values import (
    ClassValue,
    DictValue,
    Function,
    Instance,
    ListValue,
    Made,
    Partial,
    Real,
    Stream,
    Unknown,
    Value,
    is_size,
)

_MATH = (
    "sqrt exp log log2 log10 log1p sin cos tan tanh atan fabs isqrt gcd hypot degrees radians fmod isclose isnan isinf "
    "comb factorial".split()
)


@known(
    *(f"math.{name}" for name in _MATH),
    *(f"numpy.{name}" for name in "sqrt log log2 exp ceil floor sin cos tanh log1p log10".split()),
)
def _math(h: Here) -> Value:
    name = h.path.rpartition(".")[2]
    args = h.args.positional
    if h.path.startswith("numpy.") and not all(map(is_number, args)):
        return elementwise(h)
    if not all(isinstance(a, (int, float)) and abs(a) < 1e15 for a in args) or (name == "factorial" and h.arg(0) > 50):  # type: ignore[operator]
        return Unknown(f"{name} of something unknown", number=True)
    try:
        return getattr(math, name)(*args)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError):
        return Unknown(f"{name} of something outside its domain", number=True)


@known("math.ceil")
def _ceil(h: Here) -> Value:
    value = h.arg(0)
    if isinstance(value, (int, float)):
        try:
            return math.ceil(value)
        except (ValueError, OverflowError):
            return Unknown("ceil of no number", number=True)
    if isinstance(value, Real) and is_sure(value.size):
        return ceildiv(value.size * value.factor.numerator, value.factor.denominator)
    return value if is_size(value) and is_sure(value) else Unknown("ceil of something unknown", number=True)  # type: ignore[arg-type]


@known("operator.mul", "operator.add", "operator.sub", "operator.floordiv")
def _operator(h: Here) -> Value:
    op = {"mul": "*", "add": "+", "sub": "-", "floordiv": "//"}[h.path.rpartition(".")[2]]
    return binary(h.m, h.frame, op, h.arg(0), h.arg(1), ir.Const(h.site.at, None))


@known("inspect.signature")
def _signature(h: Here) -> Value:
    """The parameters of a function of the analysed code; a decorated one shows those of what it wraps."""
    function = h.arg(0)
    while isinstance(function, Function) and isinstance(function.fields.get("__wrapped__"), Function):
        function = function.fields["__wrapped__"]
    if not isinstance(function, Function):
        return Unknown("the signature of something that is no function")
    kinds = {"pos": "POSITIONAL_ONLY", "any": "POSITIONAL_OR_KEYWORD", "*": "VAR_POSITIONAL", "key": "KEYWORD_ONLY"}
    fields: dict[Hashable, Value] = {}
    for p in function.node.params.items:
        keywords = {name: name for name in (*kinds.values(), "VAR_KEYWORD")}
        keywords |= {"name": p.name, "kind": kinds.get(p.kind, "VAR_KEYWORD")}
        keywords["default"] = function.defaults.get(p.name, NO_DEFAULT)  # type: ignore[assignment]
        fields[p.name] = Made("inspect.Parameter", (), tuple(keywords.items()))
    return Made("inspect.Signature", (), (("parameters", DictValue(fields)),))


@known("functools.update_wrapper")
def _update_wrapper(h: Here) -> Value:
    return h.arg(0, "wrapper")


@known("builtins.object")
def _object(h: Here) -> Value:
    return Instance(cls=_OBJECT)


@known("functools.partial")
def _partial(h: Here) -> Value:
    function, *args = h.args.positional
    return Partial(function, tuple(args), tuple(h.args.keywords.items()))


@known("functools.reduce")
def _reduce(h: Here) -> Value:
    items = iterate(h.m, h.frame, h.arg(1))
    if isinstance(items, Stream):
        return Unknown("a reduction of unknown length")
    queue = list(items)
    if len(h.args.positional) > 2:
        queue.insert(0, h.arg(2))
    if not queue:
        return Unknown("a reduction of nothing")
    value = queue.pop(0)
    for item in queue:
        value = h.call(h.arg(0), value, item)
    return value


@known("functools.wraps", "functools.lru_cache", "functools.cache")
def _decorator(h: Here) -> Value:
    if isinstance(h.arg(0), Function) and h.path != "functools.wraps":
        return h.arg(0)
    return Made(h.path, tuple(h.args.positional))


@known("dataclasses.dataclass")
def _dataclass(h: Here) -> Value:
    if isinstance(h.arg(0), ClassValue):
        cls = h.arg(0)
        assert isinstance(cls, ClassValue)
        h.m.store(cls, "<dataclass>", True)
        return cls
    return Made(h.path)


@known("dataclasses.field")
def _field(h: Here) -> Value:
    return Made(h.path, (), tuple(h.args.keywords.items()))


@known("copy.deepcopy", "copy.copy")
def _copy(h: Here) -> Value:
    return copy_value(h.arg(0), {}) if h.path.endswith("deepcopy") else shallow(h.arg(0))


@known("itertools.chain", "itertools.chain.from_iterable")
def _chain(h: Here) -> Value:
    parts = iterate(h.m, h.frame, h.arg(0) if h.path.endswith("from_iterable") else tuple(h.args.positional))
    if isinstance(parts, Stream):
        return Stream(Unknown("an element of a chain"))
    iterated = [iterate(h.m, h.frame, part) for part in parts]
    known_parts = [p for p in iterated if not isinstance(p, Stream)]
    if len(known_parts) < len(iterated):
        return Stream(Unknown("an element of a chain"))
    return tuple(item for part in known_parts for item in part)


@known("itertools.product", "itertools.pairwise")
def _product(h: Here) -> Value:
    parts = [iterate(h.m, h.frame, part) for part in h.args.positional]
    if any(isinstance(p, Stream) for p in parts) or h.args.keywords:
        return Stream(Unknown("a combination"))
    if h.path.endswith("pairwise"):
        return tuple(itertools.pairwise(parts[0]))  # type: ignore[arg-type]
    lengths = math.prod(len(p) for p in parts if isinstance(p, tuple))
    return tuple(itertools.product(*parts)) if lengths <= 4096 else Stream(Unknown("a combination"))  # type: ignore[arg-type]


@known("itertools.count", "itertools.cycle", "itertools.repeat")
def _endless(h: Here) -> Value:
    return Stream(Unknown("an element of an endless iterator"))


@known("collections.namedtuple")
def _namedtuple(h: Here) -> Value:
    """The class is kept as an external object; calling it gives a `Record`."""
    names = h.arg(1, "field_names")
    if isinstance(names, str):
        names = tuple(names.replace(",", " ").split())
    items = plain_items(names)
    if items is None or not all(isinstance(name, str) for name in items):
        return Unknown("a named tuple whose fields are not known")
    return Made("collections.namedtuple", items, tuple(h.args.keywords.items()))


@known("dataclass.__init__")
def _dataclass_init(h: Here) -> Value:
    """The constructor that a dataclass makes for itself, called through super()."""
    if isinstance(h.self, Instance):
        fill_dataclass(h.m, h.frame, h.self, h.args)
    return None


@known("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.trange")
def _tqdm(h: Here) -> Value:
    return iterate(h.m, h.frame, h.arg(0, "iterable"))


# --- argparse -------------------------------------------------------------------------------------------------------


@known("argparse.ArgumentParser")
def _parser(h: Here) -> Value:
    return ListValue({"items": (), "parser": True})


@known("list.add_argument")
def _add_argument(h: Here) -> Value:
    """The parser is a list of (name, default); an option without default is None, a positional is unknown."""
    names = [n for n in h.args.positional if isinstance(n, str)]
    if not names or not isinstance(h.self, ListValue) or not isinstance(h.self.fields["items"], tuple):
        return None
    long = next((n for n in names if n.startswith("--")), names[0])
    dest = h.args.keywords.get("dest", long.lstrip("-").replace("-", "_"))
    action = h.args.keywords.get("action")
    fallback: Value = None if names[0].startswith("-") else Unknown("a positional argument")
    if action in ("store_true", "store_false"):
        fallback = action == "store_false"
    default = h.args.keywords.get("default", fallback)
    kind = h.args.keywords.get("type")
    if isinstance(default, str) and kind is not None:
        default = h.call(kind, default)
    h.m.store(h.self, "items", (*h.self.fields["items"], (dest, default)))
    return None


@known("list.add_argument_group", "list.add_mutually_exclusive_group")
def _group(h: Here) -> Value:
    return h.self


@known("list.parse_args", "list.parse_known_args")
def _parse(h: Here) -> Value:
    items = h.self.fields["items"] if isinstance(h.self, ListValue) else ()
    pairs = (
        tuple(p for p in items if isinstance(p, tuple) and isinstance(p[0], str)) if isinstance(items, tuple) else ()
    )
    namespace = Instance(cls=_NAMESPACE)
    namespace.fields.update(dict(pairs))
    return (namespace, ListValue({"items": ()})) if h.path.endswith("known_args") else namespace


_NAMESPACE = ClassValue(
    name="Namespace",
    bases=(Unknown("argparse.Namespace"),),
    node=ir.ClassDef(-1, "Namespace", -1, (), (), ()),
    program=ir.Program("", "argparse", ()),
)


_OBJECT = ClassValue(
    name="object", bases=(), node=ir.ClassDef(-1, "object", -1, (), (), ()), program=ir.Program("", "builtins", ())
)


@known("argparse.Namespace", "types.SimpleNamespace")
def _namespace(h: Here) -> Value:
    namespace = Instance(cls=_NAMESPACE)
    namespace.fields.update(h.args.keywords)
    return namespace


@known("os.environ.get", "os.getenv")
def _environment(h: Here) -> Value:
    return Unknown("an environment variable")


@known("builtins.object.__init__")
def _object_init(h: Here) -> Value:
    return None
