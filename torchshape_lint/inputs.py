"""Declared inputs as users type them in settings: ``Net=(n, 1, 28, 28)``, ``model.py::Net.forward:x=(2, 3)``."""

from __future__ import annotations

import re
from pathlib import PurePath

from torchshape_lint import ir
from torchshape_lint.interp.stories import Wanted

_INPUT = re.compile(
    r"""^\s*(?:(?P<file>[^=:]+\.py)::)?
    (?:(?P<cls>[A-Za-z_]\w*)?(?:\.(?P<method>\w+))?:)?
    (?P<name>[A-Za-z_]\w*)?\s*=\s*[(\[](?P<dims>.*)[)\]]\s*$""",
    re.VERBOSE,
)


class BadInput(ValueError):
    """A declared input that cannot be read; the text says what was expected."""


def read_inputs(texts: tuple[str, ...], path: str) -> Wanted:
    """The inputs that concern ``path``. A bare name is a class when it begins with a capital, otherwise a parameter."""
    wanted = Wanted()
    for text in texts:
        match = _INPUT.match(text)
        if match is None:
            raise BadInput(f"input {text!r} is not of the form Class=(n, 1, 28, 28) or file.py::Class.forward:x=(...)")
        if match["file"] and not PurePath(path).match(match["file"]):
            continue
        cls, method, name = match["cls"] or "", match["method"] or "", match["name"] or ""
        if not cls and name[:1].isupper():
            cls, name = name, ""
        dims = tuple(_dim(part) for part in match["dims"].split(",") if part.strip())
        wanted.shapes[cls, method, name] = ir.Declared(-1, name or None, dims, "setting", text)
    return wanted


def _dim(text: str) -> int | str:
    text = text.strip()
    if not re.fullmatch(r"[\w+*/ ().-]+", text) or text.isdigit() and not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadInput(f"{text[:80]!r} is not a size")
    return int(text) if text.isdigit() else text
