"""Findings in words: one sentence that stands alone, notes for the long form, and what would be right."""

from __future__ import annotations

from collections.abc import Callable

from torchshape_lint import codes
from torchshape_lint.dims import Poly, product
from torchshape_lint.frozen import dataclass
from torchshape_lint.interp.findings import Finding, Site
from torchshape_lint.shapes import is_flat_size, is_unflattened, product_text


@dataclass(frozen=True, slots=True)
class Said:
    message: str
    story: str
    notes: tuple[str, ...]
    fix: str | None
    headline: str
    advice: str
    fits: str


def sentence(
    finding: Finding,
    text: Callable[[Site | None], str],
    where: Callable[[Site | None], str],
    elsewhere: Callable[[Site | None], str],
) -> Said:
    """The one-line message. ``text`` looks up a place; ``where`` names one in this file, ``elsewhere`` in another."""
    words = f"{finding.callee}: {finding.words}"
    if elsewhere(finding.site):
        words += f" (in {finding.inside}, {elsewhere(finding.site)})"
    headline = words
    hint, fix = _right_value(finding, text)
    story = _story(finding, where, elsewhere)
    if hint:
        words += f" ({hint})"
    if story and finding.code is not codes.DECLARATION:
        words += f" [{story}]"
    fits = finding.fits if finding.code is not codes.NO_INPUT else ""
    if fits:
        words += f"; {fits}"
    notes = list(finding.notes)
    need = finding.need
    if finding.wanted is not None and where(finding.wanted):
        notes.append(
            f"{need.wanted.name if need and need.wanted else 'the number'} is chosen at {where(finding.wanted)}"
        )
    return Said(words, story, tuple(notes), fix, headline, _advice(finding), fits)


def _right_value(finding: Finding, text: Callable[[Site | None], str]) -> tuple[str, str | None]:
    """``4*7*7, not 4*8*8`` and the fix, for a layer's number that the data decides."""
    need = finding.need
    if need is None or need.found is None or need.wanted is None or finding.code is codes.NO_INPUT:
        return "", None
    typed = text(finding.wanted).replace(" ", "")
    found = need.found
    folded = tuple(size for size in found.folded or () if size != 1)
    factors = product_text(folded) if len(folded) > 1 else ""
    if isinstance(found.size, Poly):
        return "", None
    advice = _advice(finding)
    if advice:
        return advice, None
    is_product = bool(typed) and not typed.isdigit() and any(c in typed for c in "*+-/")
    decided = finding.wanted is not None and need.equate is not None
    fix = f"{need.wanted.name}={factors or found.size}" if decided else None
    if factors and is_product:
        return f"{factors}, not {typed}", fix
    if factors:
        return f"{found.size} = {factors}", fix
    return (f"not {typed}" if is_product else ""), fix


def _advice(finding: Finding) -> str:
    """What else could be meant, when the number is right and the tensor is not."""
    return (
        _missing_flatten(finding) or _batch_flattened(finding) or _missing_pooling(finding) or _channels_last(finding)
    )


def _missing_flatten(finding: Finding) -> str:
    """The last axis is wrong, but everything behind the batch is what is wanted, or was meant to be."""
    need = finding.need
    if finding.code is not codes.FEATURES or need is None or not finding.operands:
        return ""
    shape = finding.operands[0]
    if not (is_flat_size(shape, need.actual) or is_unflattened(shape, need.actual)):
        return ""
    return f"flatten it first: {product_text(shape.sizes[1:])} = {product(shape.sizes[1:])}"


def _missing_pooling(finding: Finding) -> str:
    """The number that is wanted is that of the channels: they are to be last, or all that is left."""
    need = finding.need
    if finding.code is not codes.FEATURES or need is None or not finding.operands:
        return ""
    shape = finding.operands[0]
    if shape.is_open or len(shape.sizes) < 3 or shape.sizes[1] != need.actual:
        return ""
    moved = "transpose" if len(shape.sizes) == 3 else "permute"
    return f"axis 1 is {need.actual}: is a pooling or a {moved} missing?"


def _batch_flattened(finding: Finding) -> str:
    """Everything was flattened, and without its first axis it would be just what is wanted."""
    need = finding.need
    if finding.code is not codes.FEATURES or need is None or need.found is None or not finding.operands:
        return ""
    rest = (need.found.folded or ())[1:]
    if finding.operands[0].rank != 1 or not rest or product(rest) != need.actual:
        return ""
    return f"flatten from axis 1 on: {product_text(rest)} = {need.actual}"


def _channels_last(finding: Finding) -> str:
    """The channels that are wanted stand last, as numpy and TensorFlow have them."""
    need = finding.need
    if finding.code is not codes.CHANNELS or need is None or need.found is None or not finding.operands:
        return ""
    shape, at = finding.operands[0], 1 if need.found.name.startswith("axis 1 ") else 0
    if shape.is_open or len(shape.sizes) < at + 2 or shape.sizes[-1] != need.actual:
        return ""
    order = (*range(at), len(shape.sizes) - 1, *range(at, len(shape.sizes) - 1))
    return f"are its channels the last axis? permute{order}"


def _story(finding: Finding, where: Callable[[Site | None], str], elsewhere: Callable[[Site | None], str]) -> str:
    called = where(finding.caller) if finding.caller is not None else ""
    if called and called != where(finding.via or finding.site):
        return f"called at {called} with {finding.given}"
    if finding.caller is not None and (place := elsewhere(finding.caller)):
        return f"called at {place} with {finding.given}"
    return finding.story
