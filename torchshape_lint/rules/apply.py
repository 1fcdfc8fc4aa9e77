"""The driver: binds a call to a rule's signature, runs the rule and decides what each verdict means.

NO is kept as broken and the rule goes on; MAYBE becomes an assumption; a blocking need that is not YES ends the rule
with an unknown result. The driver reports nothing itself and never raises for what the analysed code says.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torchshape_lint import values
from torchshape_lint.codes import ARGUMENT
from torchshape_lint.dims import Poly, is_sure
from torchshape_lint.facts import Facts
from torchshape_lint.faults import caught
from torchshape_lint.rules.convert import FloatSize, Unreadable, convert, sequence_items
from torchshape_lint.rules.dtypes import joint_dtype
from torchshape_lint.rules.needs import (
    Construction,
    Derivation,
    Many,
    Need,
    Outcome,
    Plain,
    Result,
    Undetermined,
    never,
)
from torchshape_lint.rules.operands import RankNotAsked, Tensor
from torchshape_lint.rules.registry import Param, Rule
from torchshape_lint.shapes import Shape
from torchshape_lint.values import Layer, ListValue, Unknown, Value
from torchshape_lint.verdicts import MAYBE, NO, YES

# Arguments that never change a shape: accepted everywhere, looked at nowhere (unless a rule names them).
IGNORED = frozenset(
    "out device layout requires_grad pin_memory memory_format generator non_blocking names dtype inplace "
    "copy check_reduction".split()
)


RECEIVER = -1  # the position of a method's receiver among the words of a call


@dataclass(slots=True)
class CallArgs:
    """The arguments of one call. ``words``: what the author called each of them, by position or keyword."""

    positional: Sequence[Value]
    keywords: Mapping[str, Value] = field(default_factory=dict)
    words: dict[int | str, str] = field(default_factory=dict)
    sources: dict[int | str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Applied:
    """What came of a rule: the value, the needs that are broken or had to be assumed, and the derivation."""

    value: Value
    broken: list[Need] = field(default_factory=list)
    assumed: list[Need] = field(default_factory=list)
    derivations: list[Derivation] = field(default_factory=list)
    bound: dict[str, object] = field(default_factory=dict)

    @property
    def formula(self) -> str:
        told = (derivation.words() for derivation in self.derivations)
        return ", ".join(words for words in told if "?" not in words)  # nobody can follow an unknown number


def apply(rule: Rule, call: CallArgs, facts: Facts, callee: Layer | None = None) -> Applied:
    """Call ``rule`` as the operator is called; ``callee`` is the layer when a layer is called."""
    try:
        bound = _bind(rule, call, facts, callee)
    except Unreadable as problem:
        return Applied(Unknown(str(problem), problem.data))
    applied = _run(rule, bound, facts)
    operands = [v for v in _flat(bound.values()) if isinstance(v, Tensor)]
    applied.value = _value(applied.value, operands)  # type: ignore[arg-type]  # what a rule returns is an Outcome
    return applied


MOST_AXES = 200  # torch itself computes with 64
LARGEST_SIZE = 2**63 - 1


# Layers whose constructor certainly raises for a float among their sizes.
_WHOLE_NUMBERS_ONLY = frozenset(
    ("torch.nn.Linear", "torch.nn.Embedding", "torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN")
    + tuple(f"torch.nn.{name}{n}d" for name in ("Conv", "ConvTranspose") for n in (1, 2, 3))
)


def construct(rule: Rule, call: CallArgs, facts: Facts) -> Applied:
    """Run a layer's construction: ``value`` is a `Construction`, or Unknown; ``bound`` its arguments."""
    try:
        bound = _bind(rule, call, facts, None)
    except FloatSize as problem:
        broken = [never(ARGUMENT, str(problem))] if rule.name in _WHOLE_NUMBERS_ONLY else []
        return Applied(Unknown(str(problem)), broken)
    except Unreadable as problem:
        return Applied(Unknown(str(problem), problem.data))
    applied = _run(rule, bound, facts)
    applied.bound = bound
    if not isinstance(applied.value, Construction):
        applied.value = Construction()
    return applied


def _bind(rule: Rule, call: CallArgs, facts: Facts, callee: Layer | None) -> dict[str, object]:
    """Read every argument as its parameter's annotation asks; raises Unreadable."""
    given = _assign(rule, call, callee)
    bound: dict[str, object] = {}
    for param in rule.params:
        if param.kind is inspect.Parameter.VAR_KEYWORD:
            if param.annotation is not object:
                bound[param.name] = _by_name(param, rule, call, given, facts)
            continue
        if param.name not in given:
            if param.required:
                raise Unreadable(f"{param.name} is missing")
            default = () if param.kind is inspect.Parameter.VAR_POSITIONAL else param.default
            bound[param.name] = convert(default, param, rule, facts, None, -1)
            continue
        value, key = given[param.name]
        if param.kind is inspect.Parameter.VAR_POSITIONAL and param.annotation is Tensor:
            bound[param.name] = _each(value, key, param, rule, call, facts)
            continue
        source = call.sources.get(key, -1) if callee is None else callee.sources.get(param.name, -1)
        bound[param.name] = convert(value, param, rule, facts, call.words.get(key), source)
    return bound


def _each(value: Value, key: int | str, param: Param, rule: Rule, call: CallArgs, facts: Facts) -> tuple[object, ...]:
    """The operands of ``*tensors: Tensor``, given one by one or as one sequence."""
    items = sequence_items(value)
    if items is None:
        raise Unreadable(f"{param.name} is unknown")
    first = key if isinstance(key, int) else 0
    return tuple(
        convert(item, param, rule, facts, call.words.get(first + k) or f"{param.name}[{k}]", -1)
        for k, item in enumerate(items)
    )


def _by_name(param: Param, rule: Rule, call: CallArgs, given: Mapping[str, object], facts: Facts) -> dict[str, object]:
    """What ``**lengths: Named`` is given: every keyword that no other parameter takes, under its own name."""
    return {
        key: convert(value, replace(param, name=key), rule, facts, call.words.get(key), call.sources.get(key, -1))
        for key, value in call.keywords.items()
        if key not in given
    }


def _assign(rule: Rule, call: CallArgs, callee: Layer | None) -> dict[str, tuple[Value, int | str]]:
    """Match arguments with parameters by Python's rules: {parameter: (value, position or keyword)}."""
    given: dict[str, tuple[Value, int | str]] = {}
    queue = list(enumerate(call.positional))
    from_layer: list[Param] = []
    for param in rule.params:
        if param.kind is inspect.Parameter.VAR_POSITIONAL:
            if queue or param.name not in call.keywords:
                rest = tuple(value for _, value in queue)
                given[param.name] = (_spread(param, rest), queue[0][0] if queue else -1)
            queue = []
        elif param.kind is inspect.Parameter.KEYWORD_ONLY:
            from_layer.append(param)
        elif queue and param.kind is not inspect.Parameter.VAR_KEYWORD:
            position, value = queue.pop(0)
            given[param.name] = (value, position)
    if queue:
        raise Unreadable("more arguments than expected")
    names = {param.name: param for param in rule.params}
    takes_any = any(param.kind is inspect.Parameter.VAR_KEYWORD for param in rule.params)
    for key, value in call.keywords.items():
        if key in names and key not in given:
            one = names[key].kind is inspect.Parameter.VAR_POSITIONAL and names[key].annotation is object
            given[key] = ((value,) if one else value, key)  # size=() is given a size, the empty one
        elif key not in IGNORED and not takes_any:
            raise Unreadable(f"argument {key} is not expected")
    for param in from_layer if callee is not None else ():
        assert callee is not None
        for key in (f"#{param.name}", param.name):  # "#": what a replaced weight decides
            if key in callee.fields:
                given[param.name] = (callee.fields[key], key)
                break
    return given


def _spread(param: Param, rest: tuple[Value, ...]) -> Value:
    """What ``*sizes`` is given: one by one, or as one sequence (or as something that may be either)."""
    if len(rest) != 1 or param.annotation is object:
        return rest
    if param.annotation is not Tensor and _may_be_several(rest[0]):
        return Unknown(f"{param.name} may be one size or several")
    return rest[0] if isinstance(rest[0], (tuple, ListValue, Shape, Unknown)) else rest


def _may_be_several(value: Value) -> bool:
    """An argument that nobody has seen: one size, or a tuple of them."""
    if isinstance(value, values.Tensor):
        return value.maybe or value.shape.is_open
    return isinstance(value, Poly) and not is_sure(value)


def _run(rule: Rule, bound: dict[str, object], facts: Facts) -> Applied:
    positional: list[object] = []
    keywords: dict[str, object] = {}
    for param in rule.params:
        if param.kind is inspect.Parameter.VAR_POSITIONAL:
            rest = bound[param.name]
            positional.extend(rest if isinstance(rest, tuple) else (rest,))
        elif param.kind is inspect.Parameter.KEYWORD_ONLY:
            keywords[param.name] = bound[param.name]
        elif param.kind is inspect.Parameter.VAR_KEYWORD:
            rest = bound.get(param.name, {})
            keywords.update(rest if isinstance(rest, dict) else {})
        else:
            positional.append(bound[param.name])
    if rule.wants_n:
        keywords["n"] = rule.n
    applied = Applied(None)
    try:
        outcome = rule.function(*positional, **keywords)
        applied.value = _drive(outcome, facts, applied) if isinstance(outcome, Generator) else outcome
    except RankNotAsked as problem:
        applied.value = Undetermined(f"the rank of {problem} is not known")
    except ZeroDivisionError:
        applied.value = Undetermined("division by zero")
    except Exception as problem:  # noqa: BLE001 (a fault of one rule: its result is unknown, nothing else is lost)
        caught(problem, rule.name)
        return Applied(Undetermined("the rule failed"))
    return applied


def _drive(needs: Generator[Need | Derivation, None, Any], facts: Facts, applied: Applied) -> Any:
    while True:
        try:
            need = next(needs)
        except StopIteration as stop:
            return stop.value
        if isinstance(need, Derivation):
            applied.derivations.append(need)
            continue
        verdict = need.verdict
        if verdict is MAYBE:
            applied.assumed.append(need)
            if need.equate:
                facts.assume_equal(*need.equate)
            elif need.ranks:
                verdict = facts.assume_rank(need.ranks[0].shape, need.ranks[1])
            elif need.least_rank:
                verdict = facts.assume_rank_at_least(need.least_rank[0].shape, need.least_rank[1])
        if verdict is NO:
            applied.broken.append(need)
        if need.blocking and verdict is not YES:
            needs.close()
            return Undetermined(need.words() if verdict is NO else "not enough is known of the rank")


def _flat(items: Any) -> Generator[object, None, None]:
    for item in items:
        if isinstance(item, tuple):
            yield from _flat(item)
        else:
            yield item


def _value(outcome: Outcome, operands: Sequence[Tensor]) -> Value:
    """An outcome as a value; a bare shape takes its dtype from the first operand."""
    if isinstance(outcome, Undetermined):
        return Unknown(outcome.why, outcome.data)
    if isinstance(outcome, Plain):
        return outcome.value
    if isinstance(outcome, Many):
        items = tuple(_value(item, operands) for item in outcome.items)
        return ListValue({"items": items}) if outcome.kind == "list" else items
    if outcome is None:
        return None
    result = outcome if isinstance(outcome, Result) else Result(outcome)
    shape = result.shape if isinstance(result.shape, Shape) else Shape(tuple(result.shape))
    if len(shape.sizes) > MOST_AXES or any(isinstance(size, int) and abs(size) > LARGEST_SIZE for size in shape.sizes):
        return Unknown("a tensor larger than any")
    return values.Tensor(shape, joint_dtype(result.dtype, [x.dtype for x in operands]), result.folded)
