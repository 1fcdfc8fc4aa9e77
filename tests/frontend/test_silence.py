"""noqa against flake8 itself; regions; encodings."""

from __future__ import annotations

import pytest
from flake8.violation import Violation

from torchshape_lint.frontend.encoding import decode
from torchshape_lint.frontend.silence import regions, silenced


@pytest.mark.parametrize(
    "comment",
    ["", "# noqa", "# NoQA", "#noqa", "# noqa: TSL101", "# noqa:TSL101,E501", "# noqa: E501", "# noqa: TSL1",
     "# noqa: TSL",
     "# noqa: E501 TSL101", "# noqa : TSL102", "# noqa: tsl101", "x  # type: ignore # noqa: E1, TSL101 why", "# noqa:"],
)  # fmt: skip
def test_noqa_is_flake8s(comment: str) -> None:
    line = f"x = f(1)  {comment}\n"
    wanted = Violation("TSL101", "x.py", 1, 1, "", line).is_inline_ignored(False)
    assert silenced(line, "TSL101") is bool(wanted)


def test_regions() -> None:
    text = "a\n# tsl: off\nb\n    # TSL: on\nc\nd  # tsl: off\n#tsl:off\n"
    assert regions(text) == [(2, 4), (7, 8)]
    assert regions("") == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        (b"\xef\xbb\xbfx\r\n", "x\r\n"),
        (b"# coding: latin-1\n\xe9", "# coding: latin-1\né"),
        (b"# coding: nonsense\n\xe9", "# coding: nonsense\né"),
        (b"\xff\xfe\0", "ÿþ\0"),
        (b"", ""),
    ],
)
def test_decode(data: bytes, text: str) -> None:
    assert decode(data) == text
