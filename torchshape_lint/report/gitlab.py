"""GitLab's code quality report: what a merge request shows beside its changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from torchshape_lint.report.fingerprint import fingerprints, portable
from torchshape_lint.report.formats import Checked, Line, check_format
from torchshape_lint.report.text import sentence


@check_format("gitlab")
def issues(files: Iterable[Checked]) -> Iterator[Line]:
    found = [
        {
            "description": f"{d.code} {sentence(d)}",
            "check_name": d.code.id,
            "fingerprint": fingerprint,
            "severity": "major" if d.code.torch_raises else "minor",
            "location": {"path": portable(d.path), "lines": {"begin": d.span.line, "end": d.span.end_line}},
        }
        for _, d, fingerprint in fingerprints(map(Checked.in_file, files))
    ]
    yield (json.dumps(found, indent=2, ensure_ascii=False),)
