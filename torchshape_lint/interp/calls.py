"""Calls: of functions and classes of the analysed code, of layers and modules, and of what lies outside."""

from __future__ import annotations

from collections.abc import Hashable

from torchshape_lint import codes, ir
from torchshape_lint.dims import next_serial
from torchshape_lint.interp import classes, containers, enums, remembered
from torchshape_lint.interp.apply_rule import shape_text, tensors
from torchshape_lint.interp.declared import declare_parameters
from torchshape_lint.interp.definitions import class_fields, fields_differ, fill_dataclass
from torchshape_lint.interp.escape import escape, run_held
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.flow import Flow, branch, rejoin
from torchshape_lint.interp.journal import Locals
from torchshape_lint.interp.known import call_external, call_method
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.module_calls import call_module
from torchshape_lint.interp.records import record_function
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
    run_held(m)
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
    around = _too_many(m, node)
    if around is not None:
        m.cuts.append(around)
        return _unknown_call(m, args, m.unknown("nested too deeply"))
    born = next_serial()
    bound = bind_arguments(m, function, args)
    return remembered.once(m, function, bound, born, lambda: _run_function(m, frame, function, bound, args, at))


def _run_function(
    m: Machine, frame: Frame, function: Function, bound: dict[object, Value], args: CallArgs, at: int
) -> Value:
    node = function.node
    assert isinstance(function.scope, Scope)
    scope = Scope("function", function.scope, Locals(bound))
    if isinstance(node, ir.FunctionDef):
        key = id(node)
        if key not in m._bound:
            m._bound[key] = bound_names(node.body)
        scope.locals, outer = m._bound[key]
        scope.outer = dict(outer)
    receiver = args.positional[0] if args.positional else None
    inner = Frame(scope, function.program, function, function.owner, receiver, mark=m.journal.mark(), at=at)
    inner.name, inner.undecided = function.name, m.undecided
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


def _too_many(m: Machine, node: ir.Node) -> int | None:
    """From which frame on there are too many calls inside each other; None where there are not.

    Of a function inside itself few are too many where each adds an undecided branch or loop: both ways of a branch are
    run, and a loop of unknown length more than once, so that doubles with every level.
    """
    active = [k for k, f in enumerate(m.frames) if f.function is not None and f.function.node is node]
    growing = bool(active) and m.undecided - m.frames[active[0]].undecided >= max(3, len(active))
    if growing or len(active) > 12:
        return active[0]
    return 0 if len(m.frames) > m.budget.depth else None


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


ANY_MORE = Unknown("any number of further arguments")  # the last argument of a call that nobody has seen


def bind_arguments(m: Machine, function: Function, args: CallArgs) -> dict[object, Value]:
    """Python's rules for matching arguments with parameters; raises Raised where Python would."""
    bound: dict[object, Value] = {}
    queue = list(args.positional)
    keywords = dict(args.keywords)
    for p in function.node.params.items:
        if p.kind == "*":
            bound[p.name] = ANY_MORE if queue[-1:] == [ANY_MORE] else tuple(queue)
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
            remembered.note_read(m, bound[p.name])  # the same list at every call
        else:
            raise Raised(f"{function.name}() misses argument {p.name}")
    if queue or keywords:
        raise Raised(f"{function.name}() got too many arguments")
    return bound


# --- classes --------------------------------------------------------------------------------------------------------


def instantiate(m: Machine, frame: Frame, cls: ClassValue, args: CallArgs, at: int) -> Value:
    """``cls(*args)``"""
    bound: dict[object, Value] = dict(enumerate(args.positional))
    bound.update(args.keywords)
    value = remembered.once(m, cls, bound, next_serial(), lambda: _instantiate(m, frame, cls, args, at))
    if isinstance(value, Instance):
        value.at = at
    return value


def _instantiate(m: Machine, frame: Frame, cls: ClassValue, args: CallArgs, at: int) -> Value:
    if classes.lookup_class(cls, "__new__"):
        return _unknown_call(m, args, Unknown(f"{cls.name} has a __new__"))
    instance = Instance(cls=cls, at=at)
    found = classes.lookup_class(cls, "__init__")
    base = classes.external_base(cls)
    if enums.is_enum(cls):
        return enums.by_value(cls, args.positional)
    named = found is None and base is not None and base.path == "typing.NamedTuple"
    if (filled := cls if named else classes.dataclass_of(cls)) is not None:
        if fields_differ(filled):
            return Unknown(f"the fields of {cls.name} differ between branches")
        fill_dataclass(m, frame, instance, args, filled)
    elif found is not None and isinstance(found[0], Function):
        _class_called(m, frame, cls, found[0], args, at)
        before = len(m.findings)
        try:
            call_function(m, frame, found[0], _prepend(instance, args), at)
        finally:
            for finding in m.findings[before:]:  # the outermost call is the last to say so
                finding.made = Site(frame.program, at) if at >= 0 else None
    elif found is None and base is not None:
        if classes.is_module_class(cls) and base.path == "torch.nn.Module":
            _class_called(m, frame, cls, None, args, at)
        call_method(m, frame, f"{base.path}.__init__", instance, args, Site(frame.program, at))
    elif found is not None:
        return Unknown(f"{cls.name}.__init__ is not followed")
    if base is not None and base.path == "typing.NamedTuple":
        names = tuple(name for name, _ in class_fields(cls))
        return Record.of(names, tuple(instance.fields.get(name) for name in names), cls)
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
