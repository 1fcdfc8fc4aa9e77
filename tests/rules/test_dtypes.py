"""Where operands must have one dtype, and in which programs the width of a float is certain. Torch is the judge."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch

from torchshape_lint.check import check

_START = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
_NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.scale = nn.Parameter(torch.ones(4, 5))
        self.register_buffer("basis", torch.ones(5, 2))

    def forward(self, x):
        return self.fc(x) @ self.scale @ self.basis

"""
_SINGLE, _DOUBLE, _HALF = (
    "torch.zeros({})",
    "torch.zeros({}, dtype=torch.float64)",
    "torch.zeros({}, dtype=torch.float16)",
)


def _refused(program: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(program, {"__name__": "__main__"})
        except (RuntimeError, ValueError, NotImplementedError, TypeError):
            return True
        finally:
            torch.set_default_dtype(torch.float32)
    return False


def _found(program: str, path: str = "script.py") -> list[str]:
    return [str(d.code) for d in check(program, path)]


def _agree(program: str) -> None:
    found = _found(program)
    assert bool(found) == _refused(program), f"{found}: {program}"
    assert set(found) <= {"TSL208"}


# Every operator with what it is given; {} stands for how a tensor is made, by its sizes.
_PAIRS = [
    ("nn.Linear(3, 4)(a)", "2, 3", "1"),
    ("F.linear(a, b)", "2, 3", "4, 3"),
    ("nn.Conv2d(3, 4, 3)(a)", "1, 3, 8, 8", "1"),
    ("nn.Conv2d(3, 4, 3, bias=False)(a)", "1, 3, 8, 8", "1"),
    ("F.conv2d(a, b)", "1, 3, 8, 8", "4, 3, 3, 3"),
    ("F.conv1d(a, torch.zeros(4, 3, 3, dtype=a.dtype), b)", "1, 3, 8", "4"),
    ("nn.ConvTranspose2d(3, 4, 3)(a)", "1, 3, 8, 8", "1"),
    ("nn.RNN(3, 5)(a)", "2, 4, 3", "1"),
    ("nn.GRU(3, 5)(a)", "2, 4, 3", "1"),
    ("nn.LSTM(3, 5)(a)", "2, 4, 3", "1"),
    ("nn.GRUCell(3, 5)(a)", "4, 3", "1"),
    ("nn.LSTMCell(3, 5)(a)", "4, 3", "1"),
    ("a @ b", "2, 3", "3, 4"),
    ("torch.matmul(a, b)", "3", "3"),
    ("torch.mm(a, b)", "2, 3", "3, 4"),
    ("torch.bmm(a, b)", "2, 2, 3", "2, 3, 4"),
    ("torch.bmm(a, b)", "0, 2, 3", "0, 3, 4"),
    ("torch.mv(a, b)", "2, 3", "3"),
    ("torch.dot(a, b)", "3", "3"),
    ("torch.inner(a, b)", "2, 3", "4, 3"),
    ("torch.outer(a, b)", "2", "3"),
    ("torch.linalg.multi_dot([a, b])", "2, 3", "3, 4"),
    ("torch.lerp(a, b, 0.5)", "3", "3"),
    ("torch.complex(a, b)", "3", "3"),
    ("torch.scatter(a, 0, torch.zeros(2, 2, dtype=torch.int64), b)", "3, 5", "2, 5"),
    ("torch.scatter_add(a, 0, torch.zeros(2, 2, dtype=torch.int64), b)", "3, 5", "2, 5"),
    ("torch.index_add(a, 0, torch.zeros(2, dtype=torch.int64), b)", "3, 5", "2, 5"),
    ("torch.index_copy(a, 0, torch.zeros(2, dtype=torch.int64), b)", "3, 5", "2, 5"),
    ("F.nll_loss(a, torch.zeros(2, dtype=torch.int64), b)", "2, 3", "3"),
    ("nn.NLLLoss(b)(a, torch.zeros(2, dtype=torch.int64))", "2, 3", "3"),
    ("F.cross_entropy(a, torch.zeros(2, dtype=torch.int64), b)", "2, 3", "3"),
    ("F.cross_entropy(a, torch.zeros_like(a), b)", "2, 3", "3"),
    ("torch.gather(a, 0, torch.zeros(2, 2, dtype=torch.int64), out=b)", "3, 4", "2, 2"),
    ("torch.amax(a, 0, out=b)", "3, 4", "4"),
    ("torch.amin(a, 0, out=b)", "3, 4", "4"),
    ("torch.aminmax(a, dim=0, out=(torch.zeros(4, dtype=a.dtype), b))", "3, 4", "4"),
    ("torch.cat([a, b])", "3", "3"),
    ("F.mse_loss(a, b)", "3", "3"),
    ("a + b", "3", "3"),
]  # fmt: skip


@pytest.mark.parametrize("a", [_SINGLE, _DOUBLE, _HALF], ids=["float", "double", "half"])
@pytest.mark.parametrize("b", [_SINGLE, _DOUBLE, _HALF], ids=["float", "double", "half"])
@pytest.mark.parametrize(("call", "first", "second"), _PAIRS, ids=[call for call, _, _ in _PAIRS])
def test_one_dtype_where_torch_wants_one(call: str, first: str, second: str, a: str, b: str) -> None:
    _agree(f"{_START}a = {a.format(first)}\nb = {b.format(second)}\n{call}\n")


@pytest.mark.parametrize("out", ["complex64", "complex128", "float32"])
@pytest.mark.parametrize("part", ["float32", "float64"])
def test_the_result_of_complex(part: str, out: str) -> None:
    real, result = f"torch.zeros(3, dtype=torch.{part})", f"torch.zeros(3, dtype=torch.{out})"
    _agree(f"{_START}torch.complex({real}, {real}, out={result})\n")


def test_multinomial_gives_integers() -> None:
    for dtype in ("float64", "int64"):
        _agree(f"{_START}torch.multinomial(torch.ones(3), 2, out=torch.zeros(2, dtype=torch.{dtype}))\n")


@pytest.mark.parametrize("dtype", ["int64", "int32", "float32"])
@pytest.mark.parametrize("bounds", ["0, 64, 1.5", "0.5, 3.9, 1", "-0.5, 3, 1", "0, 10, 2.7"])
def test_arange_counts_in_its_dtype(bounds: str, dtype: str) -> None:
    count = len(torch.arange(*eval(bounds), dtype=getattr(torch, dtype)))
    assert not _found(f"{_START}torch.arange({bounds}, dtype=torch.{dtype}).view({count})\n")
    assert _found(f"{_START}torch.arange({bounds}, dtype=torch.{dtype}).view({count + 1})\n") == ["TSL301"]


@pytest.mark.parametrize("dtype", ["int64", "int32", "float32"])
def test_a_step_that_becomes_nothing(dtype: str) -> None:
    for asked in (f"dtype=torch.{dtype}", f"out=torch.zeros(0, dtype=torch.{dtype})"):
        program = f"{_START}torch.arange(0, 64, 0.5, {asked})\n"
        assert bool(_found(program)) == _refused(program) == (dtype == "int64")


def test_a_complex_number_without_imaginary_part() -> None:
    for number in ("1j", "1 + 0j", "torch.ones((), dtype=torch.complex64)"):
        program = f"{_START}torch.zeros(2).masked_fill(torch.ones(2, dtype=torch.bool), {number})\n"
        assert bool(_found(program)) == _refused(program), number


# --- conversions in plain sight -------------------------------------------------------------------------------------

_CONVERSIONS = (
    "", ".double()", ".half()", ".float()", ".double().float()", ".to(torch.float64)", ".to(dtype=torch.float64)",
    ".to('cpu')", ".to(torch.device('cpu'))", ".to('cpu', torch.float64)", ".to(torch.zeros(1, dtype=torch.float64))",
    ".type(torch.float64)", ".eval()", ".cpu().double()",
)  # fmt: skip


@pytest.mark.parametrize("conversion", _CONVERSIONS)
@pytest.mark.parametrize("x", [_SINGLE, _DOUBLE], ids=["float", "double"])
def test_a_converted_module(conversion: str, x: str) -> None:
    x = x.format("2, 3")
    _agree(f"{_START}{_NET}Net(){conversion}({x})\n")
    _agree(f"{_START}net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5))\nnet{conversion}\nnet({x})\n")


@pytest.mark.parametrize("made", ["torch.float", "torch.double", "torch.float64", "torch.float32", "None"])
@pytest.mark.parametrize("x", [_SINGLE, _DOUBLE], ids=["float", "double"])
def test_a_layer_of_a_dtype_by_any_of_its_names(made: str, x: str) -> None:
    _agree(f"{_START}nn.Linear(3, 4, dtype={made})({x.format('2, 3')})\n")
    _agree(f"{_START}nn.Conv2d(3, 4, 1, dtype={made})({x.format('2, 3, 4, 4')})\n")


@pytest.mark.parametrize("x", [_SINGLE, _DOUBLE], ids=["float", "double"])
def test_a_device_is_no_dtype(x: str) -> None:
    device = "device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
    _agree(f"{_START}{_NET}{device}Net().to(device)({x.format('2, 3')}.to(device))\n")


# --- what may change a width unseen ---------------------------------------------------------------------------------

_DOUBLE_IN = "nn.Linear(3, 4)(torch.zeros(2, 3, dtype=torch.float64))\n"
_UNSEEN = {
    "default": f"torch.set_default_dtype(torch.float64)\n{_DOUBLE_IN}",
    "default type": f"torch.set_default_tensor_type(torch.DoubleTensor)\n{_DOUBLE_IN}",
    "autocast": "with torch.autocast('cpu'):\n    nn.Linear(3, 4)(torch.zeros(2, 3, dtype=torch.float16))\n",
    "data": f"{_NET}net = Net().fc\nfor p in net.parameters():\n    p.data = p.data.double()\n"
    "net(torch.zeros(2, 3, dtype=torch.float64))\n",
    "apply": f"{_NET}Net().apply(lambda module: module.double())(torch.zeros(2, 3, dtype=torch.float64))\n",
    "a list": "kinds = [torch.float64]\n"
    "nn.Linear(3, 4).to(max(kinds, key=str))(torch.zeros(2, 3, dtype=torch.float64))\n",
    "numpy": "import numpy as np\ntorch.zeros(1, dtype=torch.float64) @ torch.tensor([np.sqrt(2.0)])\n",
}


@pytest.mark.parametrize("name", _UNSEEN)
def test_unseen(name: str) -> None:
    program = _START + _UNSEEN[name]
    assert not _refused(program)
    assert not _found(program)


def test_a_package_that_may_do_anything() -> None:
    assert _found(f"{_START}{_DOUBLE_IN}") == ["TSL208"]
    assert not _found(f"import nobody_knows\n{_START}{_DOUBLE_IN}")


@pytest.mark.parametrize("setting", ["", "import torch\ntorch.set_default_dtype(torch.float64)\n"])
@pytest.mark.parametrize(
    "way", ["import settings", "from settings import *", "import middle", "from pack import (\n    inner,\n)"]
)
def test_a_file_of_the_project(tmp_path: Path, setting: str, way: str) -> None:
    (tmp_path / "pack").mkdir()
    for name in ("settings.py", "pack/inner.py"):
        (tmp_path / name).write_text(setting)
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "middle.py").write_text("import settings\n")
    found = _found(f"{way}\n{_START}{_DOUBLE_IN}", str(tmp_path / "script.py"))
    assert found == ([] if setting else ["TSL208"])


def test_a_class_alone_may_be_converted_by_whoever_uses_it() -> None:
    body = "    def forward(self, x):\n        return self.fc(torch.zeros(2, 3, dtype=torch.{dtype}))\n"
    net = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    net += "        self.fc = nn.Linear(3, 4)\n\n"
    assert not _found(_START + net + body.format(dtype="float64"))
    assert _found(_START + net + body.format(dtype="int64")) == ["TSL208"]
    assert _found(_START + net + body.format(dtype="float64") + "\nNet()(1)\n") == ["TSL208"]


def test_a_function_alone_is_no_program() -> None:
    assert not _found(f"{_START}def test_it():\n    {_DOUBLE_IN}")


def test_a_dtype_decides_no_branch_where_it_is_not_certain() -> None:
    body = "    def forward(self, x):\n        y = torch.zeros(2, 3)\n        if y.dtype == torch.float64:\n"
    program = f"{_START}class Net(nn.Module):\n{body}            return y\n        return y.view(7)\n"
    assert not _found(program)


def test_the_message_says_what_to_do() -> None:
    (found,) = check(f"{_START}x = torch.zeros(2, 3).double()\nnn.Linear(3, 4)(x)\n", "script.py")
    assert "x is float64, but weight is float32: use x.float()" in found.message
    (found,) = check(f"{_START}w = torch.zeros(3)\na = torch.zeros(2, 3).double()\na @ w\n", "script.py")
    assert "w is float32, but a is float64: use a.float()" in found.message
