"""Which lines changed since a commit, as git tells it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.report.formats import Checked
from torchshape_lint.spans import Span

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def touched(base: str) -> Callable[[Checked, Diagnostic], bool]:
    """Is a finding about a line that changed since ``base``: its own, or the one that chose the number?"""

    def is_touched(checked: Checked, diagnostic: Diagnostic) -> bool:
        (diagnostic,) = replace(checked, findings=(diagnostic,)).in_file().findings
        places = [(diagnostic.path, diagnostic.span), *((p.path, p.span) for p in diagnostic.related)]
        return any(_changed(base, path, span) for path, span in places)

    _git("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", folder=Path.cwd(), wrong=f"--diff {base}")
    return is_touched


def _changed(base: str, path: str, span: Span) -> bool:
    file = Path(path).resolve()
    if not file.exists():
        raise Unusable(f"--diff: {path} is not a file")
    root = _root(file.parent)
    lines = _lines(base, root)
    if file not in lines:
        return file in _untracked(root)
    return any(first <= span.end_line and span.line <= last for first, last in lines[file])


@cache
def _root(folder: Path) -> Path:
    out = _git("rev-parse", "--show-toplevel", folder=folder, wrong=f"--diff: {folder}")
    return Path(out.decode("utf-8", "surrogateescape").rstrip("\n")).resolve()


@cache
def _untracked(root: Path) -> frozenset[Path]:
    """Files that git does not know: all of their lines are new."""
    out = _git("ls-files", "--others", "-z", "--", "*.py", "*.ipynb", folder=root, wrong="--diff")
    names = out.decode("utf-8", "surrogateescape").split("\0")
    return frozenset((root / name).resolve() for name in names if name)


@cache
def _lines(base: str, root: Path) -> dict[Path, list[tuple[int, int]]]:
    """For each file the lines, first and last, that are not as they were."""
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
    out = _git("diff", "--unified=0", *plain, base, "--", folder=root, wrong=f"--diff {base}")
    found: dict[Path, list[tuple[int, int]]] = {}
    current: list[tuple[int, int]] = []
    left = 0  # lines of a hunk are no headers, whatever they look like
    for row in out.split(b"\n"):
        if left:
            left -= row[:1] in (b"+", b"-")
        elif row.startswith(b"+++ "):
            current = found.setdefault((root / _name(row[4:])).resolve(), [])
        elif hunk := _HUNK.match(row.decode("ascii", "replace")):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            left = count + _removed(row)
            if count:
                current.append((first, first + count - 1))
    return found


def _removed(row: bytes) -> int:
    removed = row.split()[1]
    return int(removed.partition(b",")[2] or 1)


def _name(field: bytes) -> str:
    """``b/net.py``, or in quotes where git wants them; a blank at the end of a name is followed by a tab."""
    field = field.removesuffix(b"\t")
    if field.startswith(b'"'):
        field = _ESCAPE.sub(lambda m: _unescaped(m[1]), field[1:-1])
    return field.removeprefix(b"b/").decode("utf-8", "surrogateescape")


def _unescaped(code: bytes) -> bytes:
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)


def _git(*arguments: str, folder: Path, wrong: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 (no shell, our own words)
    except OSError as error:
        raise Unusable(f"--diff needs git: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unusable(f"{wrong}: {said[0] if said else 'git knows no such commit'}")
    return done.stdout
