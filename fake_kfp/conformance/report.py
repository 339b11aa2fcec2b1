"""Reports of the contract suite: a table to read, JSON, and JUnit's XML."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from fake_kfp.conformance.suite import BROKEN, FAILED, PASSED, Outcome

_NOTHING: Mapping[str, str] = {}
_MARKS = {PASSED: "ok", FAILED: "FAILED", BROKEN: "BROKEN"}


def table(outcomes: Sequence[Outcome], left_out: Mapping[str, str] = _NOTHING) -> str:
    """A line for each rule with its outcome through each door, then one for each RPC with the rules that used it.

    ``left_out``: rules that could not be checked here, with what they need.
    """
    missing = [f"not checked: {rule} needs {need}" for rule, need in left_out.items()]
    return "\n".join([*_rules(outcomes), "", *_rpcs(outcomes), "", *missing, _sum(outcomes)])


def _rules(outcomes: Sequence[Outcome]) -> list[str]:
    doors = list(dict.fromkeys(outcome.door for outcome in outcomes))
    found = {(outcome.rule, outcome.door): outcome for outcome in outcomes}
    lines = [f"{'rule':<40}" + "".join(f"{door:>12}" for door in doors) + f"{'calls':>10}{'seconds':>9}"]
    for rule in dict.fromkeys(outcome.rule for outcome in outcomes):
        cells = [found.get((rule, door)) for door in doors]
        marks = "".join(f"{_MARKS[cell.result] if cell else '-':>12}" for cell in cells)
        calls = sum(sum(cell.calls.values()) for cell in cells if cell)
        lines.append(f"{rule:<40}{marks}{calls:>10}{sum(cell.seconds for cell in cells if cell):>9.1f}")
    return lines


def _rpcs(outcomes: Sequence[Outcome]) -> list[str]:
    calls: dict[str, int] = defaultdict(int)
    rules: dict[str, set[str]] = defaultdict(set)
    failed: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        for rpc, number in outcome.calls.items():
            calls[rpc] += number
            rules[rpc].add(outcome.rule)
            if outcome.result != PASSED:
                failed[rpc].add(outcome.rule)
    lines = [f"{'RPC':<40}{'calls':>10}{'rules':>8}  failed rules that call it"]
    lines += [
        f"{rpc:<40}{calls[rpc]:>10}{len(rules[rpc]):>8}  {', '.join(sorted(failed[rpc]))}"
        for rpc in sorted(calls)
    ]
    return lines


def _sum(outcomes: Sequence[Outcome]) -> str:
    counts = {result: sum(outcome.result == result for outcome in outcomes) for result in _MARKS}
    text = f"{counts[PASSED]} passed, {counts[FAILED]} failed"
    return text + (f", {counts[BROKEN]} broken" if counts[BROKEN] else "")


def as_json(outcomes: Sequence[Outcome], left_out: Mapping[str, str] = _NOTHING) -> str:
    """All outcomes, with the calls that each rule made; and the rules that were left out, with what they need."""
    return json.dumps(
        {
            "passed": all(outcome.result == PASSED for outcome in outcomes),
            "outcomes": [
                {
                    "rule": outcome.rule,
                    "about": outcome.about,
                    "door": outcome.door,
                    "result": outcome.result,
                    "seconds": round(outcome.seconds, 3),
                    "calls": dict(sorted(outcome.calls.items())),
                    "text": outcome.text,
                }
                for outcome in outcomes
            ],
            "left_out": dict(left_out),
        },
        indent=1,
        ensure_ascii=False,
    )


def as_junit(outcomes: Sequence[Outcome], left_out: Mapping[str, str] = _NOTHING) -> str:
    """The same as JUnit's XML: a test case for each rule and door; rules that were left out are skipped ones."""
    suite = ElementTree.Element(
        "testsuite",
        name="fake_kfp.conformance",
        tests=str(len(outcomes) + len(left_out)),
        failures=str(sum(outcome.result == FAILED for outcome in outcomes)),
        errors=str(sum(outcome.result == BROKEN for outcome in outcomes)),
        skipped=str(len(left_out)),
        time=f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    )
    for outcome in outcomes:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"conformance.{outcome.door}",
            name=outcome.rule,
            time=f"{outcome.seconds:.3f}",
        )
        if outcome.result != PASSED:
            kind = "failure" if outcome.result == FAILED else "error"
            first = outcome.text.split("\n")[0]
            ElementTree.SubElement(case, kind, message=_printable(first)).text = _printable(outcome.text)
    for rule, need in left_out.items():
        case = ElementTree.SubElement(suite, "testcase", classname="conformance", name=rule)
        ElementTree.SubElement(case, "skipped", message=f"needs {need}")
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _printable(text: str) -> str:
    """What XML can hold."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else "\ufffd" for letter in text)


def write(
    outcomes: Sequence[Outcome],
    json_file: Path | None,
    junit_file: Path | None,
    left_out: Mapping[str, str] = _NOTHING,
) -> None:
    """Writes the reports that were asked for."""
    if json_file:
        json_file.write_text(as_json(outcomes, left_out), encoding="utf-8")
    if junit_file:
        junit_file.write_text(as_junit(outcomes, left_out), encoding="utf-8")
