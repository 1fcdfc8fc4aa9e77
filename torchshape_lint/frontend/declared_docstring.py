"""Shapes in docstrings: torch's ``Shape:`` blocks, Google's, NumPy's and Sphinx's parameters, ``Returns:``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchshape_lint import ir
from torchshape_lint.frontend.declared_sizes import Group, group

_SECTION = re.compile(r"\s*(?P<title>[A-Z][\w ]*?)\s*:?\s*$")
_ENTRY = re.compile(
    r"""(?P<indent>\s*)(?:[-*•]\s+)?(?::param\s+(?:[\w.\[\], ]+\s+)?)?[`*]*(?P<name>[^\W\d]\w*)[`*]*
    \s*(?P<type>\((?:[^()]|\([^()]*\))*\))?\s*(?::(?!\w+:`\s*$)|\s--?\s|\s\u2013\s)\s*(?P<rest>.*)""",
    re.X,
)
_BRACKET = re.compile(r"[(\[]")
_SAID = re.compile(
    r"\b(?:shape|size|dims?|dimensions?)\b(?:\s+(?:of|is|(?:should|must|will)\s+be))?\s*[:=]?\s*(?::math:)?[`\s]*$",
    re.I,
)
_DOUBT = re.compile(r"[`\s]*,?\s*(?:(?:or|if|when|unless|else|otherwise|for)\b|/|\||\[)", re.I)
_UNSURE = re.compile(
    r"unbatched|dim\w*\s+optional|if specified"
    r"|\b(?:either|usually|typically|often|normally|generally|sometimes|e\.g|like)\b",
    re.I,
)
_NO_TENSOR = re.compile(r"\b(?:tuple|list|dict|dictionary|named\w*|numpy|np|\w*ndarray|DataFrame)\b", re.I)
LONGEST = 4000  # characters; what says more than that about a parameter is about more than its shape
_SKIPPED = set("example examples raises note notes reference references attributes warning yields".split())
_RESULT = {"return", "returns", "output", "outputs", "result"}
_INPUT = {"input", "inputs"}


def from_docstring(text: str, at: int) -> list[ir.Declared]:
    """Names as written; "Input" becomes None ("the tensor here"), "Output" and ``Returns`` become "return"."""
    found: list[ir.Declared] = []
    section = ""
    for title, entry, body in _entries(text):
        section = title.lower() if title is not None else section
        if section in _SKIPPED or not (shape := _only_shape(body, section == "shape")):
            continue
        name = _name(entry, section)
        if name != "" and not _NO_TENSOR.search(body):  # of what is in a list or tuple nobody says where it goes
            found.append(ir.Declared(at, name, shape.shape, "docstring", shape.text))
    return [one for one in found if sum(other.name == one.name for other in found) == 1]


def _name(entry: str, section: str) -> str | None:
    """None for the input of a ``Shape:`` block, "return" for a result, "" for prose."""
    if entry.lower() in _RESULT or section in _RESULT:
        return "return"
    if entry.lower() in _INPUT and section == "shape":
        return None
    return entry


def _entries(text: str) -> Iterator[tuple[str | None, str, str]]:
    """(title of the section where a new one begins, name, everything said about it)."""
    lines = text.expandtabs().splitlines()
    k = 0
    while k < len(lines):
        line = lines[k]
        k += 1
        title = _title(line, lines[k] if k < len(lines) else "")
        entry = _ENTRY.match(line)
        if title is not None:
            yield title, "", ""
            if title.lower() in _RESULT:
                indent, body = _indent(line), [""]
                while k < len(lines) and (not lines[k].strip(" -") or _indent(lines[k]) > indent):
                    body.append(lines[k])
                    k += 1
                yield None, title, " ".join(body)
        elif entry is not None:
            body = [f"<{entry['type'][1:-1]}>" if entry["type"] else "", entry["rest"]]
            while k < len(lines) and lines[k].strip() and _indent(lines[k]) > len(entry["indent"]):
                body.append(lines[k].strip())
                k += 1
            yield None, entry["name"], " ".join(body)


def _title(line: str, after: str) -> str | None:
    section = _SECTION.match(line)
    if section is None or not (line.rstrip().endswith(":") or after.strip() and not after.strip(" -=")):
        return None
    return section["title"].strip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _only_shape(body: str, announced: bool) -> Group | None:
    """The one shape in a description: two that differ, or an "or", leave it open."""
    if len(body) > LONGEST:
        return None
    shapes: list[Group] = []
    k = 0
    while (bracket := _BRACKET.search(body, k)) is not None:
        k = bracket.start()
        found = group(body, k)
        if found is None or not found.closed:
            k += 1
            continue
        if _means(found, body[:k], announced):
            if _DOUBT.match(body, found.end) or re.search(r"\b(?:or|either)\b[:`\smath]*$", body[:k]):
                return None
            shapes.append(found)
            k = found.end
        else:
            k += 1
    alike = bool(shapes) and all(shape.shape == shapes[0].shape for shape in shapes)
    return shapes[0] if alike and not _UNSURE.search(body) else None


def _means(found: Group, before: str, announced: bool) -> bool:
    """Is the bracket a shape, going by the words before it? ``min(6, m, n)`` and ``Callable[..., int]`` are not."""
    if _SAID.search(before):
        return found.plausible
    if before[-1:].isalnum() or before[-1:] in ("_", "]", ")"):
        return before.endswith("Tensor") and found.plausible
    if announced or not before.rstrip("`: ").removesuffix(":math").strip("`: <>"):
        return found.plausible and not any("." in item.strip(".") for item in found.items)
    return found.unmistakable and any(isinstance(dim, str) for dim in found.dims)
