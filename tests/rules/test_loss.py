"""Losses against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function, judge_layer
from torchshape_lint import values
from torchshape_lint.dims import Size, symbol
from torchshape_lint.facts import Facts
from torchshape_lint.rules.apply import Applied, CallArgs, apply
from torchshape_lint.rules.registry import find_rule
from torchshape_lint.shapes import Shape

N, F = "torch.nn.", "torch.nn.functional."


def L(*sizes: int) -> T:
    return T(*sizes, dtype="int64")


CLASSES: list[tuple[T, T]] = [
    (T(4, 3), L(4)),
    (T(4, 3), L(5)),
    (T(4, 3), L(4, 1)),
    (T(4, 3), L(4, 3)),
    (T(4, 3), T(4, 3)),
    (T(4, 3), T(4, 5)),
    (T(4, 3), T(4)),
    (T(4, 1), L(4, 1)),
    (T(4, 3), L()),
    (T(3), L()),
    (T(3), L(3)),
    (T(3), T(3)),
    (T(3), T(4)),
    (T(2, 3, 4, 5), L(2, 4, 5)),
    (T(2, 3, 4, 5), L(2, 4, 6)),
    (T(2, 3, 4, 5), L(2, 1, 4, 5)),
    (T(2, 3, 4, 5), T(2, 3, 4, 5)),
    (T(2, 3, 4), L(2, 4)),
    (T(2, 3, 4), L(2, 3)),
    (T(2, 3, 4, 5), L(2)),
]


@pytest.mark.parametrize(("scores", "target"), CLASSES)
@pytest.mark.parametrize("options", [{}, {"reduction": "none"}, {"reduction": "sum"}])
def test_classes(scores: T, target: T, options: dict[str, Any]) -> None:
    unsure = len(scores.sizes) == 1
    for name in ("CrossEntropyLoss", "NLLLoss"):
        judge_layer(N + name, (), options, [scores, target], device="cpu", missed=unsure, unknown=unsure)
    judge_function(F + "cross_entropy", [scores, target], options, device="cpu", missed=unsure, unknown=unsure)
    judge_function(F + "nll_loss", [scores, target], options, device="cpu", missed=unsure, unknown=unsure)


def test_class_options() -> None:
    for weight in (T(3), T(4), T(1, 3)):
        judge_layer(N + "CrossEntropyLoss", (weight,), {}, [T(4, 3), L(4)])
        judge_function(F + "cross_entropy", [T(4, 3), T(4, 3), weight])
    judge_layer(N + "CrossEntropyLoss", (), {"label_smoothing": 0.1}, [T(4, 3), L(4)])
    judge_layer(N + "CrossEntropyLoss", (), {"reduction": "average"}, [T(4, 3), L(4)])
    for old in ({"size_average": False}, {"reduce": False}, {"reduce": True, "size_average": True}):
        judge_layer(N + "CrossEntropyLoss", (), old, [T(4, 3), L(4)], parameters=False)
        judge_function(F + "mse_loss", [T(4, 3), T(4, 3)], old)


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("multi_margin_loss", [(T(4, 3), L(4)), (T(4, 3), L(5)), (T(2, 4, 3), L(2))]),
        ("multilabel_margin_loss", [(T(4, 3), L(4, 3)), (T(4, 3), L(4))]),
        ("multilabel_soft_margin_loss", [(T(4, 3), T(4, 3)), (T(4, 3), T(4, 2))]),
    ],
)
def test_margins(name: str, cases: list[tuple[T, T]]) -> None:
    module = {"multi_margin_loss": "MultiMarginLoss", "multilabel_margin_loss": "MultiLabelMarginLoss"}
    for case in cases:
        for reduction in ("none", "mean"):
            judge_function(F + name, case, {"reduction": reduction}, device="cpu")
            judge_layer(
                N + module.get(name, "MultiLabelSoftMarginLoss"), (), {"reduction": reduction}, case, device="cpu"
            )


ELEMENTS = {
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "smooth_l1_loss": "SmoothL1Loss",
    "huber_loss": "HuberLoss",
    "kl_div": "KLDivLoss",
    "poisson_nll_loss": "PoissonNLLLoss",
    "hinge_embedding_loss": "HingeEmbeddingLoss",
    "soft_margin_loss": "SoftMarginLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
}


@pytest.mark.parametrize("name", sorted(ELEMENTS))
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_elements(name: str, reduction: str) -> None:
    for case in [(T(4, 3), T(4, 3)), (T(4, 3), T(4, 4)), (T(4, 1), T(4, 1)), (T(4), T(4)), (T(), T()), (T(4), T(5))]:
        judge_function(F + name, case, {"reduction": reduction})
        judge_layer(N + ELEMENTS[name], (), {"reduction": reduction}, case)
    judge_function(F + name, [T(4, 3), T(4, 3)], {"reduction": "other"})
    if name.startswith("binary"):
        judge_function(F + name, [T(4, 1), T(4)])
        judge_function(F + name, [T(4, 3), T(4, 3), T(3)])
        judge_function(F + name, [T(4, 3), T(4, 3), T(4)])


def run(name: str, a: tuple[Size, ...], b: tuple[Size, ...]) -> Applied:
    rule = find_rule(F + name)
    assert rule
    return apply(rule, CallArgs([values.Tensor(Shape(a), "float32"), values.Tensor(Shape(b), "float32")]), Facts())


def test_broadcasting_losses() -> None:
    """Torch warns here, so that the finding is one of the 5xx codes; the result is as torch has it."""
    n, m = symbol("n"), symbol("m")
    cases: list[tuple[tuple[Size, ...], tuple[Size, ...], list[str]]] = [
        ((64, 1), (64,), ["TSL501"]),
        ((n, 1), (n,), ["TSL501"]),
        ((n, 1), (m,), ["TSL501"]),
        ((64, 10), (10,), ["TSL501"]),
        ((64, 10), (1, 10), ["TSL501"]),
        ((n, 10), (m, 10), []),
        ((64, 1), (1,), []),
        ((64, 1), (), []),
        ((64, 10), (64, 9), ["TSL206"]),
        ((64, 10), (64,), ["TSL206"]),
    ]
    for a, b, codes in cases:
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
            applied = run(name, a, b)
            assert [need.code.id for need in applied.broken] == codes, (name, a, b)
            assert isinstance(applied.value, values.Tensor) and applied.value.shape == Shape()
    words = run("mse_loss", (64, 1), (64,)).broken[0].words()
    assert words == "input is (64, 1), but target is (64,): the loss compares them as (64, 64)"


def test_symbolic_batch() -> None:
    n, m = symbol("n"), symbol("m")
    assert run("cross_entropy", (n, 10), (n,)).broken[0].expected == "int64"  # floating class numbers
    rule = find_rule(F + "cross_entropy")
    assert rule
    facts = Facts()
    pair = [values.Tensor(Shape((n, 10)), "float32"), values.Tensor(Shape((m,)), "int64")]
    applied = apply(rule, CallArgs(pair), facts)
    assert not applied.broken and facts.size(n) == facts.size(m)


PAIRS: list[tuple[str, str, tuple[T, ...]]] = [
    ("margin_ranking_loss", "MarginRankingLoss", (T(4), T(4), T(4))),
    ("margin_ranking_loss", "MarginRankingLoss", (T(4), T(4), T(1))),
    ("margin_ranking_loss", "MarginRankingLoss", (T(4), T(4), T(3))),
    ("margin_ranking_loss", "MarginRankingLoss", (T(4, 1), T(4, 1), T(4))),
    ("triplet_margin_loss", "TripletMarginLoss", (T(4, 3), T(4, 3), T(4, 3))),
    ("triplet_margin_loss", "TripletMarginLoss", (T(4, 3), T(4, 3), T(5, 3))),
    ("triplet_margin_loss", "TripletMarginLoss", (T(4, 3), T(4, 3), T(3))),
    ("triplet_margin_loss", "TripletMarginLoss", (T(5, 4, 3), T(5, 4, 3), T(5, 4, 3))),
    ("triplet_margin_with_distance_loss", "TripletMarginWithDistanceLoss", (T(4, 3), T(4, 3), T(4, 3))),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(4, 3), T(4, 3), T(4))),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(4, 3), T(4, 3), T(5))),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(4, 3), T(4, 3), T(4, 1))),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(3), T(3), T())),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(4, 3), T(4, 2), T(4))),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (T(4, 3, 2), T(4, 3, 2), T(4))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(4, 3))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(4))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(4, 1))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(3))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(1, 3))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 3), T(1, 1))),
    ("gaussian_nll_loss", "GaussianNLLLoss", (T(4, 3), T(4, 4), T(4, 3))),
]


@pytest.mark.parametrize(("name", "module", "args"), PAIRS)
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_pairs(name: str, module: str, args: tuple[T, ...], reduction: str) -> None:
    judge_function(F + name, args, {"reduction": reduction}, device="cpu")
    judge_layer(N + module, (), {"reduction": reduction}, args, device="cpu")


def test_ctc() -> None:
    rule = find_rule(F + "ctc_loss")
    assert rule
    scores, lengths = values.Tensor(Shape((10, 4, 5)), "float32"), values.Tensor(Shape((4,)), "int64")
    for targets, problems in (((4, 3), 0), ((5, 3), 1), ((12,), 0)):
        call = CallArgs([scores, values.Tensor(Shape(targets), "int64"), lengths, lengths], {"reduction": "none"})
        applied = apply(rule, call, Facts())
        assert len(applied.broken) == problems
        assert isinstance(applied.value, values.Tensor) and applied.value.shape.sizes == (4,)
