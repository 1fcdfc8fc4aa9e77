"""Reductions, sorting and choosing against torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.judge import T, judge_function

X = T(2, 3, 4)
DIMS: list[dict[str, Any]] = [
    {}, {"dim": 1}, {"dim": -1}, {"dim": 3}, {"dim": -4}, {"dim": 1, "keepdim": True}, {"dim": -2, "keepdim": True},
]  # fmt: skip
SEVERAL: list[dict[str, Any]] = [
    *DIMS, {"dim": (0, 2)}, {"dim": (-1, -2)}, {"dim": [1, 2], "keepdim": True}, {"dim": (1, 1)}, {"dim": (1, -2)},
    {"dim": (0, -1), "keepdim": True}, {"dim": ()}, {"dim": (0, 5)},
]  # fmt: skip


@pytest.mark.parametrize("name", ["sum", "mean", "nansum", "nanmean", "amax", "amin", "std", "var", "any", "all"])
@pytest.mark.parametrize("keywords", SEVERAL, ids=str)
@pytest.mark.filterwarnings("ignore")
def test_several_axes(name: str, keywords: dict[str, Any]) -> None:
    judge_function(f"torch.{name}", (X,), keywords)


@pytest.mark.parametrize(
    "name", ["max", "min", "argmax", "argmin", "median", "nanmedian", "mode", "logsumexp", "prod", "aminmax"]
)
@pytest.mark.parametrize("keywords", DIMS, ids=str)
def test_one_axis(name: str, keywords: dict[str, Any]) -> None:
    if keywords or name not in ("logsumexp", "prod"):
        judge_function(f"torch.{name}", (X,), keywords, device="cpu")
        judge_function(f"torch.Tensor.{name}", (X,), keywords, device="cpu")


@pytest.mark.parametrize("name", ["sum", "mean", "max", "argmax", "amax", "std", "median", "mode", "all", "prod"])
@pytest.mark.parametrize("x", [T(), T(0), T(3), T(0, 3), T(3, 0)], ids=str)
@pytest.mark.filterwarnings("ignore")
def test_odd_tensors(name: str, x: T) -> None:
    judge_function(f"torch.{name}", (x,), device="cpu")
    judge_function(f"torch.{name}", (x, 0), device="cpu")
    judge_function(f"torch.{name}", (x, -1), device="cpu")
    judge_function(f"torch.{name}", (x, 1), device="cpu")


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool", "uint8", "float64"])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "argmax", "any", "count_nonzero", "amax", "cumsum"])
def test_dtypes(name: str, dtype: str) -> None:
    judge_function(f"torch.{name}", (T(2, 3, dtype=dtype), *((0,) if name == "cumsum" else ())))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("torch.max", (X, T(3, 1))),
        ("torch.min", (X, T(2, 4))),
        ("torch.std", (X, False)),
        ("torch.var", (X, 1, False, True)),
        ("torch.var_mean", (X, 1)),
        ("torch.std_mean", (X, (0, 1))),
        ("torch.count_nonzero", (X, 1)),
        ("torch.count_nonzero", (X, 3)),
        ("torch.norm", (X,)),
        ("torch.norm", (X, 2, 1)),
        ("torch.norm", (X, "fro", (1, 2), True)),
        ("torch.norm", (X, 2, 3)),
        ("torch.Tensor.norm", (X, 2, -1, True)),
        ("torch.linalg.norm", (X, None, 1)),
        ("torch.linalg.norm", (X, 2, (0, 1))),
        ("torch.linalg.vector_norm", (X, 2, -1, True)),
        ("torch.linalg.vector_norm", (X,)),
        ("torch.linalg.matrix_norm", (X,)),
        ("torch.linalg.matrix_norm", (X, "fro", (0, 1), True)),
        ("torch.linalg.matrix_norm", (T(3),)),
        ("torch.quantile", (X, 0.5, 1)),
        ("torch.quantile", (X, T(2), 1)),
        ("torch.quantile", (X, 0.5)),
        ("torch.quantile", (X, T(2), 1, True)),
        ("torch.sort", (X,)),
        ("torch.sort", (X, 3)),
        ("torch.argsort", (X, 1)),
        ("torch.argsort", (X, 3)),
        ("torch.msort", (X,)),
        ("torch.cummax", (X, 1)),
        ("torch.cummin", (X, 3)),
        ("torch.topk", (X, 2)),
        ("torch.topk", (X, 4)),
        ("torch.topk", (X, 5)),
        ("torch.topk", (X, 0)),
        ("torch.topk", (X, -1)),
        ("torch.topk", (X, 2, 0)),
        ("torch.topk", (X, 2, 3)),
        ("torch.topk", (T(), 2)),
        ("torch.kthvalue", (X, 2)),
        ("torch.kthvalue", (X, 3, 1, True)),
        ("torch.kthvalue", (X, 4, 1)),
        ("torch.kthvalue", (X, 0, 1)),
    ],
    ids=str,
)
def test_function(name: str, args: tuple[Any, ...]) -> None:
    judge_function(name, args, device="cpu")


def test_topk_of_a_scalar() -> None:
    judge_function("torch.topk", (T(), 1), guises=())


def test_keywords() -> None:
    judge_function("torch.Tensor.max", (X,), {"dim": 1, "keepdim": True})
    judge_function("torch.max", (X,), {"other": T(4)})
    judge_function("torch.sum", (T(2, 3, dtype="int32"),), {"dim": 0})
