"""Puts what the linter prints now into the pages of ``docs/codes``: ``python -m tests.refresh_code_pages``.

Prints every line that has changed: read them before you commit them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from tests.test_code_pages import ALL, EXAMPLE, PAGES, printed

_OUTPUT = re.compile(r"^```text\n.*?^```$", re.M | re.S)


def main() -> None:
    for page in ALL:
        with tempfile.TemporaryDirectory() as folder:
            said = "".join(f"{line}\n" for line in printed(page.python(EXAMPLE)[0], Path(folder)))
        before, after = _OUTPUT.split(page.text, maxsplit=1)
        text = f"{before}```text\n{said}```{after}"
        if text != page.text:
            (PAGES / f"{page.id}.md").write_text(text, "utf-8")
            sys.stdout.write(said)


if __name__ == "__main__":
    main()
