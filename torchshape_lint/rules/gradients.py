"""Gradients: what backward can start from, and that a gradient has the shape of what it belongs to."""

from __future__ import annotations

from torchshape_lint.codes import NUMEL
from torchshape_lint.proofs import equal
from torchshape_lint.rules.broadcasting import Steps
from torchshape_lint.rules.needs import Many, Outcome, Plain, Result, Rule, Undetermined, holds
from torchshape_lint.rules.operands import Tensor, Tensors
from torchshape_lint.rules.registry import shape_rule
from torchshape_lint.shapes import same_shape
from torchshape_lint.values import Unknown


def _start(outputs: tuple[Tensor, ...], given: tuple[Tensor | None, ...]) -> Steps:
    """One number, or a gradient of the same shape."""
    for x, gradient in zip(outputs, given, strict=True):
        if gradient is not None:
            yield holds(
                same_shape(gradient.shape, x.shape),
                NUMEL,
                lambda g=gradient, x=x: f"{g.name} is {g.shape}, but {x.name} is {x.shape}",  # type: ignore[misc]
                expected=str(x.shape),
                actual=str(gradient.shape),
            )
        elif (numel := x.shape.numel) is not None:
            yield holds(
                equal(numel, 1),
                NUMEL,
                lambda x=x, n=numel: f"{x.name} has {n} elements {x.shape}, but a gradient starts from one number",  # type: ignore[misc]
                expected=1,
                actual=numel,
            )


@shape_rule("torch.Tensor.backward")
def backward(
    input: Tensor,
    gradient: Tensor | Unknown | None = None,
    retain_graph: object = None,
    create_graph: object = False,
    inputs: object = None,
) -> Rule:
    """() -> nothing, or (*), (*) -> nothing"""
    if not isinstance(gradient, Unknown):
        yield from _start((input,), (gradient,))
    return Plain(None)


@shape_rule("torch.autograd.grad")
def grad(
    outputs: Tensor | Tensors,
    inputs: Tensor | Tensors,
    grad_outputs: Tensor | Tensors | Unknown | None = None,
    retain_graph: object = None,
    create_graph: object = False,
    only_inputs: object = True,
    allow_unused: object = None,
    is_grads_batched: object = False,
    materialize_grads: object = False,
) -> Rule:
    """(), (*) -> (*) for each input"""
    starts, wanted = _several(outputs), _several(inputs)
    given: tuple[Tensor | None, ...] | None = None
    if grad_outputs is None:
        given = (None,) * len(starts)
    elif not isinstance(grad_outputs, Unknown):
        given = _several(grad_outputs)
    if is_grads_batched is not False:
        return Undetermined("one gradient for each of a batch")
    if given is not None and len(given) == len(starts):
        yield from _start(starts, given)
    unused: Outcome = Undetermined("an input that is not used has no gradient")
    certain = allow_unused in (None, False) or materialize_grads is True
    return Many(tuple(Result(x.shape, x.dtype) if certain else unused for x in wanted))


def _several(tensors: Tensor | Tensors) -> tuple[Tensor, ...]:
    return (tensors,) if isinstance(tensors, Tensor) else tensors
