"""The ways into the table of known functions, and what happens to those that are not in it."""

from __future__ import annotations

from dataclasses import replace

from torchshape_lint.interp import classes, containers, contents, enums
from torchshape_lint.interp.apply_rule import apply_function, apply_layer, make_layer
from torchshape_lint.interp.escape import escape
from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.known import (  # noqa: F401  (they fill the table)
    array_functions,
    conversions,
    data_classes,
    data_frames,
    datasets,
    iterables,
    layer_methods,
    learning_data,
    module_methods,
    new_arrays,
    nn_utils,
    numbers,
    packed_sequences,
    pictures,
    plain_methods,
    rearranging,
    standard_library,
    tensor_operators,
    text,
    torch_functions,
    torch_settings,
    trainers,
    transforms,
    types,
)
from torchshape_lint.interp.known.table import TABLE, Here
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.names import canonical
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules import contents as contents_rules
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import DictValue, Instance, Layer, ListValue, Made, Object, SetValue, Tensor, Unknown, Value

_METHODS = ("torch.nn.Module.", "builtins.object.__")  # which need somebody to be called on
_RANDOM = ("random.", "numpy.random.", "time.", "secrets.")
_RANDOM_NUMBERS = frozenset(
    "random.random random.uniform random.randint random.randrange random.gauss time.time time.perf_counter".split()
)


def call_external(m: Machine, frame: Frame, path: str, args: CallArgs, site: Site) -> Value:
    """Call a function or class outside the analysed code by its full path."""
    path = canonical(path)
    if path in m.patched:
        return m.unknown(f"{path} was replaced", site)
    if method := _unbound(path, args):
        rest = CallArgs(args.positional[1:], args.keywords)
        return call_method(m, frame, method, args.positional[0], rest, site)
    if find_rule(path) is None:
        _forget(m, path, args)
    handler = TABLE.get(path)
    if handler is not None and not path.startswith(_METHODS):
        return handler(Here(m, frame, args, site, path=path))
    if path in classes.CONTAINERS:
        layer = Layer({"training": True}, op=path, at=site.at, program=site.program)
        containers.fill(m, layer, path, args)
        return layer
    head, _, name = path.rpartition(".")
    if find_layer(path) is not None:
        return make_layer(m, path, _plain(args), site)
    if find_rule(path) is not None:
        return _apply(m, path, _plain(args), site)
    if handler is not None:
        return m.unknown(f"{path} is called on nothing that is known", site)
    if head == "torch.Tensor" and args.positional:
        return m.unknown(f"{path} is not known yet", site)
    if classes.is_module_path(path):
        return m.unknown(f"{path} is not known yet", site)
    if name[:1].isupper():
        return Made(path, tuple(args.positional), tuple(args.keywords.items()))
    return m.unknown(f"{path} is not followed", site, data=path.startswith(_RANDOM), number=path in _RANDOM_NUMBERS)


def _unbound(path: str, args: CallArgs) -> str:
    """The method that is called through its class on the first argument (``list.append(items, 3)``); "" if none is."""
    head, _, name = path.rpartition(".")
    if not args.positional or name in ("fromkeys", "__new__"):
        return ""
    match args.positional[0]:
        case ListValue() if head == "builtins.list":
            return f"list.{name}"
        case SetValue() if head == "builtins.set":
            return f"set.{name}"
        case DictValue() if head in ("builtins.dict", "collections.OrderedDict", "collections.defaultdict"):
            return f"dict.{name}"
        case Instance() | Layer() if head == "builtins.object" or classes.is_module_path(head):
            return path
    return ""


def call_method(m: Machine, frame: Frame, path: str, receiver: Value, args: CallArgs, site: Site) -> Value:
    """Call a method by its path ("torch.Tensor.view", "list.append", "torch.nn.Module.to") on ``receiver``."""
    here = Here(m, frame, args, site, receiver, path)
    head, _, name = path.rpartition(".")
    if isinstance(receiver, Tensor):
        words = {(k + 1 if isinstance(k, int) else k): v for k, v in args.words.items()}
        words.setdefault(0, "input")
        sources = {(k + 1 if isinstance(k, int) else k): v for k, v in args.sources.items()}
        whole = CallArgs((receiver, *args.positional), args.keywords, words, sources)
        if path not in TABLE:
            return _apply(m, path, whole, site)
        if name not in contents_rules.READING:
            contents.forget(m, receiver)
        return TABLE[path](here)
    _forget(m, path, args)
    if isinstance(receiver, Instance) and name == "__init__" and head not in ("torch.nn.Module", "dataclass"):
        return _base_init(m, receiver, head, args, site)
    if isinstance(receiver, Instance) and name in ("forward", "__call__") and "<layer>" in receiver.fields:
        layer = receiver.fields["<layer>"]
        return apply_layer(m, layer, args, site) if isinstance(layer, Layer) else Unknown("a layer that is not known")
    if isinstance(receiver, (Instance, Layer)):
        handler = TABLE.get(f"torch.nn.Module.{name}")
        if handler is not None and classes.is_module(receiver):
            return handler(here)
    handler = TABLE.get(path)
    if handler is not None:
        return handler(here)
    if head in ("builtins.object", "torch.utils.data.Dataset", "abc.ABC"):
        return None if name.startswith("__init") else m.unknown(f"{path} is not followed", site)
    if isinstance(receiver, Object):
        escape(m, receiver, f"{path} is not followed")
    return m.unknown(f"{path} is not followed", site)


def _plain(args: CallArgs) -> CallArgs:
    """With numbers and strings for the members of enumerations that are some."""
    if not any(isinstance(v, Instance) for v in (*args.positional, *args.keywords.values())):
        return args
    keywords = {key: enums.plain(value) for key, value in args.keywords.items()}
    return replace(args, positional=tuple(map(enums.plain, args.positional)), keywords=keywords)


_ONLY_LOOKING = ("builtins.", "math.", "list.", "tuple.", "dict.", "set.", "str.", "shape.")


def _forget(m: Machine, path: str, args: CallArgs) -> None:
    """Tensors that are handed to something that is no rule; Python's own functions and containers change none."""
    if not path.startswith(_ONLY_LOOKING):
        contents.forget(m, *args.positional, *args.keywords.values())


def _apply(m: Machine, path: str, args: CallArgs, site: Site) -> Value:
    value = apply_function(m, path, args, site)
    if path == "torch.Tensor.size" and isinstance(value, tuple):
        return Shape(value)
    if path in _NUMBERS and isinstance(value, Unknown):
        return replace(value, number=True)
    return value


_NUMBERS = frozenset(f"torch.Tensor.{name}" for name in ("item", "__int__", "__float__", "dim", "numel", "nelement"))


def _base_init(m: Machine, receiver: Instance, base: str, args: CallArgs, site: Site) -> Value:
    """``super().__init__(...)`` of a class that derives from a torch layer or container."""
    base = canonical(base)
    if base in classes.CONTAINERS:
        containers.fill(m, receiver, base, args)
    elif find_layer(base) is not None:
        m.store(receiver, "<layer>", make_layer(m, base, args, Site(receiver.cls.program, site.at)))
    elif classes.is_module_path(base) and base not in classes.LIGHTNING:
        m.store(receiver, "<layer>", m.unknown(f"{base} is not known yet", site))
    return None
