"""Shapes as people type them: ``(n, 1, 28, 28)``, ``[B, C, H//2, W]``, ``:math:`(N, C, H_{in})```, ``B x C x H``.

Decides what is a shape, what is meant to be one and cannot be read, and what is anything else in brackets: a range, a
box, a list of options. When in doubt it is anything else.
"""

from __future__ import annotations

import ast
import re
import warnings

from torchshape_lint.frozen import dataclass

Dims = tuple[int | str, ...]

TIMES = "\u00d7"
PAIRS = {"(": ")", "[": "]"}
_WORDS = frozenset(
    "n b bs bsz nb batch minibatch batches size c ch channel channels feature features feat feats dim dims hidden embed"
    " embedding d e f k h w height width depth length len l t time steps seq sequence s token tokens num nums classes"
    " heads head vocab frames points nodes edges".split()
)
_FIRST = frozenset("n b bs bsz nb batch minibatch t l s seq".split())
# corners of boxes, colours, ends of ranges: what brackets hold when they hold no shape
_OTHER = re.compile(
    r"(?:[xyzuvrgij]|[xyc][xy12]|[xyzwh]_?(?:min|max|center|1|2)|left|right|top|bottom|start|stop|end|step|mean|std|min|max"
    r"|low|high|key|value|query|[qkv]|true|false|none|int|float|str|bool|tensor|train|test|eval|optional|default)",
    re.I,
)
_OPEN = {"?", "_", "-1", "none", ":", "*?", "any"}
_NAME = re.compile(r"[^\W\d]\w*")
_MANGLED = re.compile(r"\d+[A-Za-z_]\w*|")


@dataclass(frozen=True, slots=True)
class Group:
    """A bracket and what is in it; ``end`` is where the text goes on, ``closed`` whether the bracket is.

    dims has None for each item that is no size.
    """

    text: str
    items: tuple[str, ...]
    dims: tuple[int | str | None, ...]
    end: int
    closed: bool = True

    @property
    def readable(self) -> bool:
        return self.closed and all(dim is not None for dim in self.dims) and self.dims.count("...") <= 1

    @property
    def shape(self) -> Dims:
        return tuple(dim for dim in self.dims if dim is not None)

    @property
    def plausible(self) -> bool:
        """What a shape that has been announced (``x: (...)``) must look like."""
        if not self.readable or 0 in self.dims:
            return False
        if len(self.dims) < 2 and not self.text.rstrip(")] ").endswith(","):
            return bool(self.dims) and str(self.dims[0]).lower() in _FIRST
        if len(self.dims) == 2 and all(isinstance(d, int) or d == "?" for d in self.dims) and "-1" in self.items:
            return False  # [-1, 1] is a range
        return 2 * sum(map(_size_like, self.shape)) >= len(self.dims)

    @property
    def unmistakable(self) -> bool:
        """What a shape must look like that stands in brackets, and nothing says that it is one."""
        if not self.plausible or len(self.dims) < 2:
            return False
        names = [dim for dim in self.shape if isinstance(dim, str)]
        if any(_OTHER.fullmatch(name) for name in names):
            return False
        if not names:
            consecutive = all(isinstance(b, int) and b == self.dims[0] + k for k, b in enumerate(self.dims))  # type: ignore[operator]
            return len(self.dims) > 2 and not consecutive
        return len(self.dims) > 2 or str(self.dims[0]).lower() in _FIRST | {"..."}

    @property
    def problem(self) -> str:
        """Why something that is clearly meant to be a shape cannot be read; "" where it can, or is not meant so."""
        known = [dim for dim in self.dims if dim is not None]
        strange = [item for item, dim in zip(self.items, self.dims) if dim is None]
        meant = len(known) > 1 and any(isinstance(dim, int) for dim in known) and 0 not in known
        if not meant or not all(_MANGLED.fullmatch(item) for item in strange):
            return ""
        if not self.closed and not self.items[-1]:
            return ""  # goes on in the next line
        if strange:
            return f"{strange[0]!r} is not a size" if strange[0] else "a size is missing"
        return "" if self.closed else "the bracket is not closed"


def group(text: str, start: int) -> Group | None:
    """The bracket that opens at ``start``."""
    if text[start : start + 1] not in PAIRS:
        return None
    stack: list[str] = []
    items, begin = [], start + 1
    for k in range(start, len(text)):
        letter = text[k]
        if letter in PAIRS:
            stack.append(PAIRS[letter])
        elif stack and letter == stack[-1]:
            stack.pop()
            if not stack:
                items.append(text[begin:k])
                return _group(text[start : k + 1], items, k + 1, True)
        elif letter in ")]":
            return None
        elif letter == "," and len(stack) == 1:
            items.append(text[begin:k])
            begin = k + 1
    return _group(text[start:], [*items, text[begin:]], len(text), False)


def _group(text: str, items: list[str], end: int, closed: bool) -> Group:
    items = [item.strip() for item in items]
    if len(items) > 1 and not items[-1] and closed:
        items.pop()  # a trailing comma
    if items == [""]:
        items = []
    return Group(text, tuple(items), tuple(size(item) for item in items), end, closed)


def times(text: str, start: int) -> Group | None:
    """``B x C x H x W``: at least three sizes, one of them a name."""
    match = re.compile(r"\w+(?:\s+[x\u00d7]\s+[\w*/+-]+){2,}(?=\s*(?:$|[,.;)]))").match(text, start)
    if match is None:
        return None
    items = re.split(r"\s+[x\u00d7]\s+", match.group())
    dims = tuple(map(size, items))
    return Group(match.group(), tuple(items), dims, match.end()) if any(isinstance(dim, str) for dim in dims) else None


def size(text: str) -> int | str | None:
    """One size: a number, a name, "?" (left open), "..." (any number of axes), or arithmetic without blanks."""
    text = _plain(text)
    if text.isdecimal():
        return int(text) if len(text) < 10 else None
    if text.lower() in _OPEN:
        return "?"
    if text in ("...", "…", "*") or text.startswith("*") and _NAME.fullmatch(text[1:]):
        return "..."
    if _NAME.fullmatch(text):
        return text
    if _NAME.fullmatch(text.rstrip("'")) or re.fullmatch(r"(?:[^\W\d]\w*\.)+[^\W\d]\w*", text):
        return "?"  # h', self.dim: a size without a name of its own
    return _arithmetic(text)


def _plain(text: str) -> str:
    """Without the markup of docstrings: ``H_\\text{in}``, ``\\times``, quotes."""
    text = text.strip().strip("`\"'")
    if "\\" in text or "{" in text:
        text = re.sub(r"\\(?:texttt|textit|text|mathrm|mathit|mathbf)\s*", "", text)
        text = text.replace(r"\times", "*").replace(r"\cdot", "*").replace("\\_", "_").replace(r"\ldots", "...")
        text = re.sub(r"[{}]|\\[,;! ]", "", text)
        text = re.sub(r"\s*\*\s*", "*", text)
    return text.strip()


def _arithmetic(text: str) -> str | None:
    text = re.sub(r"\s*(//|[-+*/()])\s*", r"\1", text)
    if len(text) > 80 or not re.fullmatch(r"[\w+\-*/()]+", text):
        return None
    tree = parsed(text)
    return text if tree is not None and _is_arithmetic(tree) else None


def parsed(text: str) -> ast.expr | None:
    """The one expression that a text is, if it is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of "0x1for" is none of our business
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_arithmetic(tree: ast.expr) -> bool:
    match tree:
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv(), right):
            return _is_arithmetic(left) and _is_arithmetic(right)
        case ast.Constant(value):
            return type(value) is int
    return isinstance(tree, ast.Name)


def _size_like(dim: int | str) -> bool:
    if isinstance(dim, int) or dim in ("?", "..."):
        return True
    if not _NAME.fullmatch(dim):  # arithmetic: one of its sizes has to look like one
        return any(map(_size_like, re.findall(r"[^\W\d]\w*", dim)))
    letters = dim.rstrip("0123456789")
    if len(letters) == 1 or len(letters) == 2 and letters.isupper():
        return letters.isupper() or letters in "nbchwdtlskefmp"
    return any(part in _WORDS for part in re.split(r"[_\d]+", dim.lower()))
