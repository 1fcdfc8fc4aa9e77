"""The triplet loss with a distance of the author's own, which is called as torch calls it."""

from __future__ import annotations

from torchshape_lint.interp.apply_rule import apply_function
from torchshape_lint.interp.findings import Site
from torchshape_lint.interp.machine import Machine
from torchshape_lint.interp.scope import Frame
from torchshape_lint.rules.apply import CallArgs
from torchshape_lint.values import Tensor, Unknown, Value

_OPERANDS = ("anchor", "positive", "negative")


def triplet_loss(m: Machine, frame: Frame, loss: Value, args: CallArgs, options: dict[str, Value], site: Site) -> Value:
    """``loss`` is what the rule says: known but for reduction="none", where the distances decide."""
    function = options.get("distance_function")
    given = dict(zip(_OPERANDS, args.positional, strict=False)) | dict(args.keywords)
    if function is None or isinstance(function, Unknown) or not all(name in given for name in _OPERANDS):
        return loss
    anchor, positive, negative = (given[name] for name in _OPERANDS)

    def distance(a: Value, b: Value) -> Value:
        return m.call(frame, function, CallArgs((a, b)), site.at)

    near, far = distance(anchor, positive), distance(anchor, negative)
    swapped = distance(positive, negative) if options.get("swap", False) is True else far
    if not all(isinstance(value, Tensor) for value in (near, far, swapped)):
        return loss
    if swapped is not far:
        far = apply_function(m, "torch.minimum", CallArgs((far, swapped)), site)
    difference = apply_function(m, "torch.sub", CallArgs((near, far)), site)
    return difference if options.get("reduction", "mean") == "none" else loss
