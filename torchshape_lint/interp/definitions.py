"""Definitions of functions and classes, and what decorators make of them."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp.classes import lookup_class, mro
from torchshape_lint.interp.machine import Machine, Raised, StoryEnd
from torchshape_lint.interp.scope import Frame, Scope
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import (
    Bound,
    ClassValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Unknown,
    Value,
)

# Decorators that give the function itself, as far as shapes are concerned.
_TRANSPARENT = frozenset(
    """torch.no_grad torch.inference_mode torch.enable_grad torch.jit.script torch.jit.ignore torch.jit.export
    torch.jit.unused torch.jit.script_method torch.compile torch.compiler.disable torch.set_grad_enabled
    torch.autocast torch.cuda.amp.autocast torch.amp.autocast torch.cuda.amp.custom_fwd torch.fx.wrap
    functools.lru_cache functools.cache functools.wraps functools.total_ordering abc.abstractmethod typing.final
    typing.override typing.overload typing.no_type_check typing.runtime_checkable enum.unique
    dataclasses.dataclass torch.jit.interface jaxtyping.jaxtyped torchtyping.patch_typeguard""".split()
)

_PART = 0.01  # of the work that is left, for one decorator
_ENOUGH = 2_000  # steps


def make_function(m: Machine, frame: Frame, node: ir.FunctionDef | ir.Lambda, name: str) -> Function:
    """The function that a definition or lambda gives, defaults evaluated now."""
    frame.scope.capture()
    defaults = {p.name: m.evaluate(frame, p.default) for p in node.params.items if p.default is not None}
    owner = frame.scope.vars.get("<class>") if frame.scope.kind == "class" else None
    enclosing = frame.owner if owner is None else owner
    return Function(
        name=name,
        node=node,
        scope=frame.scope,
        defaults=defaults,
        program=frame.program,
        owner=enclosing if isinstance(enclosing, ClassValue) else None,
    )


def define_function(m: Machine, frame: Frame, stmt: ir.FunctionDef) -> None:
    """``def``"""
    value: Value = make_function(m, frame, stmt, stmt.name)
    for decorator in reversed(stmt.decorators):
        value = _decorate(m, frame, decorator, value)
    m.bind(frame.scope, stmt.name, value)


def _decorate(m: Machine, frame: Frame, expr: ir.Expr, value: Value) -> Value:
    if isinstance(expr, ir.Attribute) and expr.attr in ("setter", "deleter", "getter"):
        owner = m.evaluate(frame, expr.value)
        if isinstance(owner, Function) and owner.kind in ("property", "setter"):
            owner.kind = "setter"
            return owner
        return Unknown("a property with a setter")
    decorator = m.evaluate(frame, expr)
    path = decorator.path if isinstance(decorator, (External, Made)) else ""
    if isinstance(value, Function):
        kind = {
            "builtins.staticmethod": "static",
            "builtins.classmethod": "class",
            "builtins.property": "property",
            "functools.cached_property": "property",
        }.get(path)
        if kind is not None:
            value.kind = kind
            return value
    if isinstance(decorator, Made) and path == "dataclasses.dataclass" or path == "dataclasses.dataclass":
        if isinstance(value, ClassValue):
            m.store(value, "<dataclass>", True)
        return value
    if path == "functools.wraps" and isinstance(value, Function) and isinstance(decorator, Made) and decorator.args:
        m.store(value, "__wrapped__", decorator.args[0])
        if isinstance(decorator.args[0], Function):
            value.name = decorator.args[0].name
        return value
    if path in _TRANSPARENT:
        return value
    if isinstance(decorator, (Function, Bound, ClassValue)):
        return _decorated(m, frame, decorator, value, expr)
    return Unknown("made by a decorator that is not followed")


def _decorated(m: Machine, frame: Frame, decorator: Value, value: Value, expr: ir.Expr) -> Value:
    """What a decorator of the analysed code gives. One that works long, on documentation mostly, is not followed."""
    mark = m.journal.mark()
    try:
        with m.budget.spell(_PART, _ENOUGH):
            return m.call(frame, decorator, CallArgs((value,)), expr.at)
    except StoryEnd:
        m.journal.undo(mark)
        return Unknown("made by a decorator that takes too long")


def define_class(m: Machine, frame: Frame, stmt: ir.ClassDef) -> None:
    """``class``"""
    bases: list[Value] = []
    for arg in stmt.bases:
        base = m.evaluate(frame, arg.value)
        if arg.keyword or arg.star:
            if arg.keyword == "metaclass" and isinstance(base, External) and base.path == "abc.ABCMeta":
                continue
            bases.append(Unknown(f"{arg.keyword or arg.star} among the bases of {stmt.name}"))
        elif isinstance(base, (ClassValue, External)):
            bases.append(base)
        else:
            bases.append(base if isinstance(base, Unknown) else Unknown(f"a base of {stmt.name} is not followed"))
    cls = ClassValue(name=stmt.name, bases=tuple(bases), node=stmt, program=frame.program)
    scope = Scope("class", frame.scope, cls.fields)
    cls.fields["<class>"] = cls
    inner = Frame(scope, frame.program, name=stmt.name, mark=m.journal.mark())
    m.frames.append(inner)
    try:
        m.execute(inner, stmt.body)
    finally:
        m.frames.pop()
    value: Value = cls
    for decorator in reversed(stmt.decorators):
        value = _decorate(m, frame, decorator, value)
    m.bind(frame.scope, stmt.name, value)


def class_fields(cls: ClassValue) -> list[tuple[str, Value]]:
    """The annotated fields of a dataclass (or NamedTuple), bases first: (name, default); `NO_DEFAULT` where none."""
    fields: dict[str, Value] = {}
    for entry in reversed(mro(cls)):
        if isinstance(entry, ClassValue) and not _vague(entry):
            for name, has_default in entry.fields.get("<fields>", ()):  # type: ignore[attr-defined]
                fields[name] = entry.fields.get(name, Unknown("a default")) if has_default else NO_DEFAULT
    return list(fields.items())


def fields_differ(cls: ClassValue) -> bool:
    """Has it, or a base of it, other annotated fields on one path than on another?"""
    return any(isinstance(entry, ClassValue) and _vague(entry) for entry in mro(cls))


def _vague(cls: ClassValue) -> bool:
    fields = cls.fields.get("<fields>", ())
    return not isinstance(fields, tuple) or any(isinstance(part, Unknown) for field in fields for part in field)


NO_DEFAULT = External("inspect.Parameter.empty")


def field_default(m: Machine, frame: Frame, default: Value) -> Value:
    """The value of a dataclass field's default: ``field(default=..)``, ``field(default_factory=..)`` or itself."""
    if isinstance(default, Made) and default.path == "dataclasses.field":
        keywords = dict(default.keywords)
        if "default_factory" in keywords:
            return m.call(frame, keywords["default_factory"], CallArgs(()), -1)
        return keywords.get("default", Unknown("a field without default"))
    if isinstance(default, ListValue):
        return ListValue(dict(default.fields))
    return default


def fill_dataclass(m: Machine, frame: Frame, instance: Instance, args: CallArgs, cls: ClassValue | None = None) -> None:
    """Set the fields of a dataclass (or NamedTuple) as the constructor of ``cls`` does, the object's own or a base."""
    queue = list(args.positional)
    for name, default in class_fields(cls or instance.cls):
        if queue:
            value = queue.pop(0)
        elif name in args.keywords:
            value = args.keywords[name]
        elif default is NO_DEFAULT:
            raise Raised(f"{instance.cls.name}() misses {name}")
        else:
            value = field_default(m, frame, default)
        m.store(instance, name, value)
    post = lookup_class(instance.cls, "__post_init__")
    if post is not None:
        m.call_with(frame, Bound(post[0], instance))  # type: ignore[arg-type]
