"""The three ways to print: a line, a table, and the JSON contract."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.findings import FINDING, STEPS, TRACE
from torchshape_lint.diagnostics import Trace
from torchshape_lint.report.json import diagnostics_json, trace_json
from torchshape_lint.report.table import table
from torchshape_lint.report.text import line, long_form, sentence

DOCS = Path(__file__).parent.parent / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "explain.schema.json").read_text("utf-8"))


def test_line_is_flake8s() -> None:
    assert line(FINDING) == (
        "net.py:9:16: TSL101 fc: last axis of x is 196 (4*7*7), but in_features is 256 "
        "(called at line 12 with (2, 1, 28, 28))"
    )


def test_a_story_told_in_the_message_is_not_told_again() -> None:
    told = replace(FINDING, message=f"wrong, {FINDING.story}")
    assert sentence(told) == told.message


def test_a_message_stays_on_its_line() -> None:
    assert sentence(replace(FINDING, message="a\n  b", story="")) == "a b"


def test_verdict_is_shown() -> None:
    assert sentence(replace(FINDING, verdict="confirmed")).endswith(" [confirmed]")


def test_long_form() -> None:
    assert list(long_form(replace(FINDING, verdict="refuted", conditional=True)))[1:] == [
        "    expected 196, found 256",
        "    in_features of 196 would fit",
        "    fix: nn.Linear(196, 10)",
        "    only on a branch that may not be taken",
        "    torch ran past this line without an error: dropped",
    ]


def test_table() -> None:
    assert table(TRACE).splitlines()[:12] == [
        "Net (line 4): called at line 12",
        "  x: (2, 1, 28, 28)",
        "  state: (n,)",
        "  state: ?",
        "  line  path      source         op         formula                     output              params",
        "     8  net.conv  self.conv(x)   nn.Conv2d  (28 + 2*1 - 3)//1 + 1 = 28  (2, 4, 28, 28)       1,040",
        "     9  net.lstm  self.lstm( x)  nn.LSTM                                (n, 3) (..., 4) ()",
        "  output: (2, 10)",
        "  parameters: 3,010",
        "  assumed: h is even",
        "  square pictures of 28..31 fit",
        "",
    ]


def test_what_a_loop_repeats_is_shown_once() -> None:
    module = replace(TRACE.entries[-1], steps=STEPS * 3)
    assert table(Trace("net.py", (module,), ())).count("net.lstm") == 1
    assert table(Trace("net.py", (replace(module, name="Net"),), ())).count("net.lstm") == 3


def test_a_story_that_went_like_an_earlier_one_says_so() -> None:
    net = TRACE.entries[0]
    again = replace(net, line=20, why="called at line 20")
    assert table(Trace("net.py", (net, again), ())).splitlines()[-2:] == [
        "Net: called at line 20",
        "  the same as Net (line 4): called at line 12",
    ]


def test_table_ends_with_findings_and_notes() -> None:
    text = table(TRACE)
    assert text.endswith("note: ended after 2 s")
    assert line(FINDING) in text


def test_table_of_nothing() -> None:
    assert "nothing to explain" in table(Trace("empty.py", (), ()))


def test_json_keeps_the_contract() -> None:
    answer = json.loads(trace_json(TRACE))
    jsonschema.validate(answer, SCHEMA)
    net, module = answer["entries"]
    assert net["inputs"] == {"x": [[2, 1, 28, 28]], "state": [["n"], None]}
    assert net["assumed"] == ["h is even", "square pictures of 28..31 fit"]
    conv, lstm = net["steps"]
    assert conv["out"] == [[2, 4, 28, 28]]
    assert (conv["line"], conv["column"], conv["end_line"], conv["end_column"]) == (8, 13, 8, 25)
    assert lstm["in"] == [["n", "(h//2)", None], None]
    assert lstm["out"] == [["n", 3], None, []]
    assert module["name"] == "<module>"
    assert module["output"] == []
    (finding,) = answer["diagnostics"]
    assert (finding["expected"], finding["actual"]) == (196, 256)
    assert finding["notes"] == ["in_features of 196 would fit", FINDING.story]


@pytest.mark.parametrize("verdict", [None, "confirmed", "refuted", "undecided: no torch"])
def test_verdicts_keep_the_contract(verdict: str | None) -> None:
    jsonschema.validate(
        json.loads(trace_json(replace(TRACE, diagnostics=(replace(FINDING, verdict=verdict),)))), SCHEMA
    )


def test_words_keep_the_contract() -> None:
    said = replace(FINDING, expected="a tensor", actual="a class")
    (finding,) = json.loads(diagnostics_json([said]))["diagnostics"]
    assert (finding["expected"], finding["actual"]) == ("a tensor", "a class")


def test_the_documented_example_keeps_the_contract() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", (DOCS / "explain-json.md").read_text("utf-8"), re.S)
    jsonschema.validate(json.loads(example), SCHEMA)
