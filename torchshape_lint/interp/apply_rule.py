"""From a call in the analysed code to a rule, and from what the rule says to findings and steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torchshape_lint import codes, ir
from torchshape_lint.dims import Size, product, symbols
from torchshape_lint.interp import contents, silent_bugs, suspicion
from torchshape_lint.interp.findings import Finding, Site, Stepped
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.layers import build_layer
from torchshape_lint.rules.needs import Need
from torchshape_lint.rules.registry import find_layer, find_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Layer, ListValue, Tensor, Unknown, Value


def apply_operator(m: Machine, frame: Frame, path: str, operands: tuple[Value, ...], node: ir.Node) -> Value:
    """A Python operator on tensors."""
    words: dict[int | str, str] = {}
    match node:
        case ir.BinOp():
            parts: tuple[object, ...] = (node.left, node.right)
        case ir.Compare():
            parts = (node.left, node.rights[0])
        case ir.AugAssign():
            parts = (node.target, node.value)
        case ir.Subscript():
            parts = (node.value,)
        case ir.UnaryOp():
            parts = (node.operand,)
        case _:
            parts = ()
    for k, part in enumerate(parts):
        words[k] = expression_words(part) or ("left operand", "right operand")[k]
    return apply_function(m, path, CallArgs(operands, words=words), Site(frame.program, node.at))


def apply_function(m: Machine, path: str, call: CallArgs, site: Site) -> Value:
    """Call an operator by its full name; one that no rule knows erases the value."""
    rule = find_rule(path)
    if rule is None or path in m.patched:
        contents.forget(m, *call.positional, *call.keywords.values())
        return m.unknown(f"{path} is not known yet", site)
    applied = apply(rule, call, m.facts)
    name = path.rpartition(".")[2].strip("_")
    _conclude(m, silent_bugs.Call(path, applied, call, None, _operands(call), site, name))
    value = contents.after(m, path, call, applied.value)
    if value is not applied.value and not m.quiet:
        m.steps[-1].results = tuple(tensors(value))
    return value


def apply_layer(m: Machine, layer: Layer, call: CallArgs, site: Site, method: str = "") -> Value:
    """Call a torch.nn layer, or a method of it by its full name."""
    rule = find_rule(method or layer.op)
    if rule is None or layer.op in m.patched:
        return m.unknown(f"{layer.op} is not known yet", site)
    applied = apply(rule, call, m.facts, layer)
    name = m.path[-1] if m.path else layer.op.rpartition(".")[2]
    contents.forget(m, *call.positional)
    _conclude(m, silent_bugs.Call(layer.op, applied, call, layer, _operands(call), site, name))
    return applied.value


def make_layer(m: Machine, path: str, call: CallArgs, site: Site) -> Value:
    """Construct a torch.nn layer; what its construction needs is checked here."""
    rule = find_layer(path)
    if rule is None:
        return m.unknown(f"{path} is not known yet", site)
    layer, applied = build_layer(rule, call, m.facts)
    _report(m, applied, site, path.rpartition(".")[2], None, ())
    if applied.broken:
        return Unknown("its construction raises")
    if layer is None:
        why = applied.value.why if isinstance(applied.value, Unknown) else "its arguments are not known"
        return m.unknown(f"{path}: {why}", site)
    layer.at, layer.program = site.at, site.program
    return layer


def _operands(call: CallArgs) -> list[Tensor]:
    return [t for v in (*call.positional, *call.keywords.values()) for t in tensors(v)]


def _conclude(m: Machine, call: silent_bugs.Call) -> None:
    """Report what the rule found, and note the step."""
    applied = call.applied
    _report(m, applied, call.site, call.name, call.layer, call.operands)
    silent_bugs.look(m, call)
    if m.watched is not None:
        m.watched.broken += len(applied.broken)
        for need in (*applied.broken, *applied.assumed):
            if need.code is codes.FEATURES and need.equate:
                m.watched.pairs.append((call.site, *need.equate))
    raises = any(need.code.torch_raises for need in applied.broken)
    if raises:
        applied.value = suspicion.after_break(applied.value, call.op, call.layer, applied.broken)
    results = tuple(tensors(applied.value))
    if not raises:
        for result in results:
            for operand in call.operands:
                m.inherit(operand, result)
    elif not m.quiet and not m.is_conditional:
        m.suspects.update((id(t), t) for t in call.operands)
        m.disputed.update((id(t), t) for t in results)
    if isinstance(applied.value, Unknown) and not applied.broken:
        m.unknown(applied.value.why, call.site)
    if not m.quiet and applied.value is not None:  # no trial, and not something like backward(), which gives nothing
        m.steps.append(_step(m, call, results, raises))


def _step(m: Machine, call: silent_bugs.Call, results: tuple[Tensor, ...], raises: bool) -> Stepped:
    applied = call.applied
    outputs: tuple[Shape | None, ...] = tuple(m.facts.shape(t.shape) for t in results)
    return Stepped(
        call.site,
        ".".join(m.path if call.layer is not None else (*m.path, call.name)),
        call.op,
        tuple(m.facts.shape(t.shape) for t in call.operands),
        (None,) if isinstance(applied.value, Unknown) else outputs,
        applied.formula,
        parameter_count(call.layer) if call.layer is not None else None,
        len(m.path),
        tuple(applied.assumed),
        tuple(map(m.as_made, call.operands)),
        results,
        raises,
    )


def _report(
    m: Machine, applied: Applied, site: Site, name: str, layer: Layer | None, operands: Sequence[Tensor]
) -> None:
    seen: set[str] = set()
    if any(id(t) in m.suspects for t in operands):
        return  # an operand that was already reported: one bug, one report
    for need in applied.broken:
        if need.code.id in seen:
            continue  # one diagnostic per call and code
        seen.add(need.code.id)
        if _is_echo(m, need, operands):
            continue
        finding = _finding(need, site, name, layer)
        finding.operands = tuple(m.facts.shape(t.shape) for t in operands)
        m.report(finding)


def _is_echo(m: Machine, need: Need, operands: Sequence[Tensor]) -> bool:
    """Do the two sizes of a mistake meet once more in the same call of a function?

    What was made of the first operator's result may carry them on, and so does a size that was read from the tensor
    (``b, n, c = x.shape``): then another kind of operator meets them. Two layers alike are two mistakes.
    """
    if need.equate is None or m.quiet or not m.frames or m.frames[-1].function is None:
        return False
    dispute, disputes = suspicion.dispute(*need.equate), m.frames[-1].disputes
    if dispute not in disputes:
        disputes[dispute] = need.code.id
        return False
    return disputes[dispute] != need.code.id or any(id(t) in m.disputed for t in operands)


def _finding(need: Need, site: Site, name: str, layer: Layer | None) -> Finding:
    code, words = need.code, need.words()
    if code is codes.FEATURES and need.found is not None and _depends_on_input(need.found.size):
        code = codes.NO_INPUT
        words = f"{need.found.name} is {need.found.size}, which is never {need.actual}"
        if need.wanted is not None:
            words = f"{need.found.name} is {need.found.size}, which can never be {need.wanted.name} {need.wanted.size}"
    finding = Finding(code, site, name, words, need.expected, need.actual, need)
    if need.wanted is not None and need.wanted.source >= 0:
        program = layer.program if layer is not None and layer.program is not None else site.program
        finding.wanted = Site(program, need.wanted.source)
    if layer is not None and layer.program is not None:
        finding.built = Site(layer.program, layer.at)
    return finding


def _depends_on_input(size: Size) -> bool:
    """Is it a formula of sizes that only the input decides (and not simply one of a few numbers)?"""
    return any(not s.choices for s in symbols(size))


def tensors(value: Value, around: frozenset[int] = frozenset()) -> Iterator[Tensor]:
    """The tensors in a value, nested sequences flattened in order; ``around`` has the lists that it lies in."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, ListValue) and id(value) not in around:
        yield from tensors(value.fields["items"], around | {id(value)})
    elif isinstance(value, tuple):
        for item in value:
            yield from tensors(item, around)


def parameter_count(layer: Layer) -> int | None:
    """How many numbers a layer learns; None where a size is symbolic."""
    count = 0
    for name in layer.parameters:
        tensor = layer.fields.get(name)
        if isinstance(tensor, Tensor):
            size = product(tensor.shape.sizes)
            if not isinstance(size, int) or tensor.shape.is_open:
                return None
            count += size
    return count


def expression_words(expr: object) -> str | None:
    """What a person would call the value of this expression: ``x``, ``self.fc`` as ``fc``; None when it has no name."""
    if isinstance(expr, ir.Name):
        return expr.id
    if isinstance(expr, ir.Attribute):
        owner = expression_words(expr.value)
        if owner in (None, "self"):
            return expr.attr
        return f"{owner}.{expr.attr}"
    if isinstance(expr, ir.Subscript) and isinstance(expr.index, ir.Const):
        owner = expression_words(expr.value)
        return f"{owner}[{expr.index.value!r}]" if owner else None
    return None


def shape_text(value: Value) -> str:
    """The shape of a value in words, for stories."""
    parts = [str(t.shape) for t in tensors(value)]
    return ", ".join(parts) if parts else "?"
