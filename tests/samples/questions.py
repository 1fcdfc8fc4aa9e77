"""Questions from the databases with which torch tests itself: each sample as one line of source, with torch's answer.

Four tables: layers, operators, and for both what torch must refuse. An operator is asked as function, as method or
property, in place and as Python operator, where it has these forms; a form that torch refuses, whatever is in the
tensors, is a question of the fourth table. Samples that cannot be written, or that torch refuses only for what is in
the tensors, are left out; `Database.left_out` counts them with the reason.
"""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch

from tests.samples.answers import Answer, ask
from tests.samples.written import CONTENTS, NotWritable, arguments, written

MOST = 40  # samples of one form of an operator; torch has up to 1,600, which differ in little
_FILLS = ("zeros", "ones", "rand", CONTENTS)  # some functions refuse zeros (a singular matrix, no distribution)


@dataclass(frozen=True)
class Question:
    """One line of source, ``y = ...``, and what torch answers."""

    operator: str
    source: str
    answer: Answer


@dataclass
class Database:
    """The questions of one table; ``left_out``: {operator: {reason: how many}}."""

    name: str
    questions: list[Question] = field(default_factory=list)
    refused: list[Question] = field(default_factory=list)  # forms that no contents can save
    left_out: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


Line = Callable[[str], str]  # a sample as source, given what its tensors are filled with


def _ask(db: Database, name: str, lines: Sequence[Line], refusal: str | None = None) -> None:
    """Add the lines for ``name``: those with an answer of the kind wanted, each but once.

    ``refusal``: the pattern of what torch must say, None where it must answer.
    """
    seen: dict[str, None] = {}
    writable: list[Line] = []
    for line in lines:
        try:
            source = line("zeros")
        except NotWritable as problem:
            db.left_out[name][str(problem)] += 1
            continue
        if source not in seen:
            seen[source] = None
            writable.append(line)
    for line in _spread(writable):
        try:
            question = _answered(name, line) if refusal is None else _refused(name, line, refusal)
        except NotWritable as problem:
            db.left_out[name][str(problem)] += 1
        else:
            (db.refused if question.answer.refusal and refusal is None else db.questions).append(question)


def _spread(lines: Sequence[Line]) -> Sequence[Line]:
    """At most `MOST` of them, evenly."""
    return lines if len(lines) <= MOST else [lines[k * len(lines) // MOST] for k in range(MOST)]


def _questions(name: str, line: Line) -> Iterator[Question]:
    """The ways to write a sample, each with torch's answer."""
    for fill in _FILLS:
        source = line(fill) if line(fill).startswith("y = ") else f"y = {line(fill)}"
        yield Question(name, source, ask(source))


def _answered(name: str, line: Line) -> Question:
    """The first way to write a sample that torch answers, else the first of all, with what torch says to it."""
    questions = list(_questions(name, line))
    for question in questions:
        if not question.answer.refusal:
            return question if question.answer.shapes else _shown(question)
    if questions[0].answer.refusal.startswith("TypeError"):
        raise NotWritable("its arguments come in another order than those of the function")
    return questions[0]


def _shown(question: Question) -> Question:
    """A result that is no tensor, put to use: as sizes, as a choice between two shapes, or as a factor."""
    line, result = question.source.removeprefix("y = "), question.answer.result
    match result:
        case bool():
            source = f"y = torch.zeros(2 if {line} else 3)"
        case int() | float() | complex():
            source = f"y = torch.zeros((2, 3)) * {line}"
        case tuple() if all(isinstance(size, int) for size in result):
            source = f"y = torch.zeros({line})"
        case _:
            raise NotWritable("gives no tensor")
    return Question(question.operator, source, ask(source))


def _refused(name: str, line: Line, pattern: str) -> Question:
    """The first way to write a sample that torch refuses as it does the sample itself, if it refuses every way."""
    asked = tuple(_questions(name, line))
    for question in asked if all(question.answer.refusal for question in asked) else ():
        if re.search(pattern, question.answer.refusal.partition(": ")[2]):
            return question
    raise NotWritable("refused for what is in the tensors")


# --- operators ------------------------------------------------------------------------------------------------------

_TOKENS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and_": "&", "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
_UNARY = {"neg": "-", "pos": "+", "invert": "~", "inv": "~"}


def public_name(op: Any) -> str | None:
    """``torch.linalg.norm`` for the operator of that name; None for one that has no public function."""
    parts = op.name.split(".")
    if any(part.startswith("_") for part in parts):
        return None
    place: Any = torch
    for part in parts:
        place = getattr(place, part, None)
    return f"torch.{op.name}" if callable(place) else None


def _function(path: str, sample: Any) -> Line:
    return lambda fill: f"{path}({arguments((sample.input, *sample.args), sample.kwargs, fill)})"


def _method(name: str, sample: Any) -> Line:
    def line(fill: str) -> str:
        if not isinstance(sample.input, torch.Tensor):
            raise NotWritable("no tensor to call the method of")
        return f"{written(sample.input, fill)}.{name}({arguments(sample.args, sample.kwargs, fill)})"

    return line


def _operator(name: str, sample: Any) -> Line | None:
    """``a + b``, ``-a``, ``a[i]``, ``2 - a`` for __rsub__; None for a sample that does not read so."""
    name = name.strip("_") + ("_" if name.strip("_") in ("and", "or") else "")
    operands = (sample.input, *sample.args)
    if sample.kwargs:
        return None
    if name == "getitem":
        return lambda fill: f"{written(operands[0], fill)}[{written(operands[1], fill)}]"
    if name in _UNARY and len(operands) == 1:
        return lambda fill: f"{_UNARY[name]}{written(operands[0], fill)}"
    if len(operands) != 2:
        return None
    if name[:1] == "r" and name not in _TOKENS and (plain := _matching(name[1:])):
        return lambda fill: f"{written(operands[1], fill)} {plain} {written(operands[0], fill)}"
    if name[:1] == "i" and name not in _TOKENS and (plain := _matching(name[1:])):
        return lambda fill: f"y = {written(operands[0], fill)}; y {plain}= {written(operands[1], fill)}"
    if plain := _matching(name):
        return lambda fill: f"{written(operands[0], fill)} {plain} {written(operands[1], fill)}"
    return None


def _matching(name: str) -> str | None:
    return _TOKENS.get(name) or _TOKENS.get(f"{name}_")


def _property(name: str, sample: Any) -> Line:
    return lambda fill: f"{written(sample.input, fill)}.{name}"


def _slice(sample: Any) -> Line:
    """``x[:, a:b]`` for the operator that only brackets spell."""
    given: tuple[Any, ...] = sample.args
    dim, *bounds = given + (0, None, None, 1)[len(given) :]
    dim %= sample.input.dim()
    cut = ", ".join([":"] * dim + [":".join("" if bound is None else str(bound) for bound in bounds)])
    return lambda fill: f"{written(sample.input, fill)}[{cut}]"


def _forms(op: Any) -> Iterator[Callable[[Any], Line | None]]:
    """The ways in which an operator can be written."""
    path = public_name(op)
    if path:
        yield lambda sample: _function(path, sample)
    variants = [getattr(variant, "__name__", "__") for variant in (op.method_variant, op.inplace_variant)]
    for name in dict.fromkeys(variants if path or variants != ["__", "__"] else [op.name]):
        if not name.startswith("_") and hasattr(torch.Tensor, name):
            form = _method if callable(getattr(torch.Tensor, name)) else _property
            yield lambda sample, name=name, form=form: form(name, sample)  # type: ignore[misc]
    if op.name == "slice":
        yield _slice
    names = {getattr(v, "__name__", "") for v in (op.operator_variant, op.inplace_operator_variant) if v}
    if op.name.startswith("__"):
        names.add(op.name)
    for name in sorted(names):
        yield lambda sample, name=name: _operator(name, sample)  # type: ignore[misc]


def _samples(op: Any) -> list[Any]:
    """All samples of an operator, in float32 where it has that."""
    dtypes = sorted(op.supported_dtypes("cpu"), key=str)
    if not dtypes:
        return []
    return list(op.sample_inputs("cpu", torch.float32 if torch.float32 in dtypes else dtypes[0], requires_grad=False))


def _seed() -> None:
    torch.manual_seed(0)
    random.seed(0)


@cache
def operators() -> Database:
    """`op_db`: what torch must answer."""
    from torch.testing._internal.common_methods_invocations import op_db

    db = Database("operators")
    for op in op_db:
        _seed()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            samples = _samples(op)
        forms = list(_forms(op))
        if not forms:
            db.left_out[op.name]["has no public name"] += len(samples)
        for form in forms:
            _ask(db, op.name, [line for sample in samples if (line := form(sample))])
    return _without_repetition(db)


@cache
def operator_errors() -> Database:
    """`op_db`: what torch must refuse."""
    from torch.testing._internal.common_methods_invocations import op_db

    db = Database("operator errors")
    for op in op_db:
        if op.error_inputs_func is None:
            continue
        _seed()
        errors: list[Any] = list(op.error_inputs("cpu"))  # type: ignore[no-untyped-call]
        form = next(_forms(op), None)
        for error in errors:
            line = form(error.sample_input) if form else None
            if line is None:
                db.left_out[op.name]["has no public name"] += 1
            else:
                _ask(db, op.name, [line], error.error_regex)
    db.questions += operators().refused
    return _without_repetition(db)


def _without_repetition(db: Database) -> Database:
    """Variants of one operator (``norm``, ``norm.fro``) share some samples."""
    db.questions = list({question.source: question for question in db.questions}.values())
    return db


# --- layers ---------------------------------------------------------------------------------------------------------


def _layer(info: Any, sample: Any, training: bool) -> Line:
    def line(fill: str) -> str:
        path = f"torch.{info.name}"
        made = sample.constructor_input
        source = f"{path}({arguments(made.args, _plain(made.kwargs), fill)})"
        if not training:
            source += ".eval()"
        call = sample.forward_input
        return f"{source}({arguments(call.args, _plain(call.kwargs), fill)})" if call is not None else source

    return line


def _plain(kwargs: dict[str, object]) -> dict[str, object]:
    """Keywords without those that only say where the test runs."""
    return {key: value for key, value in kwargs.items() if key != "device"}


@cache
def layers() -> Database:
    """`module_db`: what torch must answer."""
    from torch.testing._internal.common_modules import module_db

    db = Database("layers")
    for info in module_db:
        lines = []
        for training in (True, False) if info.train_and_eval_differ else (True,):
            _seed()
            samples = info.module_inputs_func(
                info, device="cpu", dtype=torch.float32, requires_grad=False, training=training
            )
            lines += [_layer(info, sample, training) for sample in samples if sample.forward_input is not None]
        _ask(db, info.name, lines)
    return _without_repetition(db)


@cache
def layer_errors() -> Database:
    """`module_db`: what torch must refuse."""
    from torch.testing._internal.common_modules import module_db

    db = Database("layer errors")
    for info in module_db:
        if info.module_error_inputs_func is None:
            continue
        _seed()
        errors = info.module_error_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=True
        )
        for error in errors:
            _ask(db, info.name, [_layer(info, error.module_error_input, True)], error.error_regex)
    db.questions += layers().refused
    return _without_repetition(db)


def databases() -> tuple[Database, ...]:
    """All four tables."""
    return layers(), layer_errors(), operators(), operator_errors()
