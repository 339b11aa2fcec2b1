from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from fake_kfp.conformance import report
from fake_kfp.conformance.suite import BROKEN, FAILED, PASSED, Outcome

OUTCOMES = [
    Outcome("pages", "Pages are pages.", "grpc", PASSED, 1.0, {"ListRunsV1": 3}),
    Outcome(
        "pages",
        "Pages are pages.",
        "rest",
        FAILED,
        0.5,
        {"ListRunsV1": 2, "GetRunV1": 1},
        "one is <lost>\x00\nat 3",
    ),
    Outcome("names", "Names are names.", "rest", BROKEN, 0.1, {}, "ConnectionRefusedError: no"),
]


def test_the_table_has_a_line_for_each_rule_and_each_rpc() -> None:
    lines = report.table(OUTCOMES).split("\n")
    assert [line.split()[:3] for line in lines[1:3]] == [["pages", "ok", "FAILED"], ["names", "-", "BROKEN"]]
    assert ["ListRunsV1", "5", "1", "pages"] in [line.split() for line in lines]
    assert lines[-1] == "1 passed, 1 failed, 1 broken"


def test_junit_tells_failures_from_errors() -> None:
    suite = ElementTree.fromstring(report.as_junit(OUTCOMES))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("one is <lost>\ufffd", "one is <lost>\ufffd\nat 3")


def test_json_says_what_each_rule_called(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    report.write(OUTCOMES, file, None)
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["passed"] is False
    assert [outcome["calls"] for outcome in content["outcomes"]] == [outcome.calls for outcome in OUTCOMES]


def test_rules_that_were_left_out_are_told_everywhere(tmp_path: Path) -> None:
    left_out = {"lives": "a fake"}
    assert "not checked: lives needs a fake" in report.table(OUTCOMES, left_out).split("\n")
    suite = ElementTree.fromstring(report.as_junit(OUTCOMES, left_out))
    assert (suite.get("tests"), suite.get("skipped")) == ("4", "1")
    skipped = suite.find("testcase/skipped")
    assert skipped is not None and skipped.get("message") == "needs a fake"
    report.write(OUTCOMES, tmp_path / "r.json", None, left_out)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["left_out"] == left_out
