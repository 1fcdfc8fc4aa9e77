"""Random arguments for whole families of rules: torch and the rule must agree on acceptance and on every shape.

Each case that torch accepts is asked again with names for its sizes and with tensors of unknown rank, and what the
rule says then must hold for the numbers. The draws are the same in every run.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.rules.judge import GUISES, T, judge_function, judge_layer

Question = tuple[str, list[Any], dict[str, Any], list[Any]]  # name, arguments, keywords, and a layer's input

size = st.integers(1, 6)
few = st.integers(1, 3)
rare_zero = st.integers(0, 5)


def tensors(least: int = 0, most: int = 4, sizes: SearchStrategy[int] = size) -> SearchStrategy[T]:
    return st.lists(sizes, min_size=least, max_size=most).map(lambda drawn: T(*drawn))


def dims(rank: int, spare: int = 1) -> SearchStrategy[int]:
    """An axis of a tensor, now and then one that does not exist."""
    return st.integers(-rank - spare, rank - 1 + spare)


@st.composite
def alike(draw: DrawFn, x: T, change: int = 4) -> T:
    """A tensor of the same shape, often with one other size."""
    sizes = list(x.sizes)
    if sizes and draw(st.integers(0, change)) == 0:
        sizes[draw(st.integers(0, len(sizes) - 1))] = draw(size)
    return T(*sizes)


@st.composite
def conv(draw: DrawFn) -> Question:
    n = draw(few)
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    channels = groups * draw(few)
    arguments = [channels, groups * draw(few), draw(st.integers(1, 4))]
    keywords = {
        "stride": draw(few),
        "padding": draw(st.integers(0, 2)),
        "dilation": draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    name = "Conv"
    if draw(st.booleans()):
        name = "ConvTranspose"
        keywords["output_padding"] = draw(st.integers(0, 1))
        least = keywords["dilation"] * (arguments[2] - 1) // 2
        keywords["padding"] = min(keywords["padding"], least)  # only some devices refuse an empty result
    given_channels = draw(st.sampled_from((channels, channels, channels, channels + 1)))
    batch = draw(st.sampled_from(((), (2,), (2,), (2,), (2, 2))))
    x = T(*batch, given_channels, *draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)))
    return f"torch.nn.{name}{n}d", arguments, keywords, [x]


@st.composite
def pool(draw: DrawFn) -> Question:
    n = draw(few)
    kind = draw(st.sampled_from(("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool")))
    x = draw(tensors(n, n + 2, st.integers(1, 9)))
    if kind.startswith("Adaptive"):
        return f"torch.nn.{kind}{n}d", [draw(st.integers(1, 5))], {}, [x]
    keywords: dict[str, Any] = {"padding": draw(st.integers(0, 2)), "ceil_mode": draw(st.booleans())}
    if draw(st.booleans()):
        keywords["stride"] = draw(few)
    if kind == "MaxPool":
        keywords["dilation"] = draw(st.integers(1, 2))
    return f"torch.nn.{kind}{n}d", [draw(st.integers(1, 4))], keywords, [x]


@st.composite
def linear(draw: DrawFn) -> Question:
    features = draw(size)
    x = draw(tensors(0, 3))
    last = draw(st.sampled_from((features, features, features + 1)))
    return "torch.nn.Linear", [features, draw(size)], {"bias": draw(st.booleans())}, [T(*x.sizes, last)]


@st.composite
def norm(draw: DrawFn) -> Question:
    channels = draw(st.sampled_from((2, 4, 6)))
    given_channels = draw(st.sampled_from((channels, channels, channels + 1)))
    rest = draw(st.lists(st.integers(2, 5), max_size=3))
    kind = draw(
        st.sampled_from(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm2d", "LayerNorm"))
    )
    if kind == "LayerNorm":
        return f"torch.nn.{kind}", [draw(st.sampled_from((channels, [3, channels])))], {}, [T(2, *rest, given_channels)]
    arguments = [channels]
    if kind == "GroupNorm":
        arguments = [draw(st.sampled_from((1, 2, 3))), channels]
    return f"torch.nn.{kind}", arguments, {}, [T(2, given_channels, *rest)]


@st.composite
def join(draw: DrawFn) -> Question:
    x = draw(tensors(1, 4))
    parts = [x, *(draw(alike(x)) for _ in range(draw(st.integers(0, 2))))]
    name = draw(st.sampled_from(("cat", "stack")))
    return f"torch.{name}", [parts, draw(dims(len(x.sizes)))], {}, []


@st.composite
def view(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4, rare_zero))
    wanted: list[int] = list(draw(st.permutations(list(x.sizes))))
    merged = draw(st.booleans())
    if len(wanted) > 1 and merged:
        last = wanted.pop()
        wanted[-1] *= last
    replaced = draw(st.booleans())
    if wanted and replaced:
        wanted[draw(st.integers(0, len(wanted) - 1))] = draw(st.sampled_from((-1, -1, -1, 2, 7)))
    return draw(st.sampled_from(("torch.Tensor.view", "torch.reshape"))), [x, tuple(wanted)], {}, []


@st.composite
def flatten(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4))
    rank = len(x.sizes)
    return "torch.flatten", [x, draw(dims(rank)), draw(dims(rank))], {}, []


@st.composite
def permute(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4))
    order = list(draw(st.permutations(range(len(x.sizes)))))
    if order and draw(st.integers(0, 3)) == 0:
        order[0] = draw(dims(len(order)))
    return "torch.permute", [x, tuple(order)], {}, []


@st.composite
def transpose(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4))
    return "torch.transpose", [x, draw(dims(len(x.sizes))), draw(dims(len(x.sizes)))], {}, []


@st.composite
def squeeze(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4, few))
    name = draw(st.sampled_from(("torch.squeeze", "torch.unsqueeze")))
    return name, [x, draw(dims(len(x.sizes)))], {}, []


@st.composite
def arithmetic(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4, rare_zero))
    other = list(draw(alike(x)).sizes)[draw(st.integers(0, 2)) :]
    other = [1 if draw(st.integers(0, 4)) == 0 else n for n in other]
    pair = [x, T(*other)]
    name = draw(st.sampled_from(("operator.add", "torch.mul", "torch.maximum", "operator.lt")))
    return name, pair[:: draw(st.sampled_from((1, -1)))], {}, []


@st.composite
def expand(draw: DrawFn) -> Question:
    x = draw(tensors(0, 3, few))
    wanted = [draw(st.sampled_from((n, n, -1))) if n > 1 else draw(st.sampled_from((1, 4, -1))) for n in x.sizes]
    front = draw(st.lists(size, max_size=2))
    if wanted and draw(st.integers(0, 4)) == 0:
        wanted[0] = draw(size)
    return "torch.Tensor.expand", [x, tuple(front + wanted)], {}, []


@st.composite
def matmul(draw: DrawFn) -> Question:
    inner = draw(size)
    batch = draw(tensors(0, 2, few)).sizes
    other = draw(st.sampled_from((inner, inner, inner, inner + 1)))
    x = T(*batch, *draw(st.sampled_from(((), (draw(size),)))), inner)
    y = T(*draw(alike(T(*batch))).sizes, *draw(st.sampled_from(((other, draw(size)), (other,)))))
    return draw(st.sampled_from(("torch.matmul", "operator.matmul"))), [x, y], {}, []


@st.composite
def reduce(draw: DrawFn) -> Question:
    x = draw(tensors(0, 4))
    name = draw(
        st.sampled_from(("sum", "mean", "amax", "logsumexp", "argmax", "prod", "cumsum", "softmax", "max", "var"))
    )
    arguments: list[Any] = [x, draw(dims(len(x.sizes)))]
    keywords = {"keepdim": True} if name not in ("cumsum", "softmax") and draw(st.booleans()) else {}
    return f"torch.{name}", arguments, keywords, []


@st.composite
def getitem(draw: DrawFn) -> Question:
    x = draw(tensors(1, 4))
    one = st.one_of(
        st.integers(-4, 3),
        st.none(),
        st.builds(slice, *(st.none() | st.integers(-4, 5) for _ in range(2)), st.none() | few),
    )
    index = draw(st.lists(one, min_size=1, max_size=len(x.sizes) + 1))
    if draw(st.booleans()):
        index.insert(draw(st.integers(0, len(index))), ...)
    return "operator.getitem", [x, tuple(index)], {}, []


@st.composite
def embedding(draw: DrawFn) -> Question:
    x = draw(tensors(0, 3))
    dtype = draw(st.sampled_from(("int64", "int64", "int32", "float32")))
    return "torch.nn.Embedding", [draw(size), draw(size)], {}, [T(*x.sizes, dtype=dtype)]


@st.composite
def interpolate(draw: DrawFn) -> Question:
    n = draw(few)
    x = draw(tensors(n + 2, n + 2))
    mode = draw(st.sampled_from(("nearest", "linear", "bilinear", "trilinear", "area")))
    keywords: dict[str, Any] = {"mode": mode}
    if draw(st.booleans()):
        keywords["size"] = draw(st.one_of(size, st.lists(size, min_size=n, max_size=n).map(tuple)))
    else:
        keywords["scale_factor"] = draw(st.sampled_from((0.5, 2, 1.5, 3, 0.3)))
    return "torch.nn.functional.interpolate", [x], keywords, []


@st.composite
def pad(draw: DrawFn) -> Question:
    x = draw(tensors(1, 5))
    mode = draw(st.sampled_from(("constant", "constant", "reflect", "replicate", "circular")))
    sides = draw(st.lists(st.integers(-1, 3), min_size=1, max_size=6))
    return "torch.nn.functional.pad", [x, tuple(sides)], {"mode": mode}, []


@st.composite
def einsum(draw: DrawFn) -> Question:
    sizes = {letter: draw(size) for letter in "abcd"}
    inputs = draw(st.lists(st.text("abcd", min_size=1, max_size=3), min_size=1, max_size=3))
    operands = [draw(alike(T(*(sizes[letter] for letter in text)), 9)) for text in inputs]
    equation = ",".join(inputs)
    if draw(st.booleans()):
        equation += "->" + "".join(draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=2)))
    return "torch.einsum", [equation, *operands], {}, []


@st.composite
def split(draw: DrawFn) -> Question:
    x = draw(tensors(1, 3))
    dim = draw(dims(len(x.sizes)))
    name = draw(st.sampled_from(("split", "chunk", "unbind", "narrow", "select")))
    how: list[Any] = [draw(few)]
    if name == "split" and draw(st.booleans()):
        how = [draw(st.lists(few, min_size=1, max_size=3))]
    if name == "unbind":
        how = []
    arguments = (
        [dim, draw(few), draw(few)] if name == "narrow" else [dim, draw(few)] if name == "select" else [*how, dim]
    )
    return f"torch.{name}", [x, *arguments], {}, []


FAMILIES: dict[str, SearchStrategy[Question]] = {
    strategy.__name__: strategy()
    for strategy in (
        conv, pool, linear, norm, join, view, flatten, permute, transpose, squeeze, arithmetic, expand, matmul, reduce,
        getitem, embedding, interpolate, pad, einsum, split,
    )
}  # fmt: skip
ON_CPU = {"conv", "pool", "reduce", "getitem", "pad", "interpolate"}  # where meta lets through what the CPU refuses


@pytest.mark.parametrize("family", FAMILIES)
@settings(derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_family(family: str, data: st.DataObject) -> None:
    name, arguments, keywords, inputs = data.draw(FAMILIES[family])
    device = "cpu" if family in ON_CPU else "meta"
    scalar = any(isinstance(x, T) and not x.sizes for x in (*arguments, *inputs))
    guises = () if scalar else GUISES  # a tensor of unknown rank whose axis -1 is used is taken to have one
    if inputs:
        judge_layer(name, arguments, keywords, inputs, device=device, guises=guises)
    else:
        judge_function(name, arguments, keywords, device=device, guises=guises)
