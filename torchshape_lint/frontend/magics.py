"""What only IPython understands (``%magic``, ``!command``, ``help?``) -> Python, without moving a line or a column.

A line of IPython's becomes a statement that does nothing, or one that makes the names unknown that it may have bound.
Which names these are is the caller's to know: ``forget`` is given the text and answers with the statement. Knows no
notebook, one cell at a time; a cell that parses as it stands has no magics.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import TypeAlias

from torchshape_lint.frontend.lines import NEWLINE
from torchshape_lint.frontend.nesting import logical_lines

Forget: TypeAlias = Callable[[str], str]
MARK = "  # tsl: magic"  # behind every line that is not as it was written
INDENTED = "if True:"  # what IPython takes off, the indentation of a whole cell, stays where it is
NOTHING = "pass"

# Their cells are Python that runs here; any other cell magic may run its cell elsewhere, or as another language.
_IN_PLACE = {"capture", "debug", "ipytest", "prun", "time", "timeit"}
_FOREIGN = set(
    "! HTML SVG bash bigquery cmd file html javascript js latex markdown mermaid perl pypy python python2 python3 ruby"
    " sh script sql svg sx system writefile".split()
)
_QUIET = set(
    "alias autoreload autosave bookmark cat cd conda config cp env load load_ext ls lsmagic mamba matplotlib micromamba"
    " mkdir more mv notebook page pdb pip precision pwd quickref reload_ext rm rmdir set_env system sx tensorboard"
    " unload_ext uv wandb who who_ls whos xmode".split()
)
_ANYTHING = {"edit", "macro", "pylab", "recall", "rep", "rerun", "reset", "reset_selective", "run"}
ANYTHING = "exec()"  # a text that may bind every name

_HEAD = re.compile(r"(?:[ \t]*(?:\r\n?|\n))*%%(?P<name>[\w!]+)(?P<rest>[^\r\n]*)")
_REST = r"(?:\\(?:\r\n?|\n)|[^\r\n])*"
_ESCAPED = re.compile(rf"(?P<indent>[ \t]*)(?:%(?P<name>\w+)(?P<rest>{_REST})|[!?%,;/]{_REST})")
_ASSIGNED = re.compile(rf"(?P<target>[ \t]*[\w.,\[\] \t*]+=[ \t]*)(?:!(?!=)|%(?=\w)){_REST}")
_HELP = re.compile(r"(?P<indent>[ \t]*)[\w.*\[\]-]+\?\??[ \t;]*(?=[\r\n]|\Z)")
_TIMED = re.compile(r"(?P<indent>[ \t]*)%(?P<name>time|timeit)[ \t]+(?:(?:-[tcqov]|-[nrp][ \t]*\d+)[ \t]+)*(?=\S)")
_PREFIX = re.compile(r"[ \t]*\.\.\.; *")


def tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def python(cell: str, forget: Forget) -> str | None:
    """The cell as Python, line for line; None where it is none that runs here."""
    if tree(cell) is not None or is_indented(cell):
        return cell
    head = _HEAD.match(cell)
    if head is None:
        plain = "".join(_lines(cell, forget))
        return plain if tree(plain) is not None or is_indented(plain) else None
    body = python(cell[head.end() :], forget) if head["name"] in _IN_PLACE else None
    if body is None or head["name"] == "timeit" and _binds(body):
        return None
    before = cell[: head.start("name") - 2]
    plain = f"{before}{forget(head['rest'])}{MARK}{body}"
    return plain if tree(plain) is not None else None


def is_indented(cell: str) -> bool:
    """Is it Python behind ``INDENTED`` only?"""
    return cell.lstrip("\r\n")[:1] in (" ", "\t") and tree(f"{INDENTED}\n{cell}") is not None


def opaque(cell: str, forget: Forget) -> str:
    """A cell that is not read: as many lines, and what it mentions is unknown afterwards."""
    head = _HEAD.match(cell)
    statement = NOTHING if head and head["name"] in _FOREIGN else forget(cell)
    return f"{statement}{MARK}" + "".join(NEWLINE.findall(cell))


def restored(cell: str, plain: str, changed: str) -> str:
    """The text of a cell whose Python was ``plain`` and is ``changed`` now, its magics as they were written."""
    pairs = zip(NEWLINE.split(cell), NEWLINE.split(plain))
    magics = iter([(was, now) for was, now in pairs if was != now])
    lines = [_restored(line, *next(magics, (line, line))) if line.endswith(MARK) else line for line in _split(changed)]
    return "".join(lines)


def _restored(line: str, was: str, now: str) -> str:
    prefix = _PREFIX.match(now)
    if prefix is None or not line.startswith(prefix[0]):
        return was
    return was[: prefix.end()] + line[prefix.end() : -len(MARK)]


def _split(text: str) -> list[str]:
    """Lines and the newlines between them."""
    return re.split(rf"({NEWLINE.pattern})", text)


def _lines(cell: str, forget: Forget) -> Iterator[str]:
    at = 0
    while at < len(cell):
        timed = _TIMED.match(cell, at)
        end = _line_end(cell, at)
        if timed and _is_simple(timed["name"], cell[timed.end() : end]):
            yield f"{timed['indent']}...;".ljust(timed.end() - at) + cell[timed.end() : end] + MARK
            at = end
        elif found := _ESCAPED.match(cell, at) or _ASSIGNED.match(cell, at) or _HELP.match(cell, at):
            yield _statement(found, forget) + "".join(f"{end}#{MARK}" for end in NEWLINE.findall(found[0]))
            at = found.end()
        else:
            line = next(logical_lines(cell, at))
            yield cell[at : line.end]
            at = line.end
        if newline := NEWLINE.match(cell, at):
            yield newline[0]
            at = newline.end()


def _line_end(text: str, at: int) -> int:
    found = NEWLINE.search(text, at)
    return found.start() if found else len(text)


def _is_simple(name: str, text: str) -> bool:
    """One statement, which may stand behind a semicolon; what ``%timeit`` assigns is its own."""
    parsed = tree(text)
    kinds = (ast.Expr, ast.Assign) if name == "time" else ast.Expr
    return parsed is not None and len(parsed.body) == 1 and isinstance(parsed.body[0], kinds)


def _statement(found: re.Match[str], forget: Forget) -> str:
    groups = found.groupdict()
    if "target" in groups:
        return f"{groups['target']}get_ipython(){MARK}"
    name = groups.get("name")
    quiet = name is None or name in _QUIET
    statement = NOTHING if quiet else forget(ANYTHING if name in _ANYTHING else groups["rest"])
    return f"{groups['indent']}{statement}{MARK}"


def _binds(text: str) -> bool:
    """Does anything get a name here? Those of ``%%timeit`` are its own."""
    parsed = tree(text)
    return parsed is None or any(
        isinstance(getattr(node, "ctx", None), ast.Store)
        or isinstance(node, (ast.alias, ast.FunctionDef, ast.ClassDef))
        for node in ast.walk(parsed)
    )
