"""Which names a few lines that nobody can parse could touch, by their text alone.

They could bind or change every name that they mention, with two exceptions, so that a line that is just being typed
does not cost the rest of its block: where nothing is called and nothing is bound, nothing changes; and what an import
of a whole module bound is not bound anew by ``nn.Linear(``.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[^\W\d]\w*")
_ANYTHING = re.compile(r"\bimport\s*\(?\s*\*|\b(?:exec|eval|globals|locals|vars|setattr)\b")
_MAY_CHANGE = re.compile(  # a call, a decorator, a statement that binds, calls or leaves; ``match`` and ``type`` too
    r"\(|^\s*@|\b(?:for|with|as|import|def|class|del|global|nonlocal|case|match|type|except|async|await|yield|return|"
    r"raise|break|continue)\b",
    re.M,
)
_BINDS = re.compile(r"(?<![=<>!])=(?!=)")
_MODULES = re.compile(
    r"^[ \t]*(?:import[ \t]+[\w.]+[ \t]+as[ \t]+(\w+)|import[ \t]+(\w+)|"
    r"from[ \t]+torch[ \t]+import[ \t]+(?:\w+,[ \t]*)*(nn)(?:,[ \t]*\w+)*|"
    r"from[ \t]+torch\.nn[ \t]+import[ \t]+functional(?:[ \t]+as[ \t]+(\w+))?)[ \t]*(?:$|#)",
    re.M,
)


def touched(lines: str, text: str) -> frozenset[str] | None:
    """The names, those in strings and comments included; None if the lines of ``text`` could change any other."""
    if _ANYTHING.search(lines):
        return None
    if not _MAY_CHANGE.search(lines):
        *bound, _ = _BINDS.split(lines)
        return frozenset(_NAME.findall("=".join(bound)))
    names = frozenset(_NAME.findall(lines))
    modules = {name for found in _MODULES.findall(text) for name in found if name} & names
    return names - {name for name in modules if not re.search(rf"\b{name}\b(?!\.)|\b{name}\.[\w.]*\s*=(?!=)", lines)}
