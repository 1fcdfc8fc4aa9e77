"""einops against einops itself: patterns good and bad, with numbers, symbols and tensors of unknown rank."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.dims import symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape

REARRANGE: list[tuple[Any, str, dict[str, int]]] = [
    (T(2, 3, 4, 5), "b c h w -> b (c h w)", {}),
    (T(2, 3, 4, 5), "b c h w -> b h w c", {}),
    (T(2, 3, 4, 5), "b c h w->b(h w)c", {}),
    (T(2, 28, 28, 3), "b (h p1) (w p2) c -> b (h w) (p1 p2 c)", {"p1": 7, "p2": 7}),
    (T(2, 28, 28, 3), "b (h p1) (w p2) c -> b (h w) (p1 p2 c)", {"p1": 7, "p2": 5}),
    (T(2, 28, 28, 3), "b (h p1) (w p2) c -> b (h w) (p1 p2 c)", {"p1": 7}),
    (T(2, 28, 28, 3), "b (h p1) (w p2) c -> b (h w) (p1 p2 c)", {"p1": 7, "p2": 7, "q": 1}),
    (T(2, 5, 24), "b n (h d) -> b h n d", {"h": 8}),
    (T(2, 5, 24), "b n (h d) -> b h n d", {"h": 7}),
    (T(2, 5, 24), "b n (h d) -> b h n d", {"h": 8, "d": 3}),
    (T(2, 5, 24), "b n (h d) -> b h n d", {"h": 8, "d": 4}),
    (T(2, 5, 24), "b n (qkv h d) -> qkv b h n d", {"qkv": 3, "h": 4}),
    (T(2, 5, 24), "b n d -> b d", {}),
    (T(2, 5), "b n d -> b d n", {}),
    (T(2, 5, 24, 1), "b n d -> b d n", {}),
    (T(2, 5, 24), "b n d -> b n d", {"n": 5}),
    (T(2, 5, 24), "b n d -> b n d", {"n": 6}),
    (T(2, 5, 24), "b n d -> b n e", {}),
    (T(2, 5, 24), "b n d -> b n d e", {"e": 1}),
    (T(2, 1, 24), "b 1 d -> b d", {}),
    (T(2, 2, 24), "b 1 d -> b d", {}),
    (T(2, 1, 24), "b () d -> d 1 b ()", {}),
    (T(2, 24), "b d -> b (1 d)", {}),
    (T(2, 24), "b d -> b 2 d", {}),
    (T(2, 24), "b (2 d) -> b 2 d", {}),
    (T(2, 3, 4, 5), "b ... -> b (...)", {}),
    (T(2, 3, 4, 5), "b c ... -> b ... c", {}),
    (T(2, 3, 4, 5), "... h w -> ... (h w)", {}),
    (T(2, 3, 4, 5), "... (h p) w -> (... h) w p", {"p": 2}),
    (T(2, 3, 4, 5), "... c d e f -> f e d c ...", {}),
    (T(2, 3, 4), "... c d e f -> f e d c ...", {}),
    (T(2, 3, 4), "a ... b -> b ... a", {}),
    (T(2, 3, 4), "a ... b -> ... (b a)", {}),
    (T(2, 3, 4), "a b c -> a b c ...", {}),
    (T(2, 3, 4), "(...) -> ...", {}),
    (T(2, 3, 4), "a ... -> a", {}),
    (T(2, 3, 4), "a a b -> a b", {}),
    (T(2, 3, 4), "a b c -> a b c c", {}),
    (T(2, 3, 4), "a (b c) d", {}),
    (T(2, 3, 4), "a b c -> a -> b c", {}),
    (T(2, 3, 4), "a b c -> a ((b c))", {}),
    (T(2, 3, 4), "a b c -> a (b c", {}),
    (T(2, 3, 4), "a b c -> a b) c", {}),
    (T(2, 3, 4), "a _b c -> a c _b", {}),
    (T(2, 3, 4), "a, b, c -> a b c", {}),
    (T(2, 3, 4), "a .. c -> a c ..", {}),
    (T(2, 3, 4), "... ... c -> c", {}),
    (T(2, 3, 4), "a 0b c -> c a 0b", {}),
    (T(2, 0, 4), "a (b c) d -> a b c d", {"b": 3}),
    (T(2, 0, 4), "a (b c) d -> a b c d", {"b": 0}),
    (T(2, 6, 4), "a (b c) d -> a b c d", {"b": -2}),
    (T(2, 6, 4), "a (b c) d -> a b c d", {"b": -1}),
    (T(), "-> 1 1", {}),
    (T(1), "1 -> ", {}),
    (T(6), "(a b) -> a b", {"a": 2}),
    ([T(3, 4), T(3, 4)], "b h w -> b h w", {}),
    ([T(3, 4), T(3, 4)], "b h w -> h (b w)", {}),
    ([T(3, 4), T(3, 5)], "b h w -> h (b w)", {}),
    ([T(3, 4), T(3, 4)], "h w -> (h w)", {}),
]
REPEAT: list[tuple[Any, str, dict[str, int]]] = [
    (T(3, 4), "h w -> h w c", {"c": 3}),
    (T(3, 4), "h w -> h w c", {}),
    (T(3, 4), "h w -> h w 3", {}),
    (T(3, 4), "h w -> (h 2) (w r)", {"r": 5}),
    (T(1, 1, 8), "1 1 d -> b 1 d", {"b": 4}),
    (T(1, 1, 8), "() n d -> b n d", {"b": 4}),
    (T(2, 1, 8), "() n d -> b n d", {"b": 4}),
    (T(3, 4), "h w -> h", {}),
    (T(3, 4), "... -> b ...", {"b": 2}),
    (T(3, 4), "... w -> (... r) w", {"r": 2}),
    (T(3, 4), "... w -> ... r w", {"r": 2}),
    (T(3, 4), "h w -> h w r", {"r": 0}),
    (T(3, 4), "h w -> h w r", {"r": -2}),
    (T(3, 4), "h w -> h (w r)", {"r": -3}),
    (T(3, 4), "h w -> h w c", {"c": 3, "e": 1}),
    (T(3, 4), "h 4 -> h w", {"w": 3}),
    (T(3, 4), "(h 3) w -> h w 3", {}),
    ([T(3), T(3)], "b h -> b h c", {"c": 2}),
]
REDUCE: list[tuple[Any, str, str, dict[str, int]]] = [
    (T(2, 3, 4, 6), "b c h w -> b c", "mean", {}),
    (T(2, 3, 4, 6), "b c (h h2) (w w2) -> b c h w", "max", {"h2": 2, "w2": 2}),
    (T(2, 3, 4, 6), "b c (h 2) (w 2) -> b c h w", "max", {}),
    (T(2, 3, 4, 6), "b c (h 3) (w 2) -> b c h w", "max", {}),
    (T(2, 3, 4, 6), "b c h w -> b c 1 1", "sum", {}),
    (T(2, 3, 4, 6), "b c h w -> b c () ()", "min", {}),
    (T(2, 3, 4, 6), "b c ... -> b c", "prod", {}),
    (T(2, 3, 4, 6), "... -> ", "sum", {}),
    (T(2, 3, 4, 6), "b ... w -> w ...", "sum", {}),
    (T(2, 3, 4, 6), "b ... w -> w b", "sum", {}),
    (T(2, 3, 4, 6), "b c h w -> b c e", "sum", {"e": 2}),
    (T(2, 3, 4, 6), "b c h w -> b c", "median", {}),
    (T(2, 3, 4, 6), "b c h -> b c", "mean", {}),
    (T(2, 3, dtype="int64"), "b c -> b", "mean", {}),
    (T(2, 3, dtype="int64"), "b c -> c b", "mean", {}),
    (T(2, 3, dtype="int32"), "b c -> b", "sum", {}),
    (T(2, 3, dtype="int32"), "b c -> b", "max", {}),
    (T(2, 3), "b c -> b", "any", {}),
    (T(2, 3, dtype="bool"), "b c -> b", "all", {}),
    (T(2, 0), "b c -> b", "max", {}),
    (T(2, 0), "b c -> c", "max", {}),
    (T(2, 0), "b c -> b", "sum", {}),
    (T(2, 3), "a b -> a b c", "repeat", {"c": 2}),
    (T(2, 3), "a b -> b a", "rearrange", {}),
    ([T(2, 3), T(2, 3)], "k a b -> a b", "sum", {}),
]
EINSUM: list[tuple[Any, ...]] = [
    (T(2, 3), T(3, 4), "i j, j k -> i k"),
    (T(2, 3), T(3, 4), "i j, j k -> i"),
    (T(2, 3), T(4, 4), "i j, j k -> i k"),
    (T(2, 3), T(3, 4), "i j, j k"),
    (T(2, 3), T(3, 4), "i j, j k -> i l"),
    (T(2, 3), T(3, 4), "i j, j k -> i i"),
    (T(2, 5, 3), T(3, 4), "... dim, dim out -> ... out"),
    (T(2, 4, 5, 8), T(2, 4, 7, 8), "b h q d, b h k d -> b h q k"),
    (T(2, 4, 5, 8), T(2, 4, 7, 9), "batch heads q d, batch heads k d -> batch heads q k"),
    (T(2, 4, 5, 8), T(2, 4, 7), "batch heads q d, batch heads k d -> batch heads q k"),
    (T(3, 3), "i i ->"),
    (T(3, 4), "i i -> i"),
    (T(2, 6), T(3, 4), "i (a b), b c -> i c"),
    (T(2, 1), T(3, 4), "i 1, b c -> i c"),
    (T(2, 3), "i j, j k -> i k"),
    (T(2, 3), T(3), T(2), "i j, j, i -> i j"),
    (T(2, 3), T(3), "i _, _ -> i"),
]
PACK: list[tuple[list[T], str]] = [
    ([T(2, 3, 5), T(2, 3, 7, 5), T(2, 3, 7, 9, 5)], "i j * k"),
    ([T(2, 3, 5), T(2, 4, 7, 5)], "i j * k"),
    ([T(2, 3, 5), T(2, 3, 7, 6)], "i j * k"),
    ([T(2, 3), T(2, 3, 7, 5)], "i j * k"),
    ([T(2, 3), T(2)], "b *"),
    ([T(2, 3), T()], "*"),
    ([T(2, 3)], "* d"),
    ([T(2, 3)], "a * a"),
    ([T(2, 3)], "a b"),
    ([T(2, 3)], "a * _b"),
    ([], "a *"),
]
UNPACK: list[tuple[T, Any, str]] = [
    (T(2, 3, 71, 5), [(), (7,), (7, 9)], "i j * k"),
    (T(2, 3, 70, 5), [(), (7,), (7, 9)], "i j * k"),
    (T(2, 3, 71, 5), [[], [7], [-1, 9]], "i j * k"),
    (T(2, 3, 72, 5), [[], [7], [-1, 9]], "i j * k"),
    (T(2, 3, 71), [(), (7,), (7, 9)], "i j * k"),
    (T(2, 10), [(1,), (-1,)], "b *"),
    (T(2, 10), [(-1,), (-1,)], "b *"),
    (T(2, 10), [(1,), (-1, -1)], "b *"),
    (T(2, 10), [(1,), (10,)], "b *"),
    (T(10, 0), [(1,), (10,)], "* b"),
    (T(2, 10), [], "b *"),
    (T(2, 10), [(10,)], "b c"),
]
PARSE: list[tuple[T, str]] = [
    (T(2, 3, 5, 7), "b _ h w"),
    (T(2, 3, 5, 7), "b ... w"),
    (T(2, 3, 5, 7), "... h w"),
    (T(2, 3, 5), "b _ h w"),
    (T(2, 3), "a b c ..."),
    (T(2, 1), "a 1"),
    (T(2, 2), "a 1"),
    (T(2, 2), "a 2"),
    (T(2, 3), "a 2"),
    (T(6, 3), "(a b) c"),
    (T(6, 3), "a a"),
    (T(6, 3), "_ _"),
]
LAYERS: list[tuple[str, list[Any], dict[str, int], T]] = [
    ("Rearrange", ["b c h w -> b (c h w)"], {}, T(2, 3, 4, 5)),
    ("Rearrange", ["b c h w -> b (c h w)"], {}, T(2, 3, 4)),
    ("Rearrange", ["b c h w -> b (c h)"], {}, T(2, 3, 4, 5)),
    ("Rearrange", ["b c (h p) w -> b p (c h w)"], {"p": 4}, T(2, 3, 8, 5)),
    ("Rearrange", ["b c (h p) w -> b p (c h w)"], {"p": 4}, T(2, 3, 9, 5)),
    ("Rearrange", ["b ... d -> b d ..."], {}, T(2, 3, 9, 5)),
    ("Reduce", ["b c (h 2) (w 2) -> b c h w", "max"], {}, T(2, 3, 4, 6)),
    ("Reduce", ["b c h w -> b c", "mean"], {}, T(2, 3, 4, 6)),
    ("Reduce", ["b c h w -> b c", "mean"], {}, T(2, 3, 4)),
    ("Reduce", ["b c h w -> b c", "median"], {}, T(2, 3, 4)),
    ("EinMix", ["t b cin -> t b cout", "cin cout", "cout"], {"cin": 10, "cout": 20}, T(3, 2, 10)),
    ("EinMix", ["t b cin -> t b cout", "cin cout"], {"cin": 10, "cout": 20}, T(3, 2, 10)),
    ("EinMix", ["t b cin -> t b cout", "cin cout", "cout"], {"cin": 10, "cout": 20}, T(3, 2, 11)),
    ("EinMix", ["t b cin -> t b cout", "cin cout", "cout"], {"cin": 10, "cout": 20}, T(3, 2, 1)),
    ("EinMix", ["t b cin -> t b cout", "cin cout", "cout"], {"cin": 10}, T(3, 2, 10)),
    ("EinMix", ["t b c -> t b c", "c"], {"c": 8}, T(3, 2, 8)),
    ("EinMix", ["t b c -> t b c", "c", "b"], {"c": 8, "b": 2}, T(3, 2, 8)),
    ("EinMix", ["t b c -> t b c", "c", "b"], {"c": 8, "b": 4}, T(3, 2, 8)),
    ("EinMix", ["t b (h c) -> t b (h d)", "h c d", "h d"], {"h": 4, "c": 3, "d": 5}, T(3, 2, 12)),
    ("EinMix", ["t b (h c) -> t b (h d)", "h c d", "h d"], {"h": 4, "c": 3, "d": 5}, T(3, 2, 13)),
    ("EinMix", ["... c -> ... d", "c d", "d"], {"c": 3, "d": 5}, T(7, 2, 3)),
    ("EinMix", ["... c -> d ...", "c d", "d"], {"c": 3, "d": 5}, T(7, 2, 3)),
    ("EinMix", ["... c -> d", "c d"], {"c": 3, "d": 5}, T(7, 2, 3)),
    ("EinMix", ["b c -> b (d 1)", "c d"], {"c": 3, "d": 5}, T(7, 3)),
    ("EinMix", ["b c -> b d", "c (d)"], {"c": 3, "d": 5}, T(7, 3)),
    ("EinMix", ["b c -> b d", "c d", "c"], {"c": 3, "d": 5}, T(7, 3)),
    ("EinMix", ["b c -> b d", "c d"], {"c": 3, "d": 5, "e": 2}, T(7, 3)),
]


@pytest.mark.parametrize(("x", "pattern", "lengths"), REARRANGE)
def test_rearrange(x: Any, pattern: str, lengths: dict[str, int]) -> None:
    judge_function("einops.rearrange", (x, pattern), lengths)


@pytest.mark.parametrize(("x", "pattern", "lengths"), REPEAT)
def test_repeat(x: Any, pattern: str, lengths: dict[str, int]) -> None:
    judge_function("einops.repeat", (x, pattern), lengths)


@pytest.mark.parametrize(("x", "pattern", "reduction", "lengths"), REDUCE)
def test_reduce(x: Any, pattern: str, reduction: str, lengths: dict[str, int]) -> None:
    judge_function("einops.reduce", (x, pattern, reduction), lengths, device="cpu")


@pytest.mark.parametrize("args", EINSUM)
def test_einsum(args: tuple[Any, ...]) -> None:
    judge_function("einops.einsum", args)


@pytest.mark.parametrize(("tensors", "pattern"), PACK)
def test_pack(tensors: list[T], pattern: str) -> None:
    judge_function("einops.pack", (tensors, pattern))


@pytest.mark.parametrize(("x", "shapes", "pattern"), UNPACK)
def test_unpack(x: T, shapes: Any, pattern: str) -> None:
    judge_function("einops.unpack", (x, shapes, pattern))


@pytest.mark.parametrize(("x", "pattern"), PARSE)
def test_parse_shape(x: T, pattern: str) -> None:
    judge_function("einops.parse_shape", (x, pattern))


@pytest.mark.parametrize(("name", "arguments", "lengths", "x"), LAYERS)
def test_layers(name: str, arguments: list[Any], lengths: dict[str, int], x: T) -> None:
    judge_layer(f"einops.layers.torch.{name}", arguments, lengths, [x], parameters=name == "EinMix")


def _rearranged(sizes: tuple[Any, ...], pattern: str, **lengths: Any) -> tuple[Any, list[str]]:
    rule = find_rule("einops.rearrange")
    assert rule
    call = CallArgs([values.Tensor(Shape(sizes)), pattern], lengths, words={0: "x"})
    applied = apply(rule, call, Facts())
    return applied.value, [need.words() for need in applied.broken]


def test_symbols() -> None:
    b, c = symbol("b"), symbol("c")
    value, _ = _rearranged((b, 4, c, c), "b (g k) h w -> (b g) (h w) k", g=2)
    assert isinstance(value, values.Tensor) and value.shape == Shape((2 * b, c * c, 2))
    value, _ = _rearranged((b, c * 8), "b (h d) -> b h d", h=8)
    assert isinstance(value, values.Tensor) and value.shape == Shape((b, 8, c))


def test_words() -> None:
    assert _rearranged((2, 30, 28), "b (h p) w -> b h p w", p=7)[1] == ["axis 1 of x is 30, not divisible by p = 7"]
    assert _rearranged((2, 30), "b (h p) -> b h p", p=7, h=4)[1] == ["axis 1 of x is 30, but h*p is 28"]
    assert _rearranged((2, 30), "b 1 -> b")[1] == ["axis 1 of x is 30, but the axis in the pattern is 1"]
    assert _rearranged((2, 30), "b c d -> b d")[1] == ["pattern 'b c d -> b d': axis c is on one side only"]
    assert _rearranged((2, 30), "b c d -> b d c")[1] == ["x has 2 axes (2, 30), but 3 are needed"]
