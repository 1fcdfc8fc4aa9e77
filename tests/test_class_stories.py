"""Classes that nobody calls: what counts as a proof when constructor, input and prose are all that there is."""

from __future__ import annotations

import pytest

from torchshape_lint.check import check

HEAD = "import torch\nfrom functools import partial\nfrom torch import nn\n\n"


def found_in(source: str) -> list[str]:
    return [d.code.id for d in check(HEAD + source, "net.py")]


def net(init: str, forward: str, arguments: str = "", inputs: str = "x", docstring: str = "") -> str:
    return f'''
class Net(nn.Module):
    def __init__(self{arguments}):
        super().__init__()
        {init}

    def forward(self, {inputs}):
        """{docstring}"""
        {forward}
'''


CHAIN = "self.a, self.b = nn.Linear(3, {}), nn.Linear(5, 2)"


@pytest.mark.parametrize(
    ("arguments", "width", "expected"),
    [
        (", size=None", "4", ["TSL101"]),  # the argument has nothing to do with it
        (", size=None", "size or 4", []),  # whoever uses the class chooses it
        (", size=4", "size", ["TSL101"]),
        (", size=None", "5 if size is None else size", []),
    ],
)
def test_what_is_none_by_default_is_for_the_caller_to_choose(arguments: str, width: str, expected: list[str]) -> None:
    assert found_in(net(CHAIN.format(width), "return self.b(self.a(x))", arguments)) == expected


@pytest.mark.parametrize(
    ("inputs", "forward"),
    [
        ("*inputs", "return self.a(torch.cat(inputs, 1))"),
        ("x, *more", "return self.a(torch.cat([x.view(2, 2), *more], 1))"),
        ("x, *more", "return self.a(more[0])"),
    ],
)
def test_any_number_of_inputs_is_not_none(inputs: str, forward: str) -> None:
    assert found_in(net("self.a = nn.Linear(3, 4)", forward, inputs=inputs)) == []


@pytest.mark.parametrize(
    "inputs", ["x, twice=True, other=None", "x, *, other=None, twice=True", "x, other=None, twice=True"]
)
def test_what_is_none_by_default_may_be_given_wherever_it_stands(inputs: str) -> None:
    forward = "return self.a(torch.cat([x, other], 0) if twice else x)"
    assert found_in(net("self.a = nn.Linear(3, 4)", forward, inputs=inputs)) == []
    assert found_in(net(CHAIN.format(4), "return self.b(self.a(x))", inputs=inputs)) == ["TSL101"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Args:\n            x: Input of shape (N, 1, 28, 28).", ["TSL101"]),
        ("Args:\n            x: Input, usually of the shape (N, 1, 28, 28).", []),
        ("Args:\n            x: For image-like features the shape is (N, 1, 28, 28).", []),
    ],
)
def test_hedged_prose_declares_nothing(said: str, expected: list[str]) -> None:
    text = net("self.a = nn.Linear(100, 4)", "return self.a(x.flatten(1))", inputs="x: torch.Tensor", docstring=said)
    assert found_in(text) == expected


@pytest.mark.parametrize(
    "forward", ["n, t, c = x.shape\n        return self.a(x)", "assert x.dim() == 3\n        return self.a(x)"]
)
def test_where_code_and_docstring_differ_the_docstring_is_wrong(forward: str) -> None:
    said = "Args:\n            x: Input of shape (N, 1, 28, 3)."
    assert found_in(net("self.a = nn.Linear(3, 4)", forward, inputs="x: torch.Tensor", docstring=said)) == []


def test_a_guard_says_which_inputs_are_meant() -> None:
    forward = "assert x.shape[-3] == 7\n        return self.a(x)"
    assert found_in(net("self.a = nn.Conv2d(3, 4, 3)", forward)) == ["TSL102"]
    forward = "if x.dim() != 5:\n            raise ValueError\n        return self.a(x)"
    assert found_in(net("self.a = nn.Linear(3, 4)", forward)) == []


def test_a_docstring_that_is_wrong_about_one_argument_says_nothing_of_the_others() -> None:
    source = '''
def joined(a: torch.Tensor, b: torch.Tensor):
    """Args:
        a: of shape (B, 3, 3).
        b: of shape (B, 3, 1).
    """
    return torch.cat([a, b], dim=-1)


def use(x: torch.Tensor):
    """Args:
        x: of shape (*, 3, 1).
    """
    return joined(torch.zeros(2, 4, 3, 3), x)
'''
    assert found_in(source) == []
    assert found_in(source.replace("torch.zeros(2, 4, 3, 3)", "torch.zeros(2, 3, 3)").replace("(*, 3, 1)", "(*, 2, 1)"))


def test_an_argument_nobody_has_seen_may_be_a_list() -> None:
    source = """
def kernel(k):
    k = torch.tensor(k)
    if k.ndim == 1:
        k = k[None, :] * k[:, None]
    return k
"""
    assert found_in(source + net("self.k = kernel(taps).shape[0]", "return x[:, : self.k]", ", taps")) == []
    assert found_in(source + net("self.k = kernel(3).shape[0]", "return x[:, : self.k]")) == ["TSL402"]


def test_an_input_has_the_same_rank_on_every_path() -> None:
    init = """
        if kind == "instance":
            self.norm = nn.InstanceNorm2d(4)
        elif kind == "sync":
            self.norm = nn.InstanceNorm2d(4, affine=True)
        elif kind == "more":
            self.norm = nn.InstanceNorm2d(4, eps=1)
        else:
            self.norm = nn.BatchNorm2d(4)
        self.a = nn.Conv2d({}, 4, 3)"""
    forward = """
        y = self.norm(x)
        other = nn.functional.interpolate(other, size=x.size()[2:])
        return y + self.a(other){}"""
    text = net(init.format(3), forward.format(""), ", kind", "x, other")
    assert found_in(text) == []
    assert len(found_in(text.replace("self.a(other)", "self.a(self.a(other))"))) == 1


@pytest.mark.parametrize(("number", "expected"), [("=0", []), ("=None", []), ("", [])])
def test_nothing_to_join_may_mean_that_the_caller_says_how_many(number: str, expected: list[str]) -> None:
    init = "self.all = nn.ModuleList([nn.Linear(3, 4) for _ in range(n or 0)])"
    forward = "return torch.stack([layer(x) for layer in self.all], 1)"
    assert found_in(net(init, forward, f", n{number}")) == expected


def test_nothing_to_join_is_wrong_where_nobody_can_say_how_many() -> None:
    assert found_in(net("self.all = nn.ModuleList()", "return torch.stack([f(x) for f in self.all])")) == ["TSL110"]
    wrong = net("self.a, self.b = nn.Linear(3, 4), nn.Linear(5, 2)", "return self.b(self.a(x))", ", padding=0")
    assert found_in(wrong) == ["TSL101"]


@pytest.mark.parametrize("empty", ["torch.empty(0)", "torch.zeros(0, 4)", "torch.Tensor()"])
def test_a_tensor_without_elements_keeps_a_place(empty: str) -> None:
    kept = net(f'self.register_buffer("bank", {empty})', "return x @ self.bank + torch.ones(2, 3)")
    assert found_in(kept) == []
    assert found_in(net("", f"return torch.ones(2, 3) @ {empty}.view(0, 4)")) == ["TSL203"]


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("", "data (np.ndarray): of shape (N, 4)."),
        ("", "data: numpy array of shape (N, 4)."),
        (": np.ndarray", "data: of shape (N, 4)."),
        (": Optional[np.ndarray]", "data: of shape (N, 4)."),
        (': "np.ndarray | None"', "data: of shape (N, 4)."),
    ],
)
def test_an_array_of_numpy_is_no_tensor(annotation: str, said: str) -> None:
    source = f'''
def distances(data{annotation}):
    """Args:
        {said}
    """
    return nn.functional.linear(data, torch.ones(3, 5))
'''
    assert found_in(source) == []
    assert found_in(source.replace(annotation + ")", ")").replace(said, "data: of shape (N, 4).")) == ["TSL101"]


def test_a_docstring_that_no_line_can_live_with_is_wrong() -> None:
    source = '''
def gradients(x: torch.Tensor, kernels: torch.Tensor):
    """Args:
        x: Tensor with shape (N, C, H, W).
        kernels: Stack of tensors with shape (k_N, k_H, k_W)
    """
    return nn.functional.conv2d(x, kernels)
'''
    assert found_in(source) == []
    assert found_in(source.replace("x, kernels)", "nn.Conv2d(3, 4, 1)(nn.Conv2d(3, 4, 1)(x)), kernels)")) == ["TSL102"]


def test_prose_is_not_believed_about_ranks() -> None:
    source = '''
def normed(x: torch.Tensor, lengths: torch.Tensor):
    """Args:
        x: (B, T, D), padded
        lengths: (B, T, D)
    """
    mean = x.sum(dim=1) / lengths[:, None]
    x -= mean[:, None, :]
    return nn.Linear(3, 4)(x)
'''
    assert found_in(source) == []
    forward = "mask = mask.view(mask.shape[0], 1, mask.shape[1])\n        return mask * self.a(x)"
    said = "Shapes:\n            - x: :math:`[B, T, {}]`\n            - mask: :math:`[B]`"
    text = net("self.a = nn.Linear(3, 4)", forward, inputs="x, mask", docstring=said)
    assert found_in(text.format(3)) == []


def test_a_bare_comment_and_a_docstring_that_differ_are_about_different_things() -> None:
    forward = "# (B, T, 5)\n        x = x.transpose(1, 2)\n        return self.a(x)"
    said = "Args:\n            x: of shape (B, {}, T)."
    text = net("self.a = nn.Linear(3, 4)", forward, inputs="x", docstring=said)
    assert found_in(text.format(3)) == []
    assert found_in(text.replace("Args", "").format(3)) == []


def test_a_class_without_children_that_asks_for_them_gets_some() -> None:
    forward = "return torch.cat([module(x) for module in self.{}()], 1)"
    for ask in ("_modules.values", "children", "modules"):
        assert found_in(net("pass", forward.format(ask))) == []


def test_what_is_written_to_a_tensor_gives_it_its_shape() -> None:
    source = """
def counted(x):
    kept = torch.empty(0).long()
    if x.size(1) > 0:
        torch.arange(x.size(1), out=kept)
    return kept.expand_as(x)

def known():
    kept = torch.empty(0)
    torch.zeros(3, 5, out=kept)
    return nn.Linear(4, 2)(kept)

counted(torch.zeros(2, 3))
"""
    assert found_in(source) == ["TSL101"]


def test_what_something_unknown_holds_may_change() -> None:
    source = """
class Cache:
    def __init__(self, fn):
        self.fn, self.kept = fn, []

    def __call__(self, x):
        y = self.fn(x)
        self.kept.append(y)
        return y

    def all(self):
        kept = torch.cat(self.kept)
        self.kept = []
        return kept

"""
    forward = "cache = Cache(self.model.forward){}\n        for _ in range(3):\n            self.loss(x)\n"
    forward += "            y = cache.all()\n        return y"
    text = source + net("self.model, self.loss = model, loss", forward, ", model, loss")
    assert found_in(text.format("\n        self.model.forward = cache")) == []
    assert found_in(text.format("")) == ["TSL110"]


def test_what_nobody_has_seen_may_be_a_tensor_or_a_list() -> None:
    for init in ("self.k = torch.max(degrees)", "self.k = torch.logical_and(degrees, degrees)"):
        assert found_in(net(init, "return x", ", degrees")) == []
    assert found_in(net("self.k = torch.max(3)", "return x")) == ["TSL110"]
    assert found_in(net("pass", "return torch.stack(x[: len(x) // 2])")) == []
    assert found_in(net("pass", "return torch.stack(x[:, 0])", inputs="x: torch.Tensor")) == ["TSL110"]
