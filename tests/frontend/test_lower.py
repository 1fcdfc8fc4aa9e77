"""What the program representation of each construct is."""

from __future__ import annotations

import pickle

import pytest

from tests.frontend.walk import nodes
from torchshape_lint import ir
from torchshape_lint.frontend.source import Source, read, touches_torch

pytestmark = pytest.mark.usefixtures("either_reader")


def program(text: str) -> ir.Program:
    found = read(text, "x.py", "x").program
    assert not found.unreadable
    return found


def value(text: str) -> ir.Expr:
    (statement,) = program(text).body
    assert isinstance(statement, ir.ExprStmt)
    return statement.value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1_000", 1000),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("2j", 2j),
        ("True", True),
        ("None", None),
        ("...", ...),
        ("'a' \"b\"", "ab"),
        ("b'a' b'b'", b"ab"),
        (r"'a\n'", "a\n"),
        (r"r'a\n'", r"a\n"),
        (r"'\d'", r"\d"),
        ("'''a\r\nb'''", "a\nb"),
        ("00", 0),
    ],
)
def test_constants(text: str, wanted: object) -> None:
    found = value(text)
    assert isinstance(found, ir.Const)
    assert found.value == wanted
    assert type(found.value) is type(wanted)


def test_index() -> None:
    match value("x[1:, ..., *y]"):
        case ir.Subscript(index=ir.Sequence(kind="tuple", items=(ir.Slice(upper=None), ir.Const(), ir.Starred()))):
            pass
        case other:
            pytest.fail(str(other))
    assert isinstance(value("x[1,]").index, ir.Sequence)  # type: ignore[union-attr]
    assert isinstance(value("x[1]").index, ir.Const)  # type: ignore[union-attr]


def test_comparison_chain() -> None:
    match value("a < b is not c not in d"):
        case ir.Compare(ops=ops, rights=rights):
            assert ops == ("<", "is not", "not in")
            assert len(rights) == 3
        case other:
            pytest.fail(str(other))


def test_f_string() -> None:
    match value("f'a{{{x!r:>{w}}}}b' f'{y = :.2f}\\n'"):
        case ir.FString(parts=("a{", ir.Formatted(conversion="r", spec=None, spec_known=False), "}by = ", field, "\n")):
            assert isinstance(field, ir.Formatted)
            assert (field.spec, field.conversion) == (".2f", None)
        case other:
            pytest.fail(str(other))


def test_nested_f_string() -> None:
    assert isinstance(value('f\'{f"{x}"}{d["k"]}\''), ir.FString)
    assert isinstance(value("f'{x['k']}'"), ir.FString)  # since 3.12


def test_comprehension() -> None:
    match value("{k: v for a in b if c if d for k, v in a}"):
        case ir.Comprehension(kind="dict", key=ir.Name(id="k"), clauses=(first, second)):
            assert len(first.conditions) == 2
            assert isinstance(second.target, ir.Sequence)
        case other:
            pytest.fail(str(other))


def test_parameters() -> None:
    (function,) = program("def f(a, /, b: int = 1, *c, d=2, **e) -> int: pass").body
    assert isinstance(function, ir.FunctionDef)
    assert [(p.name, p.kind) for p in function.params.items] == [
        ("a", "pos"), ("b", "any"), ("c", "*"), ("d", "key"), ("e", "**"),
    ]  # fmt: skip
    lambda_ = value("lambda x=1, *, y: x")
    assert isinstance(lambda_, ir.Lambda)
    assert [p.kind for p in lambda_.params.items] == ["any", "key"]


@pytest.mark.parametrize(
    ("text", "generator"),
    [
        ("def f():\n    yield", True),
        ("def f():\n    x = yield from g", True),
        ("def f():\n    def g(): yield\n    return g", False),
        ("def f():\n    return lambda: (yield)", False),
    ],
)
def test_generators(text: str, generator: bool) -> None:
    (function,) = program(text).body
    assert isinstance(function, ir.FunctionDef)
    assert function.is_generator is generator


def test_match_keeps_literals() -> None:
    text = "match x:\n  case 1 | -2: a\n  case [y, *z] if y: b\n  case {'k': v, **r}: c\n"
    text += "  case A(w) as q: d\n  case _: e\n"
    (match,) = program(text).body
    assert isinstance(match, ir.Match)
    one, two, three, four, five = match.cases
    assert one.values is not None
    assert len(one.values) == 2
    assert [case.binds for case in match.cases] == [(), ("y", "z"), ("v", "r"), ("w", "q"), ()]
    assert (two.values, two.always, five.always) == (None, False, True)
    assert two.guard is not None
    assert (three.values, four.always) == (None, False)


NEW = """
type X[T] = list[T]
def f[T: int, *Ts, **P](x: T) -> T: return x
class A[T](B): pass
try: pass
except* ValueError as e: x
with (a as b, c): pass
async def g():
    async with d as e: pass
    async for i in j: await k
    return [x async for x in y if (z := x)]
"""


def test_new_syntax() -> None:
    body = program(NEW).body
    assert [type(s).__name__ for s in body] == ["Assign", "FunctionDef", "ClassDef", "Try", "With", "FunctionDef"]


def test_syntax_of_3_14() -> None:
    source = read("x = t'a{b}'\ntry: pass\nexcept A, B: y\n", "x.py")
    assert isinstance(source.program.body[0], ir.Assign | ir.Unreadable)


def test_imports() -> None:
    first, second, third = program(
        "import torch.nn as nn, os.path\nfrom ..a.b import c as d\nfrom torch import *\n"
    ).body
    assert isinstance(first, ir.Import)
    assert first.names == (ir.ImportedName("torch.nn", "nn"), ir.ImportedName("os.path", None))
    assert isinstance(second, ir.ImportFrom)
    assert (second.module, second.level, second.names) == ("a.b", 2, (ir.ImportedName("c", "d"),))
    assert isinstance(third, ir.ImportFrom)
    assert third.names is None


def test_programs_can_be_pickled() -> None:
    found = program(NEW)
    assert pickle.loads(pickle.dumps(found)) == found


def test_every_node_has_a_place() -> None:
    source: Source = read(NEW, "x.py")
    for node in nodes(source.program.body):
        assert source.span(node.at).line >= 2


def test_touches_torch() -> None:
    assert touches_torch("import torch")
    assert not touches_torch("import os")
