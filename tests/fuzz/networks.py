"""Random networks that run, and such with one mistake: the text of a program, grown while torch watches.

Each step is tried in torch before it is taken, so a network goes on from the shape that it really has. How the steps
are then written down (attributes, containers, blocks, loops, named numbers) is the dice's too. What the whole program
does is for `network_laws` to ask.
"""

from __future__ import annotations

import re
import warnings
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from tests.fuzz.network_steps import Shape, Template, step

_LARGEST = 60_000  # elements
_PLAIN = re.compile(r"self\.(\w+)\(x\)")
_NUMBER = re.compile(r"(?<![\w.{-])\d+(?![\w.])")
_HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
_STARTS = ((2, 3, 16, 16), (4, 1, 12, 8), (2, 8, 6, 6), (2, 5, 12), (3, 10, 8), (4, 12), (2, 30), (1, 4, 9, 16))


def working(random: Random) -> str:
    """A program whose steps all run, each alone; nearly always it runs as a whole."""
    return _program(random, random.choice(_STARTS), broken=False)


def broken(random: Random) -> str:
    """The same with another number somewhere, or a last step that does not fit; nearly always torch raises."""
    return _program(random, random.choice(_STARTS), broken=True)


def symbolic(random: Random) -> str:
    """A class with a declared input: its sizes are names, which torch is told as primes (see `harness`)."""
    names, shape = random.choice([("(n, 3, h, w)", (11, 3, 37, 41)), ("(n, 12)", (11, 12)), ("(b, t, 8)", (11, 37, 8))])
    steps = _grown(random, shape, random.randint(2, 7), "meta")
    if random.random() < 0.4:
        steps = _with_mistake(random, steps)
    return _HEAD + "\n".join(_written(random, steps, f"  # x: {names}")) + "\n"


def _program(random: Random, shape: Shape, broken: bool) -> str:
    steps = _grown(random, shape, random.randint(2, 9), "cpu")
    if broken:
        steps = _with_mistake(random, steps)
    lines = _written(random, steps, "")
    size = ", ".join(map(str, shape))
    return _HEAD + "\n".join(lines) + f"\n\n\nnet = Net()\nout = net(torch.randn({size}))\n"


def _with_mistake(random: Random, steps: list[Template]) -> list[Template]:
    if not steps:
        return steps
    k = random.randrange(len(steps))
    changed = Template(steps[k].ranks, *(_changed(random, text) for text in steps[k][1:]))
    return [*steps[:k], changed, *steps[k + 1 :]]


def _changed(random: Random, text: str) -> str:
    """One number of a text becomes another."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    number = random.choice(found)
    value = int(number.group())
    new = random.choice([value + 1, value * 2, max(value - 1, 0), value + 3, value // 2])
    return f"{text[: number.start()]}{new}{text[number.end() :]}"


# --- growing ------------------------------------------------------------------------------------------------------


def _grown(random: Random, shape: Shape, count: int, device: str) -> list[Template]:
    """Steps that torch takes one after the other."""
    steps: list[Template] = []
    with torch.device(device), torch.no_grad(), warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        x = y = torch.zeros(shape)
        for _ in range(count * 4):
            if len(steps) >= count:
                break
            found = step(random, tuple(x.shape), f"m{len(steps)}")
            result = _tried(found, x, y, f"m{len(steps)}") if found else None
            if found is None or result is None or result.numel() > _LARGEST:
                continue
            steps.append(found)
            if random.random() < 0.25:
                steps.append(Template("", "", "y"))  # y = x from here on
                y = result
            x = result
    return steps


def _tried(found: Template, x: torch.Tensor, y: torch.Tensor, name: str) -> torch.Tensor | None:
    scope: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "x": x, "y": y, "self": nn.Module()}
    try:
        if found.layer:
            setattr(scope["self"], name, eval(found.layer, scope))
        result = eval(found.call, scope)
    except Exception:  # noqa: BLE001
        return None
    return result if isinstance(result, torch.Tensor) else None


# --- writing ------------------------------------------------------------------------------------------------------


def _written(random: Random, steps: list[Template], comment: str) -> list[str]:
    """The class ``Net``, and the blocks that it is made of."""
    before: list[str] = []
    init: list[str] = []
    forward: list[str] = []
    named: list[tuple[str, int]] = []
    for k, group in enumerate(_groups(random, steps)):
        style = random.choice(["sequential", "list", "block"]) if len(group) > 1 else "plain"
        if style == "sequential":
            init.append(f"self.body{k} = nn.Sequential({', '.join(s.layer for s in group)})")
            forward.append(f"x = self.body{k}(x)")
        elif style == "list":
            init.append(f"self.body{k} = nn.ModuleList([{', '.join(s.layer for s in group)}])")
            forward += [f"for layer in self.body{k}:", "    x = layer(x)"]
        elif style == "block":
            before += [*_block(f"Block{k}", group), "", ""]
            init.append(f"self.body{k} = Block{k}()")
            forward.append(f"x = self.body{k}(x)")
        else:
            init += [f"self.{_name(s)} = {_with_names(random, s.layer, named)}" for s in group if s.layer]
            forward += ["y = x" if s.call == "y" else f"x = {s.call}" for s in group]
    parameters = "".join(f", {name}={value}" for name, value in named)
    return [
        *before,
        "class Net(nn.Module):",
        f"    def __init__(self{parameters}):",
        "        super().__init__()",
        *(f"        {line}" for line in init),
        "",
        f"    def forward(self, x):{comment}",
        "        y = x",
        *(f"        {line}" for line in forward),
        "        return x",
    ]


def _groups(random: Random, steps: list[Template]) -> list[list[Template]]:
    """Neighbours that are nothing but a layer called with x may stand in one container."""
    groups: list[list[Template]] = []
    for k, s in enumerate(steps):
        joined = k > 0 and _PLAIN.fullmatch(s.call) and _PLAIN.fullmatch(steps[k - 1].call) and random.random() < 0.6
        if joined:
            groups[-1].append(s)
        else:
            groups.append([s])
    return groups


def _block(name: str, group: list[Template]) -> list[str]:
    return [
        f"class {name}(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        self.{_name(s)} = {s.layer}" for s in group),
        "",
        "    def forward(self, x):",
        *(f"        x = {s.call}" for s in group),
        "        return x",
    ]


def _name(found: Template) -> str:
    match = re.search(r"self\.(m\d+)", found.call)
    assert match
    return match[1]


def _with_names(random: Random, layer: str, named: list[tuple[str, int]]) -> str:
    """Now and then a number of a layer is a parameter of the network, with a default."""
    number = next(_NUMBER.finditer(layer), None)
    if number is None or random.random() < 0.7:
        return layer
    named.append((f"width{len(named)}", int(number.group())))
    return f"{layer[: number.start()]}{named[-1][0]}{layer[number.end() :]}"
