"""JUnit's XML: a test case for each file, as CI servers show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from torchshape_lint.report.fingerprint import portable
from torchshape_lint.report.formats import Checked, Line, check_format
from torchshape_lint.report.text import line

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


@check_format("junit")
def suites(files: Iterable[Checked]) -> Iterator[Line]:
    files = list(files)
    failed = sum(bool(file.findings) for file in files)
    broken = sum(bool(file.problem) for file in files)
    counts = {"tests": str(len(files)), "failures": str(failed), "errors": str(broken)}
    root = Element("testsuites", {"name": "torchshape-lint", **counts})
    suite = SubElement(root, "testsuite", {"name": "torchshape-lint", **counts})
    for file in files:
        _case(suite, file)
    indent(root)
    yield ('<?xml version="1.0" encoding="UTF-8"?>',)
    yield (tostring(root, "unicode"),)


def _case(suite: Element, file: Checked) -> None:
    path = portable(file.path)
    module = ".".join(PurePath(path).with_suffix("").parts)
    case = SubElement(suite, "testcase", {"name": _clean(path), "classname": _clean(module)})
    if file.problem:
        SubElement(case, "error", {"type": "error", "message": _clean(file.problem)})
    elif file.findings:
        kinds = ", ".join(dict.fromkeys(d.code.id for d in file.findings))
        count = len(file.findings)
        message = f"{count} finding{'s' if count > 1 else ''}"
        SubElement(case, "failure", {"type": kinds, "message": message}).text = _clean(
            "\n".join(line(d) for d in file.findings)
        )


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
