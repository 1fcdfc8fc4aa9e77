"""``explain`` answers what people asked about the four programs, through the real command line and through the API."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.harness import ROOT, Fixture, fixture_id, fixtures
from tests.test_report import SCHEMA
from torchshape_lint.check import explain
from torchshape_lint.report.json import trace_json
from torchshape_lint.report.table import table

PROGRAMS = fixtures("programs")


def told(target: str, *arguments: str) -> str:
    """What ``torchshape-lint explain`` prints about a program (or any other file)."""
    command = [sys.executable, "-m", "torchshape_lint", "explain", target, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def program(name: str, *arguments: str) -> str:
    file, separator, rest = name.partition("::")
    return told(f"fixtures/programs/{file}.py{separator}{rest}", *arguments)


def answer(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    jsonschema.validate(value, SCHEMA)
    return value


def entry(said: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in said["entries"] if e["name"] == name)
    return found


def outputs(steps: list[dict[str, Any]], op: str) -> list[Any]:
    """What the operators called ``op`` gave, behind the batch axis."""
    return [step["out"][0][1:] for step in steps if step["op"].endswith(op)]


def row(text: str, *words: str) -> str:
    """The one row of a table with these words."""
    (found,) = {line for line in text.splitlines() if all(word in line for word in words)}
    return found


# --- program 0: where does 7*7 come from? -------------------------------------------------------------------------


def test_where_7_times_7_comes_from() -> None:
    text = program("flatten_7x7_right")
    for formula in ("(28 + 2*1 - 3)//1 + 1 = 28", "(28 + 2*0 - 2)//2 + 1 = 14", "(14 + 2*0 - 2)//2 + 1 = 7"):
        assert formula in text
    assert "4*7*7 = 196" in row(text, "x.view(")
    assert "square pictures of 28..31 fit" in text
    assert "parameters: 2,174" in text


def test_padding_matters() -> None:
    text = program("flatten_7x7_right_no_padding")
    for size in (26, 13, 11, 5):
        assert f"(2, 4, {size}, {size})" in text
    assert "4*5*5 = 100" in row(text, "x.view(")
    assert "(2, 100)" in row(text, "x.view(")
    net = entry(answer(program("flatten_7x7_right_no_padding", "--format", "json")), "Net")
    assert outputs(net["steps"], "Conv2d") == [[4, 26, 26], [4, 11, 11]]
    assert outputs(net["steps"], "MaxPool2d") == [[4, 13, 13], [4, 5, 5]]


# --- program 1: how does LeNet know? ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lenet_right", "lenet_right_unknown_input", "lenet_wrong_64x64"])
def test_lenet_does_not_know_the_size_of_its_pictures(name: str) -> None:
    assert "square pictures of 32..35 fit" in program(name)


def test_lenets_sizes() -> None:
    net = entry(answer(program("lenet_right", "--format", "json")), "Net")
    assert net["inputs"] == {"x": [[1, 1, 32, 32]]}
    assert outputs(net["steps"], ".Conv2d") == [[6, 28, 28], [16, 10, 10]]
    assert outputs(net["steps"], ".max_pool2d") == [[6, 14, 14], [16, 5, 5]]
    assert outputs(net["steps"], ".view") == [[400]]
    assert (net["output"], net["params"]) == ([[1, 10]], 61_706)


def test_64x64_are_too_large_for_lenet() -> None:
    said = answer(program("lenet_wrong_64x64", "--format", "json"))
    (finding,) = said["diagnostics"]
    assert (finding["code"], finding["line"], finding["expected"], finding["actual"]) == ("TSL101", 25, 2704, 400)
    assert finding["fix"] == "in_features=16*13*13"


def test_grouped_and_depthwise_convolution() -> None:
    text = program("grouped_conv_right")
    counts = [row(text, f" {call}").split()[-1] for call in ("plain(x)", "grouped(x)", "depthwise(x)  ", "pointwise(d")]
    assert counts == ["18,432", "4,608", "576", "4,096"]
    steps = entry(answer(program("grouped_conv_right", "--format", "json")), "<module>")["steps"]
    params = [step["params"] for step in steps if step["op"] == "torch.nn.Conv2d"]
    assert params == [64 * 3 * 3 * 32, 64 * 3 * 3 * 32 // 4, 3 * 3 * 64, 64 * 1 * 1 * 64]
    weights = [step["in"][0] for step in steps if step["source"].endswith("weight.size()")]
    assert weights == [[32, 64, 3, 3], [32, 16, 3, 3], [64, 1, 3, 3]]


# --- program 2: how many kernels? ---------------------------------------------------------------------------------


def test_128_kernels_of_64_x_4_x_4() -> None:
    net = entry(answer(program("discriminator_right", "--format", "json")), "Discriminator")
    convolutions = [step for step in net["steps"] if step["op"] == "torch.nn.Conv2d"]
    assert [step["out"] for step in convolutions] == [[[100, 64, 14, 14]], [[100, 128, 7, 7]]]
    assert [step["params"] for step in convolutions] == [64 * 1 * 4 * 4 + 64, 128 * 64 * 4 * 4 + 128]


def test_kernels_written_by_hand() -> None:
    steps = entry(answer(program("kernels_right", "--format", "json")), "<module>")["steps"]
    assert [step["in"] for step in steps if step["source"] == "cnn.weight.size()"] == [[[2, 3, 3, 3]]] * 2
    assert [step["out"] for step in steps if step["op"] in ("torch.stack", "torch.cat")] == [[[2, 3, 3, 3]], [[2]]]
    assert steps[-2]["out"] == [[1, 2, 3, 3]]


# --- program 3: why does the hand calculation never match? --------------------------------------------------------


def test_the_hand_calculation() -> None:
    text = program("hand_calculation_right_four")
    for shape in ("(100, 16, 14, 14)", "(100, 32, 7, 7)", "(100, 64, 3, 3)", "(100, 128, 1, 1)"):
        assert shape in row(text, "nn.MaxPool2d", f"  {shape}")
    assert "(28 + 2*2 - 5)//1 + 1 = 28" in text
    net = entry(answer(program("hand_calculation_right_four", "--format", "json")), "CNN")
    assert outputs(net["steps"], "MaxPool2d") == [[16, 14, 14], [32, 7, 7], [64, 3, 3], [128, 1, 1]]
    assert net["params"] == 271_178


def test_what_the_training_loop_repeats_is_shown_once() -> None:
    text = program("hand_calculation_right_four")
    assert len([line for line in text.splitlines() if "criterion(outputs, labels)" in line]) == 1


# --- a name and inputs --------------------------------------------------------------------------------------------


def test_a_name_and_an_input() -> None:
    arguments = ("lenet_right_unknown_input::Net", "--input", "x=(2, 1, 28, 28)")
    assert "16*4*4 = 256" in row(program(*arguments), "x.view(")
    said = answer(program(*arguments, "--format", "json"))
    assert [(e["name"], e["inputs"]) for e in said["entries"]] == [("Net", {"x": [[2, 1, 28, 28]]})]
    assert [(d["line"], d["expected"], d["actual"]) for d in said["diagnostics"]] == [(25, 256, 400)]


@pytest.mark.parametrize("declared", ["y=(2, 1, 28, 28)", "Nut=(2, 1, 28, 28)", "Net.forwards:x=(2, 1, 28, 28)"])
def test_an_input_that_nothing_takes_is_told(declared: str) -> None:
    said = program("lenet_right_unknown_input", "--input", declared)
    assert said.rstrip().splitlines()[-1].startswith(f"note: nothing here takes the declared {declared} (")
    assert "nothing here takes" not in program("lenet_right_unknown_input", "--input", "Net=(2, 1, 32, 32)")


SEVERAL = """\
import torch
import torch.nn.functional as F
from torch import nn


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)
        self.lstm = nn.LSTM(7, 5, batch_first=True)

    def forward(self, a, b):
        x = torch.cat((self.fc(a), F.relu(b)), dim=-1)
        return self.lstm(x)


def blend(a, b):
    return torch.stack([a, b]).mean(0)


def pair():
    return torch.zeros(2, 3), [torch.ones(4), (torch.ones(5), 6)]


p = pair()
z = blend(*torch.ones(2, 7))
"""


@pytest.fixture
def several(tmp_path: Path) -> str:
    (tmp_path / "two.py").write_text(SEVERAL, "utf-8")
    return str(tmp_path / "two.py")


def test_several_inputs_and_results(several: str) -> None:
    inputs = ("--input", "a=(2, 6, 8)", "--input", "b=(2, 6, 3)", "--format", "json")
    two = entry(answer(told(f"{several}::Two", *inputs)), "Two")
    assert two["inputs"] == {"a": [[2, 6, 8]], "b": [[2, 6, 3]]}
    assert [step["out"] for step in two["steps"][:3]] == [[[2, 6, 4]], [[2, 6, 3]], [[2, 6, 7]]]
    assert two["steps"][2]["formula"] == "4 + 3 = 7"
    assert two["output"] == two["steps"][3]["out"] == [[2, 6, 5], [1, 2, 5], [1, 2, 5]]
    assert two["params"] == 8 * 4 + 4 + 4 * 5 * (7 + 5 + 2)


def test_a_function_and_its_inputs(several: str) -> None:
    inputs = ("--input", "a=(2, 6)", "--input", "b=(2, 6)", "--format", "json")
    assert entry(answer(told(f"{several}::blend", *inputs)), "blend")["output"] == [[2, 6]]


# --- the contract -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PROGRAMS, ids=fixture_id)
def test_every_program_keeps_the_contract(path: Path) -> None:
    fixture = Fixture.read(path)
    trace = explain(fixture.bare, str(path))
    said = answer(trace_json(trace))
    lines = fixture.bare.split("\n")
    for place in (*(step for e in said["entries"] for step in e["steps"]), *said["diagnostics"]):
        assert 1 <= place["line"] <= place["end_line"] <= len(lines)
        assert 1 <= place["column"] <= len(lines[place["line"] - 1])
    for step in (step for e in said["entries"] for step in e["steps"]):
        if step["source"] and step["line"] == step["end_line"]:
            assert lines[step["line"] - 1][step["column"] - 1 : step["end_column"] - 1] == step["source"]
    assert [d["code"] for d in said["diagnostics"]] == [e.code for e in fixture.errors]
    assert table(trace)


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("lenet_right", [(44, "torch.randn"), (45, "net"), (48, "torch.randn")]),
        (
            "kernels_right",
            [
                *((line, "torch.FloatTensor") for line in (7, 12, 17, 18)),
                *((line, f"cnn.{name}.size") for line, name in ((19, "weight"), (19, "bias"))),
                *((21, "torch.stack"), (22, "torch.cat")),
                *((line, f"cnn.{name}.size") for line, name in ((23, "weight"), (23, "bias"))),
                *((25, "torch.FloatTensor"), (30, "inpt.size")),
                *((31, "inpt.unsqueeze"), (31, "cnn"), (32, "result.size")),
            ],
        ),
    ],
)
def test_module_level_calls_are_steps(name: str, calls: list[tuple[int, str]]) -> None:
    """Each at its line, in the order in which they end."""
    steps = entry(answer(program(name, "--format", "json")), "<module>")["steps"]
    assert [(step["line"], step["source"].partition("(")[0]) for step in steps] == calls


def test_nested_results_are_flattened(several: str) -> None:
    steps = entry(answer(told(several, "--format", "json")), "<module>")["steps"]
    assert [step["out"] for step in steps if step["line"] == 25] == [[[2, 3], [4], [5]]]
    assert [step["out"] for step in steps if step["line"] == 26][-1] == [[7]]


def test_the_line_of_a_call() -> None:
    said = answer(program("lenet_right", "--format", "json"))
    assert [(e["name"], e["line"]) for e in said["entries"]] == [("<module>", 1), ("Net", 45)]


def test_the_line_of_a_class() -> None:
    said = answer(program("lenet_right_unknown_input", "--format", "json"))
    assert entry(said, "Net")["line"] == 7


def test_a_list_that_holds_itself() -> None:
    text = "import torch\nx = [torch.zeros(2, 3)]\nx.append(x)\ny = x\n"
    assert [str(shape) for shape in explain(text, "x.py").lines[4]] == ["(2, 3)"]


# --- names of sizes -----------------------------------------------------------------------------------------------

NAMES = """\
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.loader = torch.utils.data.DataLoader(torch.load("rows"))
        self.conv, self.wide = nn.Conv2d(3, c, 3), nn.Conv2d(3, 8, 1)

    def forward(self, x):  # x: (n, 3, h, w)
        y = self.wide(x.squeeze(-1))
        return self.conv(x)


class Other(nn.Module):
    def forward(self, z):
        return F.conv2d(z, torch.zeros(4, 3, 1, 1))
"""


def test_a_size_that_is_made_up_has_no_declared_name() -> None:
    """The author's names stay; what rank 4 brings in besides has others. In another story they are free again."""
    trace = explain(NAMES, "net.py")
    net, alone = (next(e for e in trace.entries if e.name == name) for name in ("Net", "Other"))
    assert [str(shape) for _, shape in net.inputs] == ["(n, 3, h, w)"]
    assert str(net.output[0]) == "(n, c, h - 2, w - 2)"
    assert str(trace.lines[13][0]) == "(n2, 8, h2, w2)"
    assert str(alone.output[0]) == "(n, 4, h, w)"


def test_names_are_told_apart_whoever_is_first() -> None:
    """A name that a function declares is the name of its own size, though one of that name was made up before."""
    text = NAMES.replace("return self.conv(x)", "return inner(y.squeeze(-1))").replace("# x: (n, 3, h, w)", "")
    text += "\n\ndef inner(y):  # y: (n, 8, h, w)\n    return F.relu(y)\n"
    trace = explain(text, "net.py")
    (net,) = (e for e in trace.entries if e.name == "Net")
    assert str(trace.lines[13][0]) == "(n, 8, h, w)"
    assert str(net.output[0]) == "(n2, 8, h2, w2)"


def test_a_line_gives_what_the_first_story_says() -> None:
    """Of the ranks that an input may have the batched one is told; the others are looked up aside."""
    text = (
        "from torch import nn\nimport torch.nn.functional as F\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
    )
    text += "        x = F.max_pool2d(x, 5)\n        return x.flatten(1).transpose(1, 2)\n"
    trace = explain(text, "net.py")
    assert [d.span.line for d in trace.diagnostics] == [8]
    assert str(trace.lines[7][0]) == "(n, c, (h//5), (w//5))"


@pytest.mark.parametrize("loop", ["for number in numbers():", "while number := numbers():"])
def test_the_else_of_a_loop_that_may_be_left_may_run(loop: str) -> None:
    text = f"import torch\n\nwidth = 3\n{loop}\n    if number > 1:\n        break\nelse:\n    width = 4\n"
    text += "x = torch.ones(2, width)\n"
    assert str(explain(text, "net.py").lines[9][0]) == "(2, (3|4))"
    assert str(explain(text.replace("break", "continue"), "net.py").lines[9][0]) == "(2, 4)"
    assert str(explain(text.replace("if number > 1:", "if True:"), "net.py").lines[9][0]) == "(2, (3|4))"
