"""Programs that mean harm: small to write down, and without end for who follows them carelessly.

Each begins with a mistake on line 3 that must be found all the same, unless the text is too large to be read at all.
"""

from __future__ import annotations

from collections.abc import Iterable

HEAD = "import torch\nfrom torch import nn\nnn.Linear(3, 4)(torch.randn(2, 5))\n"
UNREAD = {"a line of 10 MB", "operators in a line of 10 MB"}

_MODULE = "class Net(nn.Module):\n    def __init__(self, n, m):\n        super().__init__()\n"
_FORWARD = "class Net(nn.Module):\n    def forward(self, x):\n"


def _lines(indent: int, lines: Iterable[str]) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _nest(opening: str, count: int, inside: str, indent: int = 0) -> str:
    """Blocks in blocks; ``{k}`` is how deep."""
    blocks = "".join(" " * (indent + k) + opening.format(k=k) + "\n" for k in range(count))
    return f"{blocks}{' ' * (indent + count)}{inside}\n"


NUMBERS = {
    "powers": "n = 10**10**10\nm = 2**2**2**2**2**2\nx = torch.zeros(10**10**10)\ny = nn.Linear(n, m)(x)\n",
    "repetition": "s = 'a' * 10**12\nt = [0] * 10**12\nu = (1,) * 10**12\nv = [[0] * 10**6] * 10**6\n",
    "ranges": "for i in range(10**18):\n    x = i\ny = list(range(10**18)), sum(range(10**18)), range(10**30)\n",
    "digits": f"n = 0x{'f' * 50_000}\nx = torch.zeros(n)\nprint(n, f'{{n}}', str(n))\nnn.Linear(n, 3)(torch.zeros(2, 3))\n",
    "decimal digits": f"n = {'9' * 5000}\nnn.Linear(n, 3)(torch.zeros(2, 3))\n",
    "shifts": "n = 1 << 60_000\nx = torch.zeros(n, 3).view(-1, 7)\nnn.Linear(n, 4)(torch.zeros(2, 3))\n",
    "primes": f"torch.zeros({(2**89 - 1) * (2**107 - 1)}, 3).view(-1, 7)\n",
    "large shapes": "x = torch.zeros(*[10**18] * 150)\nx.view(7)\ntorch.cat([x, x]).flatten()\nx.numel()\n",
    "formats": "s = '%1000000000d' % 3, f'{3:>1000000000}', '{:1000000000}'.format(3), 'a'.center(10**10)\n",
    "doubled sizes": _MODULE + _lines(8, ["n = n + n"] * 1000) + _lines(8, ["self.fc = nn.Linear(n, 3)"]),
    "squared sizes": _MODULE + "        n = n + m\n" + _lines(8, ["n = n * n"] * 200),
    "divided sizes": _FORWARD
    + "        n, m = x.shape\n"
    + _lines(8, [f"n = (n*m + {k}) // (m + {k})" for k in range(1, 150)]),
}
NESTED = {
    **{
        f"{opening.strip()} x 10000": f"x = {opening * 10_000}1{closing * 10_000}\n"
        for opening, closing in (
            *(("(", ")"), ("f(", ")"), ("lambda: ", ""), ("[", "]"), ("-", ""), ('f"{', '}"'), ("a[", "]")),
            *(("1 if x else ", ""), ("torch.relu(", ")"), ("await ", ""), ("{1: ", "}"), ("x := ", "")),
        )
    },
    "tuples of themselves": "v = w = ()\n"
    + "v = (v, v)\nw = (w, w)\n" * 100
    + "v == w\nd = {v: 1}\nf'{v}'\ntorch.zeros(v)\n",
    "lists of themselves": "v = w = [0]\n" + "v = [v, v]\nw = [w] * 2\n" * 100 + "v == w\ntorch.tensor(v)\nv + w\n",
    "dicts of themselves": "d = e = {}\n" + "d = {1: d, 2: d}\ne = {1: e, 2: e}\n" * 100 + "d == e\nnn.ModuleDict(d)\n",
    "appended to itself": "v = []\n"
    + "v.append(v)\nv.extend(v)\n" * 40
    + "str(v)\nsorted(v)\ntorch.stack(v)\nlist(v) == v\n",
    "a text doubled": "s = 'a'\n" + "s = s + s\n" * 200 + "t = (1,)\n" + "t = t + t\n" * 200,
    "values that join": "def f(c):\n    v = (1,)\n"
    + "    if c: v = (v, v)\n    else: v = (v, 1)\n" * 60
    + "    return v\nf(x)\n",
    "containers of themselves": "m = nn.Sequential(nn.Linear(4, 4))\n"
    + "m = nn.Sequential(m, m)\n" * 60
    + "m(torch.zeros(2, 4))\n",
    "lists of layers": "m = [nn.Linear(4, 4)]\n"
    + "m = nn.ModuleList([*m, *m])\n" * 40
    + "for layer in m: layer(torch.zeros(2, 4))\n",
    "in itself": "m = nn.ModuleList()\nm.append(m)\ns = nn.Sequential()\ns.add_module('s', s)\ns(torch.zeros(2))\nlist(s.modules())\n",
    "functions of functions": "f = lambda x: x\n"
    + "f = (lambda g: lambda x: g(g(x)))(f)\n" * 60
    + "f(torch.zeros(2))\n",
    "calls, each twice": _lines(0, [f"def f{k}(x): return f{k + 1}(x) + f{k + 1}(x)" for k in range(60)])
    + "f0(torch.zeros(2))\n",
    "loops in loops": _nest("for i{k} in range(10):", 18, "x = torch.zeros(2)"),
    "unknown loops": "def f(n):\n" + _nest("while n[{k}]:", 18, "n = n + 1", 1) + _FORWARD + "        return f(x)\n",
    "ifs in ifs": "def f(n):\n" + _nest("if n[{k}]:", 90, "n = n + 1", 1) + _FORWARD + "        return f(x)\n",
    "tries in tries": _nest("try:", 18, "x = 1") + "".join(f"{' ' * k}except E: x = 2\n" for k in reversed(range(18))),
}
LONG = {
    "a long list": f"x = [{'1, ' * 100_000}]\ntorch.tensor(x)\nnn.Linear(len(x), 2)(torch.randn(2, 3))\n",
    "a long table": f"x = [{'[1, 2], ' * 10_000}]\ntorch.tensor(x)\nfor a, b in x: torch.zeros(a, b)\n",
    "a long dict": f"x = {{{', '.join(f'{k}: {k}' for k in range(20_000))}}}\nfor k, v in x.items(): k\n",
    "elifs": "def f(x):\n    if x == 0: y = 1\n"
    + _lines(4, [f"elif x == {k}: y = torch.zeros({k})" for k in range(1, 900)])
    + "f(3)\n",
    "undecided ifs": "def f(x):\n    y = x\n"
    + _lines(4, [f"if x[{k}]: y = torch.cat([y, y])" for k in range(400)])
    + "f(a)\n",
    "a loop that may be left in every turn": _lines(0, [f"s{j} = {{}}" for j in range(20)])
    + "for k in range(599):\n"
    + _lines(4, [*(f"s{j}[k] = k" for j in range(20)), "if unknown(): break"]),
    "cases": "match x:\n" + _lines(4, [f"case {k}: y = torch.zeros({k})" for k in range(1500)]),
    "functions": _lines(0, [f"def f{k}(x): return torch.relu(x)" for k in range(5000)]),
    "parameters": f"def f({', '.join(f'a{k}=torch.zeros({k})' for k in range(1000))}): return a3\nf()\n",
    "decorators": "@f\n" * 2000 + "def g(x): return x\ng(torch.zeros(2))\n",
    "semicolons": ";" * 100_000 + "\n",
    "a line of 10 MB": "x = 1;" * (10 * 2**20 // 6) + "\n",
    "operators in a line of 10 MB": "x = " + "1+" * (5 * 2**20) + "1\n",
    "a text of 2 MB": f"x = '{'a' * (2 * 2**20)}'\n",
    "joined tensors": "x = torch.zeros(2, 3)\n" + "x = torch.cat([x, x])\n" * 1000 + "y = x.view(7)\n",
    "axes": f"x = torch.zeros([{'1,' * 20_000}])\nx.permute(*range(20_000))\nx.view(-1).expand(*[2] * 20_000)\nx[(None,) * 9999]\n",
    "operands of einsum": f"x = torch.zeros(2, 3)\ntorch.einsum('{'ab,' * 5000}ab->ab', {'x, ' * 5000}x)\n",
    "letters of einsum": f"torch.einsum('{'a' * 100_000}->', torch.zeros(2, 3))\n",
    "a pattern of einops": "from einops import rearrange\n"
    + f"rearrange(x, '{'(' * 9000}a b{')' * 9000} -> a b')\nrearrange(x, '{'a ' * 9000} -> a')\n",
    "products": "import itertools\nlist(itertools.product(range(100), repeat=100)), list(itertools.permutations(range(1000)))\n",
    "comprehensions": "x = [[[[i*j*k*n for i in range(99)] for j in range(99)] for k in range(99)] for n in range(99)]\n",
}
CLASSES = {
    "a class that makes itself": _MODULE
    + "        self.a = Net(n, m)\n        self.b = Net(m, n)\nNet(1, 2)(torch.zeros(2))\n",
    "functions that call each other": "def f(n): return g(n) + g(n)\ndef g(n): return f(n) + f(n - 1)\nf(10)\n"
    + _FORWARD
    + "        return f(x)\n",
    "its own base": "class A(A): pass\nclass B(C): pass\nclass C(B): pass\n",
    "a chain of bases": "class D0(nn.Module): pass\n"
    + _lines(0, [f"class D{k}(D{k - 1}): pass" for k in range(1, 1000)])
    + "D999()(1)\n",
    "diamonds": "class D0: pass\nclass E0: pass\n"
    + _lines(0, (f"class {c}{k}(D{k - 1}, E{k - 1}): pass" for k in range(1, 40) for c in "DE"))
    + "D39().foo\n",
    "a generator of itself": "def g():\n    yield from g()\n    yield g()\nlist(g())\nfor a in g():\n    for b in g(): print(a, b)\n",
}
DECLARED = {
    "comments": _FORWARD + _lines(8, ["# x: (" + "n, " * 9000, "# " + "(a x b x " * 9000, "# " + "x: " * 9000, "# x" + " " * 50_000 + "y", "# x: tensor" + " shape" * 9000, "return x"]),
    "brackets in a docstring": _FORWARD + '        """Args:\n            x (torch.Tensor): ' + "shape (B, " * 20_000 + '\n        """\n        return x\n',
    "words in a docstring": _FORWARD + '        """\n' + "x:" * 20_000 + "\n" + " " * 50_000 + "y\n" + "Returns:\n    " + "tensor of " * 9000 + '\n        """\n        return x\n',
    "a Shape block": 'class Net(nn.Module):\n    r"""Shape:\n        - Input: :math:`(' + "N, " * 20_000 + "\n" + "((((" * 5000 + "\\text{" * 5000 + '\n    """\n    def forward(self, x):\n        return x\n',
    "annotations": "from jaxtyping import Float\n" + f"def f(x: \"Float[Tensor, '{'n ' * 30_000}']\", y: \"{'[' * 9000}\", z: '{'a|' * 9000}', w: 'Float[T, \"{'a+' * 9000}1\"]'): return x\n",
    "suppressions": "x = 1  # noqa" + ": TSL101," * 20_000 + "\n# tsl:" + " " * 50_000 + "\n# noqa:" + " " * 50_000 + "x\n",
}  # fmt: skip
TEXTS = {name: HEAD + text for group in (NUMBERS, NESTED, LONG, CLASSES, DECLARED) for name, text in group.items()}
