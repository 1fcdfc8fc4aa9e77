"""Activations: the shape stays. PReLU counts channels, GLU halves an axis; softmax has its own file."""

from __future__ import annotations

from torchshape_lint.codes import ARGUMENT, CHANNELS, FOLD
from torchshape_lint.dims import Size
from torchshape_lint.proofs import divides, equal
from torchshape_lint.rules.broadcasting import unchanged
from torchshape_lint.rules.dtypes import floating
from torchshape_lint.rules.needs import (
    Constructing,
    Construction,
    Derivation,
    Result,
    Rule,
    axis,
    holds,
    not_less,
    rank,
    rank_at_least,
    same,
)
from torchshape_lint.rules.numbers import in_order, not_negative, one_of
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.rules.registry import layer, reread, shape_rule
from torchshape_lint.shapes import Shape
from torchshape_lint.verdicts import NO, YES


def _modules(*names: str) -> tuple[str, ...]:
    return tuple(f"torch.nn.{name}" for name in names)


_INPLACE = _modules("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish")
_BARE = _modules("Sigmoid", "Tanh", "Softsign", "Tanhshrink", "LogSigmoid")
_WITH_NUMBERS = _modules(
    "Hardtanh", "ELU", "CELU", "LeakyReLU", "Threshold", "RReLU", "GELU", "Softplus", "Softshrink", "Hardshrink"
)


@layer(*_INPLACE)
def inplace_layer(inplace: object = False) -> Construction:
    """no parameters"""
    return Construction()


@layer(*_BARE)
def bare_layer() -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.Hardtanh")
def hardtanh_layer(
    min_val: object = -1.0,
    max_val: object = 1.0,
    inplace: object = False,
    min_value: object = None,
    max_value: object = None,
) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.ELU", "torch.nn.CELU")
def elu_layer(alpha: object = 1.0, inplace: object = False) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.LeakyReLU")
def leaky_relu_layer(negative_slope: object = 0.01, inplace: object = False) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.Threshold")
def threshold_layer(threshold: object, value: object, inplace: object = False) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.RReLU")
def rrelu_layer(lower: object = 0.125, upper: object = 1 / 3, inplace: object = False) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.GELU")
def gelu_layer(approximate: object = "none") -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.Softplus")
def softplus_layer(beta: object = 1.0, threshold: object = 20.0) -> Construction:
    """no parameters"""
    return Construction()


@layer("torch.nn.Softshrink", "torch.nn.Hardshrink")
def shrink_layer(lambd: object = 0.5) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule(*_INPLACE, *_BARE, *_WITH_NUMBERS)
def activation_module(input: Tensor) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule(
    *(f"torch.nn.functional.{name}" for name in "relu relu6 selu silu mish hardsigmoid hardswish".split()),
)
def activation_inplace(input: Tensor, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule(
    *(f"torch.nn.functional.{name}" for name in "sigmoid tanh softsign tanhshrink logsigmoid relu_ selu_".split()),
    *(f"torch.{name}" for name in "relu relu_ selu selu_ sigmoid sigmoid_ tanh tanh_".split()),
    *(f"torch.Tensor.{name}" for name in "relu relu_ sigmoid sigmoid_ tanh tanh_".split()),
    "torch.special.expit",
)
def activation_bare(input: Tensor) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.elu", "torch.nn.functional.celu")
def elu(input: Tensor, alpha: object = 1.0, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.elu_", "torch.nn.functional.celu_", "torch.celu", "torch.celu_")
def elu_(input: Tensor, alpha: object = 1.0) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.leaky_relu", "torch.nn.functional.leaky_relu_")
def leaky_relu(input: Tensor, negative_slope: object = 0.01, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.hardtanh", "torch.nn.functional.hardtanh_")
def hardtanh(input: Tensor, min_val: object = -1.0, max_val: object = 1.0, inplace: object = False) -> Rule:
    """(*) -> (*)"""
    yield from in_order("min_val", min_val, "max_val", max_val)
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.threshold", "torch.nn.functional.threshold_", "torch.threshold", "torch.threshold_")
def threshold(input: Tensor, threshold: object, value: object, inplace: object = False) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.rrelu", "torch.nn.functional.rrelu_", "torch.rrelu", "torch.rrelu_")
def rrelu(
    input: Tensor,
    lower: object = 0.125,
    upper: object = 1 / 3,
    training: object = False,
    inplace: object = False,
) -> Rule:
    """(*) -> (*)"""
    yield from in_order("lower", lower, "upper", upper)
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.gelu")
def gelu(input: Tensor, approximate: object = "none") -> Rule:
    """(*) -> (*)"""
    yield from one_of("approximate", approximate, "none", "tanh")
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.softplus")
def softplus(input: Tensor, beta: object = 1, threshold: object = 20) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.softshrink")
def softshrink(input: Tensor, lambd: object = 0.5) -> Rule:
    """(*) -> (*)"""
    yield from not_negative("lambd", lambd)
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.hardshrink", "torch.hardshrink", "torch.Tensor.hardshrink")
def shrink(input: Tensor, lambd: object = 0.5) -> Result:
    """(*) -> (*)"""
    return unchanged(input, floating(input.dtype))


@layer("torch.nn.PReLU")
def prelu_layer(
    num_parameters: Size = 1,
    init: object = 0.25,
    device: object = None,
    dtype: object = None,
) -> Constructing:
    """weight: (num_parameters,)"""
    yield not_less(Named(num_parameters, "num_parameters"), 0, ARGUMENT)
    return Construction({"weight": (num_parameters,)})


@reread("torch.nn.PReLU")
def prelu_weight(parameters: dict[str, Shape]) -> dict[str, object]:
    weight = parameters["weight"]
    return {"num_parameters": weight.size(-1)} if weight.rank == 1 else {}


@shape_rule("torch.nn.PReLU")
def prelu_module(input: Tensor, *, num_parameters: Named) -> Rule:
    """(n, c, *) -> (n, c, *), where num_parameters is 1 or c"""
    yield from _channels(input, num_parameters)
    return unchanged(input, floating(input.dtype))


@shape_rule("torch.nn.functional.prelu", "torch.prelu", "torch.Tensor.prelu")
def prelu(input: Tensor, weight: Tensor) -> Rule:
    """(n, c, *), (c,) -> (n, c, *)"""
    yield rank(weight, 0, 1)
    if weight.rank == 1:
        yield from _channels(input, weight[0])
    return unchanged(input, floating(input.dtype))


def _channels(input: Tensor, parameters: Named) -> Rule:
    """Several parameters need as many channels; an input of one axis has one channel."""
    if equal(parameters.size, 1) is YES or input.rank is None:
        return None
    channels = input[1] if input.rank > 1 else Named(1, f"the channel count of {input.name}")
    if equal(parameters.size, 1) is NO:
        yield same(channels, parameters, CHANNELS)
    return None


@layer("torch.nn.GLU")
def glu_layer(dim: int = -1) -> Construction:
    """no parameters"""
    return Construction()


@shape_rule("torch.nn.GLU")
def glu_module(input: Tensor, *, dim: int = -1) -> Rule:
    """(.., 2*k, ..) -> (.., k, ..)"""
    return (yield from _glu(input, dim))


@shape_rule("torch.nn.functional.glu")
def glu(input: Tensor, dim: int = -1) -> Rule:
    """(.., 2*k, ..) -> (.., k, ..)"""
    return (yield from _glu(input, dim))


def _glu(input: Tensor, dim: int) -> Rule:
    yield rank_at_least(input, 1)
    along = yield from axis(input, dim)
    whole = input[along]
    yield holds(
        divides(2, whole.size), FOLD, lambda: f"{whole.name} is {whole.size}, but must be even", actual=whole.size
    )
    half: Size = whole.size // 2
    yield Derivation(lambda: f"{whole.size} // 2 = {half}")
    sizes, lead = input.shape.sizes, input.shape.lead
    at = along % len(sizes)
    return Result(Shape((*sizes[:at], half, *sizes[at + 1 :]), lead))
