"""Findings that are known and not to be told again: a file of JSON, to be committed.

A finding is known again by its file, its code and its line of source, so that it may move about in the file.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from torchshape_lint.cli.trouble import Unusable
from torchshape_lint.diagnostics import Diagnostic
from torchshape_lint.report.fingerprint import source
from torchshape_lint.report.formats import Checked

VERSION = 1
Key: TypeAlias = tuple[str, str, str]


def unknown(file: str) -> Callable[[Checked, Diagnostic], bool]:
    """Is a finding not in this file, or there more often than the file knows?"""
    left = _read(Path(file))
    folder = Path(file).absolute().parent

    def is_unknown(checked: Checked, diagnostic: Diagnostic) -> bool:
        key = _key(checked, diagnostic, folder)
        left[key] -= 1
        return left[key] < 0

    return is_unknown


def write(file: str, results: Iterable[Checked]) -> None:
    """All findings, in an order that gives small differences."""
    folder = Path(file).absolute().parent
    counts = Counter(_key(checked, d, folder) for checked in results for d in checked.findings)
    findings = [
        {"path": path, "code": code, "source": line, "count": count}
        for (path, code, line), count in sorted(counts.items())
    ]
    try:
        Path(file).write_text(json.dumps({"version": VERSION, "findings": findings}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror or error}") from error


def _key(checked: Checked, diagnostic: Diagnostic, folder: Path) -> Key:
    path = os.path.relpath(os.path.abspath(diagnostic.path), folder)
    return Path(path).as_posix(), diagnostic.code.id, source(checked, diagnostic)


def _read(file: Path) -> Counter[Key]:
    try:
        content: Any = json.loads(file.read_text("utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"its version is {content['version']!r}, not {VERSION}")
        known: Counter[Key] = Counter()
        for finding in content["findings"]:
            known[str(finding["path"]), str(finding["code"]), str(finding["source"])] += int(finding["count"])
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        why = error if isinstance(error, ValueError) else "it holds no list of findings"
        raise Unusable(f"{file}: not a baseline of torchshape-lint: {why}") from error
    return known
