"""Shapes that the author declared for a function's parameters, and what follows from them."""

from __future__ import annotations

from torchshape_lint import codes, ir
from torchshape_lint.dims import Size, fresh, named
from torchshape_lint.frontend.declared import from_annotation, from_docstring, is_no_tensor
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.interp.size_text import size_of_text
from torchshape_lint.shapes import Shape, fresh_lead, same_shape
from torchshape_lint.values import Function, Instance, Tensor, Unknown, Value
from torchshape_lint.verdicts import NO


def declarations(function: Function, receiver: Value = None) -> dict[str, ir.Declared]:
    """What is declared for each parameter: an annotation before a comment, a comment before a docstring.

    The docstring of a method says nothing about an object of a derived class, whose other methods may want otherwise.
    """
    node = function.node
    if not isinstance(node, ir.FunctionDef):
        return {}
    found: dict[str, ir.Declared] = {}
    arrays = set()
    for p in node.params.items:
        if p.annotation is not None:
            arrays |= {p.name} if is_no_tensor(p.annotation) else set()
            declared = from_annotation(p.annotation, p.name)
            if declared is not None:
                found[p.name] = declared
    names = [p.name for p in node.params.items if p.name not in ("self", "cls")]
    ranked = sorted(node.declared, key=lambda d: ("annotation", "comment", "docstring").index(d.source))
    doubtful = set()
    derived = isinstance(receiver, Instance) and receiver.cls is not function.owner
    for declared in (*ranked, *_of_class(function)):
        name = declared.name
        if derived and declared.source == "docstring":
            continue
        if name is None and names:
            name = names[0]  # a bare shape at the head of a function (or "Input:") is about its first parameter
        if name not in names or name in arrays:
            continue
        before = found.setdefault(name, declared)
        if before.name is None and declared.dims != before.dims:  # a bare shape may be that of the next line's result
            doubtful.add(name)
    return {name: declared for name, declared in found.items() if name not in doubtful}


def _of_class(function: Function) -> list[ir.Declared]:
    """The ``Shape:`` block in the docstring of a module's class is about its forward."""
    owner = function.owner
    if owner is None or function.name != "forward" or not owner.node.docstring:
        return []
    return [d for d in from_docstring(owner.node.docstring, owner.node.at) if d.name is None]


def declared_shape(declared: ir.Declared, names: dict[str, Size]) -> Shape | None:
    """The shape with one symbol for each of its names (shared through ``names``); None where it cannot be read."""
    if declared.dims is None:
        return None
    dims = declared.dims
    lead = None
    if dims and dims[0] == "...":
        lead, dims = fresh_lead(), dims[1:]
    if "..." in dims:
        return None
    sizes: list[Size] = []
    for dim in dims:
        if isinstance(dim, int):
            sizes.append(dim)
        elif dim == "?":
            sizes.append(fresh("?", 0))
        else:
            size = size_of_text(dim, lambda name: _of_name(name, names))
            if size is None:
                return None
            sizes.append(size)
    return Shape(tuple(sizes), lead)


def believed_shape(declared: ir.Declared, names: dict[str, Size], ranks: bool) -> Shape | None:
    """As `declared_shape`; of prose, unless its ``ranks`` are believed, only what it says of the axes behind the first.

    Nobody checks prose: most often wrong in it is how many axes there are.
    """
    shape = declared_shape(declared, names)
    if shape is None or ranks or declared.source != "docstring" or shape.is_open:
        return shape
    return Shape(shape.sizes[1:], fresh_lead())


def _of_name(name: str, names: dict[str, Size]) -> Size:
    return names[name] if name in names else names.setdefault(name, named(name, 1))


def declare_parameters(m: Machine, frame: Frame, function: Function) -> None:
    """At the head of a call: put declared shapes into tensors of which less is known, and notice contradictions."""
    names: dict[str, Size] = {}
    written = declarations(function, frame.receiver)
    doubted = _is_belied(m, frame, written)
    for name, declared in written.items():
        value = frame.scope.vars.get(name)
        if doubted and declared.source == "docstring":
            continue
        if declared.dims is None:
            _unreadable(m, frame, declared)
            continue
        shape = believed_shape(declared, names, ranks=False)
        if shape is None or not isinstance(value, (Tensor, Unknown)):
            continue
        if isinstance(value, Unknown):
            if declared.source == "annotation":
                m.bind(frame.scope, name, Tensor(shape))
            continue
        known = m.facts.shape(value.shape)
        if same_shape(known, shape) is NO:
            _contradiction(m, frame, declared, name, known)
        elif value.maybe or known.is_open:
            m.bind(frame.scope, name, Tensor(_refined(m, known, shape), value.dtype))


def _is_belied(m: Machine, frame: Frame, written: dict[str, ir.Declared]) -> bool:
    """Is the docstring wrong about one of the arguments? Then nothing that it says of the others is believed."""
    names: dict[str, Size] = {}
    for name, declared in written.items():
        value, shape = frame.scope.vars.get(name), declared_shape(declared, names)
        if declared.source == "docstring" and isinstance(value, Tensor) and shape is not None:
            if same_shape(m.facts.shape(value.shape), shape) is NO:
                return True
    return False


def _refined(m: Machine, known: Shape, declared: Shape) -> Shape:
    if not declared.is_open:
        m.facts.assume_rank(known, (len(declared.sizes),))
    known = m.facts.shape(known)
    for k in range(1, min(len(known.sizes), len(declared.sizes)) + 1):
        m.facts.assume_equal(known.sizes[-k], declared.sizes[-k])
    return m.facts.shape(known if len(known.sizes) >= len(declared.sizes) else declared)


def _unreadable(m: Machine, frame: Frame, declared: ir.Declared) -> None:
    words = f"{declared.text!r} cannot be read as a shape: {declared.problem}"
    m.report(Finding(codes.DECLARATION, Site(frame.program, declared.at), "declaration", words))


def _contradiction(m: Machine, frame: Frame, declared: ir.Declared, name: str, known: Shape) -> None:
    """Only a declaration that names its parameter is taken at its word; a loose comment may be about anything."""
    if declared.name is None or declared.source == "docstring":
        return
    words = f"{name} is declared {declared.text}, but is called with {known}: one of them is wrong"
    finding = Finding(codes.CONTRADICTION, Site(frame.program, declared.at), frame.name, words)
    finding.expected, finding.actual = str(known), declared.text
    m.report(finding)
