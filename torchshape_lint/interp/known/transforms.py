"""Functions made of functions: torch.vmap, torch.func.grad, jacobians and hessians.

The function runs once, on what one call of it is given; what comes out gets the axes that the transform adds. Arguments
that are no plain tensors of known rank, and results that are none, make the whole unknown.
"""

from __future__ import annotations

from collections.abc import Callable

from torchshape_lint.dims import Size
from torchshape_lint.interp.known.table import Here, known
from torchshape_lint.rules.convert import sequence_items
from torchshape_lint.shapes import Shape
from torchshape_lint.values import External, Partial, Tensor, Unknown, Value


@known("torch.vmap", *(f"torch.func.{name}" for name in "vmap grad grad_and_value jacrev jacfwd hessian".split()))
def _transform(h: Here) -> Value:
    """The function that comes of it: the transform's own arguments come first when it is called."""
    name = h.path.rpartition(".")[2]
    first, second = ("in_dims", "out_dims") if name == "vmap" else ("argnums", "has_aux")
    settings = (h.arg(0, "func"), h.arg(1, first, 0), h.arg(2, second, 0 if name == "vmap" else False))
    if settings[0] is None:
        return Unknown(f"{h.path} without a function")
    return Partial(External(f"torch.func.{name}.wrapped"), settings, ())


@known("torch.func.vmap.wrapped")
def _mapped(h: Here) -> Value:
    function, in_dims, out_dims, *args = h.args.positional
    dims = (in_dims,) * len(args) if in_dims is None or isinstance(in_dims, int) else sequence_items(in_dims)
    if dims is None or len(dims) != len(args) or not isinstance(out_dims, int):
        return Unknown("mapped over axes that are not known")
    batch: Size | None = None
    parts: list[Value] = []
    for arg, dim in zip(args, dims, strict=True):
        if dim is None:
            parts.append(arg)
            continue
        sizes = _sizes(h, arg)
        if (
            not isinstance(arg, Tensor)
            or sizes is None
            or not isinstance(dim, int)
            or not -len(sizes) <= dim < len(sizes)
        ):
            return Unknown("mapped over something that is not known")
        at = dim % len(sizes)
        batch = sizes[at]
        parts.append(Tensor(Shape((*sizes[:at], *sizes[at + 1 :])), arg.dtype))
    if batch is None:
        return Unknown("mapped over nothing")
    made = h.m.call_with(h.frame, function, *parts, at=h.site.at, keywords=h.args.keywords)

    def with_batch(sizes: tuple[Size, ...], dtype: str | None) -> Value:
        at = out_dims + len(sizes) + 1 if out_dims < 0 else out_dims
        return Tensor(Shape((*sizes[:at], batch, *sizes[at:])), dtype)

    return _each(h, made, with_batch)


@known("torch.func.grad.wrapped", "torch.func.grad_and_value.wrapped")
def _gradient(h: Here) -> Value:
    """One gradient for each argument that ``argnums`` names, as large as the argument."""
    function, argnums, has_aux, *args = h.args.positional
    value = h.m.call_with(h.frame, function, *args, at=h.site.at, keywords=h.args.keywords)
    asked = _chosen(h, args, argnums)
    if asked is None or not isinstance(has_aux, bool):
        return Unknown("a gradient of something that is not known")
    auxiliary: Value = None
    if has_aux:
        if not isinstance(value, tuple) or len(value) != 2:
            return Unknown("a function that does not give a value and more")
        value, auxiliary = value
    if h.path == "torch.func.grad.wrapped":
        return (asked, auxiliary) if has_aux else asked
    return (asked, (value, auxiliary)) if has_aux else (asked, value)


@known("torch.func.jacrev.wrapped", "torch.func.jacfwd.wrapped", "torch.func.hessian.wrapped")
def _jacobian_of(h: Here) -> Value:
    function, argnums, has_aux, *args = h.args.positional
    made = h.m.call_with(h.frame, function, *args, at=h.site.at, keywords=h.args.keywords)
    asked = _chosen(h, args, argnums)
    if asked is None or has_aux is not False:
        return Unknown("a derivative of something that is not known")
    return _derivatives(h, made, asked, twice="hessian" in h.path)


@known("torch.autograd.functional.jacobian", "torch.autograd.functional.hessian")
def _jacobian(h: Here) -> Value:
    inputs = h.arg(1, "inputs")
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    return _derivatives(h, h.call(h.arg(0, "func"), *args), inputs, twice="hessian" in h.path)


def _chosen(h: Here, args: list[Value], argnums: Value) -> Value:
    """What is derived by: as tensors of their own, None where that is not known."""
    numbers = (argnums,) if isinstance(argnums, int) else sequence_items(argnums)
    if not numbers or not all(isinstance(k, int) and -len(args) <= k < len(args) for k in numbers):
        return None
    found = tuple(x for k in numbers if isinstance(k, int) and isinstance(x := args[k], Tensor))
    if len(found) < len(numbers):
        return None
    return Tensor(found[0].shape, found[0].dtype) if isinstance(argnums, int) else found


def _derivatives(h: Here, made: Value, inputs: Value, twice: bool) -> Value:
    """For each result and each input the axes of both; for a hessian those of the inputs alone, twice."""

    def by(front: tuple[Size, ...]) -> Value:
        return _each(h, inputs, lambda sizes, dtype: Tensor(Shape((*front, *sizes)), dtype))

    if twice:
        return _each(h, inputs, lambda sizes, dtype: by(sizes))
    return _each(h, made, lambda sizes, dtype: by(sizes))


@known(*(f"torch.autograd.functional.{name}" for name in ("vjp", "vhp", "hvp")))
def _with_inputs(h: Here) -> Value:
    inputs = h.arg(1, "inputs")
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    return (h.call(h.arg(0, "func"), *args), _each(h, inputs, _like))


@known("torch.autograd.functional.jvp")
def _with_outputs(h: Here) -> Value:
    inputs = h.arg(1, "inputs")
    made = h.call(h.arg(0, "func"), *(inputs if isinstance(inputs, tuple) else (inputs,)))
    return (made, _each(h, made, _like))


@known("torch.func.vjp", "torch.func.linearize")
def _pull_back(h: Here) -> Value:
    if h.args.keywords:
        return Unknown("a function that gives more than its value")
    return (h.call(h.arg(0), *h.args.positional[1:]), Unknown("a function for gradients"))


@known("torch.func.jvp")
def _push_forward(h: Here) -> Value:
    primals = sequence_items(h.arg(1, "primals"))
    if primals is None or "has_aux" in h.args.keywords:
        return Unknown("primals that are not known")
    made = h.call(h.arg(0, "func"), *primals)
    return (made, _each(h, made, _like))


def _like(sizes: tuple[Size, ...], dtype: str | None) -> Value:
    return Tensor(Shape(sizes), dtype)


def _sizes(h: Here, value: Value) -> tuple[Size, ...] | None:
    """The sizes of a tensor of known rank."""
    if not isinstance(value, Tensor):
        return None
    shape = h.m.facts.shape(value.shape)
    return None if shape.is_open else shape.sizes


def _each(h: Here, value: Value, make: Callable[[tuple[Size, ...], str | None], Value]) -> Value:
    """``make`` of every tensor in a result, which is one tensor or a tuple of them."""
    if isinstance(value, tuple):
        return tuple(_each(h, item, make) for item in value)
    sizes = _sizes(h, value)
    if not isinstance(value, Tensor) or sizes is None:
        return value if isinstance(value, Unknown) else Unknown("no tensor of known rank")
    return make(sizes, value.dtype)
