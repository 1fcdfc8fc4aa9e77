"""Programs out of nothing but the grammar of Python and the names that the linter knows.

Every statement and expression of the language comes up, most of them in senseless company. What is made is Python.
"""

from __future__ import annotations

import ast
from functools import cache
from random import Random

from torchshape_lint.rules.registry import known

_NAMES = "x y z n self net fc conv h w items cls args kwargs torch nn F super range len isinstance getattr".split()
_ATTRIBUTES = "shape size view fc conv x T weight items append forward data keys dim to cuda train parameters".split()
_VALUES = (0, 1, -1, 2, 3, 4, 7, 16, 10**20, True, None, ..., 1.5, 2j, "x", "same", "", "b c h w -> b (c h) w", b"x")
_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.LShift, ast.BitOr)
_COMPARE = (ast.Eq, ast.NotEq, ast.Lt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_HEAD = "import torch\nimport math\nfrom torch import nn\nimport torch.nn.functional as F\n\n"


def grammar(random: Random) -> str:
    made = _Maker(random)
    module = ast.Module([made.statement(2) for _ in range(random.randint(2, 8))], [])
    return _HEAD + ast.unparse(ast.fix_missing_locations(module)) + "\n"


@cache
def _operators() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Functions and layers by the names that a program calls them by; methods of a tensor."""
    rules, layers = known()
    functions = [name for name in (*rules, *layers) if name.startswith("torch.") and "Tensor." not in name]
    short = [name.removeprefix("torch.nn.functional.") for name in functions]
    plain = [n if n == f else f"F.{n}" for n, f in zip(short, functions, strict=True)]
    methods = sorted({name.removeprefix("torch.Tensor.") for name in rules if name.startswith("torch.Tensor.")})
    return tuple(sorted(plain)), tuple(methods)


class _Maker:
    """Grows a tree; ``depth`` is how far it may still grow."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def some(self, *options: str) -> str:
        return self.random.choice(options)

    def several(self, depth: int, most: int = 3) -> list[ast.expr]:
        return [self.expression(depth) for _ in range(self.random.randint(0, most))]

    # --- expressions ----------------------------------------------------------------------------------------------

    def expression(self, depth: int) -> ast.expr:
        if depth <= 0:
            return self.leaf()
        makers = (
            *(self.call, self.call, self.call, self.method, self.leaf, self.arithmetic, self.subscript, self.attribute),
            *(self.sequence, self.logic, self.comparison, self.conditional, self.comprehension, self.lambda_),
            *(self.dictionary, self.text, self.named, self.rare, self.method),
        )
        return self.random.choice(makers)(depth - 1)

    def leaf(self, depth: int = 0) -> ast.expr:
        dice = self.random.random()
        if dice < 0.45:
            return ast.Name(self.some(*_NAMES), ast.Load())
        if dice < 0.6:
            sizes = ", ".join(str(self.random.choice([1, 2, 3, 4, 6])) for _ in range(self.random.randint(0, 4)))
            return ast.parse(f"torch.randn({sizes})", mode="eval").body
        return ast.Constant(self.random.choice(_VALUES))

    def call(self, depth: int) -> ast.expr:
        name = self.some(*_operators()[0]) if self.random.random() < 0.7 else self.some(*_NAMES)
        function = ast.parse(name, mode="eval").body
        return ast.Call(function, self.arguments(depth), self.keywords(depth))

    def method(self, depth: int) -> ast.expr:
        function = ast.Attribute(self.expression(depth), self.some(*_operators()[1], *_ATTRIBUTES), ast.Load())
        return ast.Call(function, self.arguments(depth), self.keywords(depth))

    def arguments(self, depth: int) -> list[ast.expr]:
        found = self.several(depth)
        if self.random.random() < 0.1:
            found.append(ast.Starred(self.expression(depth), ast.Load()))
        return found

    def keywords(self, depth: int) -> list[ast.keyword]:
        names: list[str | None] = ["dim", "bias", "stride", "padding", "size", "keepdim", "x", "n", "batch_first", None]
        found = [self.random.choice(names) for _ in range(self.random.choice([0, 0, 0, 1, 2]))]
        return [ast.keyword(name, self.expression(depth)) for name in dict.fromkeys(found)]

    def attribute(self, depth: int) -> ast.expr:
        return ast.Attribute(self.expression(depth), self.some(*_ATTRIBUTES), ast.Load())

    def subscript(self, depth: int) -> ast.expr:
        index = self.expression(depth)
        if self.random.random() < 0.4:
            ends = [self.expression(0) if self.random.random() < 0.5 else None for _ in range(3)]
            index = ast.Tuple([ast.Slice(*ends), index], ast.Load())
        return ast.Subscript(self.expression(depth), index, ast.Load())

    def arithmetic(self, depth: int) -> ast.expr:
        if self.random.random() < 0.2:
            return ast.UnaryOp(self.random.choice([ast.USub, ast.Invert, ast.Not])(), self.expression(depth))
        return ast.BinOp(self.expression(depth), self.random.choice(_BINARY)(), self.expression(depth))

    def sequence(self, depth: int) -> ast.expr:
        items = self.arguments(depth)
        made: ast.expr = ast.List(items, ast.Load()) if self.random.random() < 0.5 else ast.Tuple(items, ast.Load())
        return ast.Set(items) if items and self.random.random() < 0.1 else made

    def dictionary(self, depth: int) -> ast.expr:
        values = self.several(depth, 2)
        return ast.Dict([self.expression(0) if self.random.random() < 0.9 else None for _ in values], values)

    def logic(self, depth: int) -> ast.expr:
        return ast.BoolOp(self.random.choice([ast.And, ast.Or])(), [self.expression(depth) for _ in range(2)])

    def comparison(self, depth: int) -> ast.expr:
        count = self.random.choice([1, 1, 2])
        operators: list[ast.cmpop] = [self.random.choice(_COMPARE)() for _ in range(count)]
        return ast.Compare(self.expression(depth), operators, [self.expression(depth) for _ in range(count)])

    def conditional(self, depth: int) -> ast.expr:
        return ast.IfExp(self.expression(depth), self.expression(depth), self.expression(depth))

    def comprehension(self, depth: int) -> ast.expr:
        test = [self.expression(depth)] if self.random.random() < 0.3 else []
        loop = [ast.comprehension(self.target(), self.expression(depth), test, 0)]
        sort = self.random.choice([ast.ListComp, ast.SetComp, ast.GeneratorExp])
        if self.random.random() < 0.2:
            return ast.DictComp(self.expression(depth), self.expression(depth), loop)
        return sort(self.expression(depth), loop)

    def lambda_(self, depth: int) -> ast.expr:
        return ast.Lambda(self.parameters(depth), self.expression(depth))

    def text(self, depth: int) -> ast.expr:
        return ast.JoinedStr([ast.Constant("x"), ast.FormattedValue(self.expression(0), -1)])

    def named(self, depth: int) -> ast.expr:
        return ast.NamedExpr(ast.Name(self.some(*_NAMES), ast.Store()), self.expression(depth))

    def rare(self, depth: int) -> ast.expr:
        value = self.expression(depth)
        made: list[ast.expr] = [ast.Yield(value), ast.YieldFrom(value), ast.Await(value)]
        return self.random.choice(made)

    # --- statements -----------------------------------------------------------------------------------------------

    def statement(self, depth: int) -> ast.stmt:
        simple = (self.assign, self.assign, self.augmented, self.bare, self.bare, self.word, self.delete)
        if depth <= 0:
            return self.random.choice(simple)(depth)
        compound = (self.function, self.class_, self.if_, self.for_, self.while_, self.try_, self.with_, self.match)
        return self.random.choice((*simple, *compound))(depth - 1)

    def body(self, depth: int) -> list[ast.stmt]:
        return [self.statement(depth) for _ in range(self.random.randint(1, 4))]

    def rest(self, depth: int) -> list[ast.stmt]:
        return self.body(depth) if self.random.random() < 0.4 else []

    def target(self) -> ast.expr:
        name = ast.Name(self.some(*_NAMES), ast.Store())
        match self.random.randrange(6):
            case 0:
                return ast.Tuple([name, ast.Starred(ast.Name("rest", ast.Store()), ast.Store())], ast.Store())
            case 1:
                return ast.Attribute(ast.Name("self", ast.Load()), self.some(*_ATTRIBUTES), ast.Store())
            case 2:
                return ast.Subscript(ast.Name(self.some(*_NAMES), ast.Load()), self.expression(1), ast.Store())
        return name

    def assign(self, depth: int) -> ast.stmt:
        if self.random.random() < 0.1:
            name = ast.Name(self.some(*_NAMES), ast.Store())
            return ast.AnnAssign(name, self.expression(1), self.expression(3), 1)
        return ast.Assign([self.target() for _ in range(self.random.choice([1, 1, 2]))], self.expression(3), lineno=0)

    def augmented(self, depth: int) -> ast.stmt:
        name = ast.Name(self.some(*_NAMES), ast.Store())
        return ast.AugAssign(name, self.random.choice(_BINARY)(), self.expression(3))

    def bare(self, depth: int) -> ast.stmt:
        return ast.Expr(self.expression(4))

    def word(self, depth: int) -> ast.stmt:
        name = self.some(*_NAMES)
        odd: list[ast.stmt] = [ast.Pass(), ast.Break(), ast.Continue(), ast.Global([name]), ast.Nonlocal([name])]
        odd += [ast.Return(self.expression(3)), ast.Raise(self.expression(1)), ast.Assert(self.expression(2))] * 2
        odd += [ast.Import([ast.alias(self.some("torch.nn", "os.path", "a.b"), self.some(*_NAMES))])]
        odd += [ast.ImportFrom(self.some("torch", "x", "torch.nn"), [ast.alias(self.some("nn", "*"))], 0)]
        return self.random.choice(odd)

    def delete(self, depth: int) -> ast.stmt:
        return ast.Delete([ast.Name(self.some(*_NAMES), ast.Del())])

    def parameters(self, depth: int) -> ast.arguments:
        names = self.random.sample(_NAMES, self.random.randint(0, 4))
        defaults = self.several(min(depth, 1), len(names))[: len(names)]
        last = ast.arg("args") if self.random.random() < 0.2 and "args" not in names else None
        only = [ast.arg("only")] if self.random.random() < 0.2 else []
        return ast.arguments([], [ast.arg(n) for n in names], last, only, [None] * len(only), None, defaults)

    def function(self, depth: int) -> ast.stmt:
        decorators = [self.expression(1)] if self.random.random() < 0.2 else []
        name = self.some("forward", "__init__", "main", "f", "fc", "__call__", "__getattr__")
        sort = ast.AsyncFunctionDef if self.random.random() < 0.05 else ast.FunctionDef
        return sort(name, self.parameters(depth), self.body(depth), decorators, lineno=0)

    def class_(self, depth: int) -> ast.stmt:
        bases = [ast.parse(self.some("nn.Module", "nn.Linear", "nn.Sequential", "Net", "object"), mode="eval").body]
        name = self.some("Net", "Block", "x")
        body = [self.function(depth) if self.random.random() < 0.7 else self.statement(depth) for _ in range(3)]
        return ast.ClassDef(name, bases, [], body, [])

    def if_(self, depth: int) -> ast.stmt:
        return ast.If(self.expression(2), self.body(depth), self.rest(depth))

    def for_(self, depth: int) -> ast.stmt:
        return ast.For(self.target(), self.expression(2), self.body(depth), self.rest(depth), lineno=0)

    def while_(self, depth: int) -> ast.stmt:
        return ast.While(self.expression(2), self.body(depth), self.rest(depth))

    def try_(self, depth: int) -> ast.stmt:
        caught = ast.ExceptHandler(self.expression(1), self.some(*_NAMES), self.body(depth))
        return ast.Try(self.body(depth), [caught], self.rest(depth), self.rest(depth))

    def with_(self, depth: int) -> ast.stmt:
        return ast.With([ast.withitem(self.expression(2), self.target())], self.body(depth), lineno=0)

    def match(self, depth: int) -> ast.stmt:
        name = self.some(*_NAMES)
        patterns: list[ast.pattern] = [
            ast.MatchValue(ast.Constant(3)),
            ast.MatchSequence([ast.MatchAs(name=name), ast.MatchStar("rest")]),
            ast.MatchMapping([ast.Constant("k")], [ast.MatchAs(name=name)], "more"),
            ast.MatchClass(ast.Name("int", ast.Load()), [], [], []),
            ast.MatchAs(),
        ]
        chosen = self.random.sample(patterns[:-1], self.random.randint(0, 3)) + patterns[-1:]
        return ast.Match(self.expression(2), [ast.match_case(pattern, None, self.body(depth)) for pattern in chosen])
