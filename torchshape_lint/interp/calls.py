"""Calls: of functions and classes of the analysed code, of layers and modules, and of what lies outside."""

from __future__ import annotations

from collections.abc import Hashable

from torchshape_lint import codes, ir
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.apply_rule import apply_layer, shape_text, tensors
from torchshape_lint.interp.attributes import escape, of_instance
from torchshape_lint.interp.declared import declare_parameters
from torchshape_lint.interp.definitions import NO_DEFAULT, class_fields, field_default
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.fits import picture_fits
from torchshape_lint.interp.flow import Flow, branch, rejoin
from torchshape_lint.interp.known import call_external, call_method
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.records import record_call, record_function
from torchshape_lint.interp.scope import Frame, Scope, bound_names
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import (
    Bound,
    Choice,
    ClassValue,
    DictValue,
    External,
    Function,
    Instance,
    Layer,
    Made,
    Partial,
    Record,
    Tensor,
    Unknown,
    Value,
)


def call(m: Machine, frame: Frame, function: Value, args: CallArgs, at: int, name: str | None = None) -> Value:
    """``function(*args)`` at the node ``at``; ``name`` is what the author called the function."""
    if containers.STARRED in args.positional or "**" in args.keywords:
        if isinstance(function, Bound):
            escape(m, function.receiver, "a method was called with arguments that are not known")
        if not isinstance(function, (ClassValue, External)):
            return _unknown_call(m, args, Unknown("called with arguments that are not known"))
        if not _is_container_of_unknown(function, args):
            return Unknown("constructed with arguments that are not known")
    match function:
        case Function():
            return call_function(m, frame, function, args, at)
        case Bound(function=Function() as method):
            return call_function(m, frame, method, _prepend(function.receiver, args), at)
        case Bound(function=str() as path):
            return call_method(m, frame, path, function.receiver, args, Site(frame.program, at))
        case ClassValue():
            return instantiate(m, frame, function, args, at)
        case External():
            return call_external(m, frame, function.path, args, Site(frame.program, at))
        case Layer() | Instance():
            return call_module(m, frame, function, args, at, name)
    return _call_wrapped(m, frame, function, args, at, name)


def _call_wrapped(m: Machine, frame: Frame, function: Value, args: CallArgs, at: int, name: str | None) -> Value:
    """A partial, a choice, a constructed external object, or something unknown."""
    match function:
        case Partial():
            keywords = {**dict(function.keywords), **args.keywords}
            words = {} if function.args else args.words
            return call(
                m, frame, function.function, CallArgs((*function.args, *args.positional), keywords, words), at, name
            )
        case Made():
            return call_method(m, frame, "made.__call__", function, args, Site(frame.program, at))
        case Choice():
            return _call_choice(m, frame, function, args, at, name)
    if not isinstance(function, Unknown):
        function = m.unknown("called something that is no function", Site(frame.program, at))
    return _unknown_call(m, args, function)


def _call_choice(m: Machine, frame: Frame, function: Choice, args: CallArgs, at: int, name: str | None) -> Value:
    """Each of a few functions, and what they have in common. None is skipped: whoever comes by here had no None."""
    options = [option for option in function.options if option is not None]
    if len(options) == 1:
        return call(m, frame, options[0], args, at, name)
    first, *rest = options

    def one() -> Flow:
        return Flow("return", call(m, frame, first, args, at, name))

    def others() -> Flow:
        return Flow("return", call(m, frame, Choice(tuple(rest)), args, at, name))

    flow = branch(m, frame, one, others)
    return flow.value if flow is not None else Unknown("one of several functions")


def _unknown_call(m: Machine, args: CallArgs, result: Unknown) -> Unknown:
    for value in (*args.positional, *args.keywords.values()):
        escape(m, value, "it was handed to something unknown")
    return result


def _is_container_of_unknown(function: Value, args: CallArgs) -> bool:
    """A container may be made of unknown children; anything else with unknown arguments is unknown."""
    return isinstance(function, External) and function.path in classes.CONTAINERS and not args.keywords


def _prepend(receiver: Value, args: CallArgs) -> CallArgs:
    words = {(k + 1 if isinstance(k, int) else k): v for k, v in args.words.items()}
    sources = {(k + 1 if isinstance(k, int) else k): v for k, v in args.sources.items()}
    return CallArgs((receiver, *args.positional), args.keywords, words, sources)


# --- functions ------------------------------------------------------------------------------------------------------


def call_function(m: Machine, frame: Frame, function: Function, args: CallArgs, at: int) -> Value:
    """Run a function of the analysed code."""
    node = function.node
    if isinstance(node, ir.FunctionDef) and (node.is_async or node.is_generator):
        return _unknown_call(m, args, Unknown("a generator or coroutine"))
    if len(m.frames) > m.budget.depth or sum(f.function is function for f in m.frames) > 12:
        return _unknown_call(m, args, m.unknown("nested too deeply"))
    bound = bind_arguments(function, args)
    assert isinstance(function.scope, Scope)
    scope = Scope("function", function.scope, dict(bound))
    if isinstance(node, ir.FunctionDef):
        key = id(node)
        if key not in m._bound:
            m._bound[key] = bound_names(node.body)
        scope.locals, outer = m._bound[key]
        scope.outer = dict(outer)
    receiver = args.positional[0] if args.positional else None
    inner = Frame(scope, function.program, function, function.owner, receiver, mark=m.journal.mark(), at=at)
    inner.name = function.name
    m.called.add(id(node))
    m.frames.append(inner)
    try:
        if isinstance(node, ir.Lambda):
            return m.evaluate(inner, node.body)
        declare_parameters(m, inner, function)
        value = _run(m, inner, node.body)
        if m.explaining and not m.quiet and at >= 0 and function.name not in ("forward", "__init__"):
            record_function(m, function.name, args, value, Site(frame.program, at))
        return value
    finally:
        m.frames.pop()


def _run(m: Machine, frame: Frame, body: ir.Block) -> Value:
    """A body to its end; paths that returned earlier are joined."""
    try:
        flow = m.execute(frame, body)
    except Raised:
        if not frame.exits:
            raise
        m.journal.undo(frame.mark)
        first, *rest = frame.exits
        m.journal.redo(first.changes)
        flow, frame.exits = Flow("return", first.value), rest
    value = flow.value if isinstance(flow, Flow) else None
    if frame.exits:
        rejoin(m, frame.exits, frame.mark)
        for exit_ in frame.exits:
            value = m.join({}, "value", value, exit_.value)
    return value


def bind_arguments(function: Function, args: CallArgs) -> dict[object, Value]:
    """Python's rules for matching arguments with parameters; raises Raised where Python would."""
    bound: dict[object, Value] = {}
    queue = list(args.positional)
    keywords = dict(args.keywords)
    for p in function.node.params.items:
        if p.kind == "*":
            bound[p.name] = tuple(queue)
            queue = []
        elif p.kind == "**":
            rest: dict[Hashable, Value] = dict(keywords.items())
            bound[p.name] = DictValue(rest)
            keywords = {}
        elif p.kind in ("pos", "any") and queue:
            bound[p.name] = queue.pop(0)
        elif p.kind != "pos" and p.name in keywords:
            bound[p.name] = keywords.pop(p.name)
        elif p.name in function.defaults:
            bound[p.name] = function.defaults[p.name]
        else:
            raise Raised(f"{function.name}() misses argument {p.name}")
    if queue or keywords:
        raise Raised(f"{function.name}() got too many arguments")
    return bound


# --- classes --------------------------------------------------------------------------------------------------------


def instantiate(m: Machine, frame: Frame, cls: ClassValue, args: CallArgs, at: int) -> Value:
    """``cls(*args)``"""
    if classes.lookup_class(cls, "__new__"):
        return _unknown_call(m, args, Unknown(f"{cls.name} has a __new__"))
    instance = Instance(cls=cls, at=at)
    found = classes.lookup_class(cls, "__init__")
    base = classes.external_base(cls)
    if classes.is_enum(cls):
        return Unknown("an enum member")
    if found is not None and isinstance(found[0], Function):
        _class_called(m, frame, cls, found[0], args, at)
        call_function(m, frame, found[0], _prepend(instance, args), at)
    elif found is None and (cls.fields.get("<dataclass>") or (base is not None and base.path == "typing.NamedTuple")):
        fill_dataclass(m, frame, instance, args)
    elif found is None and base is not None:
        if classes.is_module_class(cls) and base.path == "torch.nn.Module":
            _class_called(m, frame, cls, None, args, at)
        call_method(m, frame, f"{base.path}.__init__", instance, args, Site(frame.program, at))
    elif found is not None:
        return Unknown(f"{cls.name}.__init__ is not followed")
    if base is not None and base.path == "typing.NamedTuple":
        names = tuple(name for name, _ in class_fields(cls))
        return Record.of(names, tuple(instance.fields.get(name) for name in names))
    if classes.is_module_class(cls) and not m.quiet:
        m.built.append(instance)
        if any(isinstance(v, Unknown) for v in (*args.positional, *args.keywords.values())):
            m.vague.add(id(cls))
    return instance


def _class_called(m: Machine, frame: Frame, cls: ClassValue, init: Function | None, args: CallArgs, at: int) -> None:
    """A tensor where the constructor takes no argument: the class was called instead of an instance."""
    if not classes.is_module_class(cls) or not any(isinstance(v, Tensor) for v in args.positional):
        return
    params = init.node.params.items[1:] if init is not None else ()
    if any(p.kind == "*" for p in params):
        return
    accepted = sum(p.kind in ("pos", "any") for p in params)
    if len(args.positional) > accepted:
        words = f"{cls.name} is a class: its constructor takes {accepted} arguments, but was called with a tensor"
        words += f" {shape_text(next(tensors(tuple(args.positional))))}; construct it first and call the instance"
        m.report(Finding(codes.CLASS_CALLED, Site(frame.program, at), cls.name, words))
        raise Raised("a class called with a tensor")


def fill_dataclass(m: Machine, frame: Frame, instance: Instance, args: CallArgs) -> None:
    """Set the fields of a dataclass (or NamedTuple) as its own constructor does."""
    queue = list(args.positional)
    for name, default in class_fields(instance.cls):
        if queue:
            value = queue.pop(0)
        elif name in args.keywords:
            value = args.keywords[name]
        elif default is NO_DEFAULT:
            raise Raised(f"{instance.cls.name}() misses {name}")
        else:
            value = field_default(m, frame, default)
        m.store(instance, name, value)
    post = classes.lookup_class(instance.cls, "__post_init__")
    if post is not None:
        m.call_with(frame, Bound(post[0], instance))  # type: ignore[arg-type]


# --- modules --------------------------------------------------------------------------------------------------------


def call_module(
    m: Machine,
    frame: Frame,
    module: Layer | Instance,
    args: CallArgs,
    at: int,
    name: str | None,
    site: Site | None = None,
) -> Value:
    """``module(*args)``: what its forward does. ``site`` is where a container's child was made."""
    site = site or Site(frame.program, at)
    if isinstance(module, Instance) and not classes.is_module(module):
        method = of_instance(m, frame, module, "__call__", ir.Name(at, "__call__"))
        return m.call(frame, method, args, at) if isinstance(method, Bound) else Unknown("called an object")
    if containers.ESCAPED in module.fields:
        return _unknown_call(m, args, Unknown("a module that something unknown may have changed"))
    outermost = not m.path
    m.path.append(name or _class_name(module))
    before, steps = len(m.findings), len(m.steps)
    try:
        if isinstance(module, Layer):
            value = _call_layer(m, frame, module, args, at, site)
        else:
            forward = of_instance(m, frame, module, "forward", ir.Name(at, "forward"))
            value = m.call(frame, forward, args, at)
    finally:
        m.path.pop()
        outermost = (
            outermost and not m.quiet and (isinstance(module, Instance) or classes.container_path(module) is not None)
        )
        if outermost:
            _story(m, frame, args, at, before)
    if outermost:
        fits = picture_fits(m, frame, module, args, at, before)
        if m.explaining:
            record_call(m, frame, module, args, value, Site(frame.program, at), steps, fits)
    return value


def _class_name(module: Layer | Instance) -> str:
    return module.op.rpartition(".")[2] if isinstance(module, Layer) else module.cls.name


def _story(m: Machine, frame: Frame, args: CallArgs, at: int, before: int) -> None:
    """Findings inside a module say which call exposed them."""
    for finding in m.findings[before:]:
        if finding.caller is None and at >= 0:
            finding.given = shape_text(tuple(args.positional))
            finding.caller = Site(frame.program, at)


def _call_layer(m: Machine, frame: Frame, layer: Layer, args: CallArgs, at: int, site: Site) -> Value:
    if layer.op == "torch.nn.Sequential":
        return run_sequence(m, frame, layer, args, at)
    if layer.op in ("torch.nn.ModuleList", "torch.nn.ModuleDict"):
        raise Raised(f"{layer.op} has no forward")
    if layer.op == "torch.nn.DataParallel":
        inner = layer.fields.get("module")
        return m.call(frame, inner, args, at, m.path[-1])
    return apply_layer(m, layer, args, site)


def run_sequence(m: Machine, frame: Frame, container: Layer | Instance, args: CallArgs, at: int) -> Value:
    """nn.Sequential.forward: each child with what the one before gave."""
    if containers.is_open(container):
        return Unknown("a Sequential whose children are not all known")
    if len(args.positional) != 1 or args.keywords:
        raise Raised("Sequential takes one input")
    value = args.positional[0]
    words = dict(args.words)
    prefix = m.path[-1] if m.path else ""
    for key, child in containers.listed(container).items():
        step = CallArgs((value,), words=words if key == "0" else {0: "its input"})
        if isinstance(child, Layer):
            site = Site(child.program, child.at) if child.program is not None else Site(frame.program, at)
            m.path[-1:] = [f"{prefix}.{key}"] if prefix else [key]
            try:
                if child.op in ("torch.nn.Sequential", "torch.nn.DataParallel"):
                    value = _call_layer(m, frame, child, step, at, site)
                else:
                    value = apply_layer(m, child, step, site)
            finally:
                m.path[-1:] = [prefix]
        elif isinstance(child, Instance):
            value = call_module(m, frame, child, step, at, key)
        else:
            value = m.call(frame, child, step, at)
    return value
