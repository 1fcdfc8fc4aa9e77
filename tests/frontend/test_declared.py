"""Shapes that authors write down, and what only looks like one."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from torchshape_lint import ir
from torchshape_lint.check import check
from torchshape_lint.frontend.declared import from_annotation, from_comment, from_docstring
from torchshape_lint.frontend.source import read

X = "x"
COMMENTS: dict[str, list[tuple[str | None, Any]]] = {
    "# x: (n, 1, 28, 28)": [(X, ("n", 1, 28, 28))],
    "# x: [B, C, H, W]": [(X, ("B", "C", "H", "W"))],
    "# (N, 1, 28, 28)": [(None, ("N", 1, 28, 28))],
    "#[B, C, H, W]": [(None, ("B", "C", "H", "W"))],
    "# x shape: (B, T, C)": [(X, ("B", "T", "C"))],
    "# x.shape = (2, 3)": [(X, (2, 3))],
    "# x.shape: torch.Size([1, 3, 28])": [(X, (1, 3, 28))],
    "# x: tensor of shape (B, 5)": [(X, ("B", 5))],
    "# x: B x C x H x W": [(X, ("B", "C", "H", "W"))],
    "# N x 3 x 299 x 299": [(None, ("N", 3, 299, 299))],
    "# x: (batch, seq_len, hidden) -> ...": [(X, ("batch", "seq_len", "hidden"))],
    "# (B, C) -> (B, D)": [(None, ("B", "C")), ("return", ("B", "D"))],
    "# -> (n, 10)": [("return", ("n", 10))],
    "# x: (b, t, 32), context: (b, s, 32)": [(X, ("b", "t", 32)), ("context", ("b", "s", 32))],
    "# x: (n, 3, 2*k, W // 2)": [(X, ("n", 3, "2*k", "W//2"))],
    "# x: (n, (h//2)*(w//2))": [(X, ("n", "(h//2)*(w//2)"))],
    "# x: (*, 3, _, -1)": [(X, ("...", 3, "?", "?"))],
    "# x: (B, N, 3) point cloud": [(X, ("B", "N", 3))],
    "# x: (N,)": [(X, ("N",))],
    "# x: (n, 1, 28, 28": [(X, None)],
    "# x: (n, 1, 28x, )": [(X, None)],
    "# x: (n, 4  # why": [(X, None)],
}
NONE = [
    "# input: 28x28x1", "# try (2, 3, 9, 9)", "# (a, b)", "# [0, 1]", "# [-1, 1]", "# x: [-1, 1]", "# (x1, y1, x2, y2)",
    "# x: (1, 2) or (3, 4)", "# mode: (train, test)", "# (see below, or not)", "# x: (optional)", "# x = (1, 2, 3)",
    "# f(x, (1, 2))", "# type: (Tensor, int) -> Tensor", "# [1, 2]", "# 3 x 3 x 3 conv", "# x: (batch size, 3)",
    "# x: (B, C)(y)", "# x: (2, 3, 0.5)", "# x: (n, 1,", "# x: values (in cm)", "# (height, width)", "# noqa",
    "#", "# ((((", "# x: ()()", "# for x: (B, C)", "# x: {B, C}", "# (240, 10)", "# x: (int, default 3)",
]  # fmt: skip


@pytest.mark.parametrize("text", COMMENTS)
def test_comments(text: str) -> None:
    found = from_comment(text, 7)
    assert [(one.name, one.dims) for one in found] == COMMENTS[text]
    assert all(one.at == 7 and one.source == "comment" and bool(one.problem) == (one.dims is None) for one in found)


@pytest.mark.parametrize("text", NONE)
def test_no_false_reading(text: str) -> None:
    assert from_comment(text, 0) == []


ANNOTATIONS: dict[str, Any] = {
    'Float[Tensor, "b 1 28 28"]': ("b", 1, 28, 28),
    'Float[torch.Tensor, "*batch 3 h=28 2*h #b _ ?x {n}"]': ("...", 3, 28, "2*h", "?", "?", "?", "?"),
    'Int[Tensor, "... c"]': ("...", "c"),
    'Float32[Tensor, ""]': (),
    'Float[Tensor, "b 28x"]': None,
    'Float[Tensor, "*a *b"]': None,
    'TensorType["b", 3, 28, float]': ("b", 3, 28),
    'TensorType["b": 2, "c": -1, ...]': (2, "c", "..."),
    'TensorType["b c 3"]': ("b", "c", 3),
    'Annotated[Tensor, ("n", 6, 100)]': ("n", 6, 100),
    'Annotated[torch.Tensor, "b c h w"]': ("b", "c", "h", "w"),
    'Annotated[torch.Tensor, Shape("b", 28)]': ("b", 28),
    'Annotated[Tensor, torchshapeflow.Shape("b", "t", 4)]': ("b", "t", 4),
    "Tensor[[B, 3, 2 * H, *Rest]]": ("B", 3, "2*H", "..."),
    'Optional[Float[Tensor, "b 3"]]': ("b", 3),
    'Float[Tensor, "b 3"] | None': ("b", 3),
    "\"Float[Tensor, 'b 3']\"": ("b", 3),
}


def annotation(text: str) -> ir.Expr:
    (function,) = read(f"def f(x: {text}): pass", "x.py").program.body
    assert isinstance(function, ir.FunctionDef)
    found = function.params.items[0].annotation
    assert found is not None
    return found


@pytest.mark.parametrize("text", ANNOTATIONS)
def test_annotations(text: str) -> None:
    found = from_annotation(annotation(text), X)
    assert found is not None
    assert (found.name, found.dims, found.source) == (X, ANNOTATIONS[text], "annotation")
    assert bool(found.problem) == (found.dims is None)


@pytest.mark.parametrize(
    "text",
    ["Tensor", "list[int]", "Tensor[int]", 'Annotated[Tensor, "the input"]', 'Annotated[Tensor, Range(1, 2)]',
     'Annotated[Tensor, Shape(*sizes)]', 'Annotated[Tensor, Shape(f(x), 3)]', 'Annotated[int, (1, 2)]',
     "dict[str, Tensor]", '"Float["', 'Literal["b", "c"]', "tuple[Tensor, Tensor]", 'Callable[..., "x"]', "'x'"],
)  # fmt: skip
def test_plain_annotations(text: str) -> None:
    assert from_annotation(annotation(text), X) is None


DOCSTRING = r"""Does.

    Args:
        x (torch.Tensor): Input of shape (B, C, H, W).
        y: Tensor of shape `(B, C)`
        z (Tensor): [batch, seq, dim]
        words (`torch.FloatTensor` of shape `(batch_size, sequence_length)`, *optional*): The words.
        boxes (Tensor[N, 4]): boxes
        either: (B, C) or (C,)
        size (tuple): (height, width)
        e: the thing (see Vaswani et al., 2017)
        norm (Callable[..., nn.Module], optional): a layer
        q: at most min(6, m, n)

    Returns:
        Tensor: the result (B, 10)

    Examples:
        k: (B, 4)
"""


def test_google_docstring() -> None:
    assert {one.name: one.dims for one in from_docstring(DOCSTRING, 0)} == {
        "x": ("B", "C", "H", "W"),
        "y": ("B", "C"),
        "z": ("batch", "seq", "dim"),
        "words": ("batch_size", "sequence_length"),
        "boxes": ("N", 4),
        "return": ("B", 10),
    }


def test_other_docstrings() -> None:
    numpy = "Parameters\n----------\nx : Tensor of shape (B, C)\n    it\ny : Tensor\n    shape (B, T, 5).\n"
    numpy += "\n:param q: (B, T, 6)\n"
    assert [(one.name, one.dims) for one in from_docstring(numpy, 0)] == [
        ("x", ("B", "C")), ("y", ("B", "T", 5)), ("q", ("B", "T", 6)),
    ]  # fmt: skip
    torch = "Shape:\n    - Input: :math:`(N, C, H_{in})`\n    - Output: :math:`(N, C, H_\\text{out})` where\n"
    assert [(one.name, one.dims) for one in from_docstring(torch, 0)] == [
        (None, ("N", "C", "H_in")), ("return", ("N", "C", "H_out")),
    ]  # fmt: skip


def declared(text: str) -> list[tuple[str | None, Any]]:
    (function,) = read(text, "x.py").program.body
    assert isinstance(function, ir.FunctionDef)
    return [(one.name, one.dims) for one in function.declared]


@pytest.mark.usefixtures("either_reader")
def test_where_comments_attach() -> None:
    text = '''
def f(
    x,  # (B, 3)
    y, z,  # (B, 4)
    # w: (B, 5)
    w=None,
):  # z: (B, 6)
    """Does.

    Args:
        v: (B, 7)
        y: (B, 8)
    """
    # shape: (B, 9)
    # (B, 10, 11)
    a = g(x)  # x: (B, 12)
    # x: (B, 13)
'''
    assert declared(text) == [
        ("x", ("B", 3)), ("w", ("B", 5)), ("z", ("B", 6)), ("y", ("B", 8)), (None, ("B", 9)), (None, ("B", 10, 11)),
        ("x", ("B", 12)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    x = g(x)  # x: (B, 3)\n",
        "def f(x):\n    y = g(x)  # (B, 3, 4)\n",
        "def f(x):\n    y = g(x)  # -> (B, 3)\n",
        "def f(x):\n    y = g(x)\n    # x: (B, 3)\n",
        "def f(x):\n    # y: (B, 3)\n    pass\n",
        "def f(q, k, v):\n    # (q, k, v)\n    pass\n",
        "def f(self):\n    # self: (B, 3)\n    pass\n",
        "def f(x: int):\n    # x: (B, 3)\n    pass\n",
        "def f(x=3):\n    # x: (B, 3)\n    pass\n",
    ],
)
@pytest.mark.usefixtures("either_reader")
def test_where_they_do_not(text: str) -> None:
    assert declared(text) == []


@pytest.mark.usefixtures("either_reader")
def test_declarations_know_their_place() -> None:
    source = read("def f(x):\n    # x: (B, 3)\n    pass\n", "x.py")
    (function,) = source.program.body
    assert isinstance(function, ir.FunctionDef)
    (one,) = function.declared
    assert source.line(one.at) == 2
    assert source.text(one.at) == "# x: (B, 3)"


def test_what_python_thinks_of_a_comment_is_not_said() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check("import torch\n\n\ndef f(x):  # x: (0x1for, 3)\n    return torch.relu(x)\n", "net.py")
    assert not said
