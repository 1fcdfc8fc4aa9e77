"""Every example of ``docs/fixes.md`` is what the program does, and torch runs what comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT
from tests.program import LINEAR, environment
from torchshape_lint import api
from torchshape_lint.cli.fix import unified
from torchshape_lint.fixes import KINDS

PAGE = (ROOT / "docs" / "fixes.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```py\n(.*?)^```\n\n```diff\n(.*?)^```$", PAGE, re.M | re.S)
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) for line in block.splitlines()]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == PAGE.count("```py\n") == PAGE.count("```diff\n") > 5


@pytest.mark.parametrize(("before", "diff"), EXAMPLES)
def test_an_example(before: str, diff: str) -> None:
    with pytest.raises(RuntimeError):
        exec(compile(before, "net.py", "exec"), {"__name__": "__main__"})
    done = api.fix("net.py", before, unsafe=True)
    assert "".join(unified("net.py", before, done.text)) == diff
    exec(compile(done.text, "net.py", "exec"), {"__name__": "__main__"})


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("line", COMMANDS)
def test_a_command(tmp_path: Path, line: str) -> None:
    (tmp_path / "net.py").write_text(LINEAR, "utf-8")
    program = f'torchshape-lint() {{ "{sys.executable}" -m torchshape_lint "$@"; }}\n'
    subprocess.run(["bash", "-c", program + line], cwd=tmp_path, check=True, env=environment())


def test_every_kind_is_in_the_table() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(codes/(\w+)\.md\) (\S+) \| (.*) \|$", PAGE, re.M)
    kinds = [
        (code.id, code.id, code.name, ", ".join(kind.__name__.replace("_", " ") for kind in kinds))
        for code, kinds in KINDS.items()
    ]
    assert rows == kinds
