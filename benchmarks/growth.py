"""How the cost of one file grows with its lines and its layers, and how long an editor waits for a saved file.

    python benchmarks/growth.py

Programs are written here, each twice as long as the one before; CPU seconds of one evaluation, the best of three. The
editor is a real client of the language server (it needs the `test` extra), its file has 500 lines.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from torchshape_lint.check import _Evaluation
from torchshape_lint.options import Options

HEAD = "import torch\nfrom torch import nn\n\n\n"
NET = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
CLASS = """class Net{k}(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        return self.fc(x.mean((2, 3)))


"""


def layers(count: int) -> str:
    """A network of so many layers, written out."""
    made = "".join(
        f"        self.conv{k} = nn.Conv2d(64, 64, 3, padding=1)\n        self.norm{k} = nn.BatchNorm2d(64)\n"
        for k in range(count // 2)
    )
    steps = "".join(f"        x = x + torch.relu(self.norm{k}(self.conv{k}(x)))\n" for k in range(count // 2))
    call = "\n\nNet()(torch.zeros(2, 64, 32, 32))\n"
    return f"{HEAD}{NET}{made}\n    def forward(self, x):\n{steps}        return x\n{call}"


def loop(count: int) -> str:
    """A network whose layers are made in a loop."""
    made = f"        self.parts = nn.Sequential(*[nn.Linear(64, 64) for _ in range({count})])\n"
    forward = "    def forward(self, x):\n        return self.parts(x)\n"
    return f"{HEAD}{NET}{made}\n{forward}\n\nNet()(torch.zeros(2, 64))\n"


def classes(lines: int) -> str:
    """Modules that nobody calls, each judged for any input."""
    return HEAD + "".join(CLASS.replace("{k}", str(k)) for k in range(lines // (CLASS.count("\n"))))


def functions(lines: int) -> str:
    """Functions that nobody calls."""
    one = "def scaled_{k}(x, factor):\n    y = x * factor + {k}\n    z = torch.relu(y)\n    return z\n\n\n"
    return HEAD + "".join(one.replace("{k}", str(k)) for k in range(lines // one.count("\n")))


def nested(depth: int) -> str:
    """Functions that call the one before twice, under a branch that nobody can decide."""
    text = HEAD + "def level0(x, flag):\n    return x\n\n\n"
    for k in range(1, depth + 1):
        text += f"def level{k}(x, flag):\n    if flag:\n        return level{k - 1}(x, flag)\n"
        text += f"    return level{k - 1}(x, flag)\n\n\n"
    return f"{text}class Net(nn.Module):\n    def forward(self, x, flag):\n        return level{depth}(3, flag)\n"


def grows(name: str, program: Callable[[int], str], counts: tuple[int, ...]) -> None:
    seconds = []
    for count in counts:
        text = program(count)
        best = min(evaluated(text) for _ in range(3))
        seconds.append(best)
        print(f"  {name:10} {count:7,}  {text.count(chr(10)):7,} lines  {best:6.2f} s")
    ratio = seconds[-1] / seconds[-2]
    print(f"{name}: twice as much takes {ratio:.2f} times as long: {'linear' if ratio < 2.6 else 'MORE THAN LINEAR'}")


def evaluated(text: str) -> float:
    start = time.process_time()
    evaluation = _Evaluation(text, "x.py", Options(seconds=60), ())
    evaluation.diagnostics()
    spent = time.process_time() - start
    if not evaluation.complete:
        print(f"  ended early: {evaluation.machine.budget.spent}")
    return spent


def editor() -> None:
    """From a saved file of 500 lines to its diagnostics, in a server that is warm."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.lsp.editor import Editor

    text = classes(480) + "Net0()(torch.zeros(1, 3, 32, 32))\n"
    texts = text, text.replace("(width, 10)", "(33, 10)", 1)
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.py"
        path.write_text(text)
        user = Editor(Path(folder))
        user.open(path, text)
        user.found(path)
        for turn in range(60):
            wrong = turn % 2 == 0
            start = time.perf_counter()
            user.type(path, texts[wrong])
            user.save(path)
            assert len(user.found(path)) == wrong
            waits.append(1000 * (time.perf_counter() - start))
        user.quit()
    waits.sort()
    median, late = statistics.median(waits), waits[int(0.99 * len(waits))]
    print(
        f"editor: {text.count(chr(10))} lines, median {median:.0f} ms (bound 100), the 99th of 100 {late:.0f} ms (250)"
    )


def main() -> None:
    evaluated(classes(100))  # warm
    grows("layers", layers, (250, 500, 1000, 2000))
    grows("loop", loop, (125, 250, 500))
    grows("classes", classes, (1000, 2000, 4000))
    grows("functions", functions, (25_000, 50_000, 100_000))
    grows("nested", nested, (8, 16, 32))
    editor()


if __name__ == "__main__":
    main()
