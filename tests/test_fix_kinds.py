"""Each kind of fix in a small program; what it does to texts of every form; and edits as such."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.harness import ROOT
from torchshape_lint import api
from torchshape_lint.diagnostics import Edit, Fix
from torchshape_lint.fixes import proposed
from torchshape_lint.fixes.edits import Overlap, applied, composed, moved
from torchshape_lint.report.json import diagnostics_json
from torchshape_lint.spans import Span

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n"
NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, x):
        {forward}


Net()({given})
"""


def net(init: str, forward: str, given: str) -> str:
    indent = "\n        "
    init, forward = init.replace("\n", indent), forward.replace("\n", indent)
    return HEAD + NET.format(init=init, forward=forward, given=given)


def fixes(text: str) -> list[Fix]:
    (finding,) = api.check("net.py", text, fixes=True)
    return list(finding.fixes)


def lines(text: str, fix: Fix) -> list[str]:
    """The lines that a fix changes or adds, stripped."""
    before = text.splitlines()
    return [line.strip() for line in applied(text, fix.edits).splitlines() if line not in before]


def first(text: str) -> list[str]:
    return lines(text, fixes(text)[0])


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("4 * 8 * 8", "4 * 7 * 7"),
        ("8*8*4", "7*7*4"),
        ("(4 * 8 * 8)", "(4 * 7 * 7)"),
        ("4 *  8 * 8", "4 *  7 * 7"),
        ("256", "4 * 7 * 7"),
        ("4 * 64", "4 * 7 * 7"),
        ("2 ** 8", "4 * 7 * 7"),
        ("int(256.0)", "4 * 7 * 7"),
    ],
)
def test_a_product_keeps_its_form(written: str, becomes: str) -> None:
    init = f"self.conv = nn.Conv2d(1, 4, 3, padding=1)\nself.fc = nn.Linear({written}, 10)"
    text = net(init, "return self.fc(F.max_pool2d(self.conv(x), 4).flatten(1))", "torch.randn(2, 1, 28, 28)")
    assert first(text) == [f"self.fc = nn.Linear({becomes}, 10)"]


def test_a_name_is_a_factor() -> None:
    init = "width = 4\nself.conv = nn.Conv2d(1, width, 3, padding=1)\nself.fc = nn.Linear(width * 8 * 8, 10)"
    text = net(init, "return self.fc(F.max_pool2d(self.conv(x), 4).flatten(1))", "torch.randn(2, 1, 28, 28)")
    assert first(text) == ["self.fc = nn.Linear(width * 7 * 7, 10)"]
    init = "width = 4\nself.a = nn.Linear(9, 3 * width)\nself.b = nn.Linear(2 * width, 5)"
    assert first(net(init, "return self.b(self.a(x))", "torch.randn(2, 9)")) == ["self.b = nn.Linear(3 * width, 5)"]
    init = "h = 8\nself.a = nn.LSTM(9, h, bidirectional=True)\nself.b = nn.Linear(h, 5)"
    assert first(net(init, "return self.b(self.a(x)[0])", "torch.randn(2, 9)")) == ["self.b = nn.Linear(2 * h, 5)"]


def test_a_constant_that_is_used_nowhere_else_is_changed_itself() -> None:
    plain = "fc = nn.Linear(SIZE, 10)\nfc(torch.randn(2, 28))\n"
    assert first(f"{HEAD}SIZE = 32\n{plain}") == ["SIZE = 28"]
    assert first(f"{HEAD}SIZE = 32\nprint(SIZE)\n{plain}") == ["fc = nn.Linear(28, 10)"]
    assert first(f"{HEAD}SIZE: int = 32\n{plain}") == ["SIZE: int = 28"]


def test_what_a_caller_hands_in_is_changed_there() -> None:
    text = net("self.fc = nn.Linear(n, 10)", "return self.fc(x)", "torch.randn(2, 28)")
    text = text.replace("(self):", "(self, n):").replace("Net()", "Net(32)")
    assert first(text) == ["Net(28)(torch.randn(2, 28))"]
    default = text.replace("(self, n):", "(self, n=32):").replace("Net(32)", "Net()")
    assert first(default) == ["def __init__(self, n=28):"]


def test_layer_norm() -> None:
    for written, becomes in (
        ("8", "9"),
        ("(4, 8)", "(4, 9)"),
        ("[4, 8]", "[4, 9]"),
        ("normalized_shape=8", "normalized_shape=9"),
    ):
        text = f"{HEAD}norm = nn.LayerNorm({written})\nnorm(torch.randn(2, 4, 9))\n"
        assert first(text) == [f"norm = nn.LayerNorm({becomes})"]


def test_arguments_are_swapped_only_when_nothing_else_fits() -> None:
    init = "self.a = nn.Linear(10, 784)\nself.b = nn.Linear(10, 5)"
    text = net(init, "return self.b(self.a(x))", "torch.randn(2, 784)")
    (swap,) = fixes(text)
    assert lines(text, swap) == ["self.a = nn.Linear(784, 10)"] and not swap.safe
    text = net("self.a = nn.Linear(10, 784)", "return self.a(x)", "torch.randn(2, 784)")
    assert first(text) == ["self.a = nn.Linear(784, 784)"]


def test_lazy_linear() -> None:
    text = f"{HEAD}fc = nn.Linear(\n    in_features=32,\n    out_features=10,\n)\nfc(torch.randn(2, 28))\n"
    lazy = fixes(text)[1]
    assert "fc = nn.LazyLinear(\n    out_features=10,\n)\n" in applied(text, lazy.edits) and not lazy.safe
    text = "import torch\nfrom torch.nn import Linear\n\nfc = Linear(32, 10)\nfc(torch.randn(2, 28))\n"
    assert lines(text, fixes(text)[1]) == ["from torch.nn import LazyLinear, Linear", "fc = LazyLinear(10)"]


FLAT = "self.conv = nn.Conv2d(1, 4, 3, padding=1)\nself.fc = nn.Linear(4 * 28 * 28, 10)"
IMAGE = "torch.randn(2, 1, 28, 28)"


@pytest.mark.parametrize(
    ("forward", "becomes"),
    [
        ("return self.fc(self.conv(x))", "return self.fc(self.conv(x).flatten(1))"),
        ("x = self.conv(x)\nreturn self.fc(x)", "return self.fc(x.flatten(1))"),
        ("x = self.conv(x)\nreturn self.fc(-x)", "return self.fc((-x).flatten(1))"),
        ("x = self.conv(x)\nx.view(x.size(0), -1)\nreturn self.fc(x)", "x = x.view(x.size(0), -1)"),
        ("x = torch.flatten(self.conv(x))\nreturn self.fc(x)", "x = torch.flatten(self.conv(x), 1)"),
        (
            "x = torch.flatten(self.conv(x), start_dim=0)\nreturn self.fc(x)",
            "x = torch.flatten(self.conv(x), start_dim=1)",
        ),
        ("x = self.conv(x).flatten()\nreturn self.fc(x)", "x = self.conv(x).flatten(1)"),
        ("x = self.conv(x)\nreturn self.fc(x.view(-1))", "return self.fc(x.view(x.size(0), -1))"),
    ],
)
def test_a_flatten_is_safe(forward: str, becomes: str) -> None:
    text = net(FLAT, forward, IMAGE)
    assert first(text) == [becomes]
    assert fixes(text)[0].safe


def test_a_flatten_in_a_container() -> None:
    many = (
        f"{HEAD}net = nn.Sequential(\n\tnn.Conv2d(1, 4, 3),\n\tnn.Linear(4 * 26 * 26, 10),  # head\n)\nnet({IMAGE})\n"
    )
    assert "\tnn.Conv2d(1, 4, 3),\n\tnn.Flatten(),\n\tnn.Linear(" in applied(many, fixes(many)[0].edits)
    one = f"{HEAD}net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 10))\nnet({IMAGE})\n"
    assert first(one) == ["net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("nn.Conv2d(3, 8, 3)(torch.randn(2, 32, 32, 3))", "torch.randn(2, 32, 32, 3).permute(0, 3, 1, 2))"),
        ("nn.Conv2d(1, 8, 3)(torch.randn(5, 28, 28))", "torch.randn(5, 28, 28).unsqueeze(1))"),
        ("nn.BatchNorm2d(3)(torch.randn(3, 28, 28))", "torch.randn(3, 28, 28).unsqueeze(0))"),
        ("nn.Conv2d(3, 8, 5)(torch.randn(2, 3, 4, 4))", "nn.Conv2d(3, 8, 5, padding=1)(torch.randn(2, 3, 4, 4))"),
        ("nn.Conv2d(3, 8, 7, padding=1)(torch.ones(2, 3, 4, 4))", "Conv2d(3, 8, 7, padding=2)(torch.ones(2, 3, 4, 4))"),
        ("nn.Linear(3, 4)(torch.ones(2, 3, dtype=torch.long))", "dtype=torch.long).float())"),
        ("torch.ones(2, 3, 4) @ torch.ones(2, 3, 4)", "torch.ones(2, 3, 4) @ torch.ones(2, 3, 4).transpose(-2, -1)"),
        ("nn.Conv2d(3, 16 / 2, 3)", "nn.Conv2d(3, 16 // 2, 3)"),
        ("nn.BCELoss()(torch.rand(4, 1), torch.ones(4))", "torch.ones(4).unsqueeze(1))"),
        ("nn.GroupNorm(32, 48)", "nn.GroupNorm(24, 48)"),
        ("torch.randn(2, 3).softmax(2)", "torch.randn(2, 3).softmax(-1)"),
    ],
)  # fmt: skip
def test_small_ones(wrong: str, right: str) -> None:
    (line,) = first(f"{HEAD}{wrong}\n")
    assert line.endswith(right)
    exec(compile(applied(f"{HEAD}{wrong}\n", fixes(f"{HEAD}{wrong}\n")[0].edits), "net.py", "exec"), {})


def test_a_view_takes_the_layer_behind_it_along() -> None:
    init = "self.conv = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(4 * 28 * 28, 10)"
    text = net(init, "x = self.conv(x)\nx = x.view(-1, 4 * 28 * 28)\nreturn self.fc(x)", IMAGE)
    assert first(text) == ["self.fc = nn.Linear(4 * 26 * 26, 10)", "x = x.view(-1, 4 * 26 * 26)"]


def test_only_what_takes_padding_gets_some() -> None:
    assert fixes(f"{HEAD}torch.stft(torch.randn(10), 16, center=False, return_complex=True)\n") == []
    assert fixes(f"{HEAD}nn.LPPool2d(2, 5)(torch.randn(1, 3, 4, 4))\n") == []


def test_a_declaration_is_made_true() -> None:
    text = net("self.conv = nn.Conv2d(3, 8, 3)", "return self.conv(x)", "torch.randn(1, 3, 64, 64)")
    declared = text.replace("forward(self, x):", "forward(self, x):  # x: (n,  3, 32, 32)  pictures")
    assert first(declared) == ["def forward(self, x):  # x: (n,  3, 64, 64)  pictures"]


def test_a_batch_of_many_keeps_its_axis() -> None:
    text = """import sys
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

batch_size = int(sys.argv[1]) if len(sys.argv) > 1 else 1
digits = datasets.MNIST("data", transform=transforms.ToTensor())
fc = nn.Linear(28 * 28, 10)
for x, y in DataLoader(digits, batch_size):
    fc(torch.flatten(x))
"""
    (fix,) = fixes(text)
    assert fix.safe and lines(text, fix) == ["fc(torch.flatten(x, 1))"]


def test_what_fits_another_caller_is_left_alone() -> None:
    text = net("self.fc = nn.Linear(32, 10)", "return self.fc(x)", "torch.randn(2, 28)") + "Net()(torch.randn(2, 32))\n"
    assert all("LazyLinear" in fix.title for fix in fixes(text))


# --- texts ----------------------------------------------------------------------------------------------------------

PLAIN = "import torch\nfrom torch import nn\n\nfc = nn.Linear(4 * 8, 10)  # \u5c42\nfc(torch.randn(2, 28))\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n\n", "\n\x0c\n"),
        "if True:\n\t" + PLAIN.rstrip().replace("\n", "\n\t"),
        PLAIN.replace("fc = ", 'fc = "\u5c42\U0001f600", ').replace("fc(", "fc[1]("),
        PLAIN.replace("fc = nn", "fc \\\n  = nn"),
        PLAIN.replace("4 * 8", "\n    4 * 8  # four\n    "),
        PLAIN.replace("import torch\n", 'import torch\nwords = """\n  a\r\n\t"""\n', 1),
    ],
)
def test_the_rest_of_the_text_stays_byte_for_byte(text: str) -> None:
    (finding,) = api.check("net.py", text, fixes=True)
    assert applied(text, finding.fixes[0].edits) == text.replace("4 * 8", "28")
    done = api.fix("net.py", text, unsafe=True)
    assert (done.text, len(done.made), done.left) == (text.replace("4 * 8", "28"), 1, ())


def test_half_typed_code_is_left_alone() -> None:
    text = PLAIN + "def broken(:\n"
    assert all(not d.fixes for d in api.check("net.py", text, fixes=True))
    assert api.fix("net.py", text, unsafe=True).text == text


def test_what_is_silenced_or_not_selected_is_left_alone() -> None:
    silenced = PLAIN.rstrip() + "  # noqa: TSL101\n"
    assert api.fix("net.py", silenced, unsafe=True).text == silenced
    assert api.fix("net.py", PLAIN, unsafe=True, ignore="TSL1").text == PLAIN
    region = PLAIN.replace("fc(", "# tsl: off\nfc(")
    assert api.fix("net.py", region, unsafe=True).text == region


def test_without_fixes_nothing_is_worked_out() -> None:
    (finding,) = api.check("net.py", PLAIN)
    assert finding.fixes == ()


def test_json_keeps_the_contract() -> None:
    schema = json.loads((ROOT / "docs" / "explain.schema.json").read_text("utf-8"))
    answer = json.loads(diagnostics_json(api.check("net.py", PLAIN, fixes=True)))
    (finding,) = answer["diagnostics"]
    jsonschema.validate(finding, {"$ref": "#/$defs/diagnostic", "$defs": schema["$defs"]})
    assert finding["fixes"][0]["edits"] == [
        {"line": 4, "column": 16, "end_line": 4, "end_column": 21, "text": "28"},
    ]


def test_proposals_need_nothing_but_the_finding_and_the_text() -> None:
    (finding,) = api.check("net.py", PLAIN)
    assert [fix.edits[0].text for fix in proposed(finding, PLAIN)][:1] == ["28"]
    assert list(proposed(finding, PLAIN + "def (")) == []


# --- edits ----------------------------------------------------------------------------------------------------------


def edit(line: int, start: int, end: int, text: str) -> Edit:
    return Edit(Span(line, start, line, end), text)


def test_edits_in_a_row_as_one() -> None:
    text = "abcdef\nghi\n"
    one = (edit(1, 2, 3, "BBB"), edit(2, 1, 2, ""))
    after = applied(text, one)
    assert after == "aBBBcdef\nhi\n"
    two = (edit(1, 1, 2, ""), edit(1, 6, 7, "EE"), edit(2, 2, 3, "\nI"))
    assert applied(text, composed(text, one, two)) == applied(after, two)
    with pytest.raises(Overlap):
        composed(text, one, (edit(1, 3, 4, "x"),))
    with pytest.raises(Overlap):
        applied(text, (edit(1, 1, 4, ""), edit(1, 3, 5, "")))


def test_places_move_with_the_text() -> None:
    text = "abc def\nx\n"
    assert moved(text, (edit(1, 1, 1, "\n\n"),), [Span(1, 5, 1, 8), Span(2, 1, 2, 2)]) == [(3, 5), (4, 1)]
    assert moved(text, (edit(1, 1, 4, "a"),), [Span(1, 5, 1, 8), Span(1, 1, 1, 8)]) == [(1, 3), (1, 1)]
