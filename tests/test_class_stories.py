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
