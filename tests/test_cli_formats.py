"""The formats for machines, as the program writes them, against their schemas and documented forms."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.program import LINEAR, Ran, run
from tests.test_report import SCHEMA
from torchshape_lint.report.formats import checking, explaining

SARIF: dict[str, Any] = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
WIDE = LINEAR.replace("fc(", '"\u5c42, 100%"; fc(', 1)
TEXT = "TSL101 fc: last axis of input is 28, but in_features is 32 (not 4*8)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    below = tmp_path / "a b, c"
    below.mkdir()
    (below / "net.py").write_text(WIDE, "utf-8")
    (tmp_path / "fine.py").write_text("x = 1\n", "utf-8")
    return tmp_path


def check(folder: Path, format: str, *arguments: str) -> Ran:
    ran = run(folder, "check", "--format", format, "-q", *arguments)
    assert ran.code == (2 if "gone.py" in arguments else 1)
    return ran


def test_every_format_is_tried_here_or_beside() -> None:
    assert sorted(checking()) == ["github", "gitlab", "json", "junit", "long", "rdjson", "sarif", "text"]
    assert {"json", "table"} <= set(explaining())


@pytest.mark.parametrize("format", ["json", "sarif", "rdjson", "gitlab", "junit", "github"])
def test_nothing_found_is_well_formed_too(tmp_path: Path, format: str) -> None:
    ran = run(tmp_path, "check", "--format", format)
    assert ran.code == 0
    if format == "junit":
        assert ElementTree.fromstring(ran.out).get("tests") == "0"
    elif format == "github":
        assert ran.out == ""
    else:
        answer = json.loads(ran.out)
        if format == "sarif":
            jsonschema.validate(answer, SARIF)


def test_json(folder: Path) -> None:
    answer = json.loads(check(folder, "json").out)
    (finding,) = answer["diagnostics"]
    jsonschema.validate(finding, {"$ref": "#/$defs/diagnostic", "$defs": SCHEMA["$defs"]})
    assert (finding["expected"], finding["actual"]) == (28, 32)
    assert finding["hint"] == "in_features=28 would fit"
    (chosen,) = finding["related"]
    assert (chosen["line"], chosen["label"]) == (4, "in_features is 32")
    assert [step["out"] for step in finding["derivation"]] == [[[2, 28]]]


def test_sarif(folder: Path) -> None:
    answer = json.loads(check(folder, "sarif").out)
    jsonschema.validate(answer, SARIF)
    (run,) = answer["runs"]
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "TSL101"
    assert result["message"]["text"] == TEXT.removeprefix("TSL101 ")
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%2C%20c/net.py"
    region = place["physicalLocation"]["region"]
    assert WIDE.splitlines()[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1].startswith(
        "fc("
    )
    assert result["relatedLocations"][0]["message"]["text"] == "in_features is 32"
    assert run["invocations"][0]["executionSuccessful"] is True


def _text(longest: int) -> dict[str, Any]:
    return {"type": "object", "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1, "maxLength": longest}}}  # fmt: skip


LEVEL = {"enum": ["error", "warning", "note"]}
CODE_SCANNING = {
    "required": ["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"],
    "properties": {
        "name": {"type": "string", "pattern": "^([A-Z][a-z0-9]*)+$", "maxLength": 255},
        "shortDescription": _text(1024),
        "fullDescription": _text(1024),
        "help": _text(1024),
        "defaultConfiguration": {"required": ["level"], "properties": {"level": LEVEL}},
        "properties": {
            "required": ["tags", "precision", "problem.severity"],
            "properties": {
                "tags": {"type": "array", "maxItems": 20},
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "problem.severity": {"enum": ["error", "warning", "recommendation"]},
            },
        },
    },
}


def test_sarif_has_what_code_scanning_asks_for(folder: Path) -> None:
    """By GitHub's page "SARIF support for code scanning"."""
    (run,) = json.loads(check(folder, "sarif", str(folder)).out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        jsonschema.validate(rule, CODE_SCANNING)
    (result,) = run["results"]
    assert result["partialFingerprints"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%2C%20c/net.py"  # below the repository, and no scheme
    shown = [rule["help"].get("markdown") for rule in rules]
    assert shown[result["ruleIndex"]].startswith("## What\n")
    assert not any(text and ".md)" in text for text in shown)
    assert sum(map(bool, shown)) == 1


@pytest.mark.parametrize("format", ["sarif", "rdjson"])
def test_an_offered_edit_puts_it_right(folder: Path, format: str) -> None:
    """Each by its own way to count columns: characters in SARIF, bytes for reviewdog."""
    net = folder / "a b, c" / "net.py"
    net.write_text(WIDE.replace("fc = nn.Linear(4 * 8", '"\u5c42"; fc = nn.Linear(4 * 8'), "utf-8")
    answer = json.loads(check(folder, format).out)
    if format == "sarif":
        (change,) = answer["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
        (edit,) = change["replacements"]
        region, text = edit["deletedRegion"], edit["insertedContent"]["text"]
        number, start, end = region["startLine"], region["startColumn"], region["endColumn"]
        lines = net.read_text("utf-8").split("\n")
        lines[number - 1] = lines[number - 1][: start - 1] + text + lines[number - 1][end - 1 :]
        net.write_text("\n".join(lines), "utf-8")
    else:
        ((edit,),) = [d["suggestions"] for d in answer["diagnostics"]]
        where, text = edit["range"], edit["text"].encode()
        number, start, end = where["start"]["line"], where["start"]["column"], where["end"]["column"]
        rows = net.read_bytes().split(b"\n")
        rows[number - 1] = rows[number - 1][: start - 1] + text + rows[number - 1][end - 1 :]
        net.write_bytes(b"\n".join(rows))
    assert run(folder, "check").code == 0


def test_sarif_of_a_file_that_is_not_there(folder: Path) -> None:
    answer = json.loads(check(folder, "sarif", "gone.py").out)
    jsonschema.validate(answer, SARIF)
    (invocation,) = answer["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "gone.py" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_fingerprints_stay_when_lines_move(folder: Path) -> None:
    def marks() -> list[str]:
        answer = json.loads(check(folder, "sarif").out)
        other = json.loads(check(folder, "gitlab").out)
        found = [r["partialFingerprints"]["sourceLine/v1"] for r in answer["runs"][0]["results"]]
        assert found == [issue["fingerprint"] for issue in other]
        return found

    before = marks()
    net = folder / "a b, c" / "net.py"
    net.write_text(f"\n\n{WIDE}\ndef main():\n    {WIDE.splitlines()[-1]}\n", "utf-8")
    after = marks()
    assert after[: len(before)] == before
    assert len(set(after)) == len(after)


COUNT = {"type": "integer", "minimum": 1}
POSITION = {"type": "object", "required": ["line", "column"], "additionalProperties": False,
            "properties": {"line": COUNT, "column": COUNT}}  # fmt: skip
RANGE = {"type": "object", "required": ["start", "end"], "additionalProperties": False,
         "properties": {"start": POSITION, "end": POSITION}}  # fmt: skip
LOCATION = {"type": "object", "required": ["path", "range"], "additionalProperties": False,
            "properties": {"path": {"type": "string"}, "range": RANGE}}  # fmt: skip
SEVERITY = {"enum": ["ERROR", "WARNING", "INFO"]}
RDJSON = {
    "type": "object",
    "required": ["source", "severity", "diagnostics"],
    "additionalProperties": False,
    "properties": {
        "source": {"type": "object", "required": ["name"]},
        "severity": SEVERITY,
        "diagnostics": {"type": "array", "items": {
            "type": "object",
            "required": ["message", "location", "severity", "code"],
            "additionalProperties": False,
            "properties": {
                "message": {"type": "string"},
                "location": LOCATION,
                "severity": SEVERITY,
                "code": {"type": "object", "required": ["value"]},
                "original_output": {"type": "string"},
                "suggestions": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False, "required": ["range", "text"],
                    "properties": {"range": RANGE, "text": {"type": "string"}}}},
                "related_locations": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False, "required": ["message", "location"],
                    "properties": {"message": {"type": "string"}, "location": LOCATION}}},
            },
        }},
    },
}  # fmt: skip


def test_rdjson_counts_bytes(folder: Path) -> None:
    """By reviewdog's proto/rdf: columns are of UTF-8, from 1; the end is exclusive."""
    answer = json.loads(check(folder, "rdjson").out)
    jsonschema.validate(answer, RDJSON)
    (finding,) = answer["diagnostics"]
    where = finding["location"]["range"]
    line = WIDE.encode().splitlines()[where["start"]["line"] - 1]
    assert line[where["start"]["column"] - 1 : where["end"]["column"] - 1] == b"fc(torch.randn(2, 28))"
    assert finding["location"]["path"] == "a b, c/net.py"
    (suggestion,) = finding["suggestions"]
    where = suggestion["range"]
    line = WIDE.encode().splitlines()[where["start"]["line"] - 1]
    assert line[where["start"]["column"] - 1 : where["end"]["column"] - 1] == b"4 * 8"
    assert suggestion["text"] == "28"


GITLAB = {"type": "array", "items": {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "additionalProperties": False,
    "properties": {
        "description": {"type": "string"},
        "check_name": {"type": "string"},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {"type": "object", "required": ["path", "lines"], "properties": {
            "path": {"type": "string", "pattern": r"^(?!\./|/)"},
            "lines": {"type": "object", "required": ["begin"]}}},
    },
}}  # fmt: skip


def test_gitlab(folder: Path) -> None:
    answer = json.loads(check(folder, "gitlab").out)
    jsonschema.validate(answer, GITLAB)
    assert [(i["description"], i["location"]["lines"]["begin"]) for i in answer] == [(TEXT, 5)]


def test_github(folder: Path) -> None:
    (line,) = check(folder, "github").out.splitlines()
    match = re.fullmatch(r"::error ([^:]*)::(.*)", line)
    assert match is not None
    values = dict(part.split("=", 1) for part in match[1].split(","))
    assert values["file"] == "a b%2C c/net.py"
    assert (values["line"], values["endLine"]) == ("5", "5")
    assert int(values["col"]) < int(values["endColumn"])
    assert match[2] == TEXT


def test_junit(folder: Path) -> None:
    root = ElementTree.fromstring(check(folder, "junit", ".", "gone.py").out)
    assert root.tag == "testsuites"
    (suite,) = root
    cases = {case.get("name"): case for case in suite}
    assert set(cases) == {"a b, c/net.py", "fine.py", "gone.py"}
    for element in (root, suite):
        assert [element.get(key) for key in ("tests", "failures", "errors")] == ["3", "1", "1"]
    assert all(case.get("classname") for case in suite)
    (failure,) = cases["a b, c/net.py"]
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "TSL101", "1 finding")
    assert TEXT in (failure.text or "")
    assert list(cases["fine.py"]) == []
    assert cases["gone.py"][0].tag == "error"
