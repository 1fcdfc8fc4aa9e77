"""Expressions, and the parameters of functions: what a lambda needs of them."""

from __future__ import annotations

from typing import TypeAlias

from torchshape_lint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    at: int


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A literal: int, float, complex, str, bytes, bool, None or Ellipsis."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    id: str


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    value: Expr
    attr: str


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a call: positional (no keyword), keyword, ``*value`` (star "*") or ``**value`` (star "**")."""

    value: Expr
    keyword: str | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Call(Node):
    func: Expr
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class BinOp(Node):
    """``op`` is the token: + - * / // % ** @ << >> & | ^"""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class UnaryOp(Node):
    """``op`` is one of + - ~ not"""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class BoolOp(Node):
    """``op`` is "and" or "or"; chains are nested to the left."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A chain: ``left ops[0] rights[0] ops[1] rights[1]``; ops: == != < <= > >= is "is not" in "not in"."""

    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class IfExp(Node):
    test: Expr
    body: Expr
    orelse: Expr


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    """``value[index]``; several indices are a `Sequence` of kind "tuple"."""

    value: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A display; ``kind`` is "tuple", "list" or "set". Items may be `Starred`. Also an assignment target."""

    kind: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Starred(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Dict(Node):
    """Pairs; a key of None stands for ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """``for target in iterable if conditions...``"""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """``kind`` is "list", "set", "dict" or "generator"; ``key`` only for a dict."""

    kind: str
    element: Expr
    key: Expr | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    params: Parameters
    body: Expr


@dataclass(frozen=True, slots=True)
class Formatted(Node):
    """One replacement field of an f-string."""

    value: Expr
    conversion: str | None
    spec: str | None  # None also where the specification is itself computed (``spec_known`` False)
    spec_known: bool = True


@dataclass(frozen=True, slots=True)
class FString(Node):
    """Parts in order: literal text (str) and fields."""

    parts: tuple[str | Formatted, ...]


@dataclass(frozen=True, slots=True)
class Walrus(Node):
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """An expression that the interpreter does not follow (await, yield, t-strings).

    ``parts`` are evaluated, the value is unknown."""

    what: str
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Param:
    """``kind`` is "pos" (positional only), "any", "*" , "key" (keyword only) or "**"."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@dataclass(frozen=True, slots=True)
class Parameters:
    items: tuple[Param, ...]


Expr: TypeAlias = (
    Const
    | Name
    | Attribute
    | Call
    | BinOp
    | UnaryOp
    | BoolOp
    | Compare
    | IfExp
    | Subscript
    | Slice
    | Sequence
    | Starred
    | Dict
    | Comprehension
    | Lambda
    | FString
    | Walrus
    | Opaque
)
