"""Calls of modules: a forward of the analysed code, a layer, or a container that runs its children in order."""

from __future__ import annotations

from torchshape_lint import ir
from torchshape_lint.interp import classes, containers
from torchshape_lint.interp.apply_rule import apply_layer, shape_text
from torchshape_lint.interp.attributes import of_instance
from torchshape_lint.interp.distances import triplet_loss
from torchshape_lint.interp.escape import escape, run_held
from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.fits import picture_fits
from torchshape_lint.interp.machine import Machine, Raised
from torchshape_lint.interp.records import record_call
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Bound, Instance, Layer, Unknown, Value


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
        for value in (*args.positional, *args.keywords.values()):
            escape(m, value, "it was handed to a module that is not known")
        return Unknown("a module that something unknown may have changed")
    outermost = not m.path
    m.path.append(name or _class_name(module))
    before, steps = len(m.findings), len(m.steps)
    try:
        if isinstance(module, Layer):
            value = _call_layer(m, frame, module, args, at, site)
        else:
            own = classes.lookup_class(module.cls, "__call__")
            name_ = "forward" if own is None else "__call__"
            forward = of_instance(m, frame, module, name_, ir.Name(at, name_))
            value = m.call(frame, forward, args, at)
    finally:
        m.path.pop()
        run_held(m)
        outermost = (
            outermost and not m.quiet and (isinstance(module, Instance) or classes.container_path(module) is not None)
        )
        if outermost:
            _story(m, frame, args, at, before)
    if outermost:
        fits = picture_fits(m, frame, module, args, at, before, steps)
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
    value = apply_layer(m, layer, args, site)
    if layer.op == "torch.nn.TripletMarginWithDistanceLoss":
        options = {str(key): option for key, option in layer.fields.items()}
        return triplet_loss(m, frame, value, args, options, site)
    return value


def run_sequence(m: Machine, frame: Frame, container: Layer | Instance, args: CallArgs, at: int) -> Value:
    """nn.Sequential.forward: each child with what the one before gave."""
    if containers.is_open(container):
        return Unknown("a Sequential whose children are not all known")
    if len(args.positional) != 1 or args.keywords:
        raise Raised("Sequential takes one input")
    value = args.positional[0]
    words = dict(args.words)
    prefix = m.path[-1] if m.path else ""
    maker = container.cls.name if isinstance(container, Instance) else "Sequential"
    for key, child in containers.listed(container).items():
        m.budget.tick()  # containers in containers, each twice: few to store, and no end of them to run
        step = CallArgs((value,), words=words if key == "0" else {0: "its input"})
        if isinstance(child, Layer):
            site = Site(child.program, child.at) if child.program is not None else Site(frame.program, at)
            m.path[-1:] = [f"{prefix}.{key}"] if prefix else [key]
            m.frames.append(Frame(frame.scope, site.program or frame.program, at=at, name=maker))  # the way in
            try:
                if child.op in ("torch.nn.Sequential", "torch.nn.DataParallel"):
                    value = _call_layer(m, frame, child, step, at, site)
                else:
                    value = apply_layer(m, child, step, site)
            finally:
                m.frames.pop()
                m.path[-1:] = [prefix]
        elif isinstance(child, Instance):
            value = call_module(m, frame, child, step, at, key)
        else:
            value = m.call(frame, child, step, at)
    return value
