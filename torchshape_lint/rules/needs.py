"""What a rule asks of its operands: needs with a verdict each, and the sentence for when they are broken.

A rule yields needs to its driver (`rules.apply`), which decides what a verdict means. Nothing here reports anything.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import field
from typing import Callable, TypeAlias

from torchshape_lint import codes
from torchshape_lint.codes import Code
from torchshape_lint.dims import Poly, Size, fresh, symbols
from torchshape_lint.frozen import dataclass
from torchshape_lint.proofs import at_least, divides, equal
from torchshape_lint.rules.operands import Named, Tensor
from torchshape_lint.shapes import Shape, axes_text, broadcast_size, open_shape
from torchshape_lint.verdicts import MAYBE, NO, YES, Verdict, decided


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that must hold for torch not to raise.

    words: the sentence when it does not; made only when it is shown.
    expected, actual: what would be right, and what the code says.
    blocking: without a YES the rule cannot go on.
    equate: two sizes that are equal wherever the line runs; rank: a tensor and the ranks it may have, or the least.
    """

    verdict: Verdict
    code: Code
    words: Callable[[], str]
    expected: Size | str | None = None
    actual: Size | str | None = None
    blocking: bool = False
    equate: tuple[Size, Size] | None = None
    ranks: tuple[Tensor, tuple[int, ...]] | None = None
    least_rank: tuple[Tensor, int] | None = None
    found: Named | None = None
    wanted: Named | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a size was computed, for ``explain``: ``(28 + 2*1 - 3)//1 + 1 = 28``. Made only when it is shown."""

    words: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Result:
    """One tensor that an operator gives. ``dtype`` "" means the first operand's; ``folded`` as in `values.Tensor`."""

    shape: Shape | tuple[Size, ...]
    dtype: str | None = ""
    folded: tuple[Size, ...] | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """Several results as a tuple (``kind`` "list" for a list); nested as needed, None stays None."""

    items: tuple[Outcome, ...]
    kind: str = "tuple"


@dataclass(frozen=True, slots=True)
class Plain:
    """A result that is no tensor: a size, a bool, a tuple of sizes."""

    value: object


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The result is not known, and why; ``data`` when it depends on tensor contents."""

    why: str
    data: bool = False


Outcome: TypeAlias = "Shape | tuple[Size, ...] | Result | Many | Plain | Undetermined | None"
Rule: TypeAlias = Generator[Need | Derivation, None, Outcome]


@dataclass(frozen=True, slots=True)
class Construction:
    """What constructing a layer makes: shapes of its parameters and buffers; None for one left out (bias=False)."""

    parameters: dict[str, tuple[Size, ...] | None] = field(default_factory=dict)
    buffers: dict[str, tuple[Size, ...] | None] = field(default_factory=dict)


Constructing: TypeAlias = Generator[Need | Derivation, None, Construction]


def same(found: Named, wanted: Named, code: Code) -> Need:
    """Two sizes must be equal: ``found`` is what the data has, ``wanted`` what the operator or its author says."""
    return Need(
        equal(found.size, wanted.size),
        code,
        lambda: f"{found.name} is {found.size}, but {wanted.name} is {wanted.size}",
        expected=found.size,
        actual=wanted.size,
        equate=(found.size, wanted.size),
        found=found,
        wanted=wanted,
    )


def holds(
    verdict: Verdict,
    code: Code,
    words: Callable[[], str],
    *,
    expected: Size | str | None = None,
    actual: Size | str | None = None,
    blocking: bool = False,
) -> Need:
    """Any other condition, with its own sentence."""
    return Need(verdict, code, words, expected=expected, actual=actual, blocking=blocking)


def never(code: Code, words: str, *, expected: Size | str | None = None, actual: Size | str | None = None) -> Need:
    """A use that torch always refuses."""
    return Need(NO, code, lambda: words, expected=expected, actual=actual, blocking=True)


def no_number(number: object) -> Need:
    """torch takes no number here; an argument that nobody has seen may be a tensor."""
    unseen = isinstance(number, Poly) and not all(s.sure for s in symbols(number))
    words = f"{number} is a number, but must be a tensor"
    return Need(MAYBE if unseen else NO, codes.ARGUMENT, lambda: words, blocking=True)


def rank(x: Tensor, *allowed: int, code: Code = codes.RANK) -> Need:
    """``x`` must have one of these numbers of axes. Blocking: afterwards ``x.rank`` is known."""
    known = x.rank
    verdict = MAYBE if known is None else decided(known in allowed)
    if known is None and len(x.shape.sizes) > max(allowed):
        verdict = NO
    wanted = " or ".join(str(n) for n in allowed)

    def words() -> str:
        axes = axes_text(x.shape) if known is not None else f"at least {len(x.shape.sizes)} axes"
        return f"{x.name} has {axes}, but {wanted} {'is' if wanted == '1' else 'are'} needed"

    return Need(verdict, code, words, wanted, _rank(x), blocking=True, ranks=(x, allowed))


def _rank(x: Tensor) -> str:
    return str(x.rank) if x.rank is not None else f"at least {len(x.shape.sizes)}"


def rank_at_least(x: Tensor, least: int, code: Code = codes.RANK) -> Need:
    """``x`` must have so many axes or more. Blocking: afterwards ``x[-least]`` is there."""
    verdict = MAYBE if x.rank is None else decided(x.rank >= least)
    if len(x.shape.sizes) >= least:
        verdict = YES
    plural = "axis is" if least == 1 else "axes are"
    return Need(
        verdict,
        code,
        lambda: f"{x.name} has {axes_text(x.shape)}, but at least {least} {plural} needed",
        f"at least {least}",
        _rank(x),
        blocking=True,
        least_rank=(x, least),
    )


def axis(x: Tensor, dim: int, *, extra: int = 0, code: Code = codes.AXIS) -> Generator[Need | Derivation, None, int]:
    """The axis that ``dim`` means, from 0; its existence is a need. ``extra`` counts axes about to be added.

    With an open shape a negative ``dim`` stays negative, as long as it lies within the known axes.
    A scalar accepts 0 and -1, as in torch.
    """
    if x.rank is None:
        if dim < 0 and not extra:
            yield rank_at_least(x, -dim, code)
            return dim if x.rank is None else dim + x.rank
        yield Need(MAYBE, code, lambda: f"the rank of {x.name} is not known", blocking=True)
    axes = max((x.rank or 0) + extra, 1)
    yield Need(
        decided(-axes <= dim < axes),
        code,
        lambda: f"dim {dim} does not exist: {x.name} has {axes_text(x.shape)}",
        expected=f"{-axes}..{axes - 1}",
        actual=dim,
        blocking=True,
    )
    return dim % axes


def divisible(found: Named, by: Named, code: Code) -> Need:
    """``found`` must be a multiple of ``by``."""
    number = "" if by.name == str(by.size) else f" {by.size}" if " " in by.name else f" = {by.size}"
    return Need(
        divides(by.size, found.size),
        code,
        lambda: f"{found.name} is {found.size}, not divisible by {by.name}{number}",
        actual=found.size,
        found=found,
        wanted=by,
    )


def not_less(found: Named, least: Size, code: Code) -> Need:
    """``found`` must be ``least`` or more."""
    return Need(
        at_least(found.size, least),
        code,
        lambda: f"{found.name} is {found.size}, but must be at least {least}",
        expected=f"at least {least}",
        actual=found.size,
        found=found,
    )


def broadcast(*operands: Tensor, code: Code = codes.BROADCAST) -> Generator[Need | Derivation, None, Shape]:
    """The shape that the operands have together. An open operand makes it open in front of what all know."""
    if any(x.rank is None for x in operands):
        return (yield from _broadcast_open(operands, code))
    result: tuple[Size, ...] = ()
    for x in operands:
        result = yield from _broadcast_pair(result, x, operands, code)
    return Shape(result)


def _broadcast_pair(
    result: tuple[Size, ...], x: Tensor, operands: tuple[Tensor, ...], code: Code
) -> Generator[Need | Derivation, None, tuple[Size, ...]]:
    a, b = result, x.shape.sizes
    width = max(len(a), len(b))
    a, b = (1,) * (width - len(a)) + a, (1,) * (width - len(b)) + b
    sizes: list[Size] = []
    for k, (p, q) in enumerate(zip(a, b, strict=True)):
        verdict, size = broadcast_size(p, q)
        yield Need(
            verdict,
            code,
            lambda p=p, q=q, k=k: (  # type: ignore[misc]
                f"{' and '.join(str(o.shape) for o in operands)} cannot be broadcast: "
                f"{p} against {q} at axis {k - width}"
            ),
            expected=p,
            actual=q,
        )
        sizes.append(size)
    return tuple(sizes)


def _broadcast_open(operands: tuple[Tensor, ...], code: Code) -> Generator[Need | Derivation, None, Shape]:
    """With an unknown rank only the axes from the end that the operands show can be judged."""
    shapes = [x.shape for x in operands]
    least = min(len(shape.sizes) for shape in shapes if shape.lead)  # so many axes every open operand shows
    most = max(len(shape.sizes) for shape in shapes)
    sizes: list[Size] = []
    for k in range(1, most + 1):
        size: Size = 1
        for shape in shapes:
            other = shape.size(-k)
            if other is None:
                continue
            verdict, joined = broadcast_size(size, other)
            yield Need(
                verdict,
                code,
                lambda a=size, b=other, k=k: (  # type: ignore[misc]
                    f"{' and '.join(map(str, shapes))} cannot be broadcast: {a} against {b} at axis {-k}"
                ),
                expected=size,
                actual=other,
            )
            size = joined
        sizes.insert(0, size if k <= least or equal(size, 1) is NO else fresh())
    leads = {shape.lead for shape in shapes if shape.lead}
    if len(leads) == 1 and most == least:  # nothing but these leading axes can stand in front
        return Shape(tuple(sizes), leads.pop())
    return open_shape(*sizes)
