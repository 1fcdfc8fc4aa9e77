"""Every rule has torch's own parameters: the same names, order and defaults, as far as torch lets Python see them."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.rules import schemas
from tests.rules.judge import REFUSALS, resolve
from torchshape_lint.rules.apply import IGNORED
from torchshape_lint.rules.registry import Param, Rule, find_layer, find_rule, known
from torchshape_lint.values import External

CALLS, LAYERS = known()
VAR = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

# Rules that differ from torch's signature on purpose.
_SPLIT = "the function and the method name the first argument differently: one rule takes both"
EXCEPTIONS: dict[str, str] = {
    "torch.split": _SPLIT,
    "torch.functional.split": _SPLIT,
    "torch.Tensor.split": _SPLIT,
    "torch.cdist": "compute_mode cannot change a shape: its default is not repeated",
}


def _torch_signature(name: str) -> inspect.Signature:
    """The signature of ``name``; skips with the reason where there is none to compare with."""
    if name in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[name])
    if not name.startswith("torch."):
        pytest.skip(f"{name.partition('.')[0]} is not torch")
    try:
        found: Callable[..., Any] = resolve(name)
    except (*REFUSALS, LookupError):
        pytest.skip("not in this torch")
    if inspect.isfunction(found) and "if_false" in (seen := inspect.getclosurevars(found).nonlocals):
        found = seen["if_false"]  # F.max_pool2d and its like choose between two functions by a flag
    try:
        signature = inspect.signature(found)
    except (ValueError, TypeError):
        pytest.skip("written in C++: compared with its schema, or listed as UNSEEN")
    if all(p.kind in VAR for p in signature.parameters.values()):
        pytest.skip("takes *args")
    return signature


def _plain(default: object) -> object:
    """A default without its dress: (1,) stands for 1, torch.float32 and F.relu for their names."""
    if isinstance(default, (tuple, list)):
        return _plain(default[0]) if len(default) == 1 else tuple(map(_plain, default))
    if isinstance(default, External):
        return default.path.rpartition(".")[2]
    if isinstance(default, torch.layout):
        return str(default).rpartition(".")[2]
    return default.__name__ if inspect.isfunction(default) else default


def _listed(params: list[Param] | list[inspect.Parameter]) -> list[tuple[str, object]]:
    return [(p.name, _plain(p.default)) for p in params]


def _compare(name: str, ours: list[Param], signature: inspect.Signature) -> None:
    names = {p.name for p in ours}
    theirs = [p for p in signature.parameters.values() if p.name in names or p.name not in IGNORED]
    if any(p.kind in VAR for p in ours) and not any(p.kind in VAR for p in theirs):  # takes more than torch does
        ours = [p for p in ours if p.kind not in VAR]
        theirs = [p for p in theirs if p.name in {q.name for q in ours}]
    theirs = [  # what has no name outside has none to compare
        p.replace(name=q.name) if p.kind is inspect.Parameter.POSITIONAL_ONLY else p
        for p, q in itertools.zip_longest(theirs, ours[: len(theirs)])
    ]
    in_order = [p for p in theirs if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    by_name = [p for p in theirs if p.kind is inspect.Parameter.KEYWORD_ONLY]
    positional = [p for p in ours if p.name not in {q.name for q in by_name}]
    assert _listed(positional) == _listed(in_order), name
    keywords = [p for p in ours if p not in positional]
    assert dict(_listed(keywords)) == dict(_listed(by_name)), name


@pytest.mark.parametrize("name", LAYERS)
def test_constructors(name: str) -> None:
    rule = find_layer(name)
    assert rule
    _compare(name, list(rule.params), _torch_signature(name))


@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str) -> None:
    rule = find_rule(name)
    assert rule
    is_layer = find_layer(name) is not None
    signature = _torch_signature(f"{name}.forward" if is_layer else name)
    params = list(rule.params)
    of_layer = is_layer or (name.startswith("torch.nn.") and "self" in signature.parameters)
    if of_layer:  # what stands behind * is read from the layer
        params = [p for p in params if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    elif name.startswith("torch.Tensor."):
        own = next(iter(signature.parameters.values()))
        assert params[0].default is inspect.Parameter.empty
        params[0] = Param(own.name, params[0].kind, own.default, params[0].annotation)
    _compare(name, params, signature)


def _hidden(name: str) -> bool:
    """Is it there, but Python sees no signature?"""
    if not name.startswith("torch.") or find_layer(name):
        return False
    try:
        found = resolve(name)
    except (*REFUSALS, LookupError):
        return False
    try:
        inspect.signature(found)
    except (ValueError, TypeError):
        return True
    return False


HIDDEN = [name for name in CALLS if _hidden(name)]


# Rules that differ from torch's schemas, and why.
_WHY: dict[str, str] = {
    "one rule takes what several overloads name differently": """
        torch.Tensor.dsplit torch.Tensor.hsplit torch.Tensor.vsplit torch.Tensor.tensor_split torch.Tensor.unsafe_split
        torch.dsplit torch.hsplit torch.vsplit torch.tensor_split torch.unsafe_split torch.split_copy
        torch.sparse_bsc_tensor torch.sparse_bsr_tensor torch.sparse_csc_tensor
        torch.sparse_csr_tensor
        """,
    "one rule takes several operators, which name their second operand differently: by name it is not known": """
        torch.Tensor.clamp_max torch.Tensor.clamp_max_ torch.Tensor.clamp_min torch.Tensor.clamp_min_ torch.clamp_max
        torch.clamp_max_ torch.clamp_min torch.clamp_min_ torch.Tensor.heaviside
        torch.Tensor.heaviside_ torch.heaviside torch.Tensor.pow torch.Tensor.pow_ torch.pow torch.Tensor.swapaxes
        torch.Tensor.swapaxes_ torch.swapaxes torch.Tensor.vdot torch.vdot torch.special.chebyshev_polynomial_t
        torch.special.chebyshev_polynomial_u torch.special.chebyshev_polynomial_v torch.special.chebyshev_polynomial_w
        torch.special.hermite_polynomial_h torch.special.hermite_polynomial_he torch.special.laguerre_polynomial_l
        torch.special.legendre_polynomial_p torch.special.shifted_chebyshev_polynomial_t
        torch.special.shifted_chebyshev_polynomial_u torch.special.shifted_chebyshev_polynomial_v
        torch.special.shifted_chebyshev_polynomial_w
        """,
    "the page of the operator names its operands so, the schema input2 or self or b": """
        torch.Tensor.cholesky_solve torch.cholesky_solve torch.Tensor.orgqr torch.orgqr torch.Tensor.ormqr torch.ormqr
        torch.linalg.lstsq torch.linalg.tensorsolve
        """,
    "Python, not C++, takes this argument": "torch.Tensor.nonzero torch.nonzero torch.adaptive_max_pool1d",
    "an argument that cannot change a shape: its default is not repeated": "torch.Tensor.pinverse torch.pinverse",
    "torch's own functions alone give these": "torch.histogramdd torch.nn.functional.elu_",
    "what reads defaults for Python makes 0 of at::Reduction::Mean": """
        torch.binary_cross_entropy_with_logits torch.cosine_embedding_loss torch.ctc_loss torch.hinge_embedding_loss
        torch.kl_div torch.margin_ranking_loss torch.triplet_margin_loss
        """,
}
SCHEMA_EXCEPTIONS = {name: why for why, names in _WHY.items() for name in names.split()}


@pytest.mark.parametrize("name", [name for name in HIDDEN if schemas.overloads(name)])
def test_native_calls(name: str) -> None:
    rule = find_rule(name)
    assert rule
    why = [schemas.unlike(rule, schema) for schema in schemas.overloads(name)]
    relatives = [other for other in CALLS if _shares(other, rule)]
    known_names = {p for other in relatives for schema in schemas.overloads(other) for p in schemas.names(schema)}
    extra = {p.name for p in rule.params[1:] if p.kind not in VAR} - known_names - IGNORED - {"input"}
    problems = ([] if "" in why else why) + [f"{name} is unknown to torch" for name in extra]
    assert bool(problems) is (name in SCHEMA_EXCEPTIONS), problems


def _shares(name: str, rule: Rule) -> bool:
    other = find_rule(name)
    return other is not None and other.function is rule.function


# Written for Python by hand, in C++: neither a signature nor a schema shows their parameters.
_UNSEEN = {
    "types and properties": """
        BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor
        ShortTensor Tensor cuda.BFloat16Tensor cuda.BoolTensor cuda.ByteTensor cuda.CharTensor cuda.DoubleTensor
        cuda.FloatTensor cuda.HalfTensor cuda.IntTensor cuda.LongTensor cuda.ShortTensor Tensor.H Tensor.T
        Tensor.device Tensor.dtype
        Tensor.grad_fn Tensor.is_cuda Tensor.itemsize Tensor.nbytes Tensor.ndim Tensor.requires_grad Tensor.shape
        """,
    "no parameters, or only what cannot change a shape": """
        Tensor.__bool__ Tensor.__complex__ Tensor.__float__ Tensor.__index__ Tensor.__int__ Tensor.__long__
        Tensor.__nonzero__ Tensor.bfloat16 Tensor.bool Tensor.byte Tensor.cdouble Tensor.cfloat Tensor.char
        Tensor.const_data_ptr Tensor.data_ptr Tensor.double Tensor.float Tensor.half Tensor.int Tensor.ipu Tensor.long
        Tensor.mtia Tensor.ndimension Tensor.nelement Tensor.numpy Tensor.short Tensor.tolist Tensor.untyped_storage
        Tensor.xpu
        """,
    "parsed by hand": """
        Tensor.new Tensor.new_tensor Tensor.polygamma Tensor.type asarray frombuffer dsmm hsmm saddmm spmm
        nn.functional.logsigmoid sparse.addmm sparse.log_softmax sparse.mm sparse.sampled_addmm sparse.softmax
        sparse.spdiags sparse.spsolve
        """,
}  # fmt: skip


def test_nothing_else_is_hidden() -> None:
    unseen = {f"torch.{name}" for names in _UNSEEN.values() for name in names.split()}
    assert {name for name in HIDDEN if not schemas.overloads(name)} == unseen
