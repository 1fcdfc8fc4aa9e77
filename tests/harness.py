"""Fixtures and their markers: what a file in ``fixtures/`` expects on each line, and how findings are compared.

Markers, at the end of a line (or, for inputs, on a line of their own at the head of ``forward``):

    # x: (n, 3, 64, 64)       what comes in; names are bound to different primes, one per name and file
    # -> (n, 64, 16, 16)      what the statement gives, several tensors with commas between; ``_`` is any size
    # !TSL101 196 256         an error here, whose message has these words
    # ?reason                 given up on purpose: torch may raise here, we say nothing
    # try (2, 1, 28, 28)      for torch only: inputs that show what the linter must find without knowing any

Unmarked lines must be silent. The linter never sees the markers (`Fixture.bare`), except declared inputs.
Knows nothing of torch: that judge is `torch_judge`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
PRIMES = (11, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101)

Shape = tuple[object, ...]

_MARKER = re.compile(r"#[ \t]*(!(?=TSL)|->|\?|try\b)([^#\n]*)")
_INPUT = re.compile(r"(\w+): (\([^()]*\))")
_NAME = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Expected:
    """An error that the linter must report."""

    line: int
    code: str
    words: tuple[str, ...]

    @property
    def torch_raises(self) -> bool:
        return self.code[3] in "01234"

    def fits(self, line: int, code: str, message: str) -> bool:
        if (line, code) != (self.line, self.code):
            return False
        return all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message) for word in self.words)

    def __str__(self) -> str:
        return f"{self.line}: {self.code} {' '.join(self.words)}".rstrip()


@dataclass(frozen=True)
class Fixture:
    """One file with its markers."""

    path: Path
    text: str

    @staticmethod
    def read(path: Path) -> Fixture:
        return Fixture(path, path.read_text(encoding="utf-8"))

    @cached_property
    def _markers(self) -> tuple[tuple[int, str, str], ...]:
        return tuple(
            (number, kind, rest.strip())
            for number, line in enumerate(self.text.split("\n"), 1)
            for kind, rest in _MARKER.findall(line)
        )

    @cached_property
    def bare(self) -> str:
        """The text without markers, so that no expectation serves as evidence."""
        return _MARKER.sub("#", self.text)

    @cached_property
    def errors(self) -> tuple[Expected, ...]:
        found = [(line, rest.split()) for line, kind, rest in self._markers if kind == "!"]
        return tuple(Expected(line, words[0], tuple(words[1:])) for line, words in found)

    @cached_property
    def given_up(self) -> frozenset[int]:
        return frozenset(line for line, kind, _ in self._markers if kind == "?")

    @cached_property
    def gives(self) -> dict[int, tuple[Shape, ...]]:
        """Line -> the shapes of what its statement gives, names replaced by their primes (``_`` by None)."""
        sizes: dict[str, object] = {**self.primes, "_": None}
        return {line: shapes(rest, sizes) for line, kind, rest in self._markers if kind == "->"}

    @cached_property
    def primes(self) -> dict[str, int]:
        """Every name in a declared or tried input, each with a prime of its own."""
        texts = [text for _, kind, text in self._markers if kind == "try"]
        texts += [dims for line in self.text.split("\n") for _, dims in declared(line)]
        names = dict.fromkeys(name for text in texts for name in _NAME.findall(text))
        return dict(zip(names, PRIMES, strict=False))

    def tries(self, first: int, last: int) -> list[tuple[Shape, ...]]:
        """The inputs that torch is to try for the function on these lines."""
        found = [rest for line, kind, rest in self._markers if kind == "try" and first <= line <= last]
        return [shapes(text, self.primes) for text in found]

    def inputs(self, first: int, last: int) -> dict[str, Shape]:
        """The inputs declared on these lines."""
        lines = self.text.split("\n")[first - 1 : last]
        return {name: shapes(dims, self.primes)[0] for line in lines for name, dims in declared(line)}


def declared(line: str) -> list[tuple[str, str]]:
    """The inputs that the comment on a line declares: (name, shape text)."""
    _, hash_mark, comment = line.partition("#")
    return _INPUT.findall(comment) if hash_mark and not _MARKER.match("#" + comment) else []


def shapes(text: str, sizes: Mapping[str, object]) -> tuple[Shape, ...]:
    """``(n, 3), (4,)`` with its names put in, as a tuple of shapes."""
    tree = ast.parse(f"[{text}]", mode="eval")
    allowed = (ast.Expression, ast.List, ast.Tuple, ast.BinOp, ast.operator, ast.unaryop, ast.UnaryOp, ast.Constant)
    if not all(isinstance(node, (*allowed, ast.Name, ast.expr_context)) for node in ast.walk(tree)):
        raise SyntaxError(f"not a shape: {text}")
    code: CodeType = compile(tree, "<marker>", "eval")
    return tuple(eval(code, {"__builtins__": {}}, dict(sizes)))


def same_shapes(found: Sequence[Shape], wanted: Sequence[Shape]) -> bool:
    """Whether shapes agree; None in ``wanted`` is any size."""
    return len(found) == len(wanted) and all(same_shape(a, b) for a, b in zip(found, wanted, strict=True))


def same_shape(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(b is None or a == b for a, b in zip(found, wanted, strict=True))


def fixtures(*folders: str) -> list[Path]:
    """All fixture files of these folders."""
    return sorted(path for folder in folders for path in (FIXTURES / folder).rglob("*.py"))


def fixture_id(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


# --- the linter as judge ------------------------------------------------------------------------------------------


def lint_problems(fixture: Fixture) -> list[str]:
    """What the linter says differently from the markers, one readable line each."""
    from torchshape_lint.check import check

    findings = [(d.span.line, d.code.id, d.message) for d in check(fixture.bare, str(fixture.path))]
    problems = list(_compare(fixture, findings))
    if fixture.gives:
        problems += _compare_trace(fixture)
    return problems


def _compare(fixture: Fixture, findings: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    missing = list(fixture.errors)
    for line, code, message in findings:
        fitting = next((e for e in missing if e.fits(line, code, message)), None)
        if fitting is not None:
            missing.remove(fitting)
        else:
            yield f"not expected   {line}: {code} {message}"
    for expected in missing:
        yield f"not reported   {expected}"


def _compare_trace(fixture: Fixture) -> list[str]:
    from torchshape_lint.check import explain

    found: Mapping[int, Sequence[object]] = explain(fixture.bare, str(fixture.path)).lines
    return [
        f"other shape    {line}: wanted {_text(wanted)}, explain says {_text(found.get(line, []))}"
        for line, wanted in fixture.gives.items()
        if not _agree(found.get(line, []), wanted, fixture.primes)
    ]


def _agree(found: Sequence[object], wanted: Sequence[Shape], primes: Mapping[str, int]) -> bool:
    """Every shape that any story saw is a wanted one, and each wanted one was seen."""
    try:
        seen = [tuple(_number(size, primes) for size in getattr(shape, "sizes", ())) for shape in found]
    except (NameError, SyntaxError, TypeError):
        return False
    return (
        all(getattr(shape, "lead", None) is None for shape in found)
        and all(any(same_shape(s, w) for w in wanted) for s in seen)
        and all(any(same_shape(s, w) for s in seen) for w in wanted)
    )


def _number(size: object, primes: Mapping[str, int]) -> object:
    """A symbolic size as a number; a name that no input declares stays itself."""
    if isinstance(size, int) or size is None:
        return size
    text = str(size)
    unknown = set(_NAME.findall(text)) - set(primes)
    return text if unknown or "?" in text else shapes(f"({text},)", primes)[0][0]


def _text(found: Iterable[object]) -> str:
    return ", ".join(map(str, found)) or "nothing"
