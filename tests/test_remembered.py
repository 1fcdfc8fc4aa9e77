"""A call is remembered only where nobody could tell: each program ends with a layer of 4 features, as Python counts."""

# ruff: noqa: E501 - programs, one a line

from __future__ import annotations

import pytest

from torchshape_lint.check import _Evaluation, check
from torchshape_lint.options import Options

PLAIN = "def width(k):\n    total = 0\n    for i in range(200):\n        total += k\n    return total // 200\n"
FOUR = {
    "a list of the module": "SIZES = [3]\ndef width():\n    return len(SIZES)\nwidth()\nSIZES += [4, 5, 6]\nsize = width()\n",
    "a name of the module": "size = 3\ndef width():\n    return size\nwidth()\nsize = 4\nsize = width()\n",
    "a name bound anew by a function": (
        "step = 3\ndef more(k):\n    global step\n    step = step + 1\n    return step\nsize = more(0)\n"
    ),
    "the same twice": (
        "step = 2\ndef more(k):\n    global step\n    step = step + 1\n    return step\nmore(0)\nsize = more(0)\n"
    ),
    "a function around it": (
        "def outer(k):\n    def inner(x):\n        return x + k\n    return inner\nouter(2)(1)\nsize = outer(3)(1)\n"
    ),
    "a variable around it that changes": (
        "def outer():\n    k = 2\n    def inner(x):\n        return x + k\n    inner(1)\n    k = 3\n    return inner(1)\n"
        "size = outer()\n"
    ),
    "a default that grows": (
        "def seen(x, before=[]):\n    before.append(x)\n    return len(before)\nfor _ in range(3):\n    seen(0)\nsize = seen(0)\n"
    ),
    "an attribute of a class": (
        "class Sizes:\n    known = []\ndef note(k):\n    Sizes.known.append(k)\n    return len(Sizes.known)\n"
        "for _ in range(3):\n    note(0)\nsize = note(0)\n"
    ),
    "a class attribute that is set": (
        "class Sizes:\n    known = 1\ndef width(k):\n    return Sizes.known\nwidth(0)\nSizes.known = 4\nsize = width(0)\n"
    ),
    "an attribute of the function": (
        "def width(k):\n    return width.size\nwidth.size = 3\nwidth(0)\nwidth.size = 4\nsize = width(0)\n"
    ),
    "globals()": "limit = 3\ndef width():\n    return globals()['limit']\nwidth()\nlimit = 4\nsize = width()\n",
    "1, True and 1.0": (
        "def kind(x):\n    return 3 if isinstance(x, float) else 5 if isinstance(x, bool) else 4\nkind(1.0)\nkind(True)\nsize = kind(1)\n"
    ),
    "a list that is given": (
        "def take(items):\n    return items.pop()\nsizes = [4, 3]\ntake(sizes)\nsize = take(sizes)\n"
    ),
    "functions that count": (
        "def counter(k):\n    n = k\n    def more():\n        nonlocal n\n        n += 1\n        return n\n    return more\n"
        "first = counter(3)\nfirst()\nfirst()\nsize = counter(3)()\n"
    ),
    "classes that are made": (
        "def kind(k):\n    class Kind:\n        size = k\n    return Kind\nkind(4).size = 5\nsize = kind(4).size\n"
    ),
    "a list that is given back": (
        "def same(items):\n    return items\nsizes = [1, 2, 3]\nsame([1, 2, 3])\nsame(sizes).append(0)\nsize = len(sizes)\n"
    ),
    "a list in a list": (
        "def wrap(items):\n    return [items]\na = [1]\nb = [1]\nwrap(a)[0].append(2)\nwrap(b)[0].append(2)\nsize = len(a) + len(b)\n"
    ),
    "a list that was given first": (
        "kept = []\ndef keep(items):\n    kept.append(items)\n    return 0\na = [1, 2]\nb = [1, 2]\nkeep(a)\nkeep(b)\n"
        "kept[1].extend([3, 4])\nsize = len(b)\n"
    ),
    "a list by default": ("def late(x, items=[1, 2, 3]):\n    return items\nlate(0).append(4)\nsize = len(late(0))\n"),
    "a default that grows in a function inside": (
        "def seen(items=[]):\n    items.append(0)\n    return len(items)\ndef outer(x):\n    return seen()\nouter(0)\nouter(0)\n"
        "outer(0)\nsize = outer(0)\n"
    ),
    "a default that others change": (
        "SIZES = [1]\nclass Box:\n    def __init__(self, items=SIZES):\n        self.size = len(items)\nBox()\n"
        "SIZES.extend([2, 3, 4])\nsize = Box().size\n"
    ),
    "a list that is made": (
        "def made(k):\n    return [k]\nfirst = made(3)\nfirst.append(1)\nsize = len(made(3)) + 3\n"
    ),
    "one that raises": (
        "def width(k):\n    if k > 2:\n        raise ValueError\n    return k\nsize = 0\nfor k in (3, 3):\n"
        "    try:\n        size = width(k)\n    except ValueError:\n        size = 4\n"
    ),
    "a random number": (
        "import random\ndef draw(k):\n    return random.randint(1, 9)\na = draw(0)\nb = draw(0)\nsize = 4 if a == b else 4\n"
    ),
    "a dict of the module": (
        "sizes = {'a': 3}\ndef width(k):\n    return sizes['a']\nwidth(0)\nsizes['a'] = 4\nsize = width(0)\n"
    ),
    "a dict of the module that is given back": (
        "sizes = {'a': 3}\ndef known(k):\n    return sizes\nknown(0)\nknown(0)['a'] = 4\nsize = sizes['a']\n"
    ),
    "a dict of the module that was given an object": (
        "class Size:\n    n = 3\nsizes = {}\ndef width(k):\n    return sizes['a'].n if 'a' in sizes else 3\nwidth(0)\n"
        "sizes['a'] = Size()\nwidth(0)\nsizes['a'].n = 4\nsize = width(0)\n"
    ),
    "a set of the module": (
        "seen = {1, 2, 3}\ndef count(k):\n    return len(seen)\ncount(0)\nseen.add(4)\nsize = count(0)\n"
    ),
    "keywords that are taken out": (
        "def width(**given):\n    k = given.pop('k', 0)\n    return k + given.pop('k', 1)\nwidth(k=3)\nsize = width(k=3)\n"
    ),
    "a dict that is given": (
        "def take(given):\n    return given.pop('k', 4)\nsizes = {'k': 3}\ntake(sizes)\nsize = take(sizes)\n"
    ),
    "a dict that is made": (
        "def made(k):\n    return {'a': [k]}\nfirst = made(3)\nfirst['a'].append(1)\nfirst['b'] = 0\n"
        "second = made(3)\nsize = len(second) + second['a'][0]\n"
    ),
    "a named tuple in a list that is copied": (
        "import copy\nfrom typing import NamedTuple\nclass Size(NamedTuple):\n    n: int\nsize = copy.deepcopy([Size(4)])[0].n\n"
    ),
    "one list twice in what is made": (
        "def made(k):\n    one = [k]\n    return [one, one]\nmade(3)\npair = made(3)\npair[0].append(1)\nsize = len(pair[1]) + 2\n"
    ),
    "a list of its own that it changes": (
        "def width(x):\n    sizes = [x]\n    for k in range(3):\n        sizes.append(k)\n    return len(sizes)\n"
        "width(1)\nsize = width(1)\n"
    ),
    "a helper that is given such a list before and after": (
        "class Box:\n    pass\ndef count(items, box):\n    return len(items)\ndef both(box):\n    items = [1, 2, 3]\n"
        "    count(items, box)\n    items.append(4)\n    return count(items, box)\nboth(Box())\nbox = Box()\nboth(box)\nsize = both(box)\n"
    ),
    "an object that it changes": (
        "class Box:\n    n = 1\ndef grow(box):\n    box.n = box.n + 1\n    return box.n\nbox = Box()\ngrow(box)\ngrow(box)\n"
        "size = grow(box)\n"
    ),
    "an object that it makes and changes": (
        "class Box:\n    n = 3\ndef read(box):\n    return box.n\ndef made(k):\n    box = Box()\n    read(box)\n    box.n = 4\n"
        "    return box\nsize = read(made(0))\n"
    ),
    "lists that are taken from": (
        "def take(items):\n    return items.pop()\na, b = [3, 4], [3, 4]\ntake(a)\ntake(b)\nsize = len(b) + 3\n"
    ),
    "an attribute of an object": (
        "class Box:\n    n = 3\ndef width(box):\n    return box.n\nbox = Box()\nwidth(box)\nbox.n = 4\nsize = width(box)\n"
    ),
    "two objects": (
        "class Box:\n    def __init__(self, k):\n        self.items = [k]\nfirst, second = Box(3), Box(3)\nfirst.items.append(1)\n"
        "second.items += [1, 2]\nsize = len(second.items) + len(first.items) - 1\n"
    ),
    "an object that others hold": (
        "class Box:\n    n = 3\nclass Pair:\n    def __init__(self, k):\n        self.one = self.other = Box()\n"
        "Pair(0).one.n = 7\npair = Pair(0)\npair.one.n = 4\nsize = pair.other.n\n"
    ),
    "an object with a function that sees it": (
        "class Box:\n    def __init__(self, k):\n        self.n = k\n        self.size = lambda: self.n\n"
        "first, second = Box(3), Box(3)\nfirst.n = 5\nsecond.n = 4\nsize = second.size()\n"
    ),
    "an object with a bound method": (
        "class Box:\n    def __init__(self, k):\n        self.n = k\n        self.size = self.get\n    def get(self):\n"
        "        return self.n\nfirst, second = Box(3), Box(3)\nfirst.n = 5\nsecond.n = 4\nsize = second.size()\n"
    ),
    "objects that are counted": (
        "class Box:\n    count = 1\n    def __init__(self, k):\n        Box.count += 1\nfor _ in range(3):\n    Box(0)\nsize = Box.count\n"
    ),
    "objects that are listed": (
        "made = []\nclass Box:\n    def __init__(self, k):\n        made.append(self)\n        self.n = k\nBox(3)\nBox(3).n = 4\n"
        "size = made[1].n\n"
    ),
    "objects that share a default": (
        "class Box:\n    def __init__(self, items=[]):\n        self.items = items\n        items.append(0)\nBox()\nBox()\nBox()\n"
        "size = len(Box().items)\n"
    ),
    "an object that keeps what it is given": (
        "class Box:\n    def __init__(self, items):\n        self.items = items\na, b = [1, 2], [1, 2]\nBox(a).items.append(3)\n"
        "box = Box(b)\nb.append(3)\nb.append(4)\nsize = len(box.items)\n"
    ),
    "an object of a class that changes": (
        "class Box:\n    n = 3\n    def __init__(self, k):\n        self.size = self.n + k\nBox(0)\nBox.n = 4\nsize = Box(0).size\n"
    ),
    "keywords in another order": (
        "class Box:\n    def __init__(self, a, b):\n        self.n = 2 * a + b\nBox(a=2, b=1)\nsize = Box(b=2, a=1).n\n"
    ),
    "recursion that is cut": ("def down(k):\n    return k if k <= 4 else down(k - 1)\ndown(30)\nsize = down(9)\n"),
}
LAYER = "import torch\nfrom torch import nn\n{}\nnn.Linear(4, 2)(torch.zeros(1, size))\n"
WRONG = LAYER.replace("(4, 2)", "(7, 2)")


@pytest.mark.parametrize("program", FOUR.values(), ids=FOUR)
def test_the_value_is_what_python_gives(program: str) -> None:
    names: dict[str, object] = {}
    exec(program, names)
    assert names["size"] == 4
    assert check(LAYER.format(program), "x.py") == []
    assert [d.expected for d in check(WRONG.format(program), "x.py")] == [4]


def test_what_is_set_on_one_of_two_objects_is_not_known_of_either() -> None:
    text = (
        "import random\nclass Box:\n    n = 3\nfirst, second = Box(), Box()\none = first if random.random() > 2 else second\n"
        "one.n = 4\nsize = one.n\n"
    )
    assert check(LAYER.format(text), "x.py") == []
    assert check(LAYER.format(text.replace("size = one", "size = 1 + second")), "x.py") == []


def _steps(text: str) -> int:
    evaluation = _Evaluation(text, "x.py", Options(), ())
    assert evaluation.complete
    return evaluation.machine.budget.used


def test_a_plain_function_is_evaluated_once() -> None:
    call = "import torch\n" + PLAIN + "a = width(4)\n"
    once, often = _steps(call), _steps(call + "b = width(4)\n" * 50)
    assert often < once + 50 * 10 < 2 * once


def test_each_call_makes_layers_of_its_own() -> None:
    text = (
        "import torch\nfrom torch import nn\ndef block(k):\n    return nn.Sequential(nn.Linear(k, k), nn.ReLU())\n"
        "first, second = block(4), block(4)\nfirst[0] = nn.Linear(5, 4)\nsecond(torch.zeros(1, 4))\nfirst(torch.zeros(1, 5))\n"
        "first(torch.zeros(1, 4))\n"
    )
    assert [(d.span.line, d.expected) for d in check(text, "x.py")] == [
        (6, 4)
    ]  # the layer that was put in, as called at line 9


def test_sizes_that_nobody_knows_are_each_their_own() -> None:
    text = (
        "import torch\nimport random\ndef size(k):\n    return 2 if random.random() > 0.5 else 3\n"
        "torch.zeros(size(0)) + torch.zeros(size(0) + 1)\n"
    )
    assert check(text, "x.py") == []
    same = text.replace("torch.zeros(size(0)) +", "n = size(0)\ntorch.zeros(n) +").replace("(size(0) + 1)", "(n + 1)")
    assert [d.code.id for d in check(same, "x.py")] == ["TSL202"]


def test_two_calls_that_raise_are_two_findings() -> None:
    text = (
        "import torch\ndef join(k):\n    return torch.zeros(k, 2) + torch.zeros(3, 3)\n"
        "def first():\n    return join(3)\ndef second():\n    return join(3)\nfirst()\n"
    )
    assert [d.span.line for d in check(text, "x.py")] == [3]


TREE = """
import torch
from torch import nn

def visit(module, depth=0):
    for name, child in module.named_children():
        visit(child, depth + 1)
    for name, child in module.items():
        visit(child, depth + 1)
    return module

class Net(nn.Module):
    def __init__(self, parts):
        super().__init__()
        self.parts = parts
        visit(parts)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(torch.zeros(1, 3))
"""


def test_a_function_that_calls_itself_for_unknown_children_ends_early() -> None:
    assert _steps(TREE) < 20_000
    assert [d.code.id for d in check(TREE, "x.py")] == ["TSL101"]


BLOCK = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.gate = nn.Sequential(nn.Conv2d(width, width, 1), nn.Sigmoid())

    def forward(self, x):
        x = self.norm(self.conv(x))
        return x * self.gate(x)
"""


def test_a_module_is_constructed_once() -> None:
    once, often = _steps(BLOCK + "Block(4)\n"), _steps(BLOCK + "Block(4)\n" * 50)
    assert often < once + 50 * 5


def test_a_module_of_unknown_width_is_constructed_once() -> None:
    net = "\nclass Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
    forward = "    def forward(self, x):\n        return self.b0(x)\n"
    many = "".join(f"        self.b{k} = Block(width)\n" for k in range(50))
    once, often = (_steps(BLOCK + net + body + forward) for body in ("        self.b0 = Block(width)\n", many))
    assert often < once + 50 * 10


def test_modules_that_are_alike_are_two() -> None:
    text = BLOCK + (
        "first, second = Block(4), Block(4)\nfirst.gate[0] = nn.Conv2d(4, 5, 1)\n"
        "second(torch.zeros(1, 4, 8, 8))\nfirst(torch.zeros(1, 4, 8, 8))\n"
    )
    assert [(d.code.id, d.span.line, d.story) for d in check(text, "x.py")] == [
        ("TSL202", 14, "called at line 18 with (1, 4, 8, 8)")
    ]


def test_what_a_line_proves_of_a_width_holds_for_one_net_only() -> None:
    """The first net is as wide as its input; the second may be as wide as its own."""
    text = BLOCK + (
        "\nclass Net(nn.Module):\n    def __init__(self, width, known=False):\n        super().__init__()\n"
        "        if known:\n            assert width == 8\n        self.block = Block(width)\n"
        "        self.other = Block(width)\n        self.last = nn.Conv2d(16, 4, 1)\n\n"
        "    def forward(self, x):\n        return self.last(self.other(self.block(x)))\n"
    )
    assert check(text, "x.py") == []
    assert [d.code.id for d in check(text.replace("if known", "if True"), "x.py")] == ["TSL102"]


CHECKED = (
    BLOCK
    + """
class Checked(nn.Module):
    def __init__(self, width):
        super().__init__()
        {}
        self.conv = nn.Conv2d(width, width if width == 8 else 8, 3)

class Net(nn.Module):
    def __init__(self, width, wide):
        super().__init__()
        {}
        self.checked = Checked(width)
        self.first, self.second = nn.Conv2d(3, width, 1), nn.Conv2d(16, 4, 1)

    def forward(self, x):
        return self.second(self.first(x))
"""
)


@pytest.mark.parametrize(
    ("inside", "before", "found"),
    [
        ("assert width == 8", "pass", ["TSL102"]),
        ("assert width == 8", "self.other = Checked(width) if wide else None", ["TSL102"]),
        ("pass", "self.other = Checked(width) if wide else None", []),
    ],
)
def test_what_a_constructor_proves_of_a_size_it_proves_again(inside: str, before: str, found: list[str]) -> None:
    assert [d.code.id for d in check(CHECKED.format(inside, before), "x.py")] == found


def test_what_is_known_of_a_size_decides_in_the_next_constructor() -> None:
    text = BLOCK + (
        "class Wide(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
        "        self.kind = 'wide' if width == 8 else 'slim'\n"
        "class Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        Wide(width)\n"
        "        assert width == 8\n        out = {'wide': 16, 'slim': 9}[Wide(width).kind]\n"
        "        self.first, self.second = nn.Conv2d(3, out, 1), nn.Conv2d(9, 4, 1)\n\n"
        "    def forward(self, x):\n        return self.second(self.first(x))\n"
    )
    assert [(d.code.id, d.actual, d.expected) for d in check(text, "x.py")] == [("TSL102", 9, 16)]


def test_a_deep_copy_has_both_of_two_layers_for_itself() -> None:
    text = (
        "import copy\nimport random\nimport torch\nfrom torch import nn\nclass Block(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Linear(4, 4) if random.random() > 0.5 else nn.Linear(4, 4, False)\n"
        "first = Block()\nsecond = copy.deepcopy(first)\nfirst.fc.weight = nn.Parameter(torch.zeros(3, 5))\n"
        "nn.Linear(5, 2)(second.fc(torch.zeros(1, 4)))\n"
    )
    assert [(d.code.id, d.span.line) for d in check(text, "x.py")] == [("TSL101", 12)]


def test_operators_of_a_remembered_call_are_told_where_it_is_called() -> None:
    net = "class {0}(nn.Module):\n    def forward(self, x):\n        return x + torch.zeros(1, table(3))\n"
    calls = "".join(f"{name}()(torch.zeros(1, 48))\n" for name in ("One", "Two"))
    text = (
        "import torch\nfrom torch import nn\ndef table(k):\n"
        "    return nn.functional.avg_pool2d(torch.zeros(1, k, 9, 9), 2).flatten(1).shape[1]\n"
    )
    evaluation = _Evaluation(text + net.format("One") + net.format("Two") + calls, "x.py", Options(), ())
    told = [(step.path, step.op, step.depth) for step in evaluation.records[0].steps]
    one, two = ([step for step in told if step[0].startswith(name)] for name in ("One.", "Two."))
    assert [path for path, *_ in two] == "Two.zeros Two.avg_pool2d Two.flatten Two.zeros Two.add".split()
    assert [(path.replace("One", "Two"), op, depth) for path, op, depth in one] == two
